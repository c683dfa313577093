"""Working time: holidays, made-up workdays, lunch, and years nobody has told of yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.worktime import Days, Span, WorkClock, read_span

ZONE = timezone(timedelta(hours=8))
HOURS = ((time(9), time(12)), (time(13, 30), time(18)))
CLOCK = WorkClock(Days(), HOURS, ZONE)
MINUTES = st.integers(0, 700 * 24 * 60)
INSTANTS = MINUTES.map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "span", "due"),
    [
        ("2026-07-20 23:50", "15 min", "2026-07-21 00:05"),  # by the clock, at night too
        ("2026-07-20 10:00", "4 wh", "2026-07-20 15:30"),  # over lunch
        ("2026-07-24 17:00", "4 wh", "2026-07-27 12:00"),  # Friday evening to Monday noon
        ("2026-07-25 12:00", "1 wh", "2026-07-27 10:00"),  # handed in on a Saturday
        ("2026-07-20 08:00", "1 wd", "2026-07-21 18:00"),
        ("2026-07-24 16:00", "2 wd", "2026-07-28 18:00"),
        ("2026-09-30 17:00", "1 wd", "2026-10-08 18:00"),  # National Day, seven days off
        ("2026-10-09 17:00", "1 wd", "2026-10-10 18:00"),  # a Saturday that is worked
    ],
)
def test_a_span_ends_when_an_office_would_say(start: str, span: str, due: str) -> None:
    assert CLOCK.after(at(start), read_span(span)) == at(due)


@settings(deadline=None)
@given(INSTANTS, st.floats(0.1, 200))
def test_what_is_counted_forwards_is_counted_back(start: datetime, hours: float) -> None:
    due = CLOCK.after(start, Span(hours, "hours"))
    assert abs(CLOCK.worked(start, due) - timedelta(hours=hours)) < timedelta(milliseconds=1)
    assert CLOCK.days.is_worked(due.astimezone(ZONE).date())


@settings(deadline=None)
@given(INSTANTS, INSTANTS, INSTANTS)
def test_work_adds_up_and_never_runs_backwards(a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert CLOCK.worked(a, b) + CLOCK.worked(b, c) == CLOCK.worked(a, c)
    assert CLOCK.worked(c, a) == timedelta()


def test_a_year_not_told_of_is_a_plain_week_until_the_centre_writes_its_days() -> None:
    plain = Days()
    assert plain.knows(2026)
    assert not plain.knows(2030)
    assert plain.is_worked(date(2030, 1, 1))  # a Tuesday
    told = Days(off=frozenset({date(2030, 1, 1)}), on=frozenset({date(2030, 1, 5)}))
    assert told.knows(2030)
    assert not told.is_worked(date(2030, 1, 1))
    assert told.is_worked(date(2030, 1, 5))  # a Saturday


def test_the_centres_own_table_goes_before_the_states() -> None:
    assert Days(on=frozenset({date(2026, 10, 1)})).is_worked(date(2026, 10, 1))


@pytest.mark.parametrize("text", ["", "4", "4 h", "-1 wh", "0 min", "1.5 wd", "x wd", "1e9 wd"])
def test_a_span_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the words are the text itself)
        read_span(text)


def test_a_clock_without_work_ahead_says_so() -> None:
    never = Days(off=frozenset(date(2026, 7, 20) + timedelta(days=n) for n in range(1_200)))
    with pytest.raises(ValueError, match="no working time"):
        WorkClock(never, HOURS, ZONE).after(at("2026-07-20 08:00"), Span(1, "days"))
