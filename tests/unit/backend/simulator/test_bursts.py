"""Hot spots of the city: some hours bring many reports of one sort in a few streets, by seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from backend.analytics.hotspots import find_spots
from backend.simulator.facts import load
from backend.simulator.requests import Requests
from backend_client.contract.events import Intake

START = datetime(2026, 7, 18, 0, 0, tzinfo=UTC)


def day(seed: int, scale: float) -> list[Intake]:
    city = Requests(load(), seed=seed, scale=scale, rate=1.0)
    return city.between(START, START + timedelta(hours=24))


def spots(reports: list[Intake]) -> list[int]:
    """Count the members of every hot spot of one title's end."""
    found = []
    for matter in sorted({one.matter for one in reports if one.matter}):
        placed = [one for one in reports if one.matter == matter and one.lon is not None]
        lon, lat = (np.array([getattr(one, name) for one in placed]) for name in ("lon", "lat"))
        found += [len(one.members) for one in find_spots(lon, lat, reach_m=400.0, least=5)]
    return sorted(found)


def test_a_day_has_a_few_hot_spots_whatever_the_size_of_the_city() -> None:
    for scale in (0.1, 0.5):
        assert 1 <= len(spots(day(7, scale))) <= 8, scale


def test_the_same_seed_brings_the_same_day_and_another_another() -> None:
    assert day(7, 0.1) == day(7, 0.1)
    assert day(7, 0.1) != day(8, 0.1)
