"""So many links as planned, on land, and ways along them without jumps."""

from __future__ import annotations

import numpy as np
import pytest

from backend.simulator.ground import draws
from backend.simulator.streets import COUNTY, LINKS, lay, walk
from tests.town import SEED, facts, ground, world


@pytest.mark.parametrize("scale", [0.02, 0.1, 1.0])
def test_there_are_as_many_links_as_planned(scale: float) -> None:
    streets = lay(ground(), facts().roads, seed=SEED, scale=scale)
    assert len(streets.line) == len(streets.names) == round(LINKS * scale)
    assert streets.length_km.min() > 0.05
    assert np.percentile(streets.length_km, 99) < 1.5


def test_links_are_on_land_at_both_ends() -> None:
    streets = world(0.1).streets
    for lon, lat in ((0, 1), (2, 3)):
        town = ground().town_at(streets.line[:, lon], streets.line[:, lat])
        assert (town >= 0).all()
        local = streets.of_class < COUNTY
        assert (town[local] == streets.of_town[local]).all()


def test_a_walk_takes_one_link_after_the_other() -> None:
    streets = world(0.1).streets
    draw = draws(SEED, "walk")
    starts = draw.integers(0, streets.lon.size, 200)
    way = walk(streets, draw, count=200, steps=30, starts=starts)
    before, after = way[:, :-1].ravel(), way[:, 1:].ravel()
    linked = (streets.beside[before] == after[:, None]).any(axis=1)
    assert (linked | (before == after)).all()
    assert (before != after).mean() > 0.95
