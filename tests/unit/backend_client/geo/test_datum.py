from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.geo.datum import bd09_to_gcj02, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_gcj02

METRES_PER_DEGREE = 111_320.0
IN_NANTONG = st.tuples(st.floats(120.2, 122.0), st.floats(31.6, 32.8))

# Source: the published test points of eviltransform and coordtransform.
WGS_GCJ = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
GCJ_BD = [((116.404, 39.915), (116.41036949371029, 39.92133699351021))]


def away_m(a: np.ndarray, b: np.ndarray) -> float:
    step = (a - b) * [np.cos(np.radians(a[:, 1:])).item(), 1.0]
    return float(np.hypot(*step[0]) * METRES_PER_DEGREE)


@pytest.mark.parametrize(("wgs", "gcj"), WGS_GCJ)
def test_forward_formula_gives_the_published_points(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    assert away_m(wgs84_to_gcj02(np.array([wgs])), np.array([gcj])) < 0.05


@pytest.mark.parametrize(("gcj", "bd"), GCJ_BD)
def test_baidu_formula_gives_the_published_point(
    gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    assert away_m(gcj02_to_bd09(np.array([gcj])), np.array([bd])) < 0.05


@settings(max_examples=60, deadline=None)
@given(IN_NANTONG)
def test_round_trips_return_to_the_place(place: tuple[float, float]) -> None:
    wgs = np.array([place])
    gcj = wgs84_to_gcj02(wgs)
    assert 400 < away_m(wgs, gcj) < 560  # the offset over Nantong, so the test is not empty
    assert away_m(gcj02_to_wgs84(gcj), wgs) < 0.001
    assert away_m(bd09_to_gcj02(gcj02_to_bd09(gcj)), gcj) < 0.001
    assert away_m(gcj02_to_wgs84(bd09_to_gcj02(gcj02_to_bd09(gcj))), wgs) < 0.2


def test_outside_china_nothing_is_shifted() -> None:
    paris = np.array([[2.35, 48.85]])
    assert np.array_equal(wgs84_to_gcj02(paris), paris)


def test_no_places_stay_no_places() -> None:
    assert gcj02_to_wgs84(np.empty((0, 2))).shape == (0, 2)
