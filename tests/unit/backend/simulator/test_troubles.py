"""Outages and plumes come at their own moment, stay as long as the seed says, and go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from backend.simulator.table import whole
from backend.simulator.troubles import TROUBLES, Trouble, spell, there
from tests.town import world

NOON_S = datetime(2026, 7, 20, 4, tzinfo=UTC).timestamp()
MINUTE_S, DAY_S = 60.0, 86_400.0
each = pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: one.kind.word)


def spells(trouble: Trouble, place: int, seed: int, days: int) -> list[tuple[float, float]]:
    turns = range(int(days * DAY_S / trouble.turn_s))
    found = (spell(trouble, place, seed, NOON_S + turn * trouble.turn_s) for turn in turns)
    return [one for one in found if one is not None]


@each
def test_each_lasts_as_long_as_its_sort_does_and_not_always_the_same(trouble: Trouble) -> None:
    low, high = trouble.lasts_min
    known = [one for place in range(trouble.kind.count) for one in spells(trouble, place, 7, 60)]
    lasts = [(end - begin) / 60 for begin, end in known]
    assert min(lasts) >= low - 1e-6
    assert max(lasts) <= high + 1e-6
    assert max(lasts) - min(lasts) > (high - low) / 2
    for place in range(trouble.kind.count):
        own = spells(trouble, place, 7, 60)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(own))
    assert known != [
        one for place in range(trouble.kind.count) for one in spells(trouble, place, 8, 60)
    ]


def test_a_plume_stands_on_few_days_and_never_for_long() -> None:
    plume = next(one for one in TROUBLES if one.kind.word == "plume")
    found = spells(plume, 0, 7, 100)
    assert 30 < len(found) < 70
    assert sum(end - begin for begin, end in found) < 0.08 * 100 * DAY_S


def test_the_number_of_outages_goes_up_and_down() -> None:
    power = next(one for one in TROUBLES if one.kind.word == "outage_power")
    counts = {
        sum(
            there(power, place, world(), NOON_S + minute * MINUTE_S) is not None
            for place in range(power.kind.count)
        )
        for minute in range(0, 600, 10)
    }
    assert len(counts) >= 4
    assert max(counts) < power.kind.count


def test_an_outage_says_when_it_ends_and_the_next_is_elsewhere() -> None:
    power = next(one for one in TROUBLES if one.kind.word == "outage_power")
    places = []
    for turn in range(3):
        found = spell(power, 0, world().seed, NOON_S + turn * power.turn_s)
        assert found is not None
        begin, end = found
        assert there(power, 0, world(), begin - 1) is None
        assert there(power, 0, world(), end) is None
        stock = there(power, 0, world(), (begin + end) / 2)
        assert stock is not None
        row = whole(stock, begin).to_pylist()[0]
        assert row["id"] == "SIM-OP00000"
        assert row["state"] in (3, 4)
        assert len(row["shape"]) > 8
        assert json.loads(row["properties"])["repair_eta"].endswith("+00:00")
        places.append((row["lon"], row["lat"]))
    assert len(set(places)) == 3
