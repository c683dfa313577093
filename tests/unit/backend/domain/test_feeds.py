"""Feed rules: a frozen table of silences and of what is wrong over three periods."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.domain import feeds
from backend.domain.feeds import Came, Slot
from backend_client.contract.base import Text
from backend_client.contract.feeds import Feed, FeedFault, FeedState

AT = datetime(2026, 7, 20, 15, 59, 59, tzinfo=UTC)
N, B, D, C, R = (
    FeedFault.NONE,
    FeedFault.BEHIND,
    FeedFault.DOUBLED,
    FeedFault.CLOCK,
    FeedFault.REFUSED,
)


def feed(**changed: object) -> Feed:
    return Feed.model_validate(
        {
            "item_id": "water-levels",
            "version": 1,
            "region": "3206",
            "department": "D27",
            "created_at": AT,
            "updated_at": AT,
            "title": Text("水位", "Levels"),
            "layer": "water",
            "period_s": 60.0,
            "contact": "水利局值班室",
            "phone": "0513-0000",
            **changed,
        }
    )


# Source: domain study section 4, rule 20: fresh to one period, late to three, then dead.
@pytest.mark.parametrize(
    ("silent_s", "period_s", "state"),
    [
        (0, 60, FeedState.LIVE),
        (60, 60, FeedState.LIVE),
        (66.9, 60, FeedState.LIVE),  # a tenth and a second for the road
        (67.1, 60, FeedState.LATE),
        (180, 60, FeedState.LATE),
        (180.1, 60, FeedState.DEAD),
        (3.1, 2, FeedState.LIVE),
        (3.3, 2, FeedState.LATE),
        (6.1, 2, FeedState.DEAD),
        (86_400, 86_400, FeedState.LIVE),
    ],
)
def test_silence_makes_a_feed_late_and_then_dead(
    silent_s: float, period_s: float, state: FeedState
) -> None:
    assert feeds.state_of(silent_s, period_s) is state


Row = tuple[float, float | None, int, int, int]
"""Arrival, delay, accepted, rejected, doubled."""


def fold(rows: list[Row], period_s: float) -> tuple[Slot, ...]:
    slots: tuple[Slot, ...] = ()
    for at_s, delay_s, accepted, rejected, doubled in rows:
        slots = feeds.take(slots, Came(at_s, delay_s, accepted, rejected, doubled), period_s)
    return slots


def steady(*delays: float | None, step: float = 60.0, rows: int = 20) -> list[Row]:
    return [(index * step, delay, rows, 0, 0) for index, delay in enumerate(delays)]


# What came over a feed of 60 s, what it was before, what is wrong with it.
CASES: dict[str, tuple[list[Row], FeedFault, FeedFault]] = {
    "nothing yet": ([], N, N),
    "as it should": (steady(2, 3, 2, 4), N, N),
    "late once": (steady(2, 400, 2, 3), N, N),
    "queue grows": (steady(60, 119, 178, 237, 296, 355), N, B),
    "queue after an outage": (
        [*steady(2, 2), *((600 + t * 60, 480, 20, 0, 0) for t in range(3))],
        N,
        B,
    ),
    "two periods of three are not three": (steady(2, 250), N, N),
    "history beside live rows": (
        [(t * 60.0 + k, d, 20, 0, 0) for t in range(3) for k, d in enumerate((7000, 2, 40_000))],
        N,
        N,
    ),
    "clock ahead": (steady(-30, -31, -30), N, C),
    "clock a little off": (steady(-2, -3, -4), N, N),
    "clock ahead, every row refused": ([(t * 60.0, -3600, 0, 20, 0) for t in range(3)], N, C),
    "clock set back by ten minutes": (steady(2, 2, 602, 602, 603), N, C),
    "clock back, seen again": (steady(602, 603, 602), C, C),
    "ten minutes behind from the start": (steady(602, 603, 602), N, B),
    "wrong zone from the start": (steady(28_802, 28_803, 28_801), N, C),
    "clock right again": (steady(602, 603, 2, 3, 2), C, N),
    "uneven delay": (steady(2, 1700, 1900, 4000), N, B),
    "refused mostly": ([(t * 60.0, 2, 9, 11, 0) for t in range(3)], N, R),
    "refused by half": ([(t * 60.0, 2, 10, 10, 0) for t in range(3)], N, N),
    "refused, nothing readable": ([(t * 60.0, None, 0, 20, 0) for t in range(3)], N, R),
    "one bad row of one": ([(0, 2, 0, 1, 0)], N, N),
    "doubled by a quarter": ([(t * 60.0, 2, 15, 0, 5) for t in range(3)], N, D),
    "doubled by a fifth": ([(t * 60.0, 2, 16, 0, 4) for t in range(3)], N, N),
    "doubled long ago": ([(t * 60.0, 2, 20, 0, 20 * (t < 2)) for t in range(5)], D, N),
    "refused before doubled": ([(t * 60.0, 2, 2, 12, 6) for t in range(3)], N, R),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_over_three_periods(name: str) -> None:
    rows, was, expected = CASES[name]
    fault, note = feeds.judge(fold(rows, 60.0), 60.0, was=was)
    assert fault is expected
    assert bool(note.zh) is bool(note.en) is (expected is not N)


def test_notes_name_the_size_of_the_fault() -> None:
    _, ahead = feeds.judge(fold(steady(-30, -30, -30), 60.0), 60.0, was=N)
    assert "30 s ahead" in ahead.en
    _, zone = feeds.judge(fold(steady(28_800, 28_800, 28_800), 60.0), 60.0, was=N)
    assert "8.0 h behind" in zone.en
    _, behind = feeds.judge(fold(steady(602, 603, 602), 60.0), 60.0, was=N)
    assert "10 分钟" in behind.zh


def test_only_the_newest_slots_are_kept() -> None:
    slots = fold(steady(*range(20)), 60.0)
    assert [slot.number for slot in slots] == list(range(12, 20))


def test_the_day_of_the_city_begins_at_its_own_midnight() -> None:
    assert feeds.city_day(AT).isoformat() == "2026-07-20"
    assert feeds.city_day(AT.replace(hour=16, minute=0, second=0)).isoformat() == "2026-07-21"


@pytest.mark.parametrize(("period_s", "level"), [(60.0, 3), (300.0, 3), (301.0, 4), (86_400.0, 4)])
def test_a_dead_feed_calls_for_a_call_to_its_owner(period_s: float, level: int) -> None:
    cause = feeds.alarm_of(feed(period_s=period_s))
    assert cause.level == level
    assert "水利局值班室 0513-0000" in cause.action.zh
    assert "水利局值班室 0513-0000" in cause.action.en
    assert cause.cause == "feed.dead.water-levels"


def test_a_dead_feed_without_a_contact_says_so() -> None:
    cause = feeds.alarm_of(feed(contact="", phone=""))
    assert "nobody is registered" in cause.action.en
    assert cause.owner.zh == "D27"
