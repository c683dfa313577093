"""The design load: sixteen layers, 1.5 million still objects, 45 thousand moving ones."""

from __future__ import annotations

from collections import Counter

import pytest

from backend.simulator import gauges, layers, lorries
from backend.simulator.facts import FOLDER, read_rows
from backend.simulator.kinds import LayerTable
from backend.simulator.sources import registrations, sources
from tests.town import world

STILL = {
    "party": 12_000, "economy": 30_000, "grid": 13_000, "housing": 36_000, "services": 1_930,
    "health": 3_500, "police": 8_625, "emergency": 25_000, "hazmat": 2_501, "fire": 77_105,
    "transport": 72_281, "urban": 1_143_800, "water": 3_860, "environment": 4_392,
    "utilities": 66_006,
}  # fmt: skip
OVERLAYS = {"video": 60_000, "weather": 1_035}  # beside the design load
MOVING = {
    "grid": 15_000, "health": 250, "police": 3_000, "emergency": 600, "hazmat": 4_000,
    "fire": 400, "transport": 14_600, "urban": 5_500, "water": 400, "environment": 50,
    "utilities": 1_200,
}  # fmt: skip
IDS = [
    "party",
    "economy",
    "grid",
    "requests",
    "housing",
    "services",
    "health",
    "police",
    "emergency",
    "hazmat",
    "fire",
    "transport",
    "urban",
    "water",
    "environment",
    "utilities",
]


def counted(*, moving: bool) -> Counter[str]:
    """Count what the tables hold at scale 1, with what gauges, lorries and gates add."""
    found: Counter[str] = Counter()
    for table in layers.load():
        for kind in table.kinds:
            if (kind.fleet is not None) == moving:
                found[table.layer] += kind.count
    if moving:
        found["hazmat"] += lorries.LORRIES
    else:
        roads = sum(
            row["kind"] == "expressway" for row in read_rows(FOLDER / "schematic_lines.csv")
        )
        found["hazmat"] += lorries.FIRMS + lorries.PARKING + lorries.PORTS + roads
        found["water"] += gauges.LEVELS + gauges.RAIN + gauges.SPOTS
        found["water"] += len(read_rows(FOLDER / "sluices.csv"))
    return found


def test_the_design_load_is_what_the_domain_study_counts() -> None:
    still = counted(moving=False)
    assert dict(still) == STILL | OVERLAYS
    assert sum(STILL.values()) == 1_500_000
    assert dict(counted(moving=True)) == MOVING
    assert sum(MOVING.values()) == 45_000
    urban = next(table for table in layers.load() if table.layer == "urban")
    assert next(kind.count for kind in urban.kinds if kind.word == "part") == 1_140_000


def test_at_noon_three_thousand_fixes_come_each_second() -> None:
    rate = sum(
        kind.count / kind.fleet.fix_s
        for table in layers.load()
        for kind in table.kinds
        if kind.fleet
    )
    assert 2_700 < rate + 1_500 / 12.5 < 3_100


def test_the_layers_are_the_sixteen_of_the_wire() -> None:
    assert {table.layer for table in layers.load()} | {"requests"} == {*IDS, *OVERLAYS}


@pytest.mark.parametrize("table", layers.load(), ids=lambda table: table.layer)
def test_words_and_codes_are_used_once(table: LayerTable) -> None:
    for name in ("word", "code"):
        words = [getattr(kind, name) for kind in table.kinds]
        assert len(set(words)) == len(words)
    for kind in table.kinds:
        assert (kind.fleet is None) != (kind.where is None)
        assert kind.period_s is None or kind.value or kind.state


def test_every_department_and_county_brings_a_feed() -> None:
    found = registrations(sources(layers.load(), world()), layers.load())
    departments = {feed.department for feed in found.values() if feed.region == "3206"}
    counties = {feed.region for feed in found.values() if feed.region != "3206"}
    assert len(departments) == 64
    assert len(counties) == 10
    assert all(feed.generated and feed.contact and feed.phone for feed in found.values())
    assert all(feed.title.zh and feed.title.en for feed in found.values())
    assert all(len(name) <= 48 for name in found)
