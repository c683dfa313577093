"""Grids tile their towns without overlapping; points and areas stand in their county."""

from __future__ import annotations

import numpy as np
import shapely

from backend.simulator import layers
from backend.simulator.kinds import Stock
from backend.simulator.places import town_areas
from backend.simulator.stock import make
from backend_client.contract.columns import E7
from backend_client.contract.shapes import decode
from tests.town import ground, kind, world
from tests.unit.backend.simulator.test_ground import share_inside


def areas_of(stock: Stock) -> list[shapely.Geometry]:
    """Read the shapes back."""
    found = []
    for index in range(stock.size):
        _form, parts = decode(stock.placed.shapes.row(index))
        rings = [shapely.Polygon(part / E7) for part in parts]
        whole = rings[0]
        for ring in rings[1:]:
            whole = shapely.symmetric_difference(whole, ring)
        found.append(whole)
    return found


def test_grids_cover_every_town_once() -> None:
    stock = make("grid", kind("grid", "grid"), world(0.1))
    assert stock.size == 600
    areas = areas_of(stock)
    total = sum(area.area for area in areas)
    union = shapely.union_all([shapely.buffer(shapely.make_valid(a), 0) for a in areas])
    city = shapely.union_all(town_areas(ground()))
    assert total <= union.area * 1.001, "grids overlap"
    assert union.area >= city.area * 0.999, "grids leave gaps"
    anchors = shapely.points(stock.placed.lon, stock.placed.lat)
    assert all(a.distance(p) < 1e-6 for a, p in zip(areas, anchors, strict=True))


def test_still_objects_stand_on_land_in_their_county() -> None:
    inside = total = 0.0
    for table in layers.load():
        for one in table.kinds:
            if one.fleet is not None or table.layer == "weather" or one.word == "dike":
                continue
            placed = make(table.layer, one, world()).placed
            share = share_inside(placed.lon, placed.lat, placed.town)
            assert share > 0.97 or placed.lon.size < 100, f"{table.layer}/{one.word}: {share:.3f}"
            inside, total = inside + share * placed.lon.size, total + placed.lon.size
    assert inside / total > 0.995


def test_dikes_follow_the_shore_and_the_canals() -> None:
    stock = make("water", kind("water", "dike"), world())
    assert stock.size == 750
    land = shapely.boundary(ground().land)
    ends = shapely.points(stock.placed.lon, stock.placed.lat)
    assert (shapely.distance(ends, land) < 0.01).mean() > 0.2
    assert np.isfinite(stock.placed.lon).all()
