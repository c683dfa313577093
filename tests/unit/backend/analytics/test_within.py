"""The lasso's index answers what shapely answers, whatever is drawn."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analytics import within
from backend.domain.areas import BadAreaError

WEST, SOUTH, EAST, NORTH = 120.0, 31.5, 122.0, 33.0
GEOD = pyproj.Geod(ellps="WGS84")


def scattered(count: int, seed: int, *, strays: int = 3) -> tuple[within.I32, within.I32]:
    """Scatter places over the city, some in heaps, a few far outside, some on a line."""
    draw = np.random.default_rng(seed)
    lon = draw.uniform(WEST, EAST, count)
    lat = draw.uniform(SOUTH, NORTH, count)
    heap = count // 3
    lon[:heap], lat[:heap] = draw.normal(121.0, 0.01, heap), draw.normal(32.0, 0.01, heap)
    lon[heap : heap + 20] = 121.0
    lon[-strays:], lat[-strays:] = draw.uniform(-179, 179, strays), draw.uniform(-80, 80, strays)
    return (lon * 1e7).astype(np.int32), (lat * 1e7).astype(np.int32)


LON, LAT = scattered(20_000, 1)
GRID = within.Grid(LON, LAT)

_corner = st.tuples(
    st.one_of(st.floats(119.5, 122.5), st.sampled_from([120.0, 121.0, 122.0])),
    st.one_of(st.floats(31.0, 33.5), st.sampled_from([31.5, 32.0, 33.0])),
)


def by_shapely(ring: list[tuple[float, float]]) -> list[int]:
    """Give shapely's answer over all places."""
    inside = shapely.contains_xy(shapely.Polygon(ring), LON / 1e7, LAT / 1e7)
    return [int(row) for row in np.flatnonzero(inside)]


@settings(max_examples=150, deadline=None)
@given(st.lists(_corner, min_size=3, max_size=12))
def test_any_outline_gives_shapelys_answer_or_is_refused(ring: list[tuple[float, float]]) -> None:
    try:
        area = within.polygon(ring)
    except BadAreaError:
        assert not shapely.Polygon(ring).is_valid or shapely.Polygon(ring).area < 1e-9
        return
    wanted = by_shapely(ring)
    assert sorted(GRID.inside(area).tolist()) == wanted
    assert within.scan(LON, LAT, area).tolist() == wanted


@settings(max_examples=100, deadline=None)
@given(
    st.floats(120.2, 121.8),
    st.floats(31.7, 32.8),
    st.floats(0.0005, 1.2),
    st.integers(3, 60),
    st.integers(0, 10_000),
)
def test_star_outlines_give_shapelys_answer(
    lon: float, lat: float, reach: float, corners: int, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    turn = np.sort(draw.uniform(0, 2 * np.pi, corners))
    out = reach * draw.uniform(0.2, 1.0, corners)
    ring = [
        (float(x), float(y))
        for x, y in zip(lon + out * np.cos(turn), lat + out * np.sin(turn), strict=True)
    ]
    if not shapely.Polygon(ring).is_valid:
        return
    try:
        area = within.polygon(ring)
    except BadAreaError:
        assert shapely.Polygon(ring).area < 1e-9
        return
    assert sorted(GRID.inside(area).tolist()) == by_shapely(ring)


@settings(max_examples=40, deadline=None)
@given(st.floats(120.0, 122.0), st.floats(31.5, 33.0), st.floats(1.0, 200_000.0))
def test_a_circle_is_a_circle_on_the_ground(lon: float, lat: float, radius_m: float) -> None:
    found = np.zeros(len(LON), dtype=bool)
    found[GRID.inside(within.circle(lon, lat, radius_m))] = True
    near = np.abs(LON / 1e7 - lon) < 5  # Bowring's series is for city distances
    centre = (np.full(int(near.sum()), lon), np.full(int(near.sum()), lat))
    truth = GEOD.inv(*centre, LON[near] / 1e7, LAT[near] / 1e7)[2]
    sure = np.abs(truth - radius_m) > 0.5
    assert np.array_equal(found[near][sure], truth[sure] <= radius_m)
    assert not found[~near].any()


def test_places_of_one_spot_and_no_places_are_indexed() -> None:
    square = [(120.9, 31.9), (121.1, 31.9), (121.1, 32.1), (120.9, 32.1)]
    same = np.full(100, 1_210_000_000, dtype=np.int32)
    lat = np.full(100, 320_000_000, dtype=np.int32)
    assert len(within.Grid(same, lat).inside(within.polygon(square))) == 100
    none = np.empty(0, dtype=np.int32)
    assert len(within.Grid(none, none).inside(within.polygon(square))) == 0


def test_only_the_given_rows_are_indexed() -> None:
    square = [(120.0, 31.0), (122.5, 31.0), (122.5, 33.5), (120.0, 33.5)]
    rows = np.array([5, 17, 400], dtype=np.int64)
    grid = within.Grid(LON, LAT, rows)
    assert len(grid) == 3
    assert sorted(grid.inside(within.polygon(square)).tolist()) == [5, 17, 400]


def test_a_place_on_the_line_is_outside() -> None:
    square = [(120.9, 31.9), (121.1, 31.9), (121.1, 32.1), (120.9, 32.1)]
    lon = np.array([1_209_000_000, 1_209_000_001, 1_211_000_000], dtype=np.int32)
    lat = np.full(3, 320_000_000, dtype=np.int32)
    assert within.scan(lon, lat, within.polygon(square)).tolist() == [1]


@pytest.mark.parametrize(
    ("ring", "word"),
    [
        ([(120.0, 32.0), (121.0, 33.0), (121.0, 32.0), (120.0, 33.0)], "crosses"),
        ([(120.0, 32.0), (121.0, 32.0), (122.0, 32.0)], "no area"),
        ([(120.0, 32.0), (121.0, 33.0), (120.0, 32.0)], "three different"),
        ([(120.0, 32.0), (120.0000001, 32.0), (120.0, 32.0000001)], "no area"),
        ([(32.0, 120.0), (33.0, 120.0), (33.0, 121.0)], "swapped"),
        ([(190.0, 32.0), (191.0, 32.0), (191.0, 33.0)], "globe"),
        ([(float("nan"), 32.0), (121.0, 32.0), (121.0, 33.0)], "globe"),
        ([(float("inf"), 32.0), (121.0, 32.0), (121.0, 33.0)], "globe"),
        ([(-170.0, 32.0), (170.0, 32.0), (170.0, 33.0)], "spans"),
        ([(120.0, 32.0)] * 5_001, "corners"),
        ([(120.0, 32.0), (121.0, 32.0), (121.0, 33.0), (120.5, 31.5)], "crosses"),
    ],
)
def test_a_bad_outline_is_refused_with_its_reason(
    ring: list[tuple[float, float]], word: str
) -> None:
    with pytest.raises(BadAreaError, match=word) as refused:
        within.polygon(ring)
    assert refused.value.where.startswith("area.ring")
    assert refused.value.text.zh


@pytest.mark.parametrize(
    ("lon", "lat", "radius_m"),
    [(121.0, 89.9, 100_000.0), (179.99, 0.0, 50_000.0), (121.0, 32.0, 0.0)],
)
def test_a_bad_circle_is_refused(lon: float, lat: float, radius_m: float) -> None:
    with pytest.raises(BadAreaError):
        within.circle(lon, lat, radius_m)
    with pytest.raises(BadAreaError):
        within.circle(lon, lat, float("nan"))
