"""Distances and areas agree with the geodesics of PROJ."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from backend.analytics.ground import area_m2, distance_m

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize(("reach_deg", "within_m"), [(0.1, 0.001), (1.0, 0.01), (2.5, 0.1)])
def test_distances_are_geodesic(reach_deg: float, within_m: float) -> None:
    draw = np.random.default_rng(5)
    lon = 121 + draw.uniform(-reach_deg, reach_deg, 2_000)
    lat = 32 + draw.uniform(-reach_deg, reach_deg, 2_000)
    truth = GEOD.inv(np.full(2_000, 121.0), np.full(2_000, 32.0), lon, lat)[2]
    assert np.abs(distance_m(lon, lat, 121.0, 32.0) - truth).max() < within_m


def test_a_place_is_no_way_from_itself() -> None:
    assert distance_m(np.array([121.0]), np.array([32.0]), 121.0, 32.0)[0] == 0.0


@pytest.mark.parametrize("sides", [3, 4, 80])
def test_areas_are_geodesic(sides: int) -> None:
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    lon, lat = 121 + 0.4 * np.cos(turn), 32.2 + 0.3 * np.sin(turn)
    truth = abs(GEOD.polygon_area_perimeter(lon, lat)[0])
    assert area_m2(lon, lat) == pytest.approx(truth, rel=1e-3)
    assert area_m2(lon[::-1], lat[::-1]) == pytest.approx(truth, rel=1e-3)
