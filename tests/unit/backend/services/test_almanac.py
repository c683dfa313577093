"""The coming year's holidays: asked for from 1 November in the city's time, logged once a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from structlog.testing import capture_logs

from backend.domain.worktime import Days, WorkClock
from backend.services.almanac import Almanac
from backend_client.contract.clock import ManualClock

ZONE = timezone(timedelta(hours=8))
OFFICE = ((time(9), time(18)),)


def almanac(at: datetime, *off: date) -> Almanac:
    return Almanac(WorkClock(Days(frozenset(off)), OFFICE, ZONE), ManualClock(at))


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), None),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), 2027),  # midnight here
        (datetime(2026, 12, 31, tzinfo=UTC), 2027),
        (datetime(2027, 5, 1, tzinfo=UTC), 2027),
        (datetime(2025, 11, 1, tzinfo=UTC), None),
    ],
)
def test_a_year_is_asked_for_from_november_before_it_on(at: datetime, year: int | None) -> None:
    assert almanac(at).unknown() == year


def test_the_centres_own_days_are_enough() -> None:
    at = datetime(2026, 11, 30, tzinfo=UTC)
    assert almanac(at, date(2027, 1, 1)).unknown() is None


def test_the_log_hears_of_it_once_a_day() -> None:
    looked = almanac(datetime(2026, 11, 30, tzinfo=UTC))
    clock = looked.clock
    assert isinstance(clock, ManualClock)
    with capture_logs() as logs:
        for _ in range(3):
            looked.tend()
            clock.advance(3_600)
        clock.advance(24 * 3_600)
        looked.tend()
    assert [line["year"] for line in logs] == [2027, 2027]
    assert all("deadlines.toml" in line["zh"] and "deadlines.toml" in line["en"] for line in logs)
    with capture_logs() as quiet:
        almanac(datetime(2026, 3, 1, tzinfo=UTC)).tend()
    assert not quiet
