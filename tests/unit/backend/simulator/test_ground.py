"""Everything stands on land, inside the county it says it is in."""

from __future__ import annotations

import numpy as np
import shapely

from backend.simulator.ground import draws, survey
from backend_client.geo import counties
from tests.town import SEED, ground

OUTER = {"320671": "320613"}


def share_inside(lon: np.ndarray, lat: np.ndarray, town: np.ndarray) -> float:
    """Give the share of places that lie on the land of their own county."""
    one = ground()
    county = np.array([OUTER.get(t.county, t.county) for t in one.towns])[town]
    inside = np.zeros(lon.size, bool)
    for code, area in one.areas.items():
        shapely.prepare(area)
        mine = (county == code) | ~np.isin(county, list(one.areas))
        inside[mine] |= shapely.contains_xy(area, lon[mine], lat[mine])
    return float(inside.mean())


def test_people_live_on_land_inside_their_county() -> None:
    for spread in ("people", "even"):
        sites = ground().scatter(draws(SEED, "test"), 20_000, spread)
        assert share_inside(sites.lon, sites.lat, sites.town) == 1.0


def test_most_live_in_chongchuan_though_it_is_small() -> None:
    sites = ground().scatter(draws(SEED, "test"), 50_000)
    code = np.array([town.county for town in ground().towns])
    in_core = np.isin(code[sites.town], ["320613", "320671"]).mean()
    cells = np.isin(code[ground().cell_town], ["320613", "320671"]).mean()
    assert in_core > 0.17
    assert cells < 0.06


def test_every_unit_of_the_tables_is_there_and_those_we_placed_say_so() -> None:
    towns = ground().towns
    assert len(towns) == 136 + 2
    assert len({town.region for town in towns}) == 138
    assert {town.county for town in towns} == {*ground().areas, "320671", "3206TW", "3206SX"}
    known = [town for town in towns if not town.placed]
    assert len(known) >= 66
    assert any(
        town.name == "狼山镇街道" and (town.lon, town.lat) == (120.89, 31.955) for town in known
    )


def test_a_place_at_sea_belongs_to_no_town() -> None:
    found = ground().town_at(np.array([121.99, 120.857, 150.0]), np.array([32.6, 32.01, 10.0]))
    assert found.tolist()[0] == -1
    assert found.tolist()[1] >= 0
    assert found.tolist()[2] == -1


def test_the_same_seed_is_the_same_ground() -> None:
    assert survey(SEED).towns == ground().towns
    assert survey(SEED + 1).towns != ground().towns


def test_without_the_package_counties_are_discs_around_their_towns(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(counties, "area", lambda _code: None)
    bare = survey(SEED)
    assert set(bare.areas) == set(ground().areas)
    sites = bare.scatter(draws(SEED, "test"), 2_000)
    assert np.isfinite(sites.lon).all()
    assert (bare.town_at(sites.lon, sites.lat) >= 0).mean() > 0.95
