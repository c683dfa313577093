"""Parts of a number add up to it, whatever lies where; comparing and ranking."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import indicators as rules
from backend.domain.indicators import Found, Score
from backend_client.contract.base import CITY
from backend_client.contract.indicators import Form, Moment

REGIONS = ("3206", "320613", "320623", "320613001", "320613002", "320623104", "3206TW", "3206TW001")
ENTRIES = st.lists(
    st.tuples(st.integers(0, len(REGIONS) - 1), st.integers(0, 9), st.integers(1, 9)), max_size=60
)
NOW_S = datetime(2026, 7, 18, 1, 41, tzinfo=UTC).timestamp()


def found(entries: list[tuple[int, int, int]]) -> Found:
    columns = np.array(entries, np.int64).reshape(-1, 3)
    tops, bottoms = columns[:, 1].astype(np.float64), columns[:, 2].astype(np.float64)
    return Found(REGIONS, columns[:, 0], tops, bottoms, np.arange(len(columns)))


@given(ENTRIES)
def test_city_is_counties_is_townships_is_rows(entries: list[tuple[int, int, int]]) -> None:
    these = found(entries)
    for form in (Form.SUM, Form.SHARE, Form.MEAN):
        whole, own, counties = rules.parts_of(form, these, CITY)
        assert whole == rules.part_of(form, these, CITY)
        assert whole.top == own.top + sum(part.top for part in counties)
        assert whole.bottom == own.bottom + sum(part.bottom for part in counties)
        assert whole.top == sum(top for _, top, _ in entries)
        for county in counties:
            again, own, towns = rules.parts_of(form, these, county.region)
            assert again == county
            assert county.top == own.top + sum(town.top for town in towns)
            assert len(these.inside(county.region)) == len(these.inside(county.region))
            for town in towns:
                rows = these.inside(town.region)
                assert town.top == these.top[rows].sum()
                assert {REGIONS[code][:9] for code in these.region[rows]} == {town.region}


@given(ENTRIES)
def test_what_is_recorded_of_the_counties_adds_up(entries: list[tuple[int, int, int]]) -> None:
    these = found(entries)
    every = {code: rules.part_of(Form.SUM, these, code) for code in rules.every_region(these)}
    counties = sum(part.top for code, part in every.items() if len(code) == 6)
    own = sum(top for code, top, _ in entries if REGIONS[code] == CITY)
    assert every[CITY].top == counties + own


def test_a_share_of_nothing_says_nothing_and_a_first_is_the_least() -> None:
    none = found([])
    assert rules.part_of(Form.SHARE, none, CITY).value is None
    assert rules.part_of(Form.FIRST, none, CITY).value is None
    assert rules.part_of(Form.SUM, none, CITY).value == 0.0
    some = found([(1, 7, 1), (2, 3, 1)])
    assert rules.part_of(Form.FIRST, some, CITY).value == 3.0
    assert rules.part_of(Form.FIRST, some, "320613").value == 7.0
    assert rules.part_of(Form.SHARE, some, CITY).value == 500.0


def moment(slot: int, value: float) -> tuple[int, Moment]:
    return slot, Moment(at=datetime.fromtimestamp(slot * rules.SLOT_S, UTC), value=value)


def test_the_last_full_hour_is_compared_with_a_week_before_else_a_day_before() -> None:
    hour = rules.slot_of(NOW_S) // 6 * 6
    now, day, week = moment(hour, 3), moment(hour - 144, 2), moment(hour - 1_008, 1)
    assert rules.earlier_of({}, NOW_S) is None
    assert rules.earlier_of(dict([now]), NOW_S) is None
    assert rules.earlier_of(dict([day, week]), NOW_S) is None
    one = rules.earlier_of(dict([now, day]), NOW_S)
    assert one is not None
    assert (one.now, one.then) == (3, 2)
    both = rules.earlier_of(dict([now, day, week]), NOW_S)
    assert both is not None
    assert (both.then, both.now_at - both.then_at) == (1, both.now_at - week[1].at)


def test_the_citys_day_begins_at_its_own_midnight() -> None:
    before = datetime(2026, 7, 17, 15, 59, tzinfo=UTC).timestamp()
    after = datetime(2026, 7, 17, 16, 0, tzinfo=UTC).timestamp()
    assert rules.day_of(after) == rules.day_of(before) + 1
    assert rules.day_end_s(rules.day_of(before)) == after


def score(unit: str, closed: tuple[int, int], overdue: int = 0, hours: float = 1.0) -> Score:
    return Score(unit, closed[1], (0, 0), closed, overdue, hours)


def test_the_worst_unit_is_first_and_few_orders_rank_nobody() -> None:
    units = [
        score("D01", (9, 10)),
        score("D02", (0, 4)),
        score("D03", (5, 10), overdue=1),
        score("D04", (5, 10), overdue=2),
        score("D05", (5, 10), overdue=2, hours=9.0),
    ]
    told = [(rank, one.unit) for rank, one in rules.ranked(units, 5)]
    assert told == [(1, "D05"), (2, "D04"), (3, "D03"), (4, "D01"), (None, "D02")]
