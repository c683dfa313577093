"""Units and reporters of the city: the same seed, the same manners; units differ."""

from __future__ import annotations

from collections import Counter

from backend.simulator.manners import manner_of
from backend_client.contract.events import Satisfaction

UNITS = ("D16", "D22", "D23", "D24", "D25", "D26", "D39", "D54")


def test_the_same_seed_draws_the_same_manners() -> None:
    one = [manner_of(7, "暴露垃圾", minute, "D25") for minute in range(50)]
    assert one == [manner_of(7, "暴露垃圾", minute, "D25") for minute in range(50)]
    assert one != [manner_of(8, "暴露垃圾", minute, "D25") for minute in range(50)]


def test_few_go_off_the_straight_line_and_units_differ() -> None:
    returned = {
        unit: sum(manner_of(7, "t", minute, unit).returns for minute in range(1_000)) / 1_000
        for unit in UNITS
    }
    assert 0.02 < sum(returned.values()) / len(UNITS) < 0.12
    assert max(returned.values()) > 3 * min(returned.values())


def test_most_reporters_are_content_and_some_are_not() -> None:
    manners = [manner_of(7, "t", minute, unit) for minute in range(500) for unit in UNITS]
    said = Counter(one.says[0] for one in manners)
    assert said[Satisfaction.SATISFIED] > 0.7 * len(manners)
    assert said[Satisfaction.UNSATISFIED] > 0.02 * len(manners)
    assert said[Satisfaction.UNREACHED] > 0.08 * len(manners)
    assert 0.02 < sum(one.extends for one in manners) / len(manners) < 0.16
