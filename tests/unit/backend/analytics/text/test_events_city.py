"""The made-up city keeps its promises: same seed same city, halves apart, places often misspelt."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from random import Random

import pytest

from tests.bench.events_city import PRACTICE, SEALED, WORDS_FILE, city, pairs

FACTS = Path(__file__).parents[5] / "resources" / "facts"
WORDS = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))


def said(half: str) -> set[str]:
    return {text for one in WORDS[half].values() for texts in one.values() for text in texts}


def test_the_same_seed_is_the_same_city() -> None:
    assert city("practice", 3) == city("practice", 3)
    assert city("practice", 3) != city("practice", 4)


def test_reports_come_in_order_of_time_and_tell_of_events() -> None:
    reports = city("practice", 3)
    times = [one.row["time"] for one in reports]
    assert times == sorted(times)
    assert len({one.row["id"] for one in reports}) == len(reports)
    repeats = len(reports) - len({one.event for one in reports})
    assert 0.3 < repeats / len(reports) < 0.7
    assert {one.row["channel"] for one in reports} == {"12345", "app", "110", "grid", "web"}


def test_the_sealed_half_shares_neither_wording_nor_place_nor_seed() -> None:
    assert not said("practice") & said("sealed")
    assert not set(PRACTICE) & set(SEALED)
    assert set(WORDS["practice"]) == set(WORDS["sealed"])


def test_places_are_misspelt_or_wrong_often_enough_and_stand_in_no_table_of_facts() -> None:
    reports = [one for seed in PRACTICE for one in city("practice", seed)]
    assert sum(one.misspelt for one in reports) >= 0.2 * len(reports)
    assert any(one.wrong for one in reports)
    places = {name for half in WORDS for names in WORDS[half]["places"].values() for name in names}
    known: set[str] = set()
    for path in FACTS.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            known |= {row["name"] for row in csv.DictReader(file) if row.get("name")}
    assert known
    assert len(places - known) >= 0.2 * len(places)


@pytest.mark.parametrize("seed", PRACTICE)
def test_decided_pairs_are_true(seed: int) -> None:
    reports = city("practice", seed)
    event = {one.row["id"]: one.event for one in reports}
    found = pairs(reports, Random(seed))
    assert all((event[one["id_a"]] == event[one["id_b"]]) == one["label"] for one in found)
    assert {one["label"] for one in found} == {0, 1}
