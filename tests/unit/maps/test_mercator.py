from __future__ import annotations

import numpy as np

from maps.mercator import CENTRE, EARTH_M, _north, project, unproject, zoom_scale


def test_centre_is_the_origin() -> None:
    assert np.abs(project(np.array([CENTRE[0]]), np.array([CENTRE[1]]))).max() < 0.001


def test_projection_returns_within_a_hand() -> None:
    lon, lat = np.array([120.2, 121.9, 121.0]), np.array([31.6, 32.7, 32.1])
    back = unproject(project(lon, lat).astype(np.float64))
    assert np.abs(back - np.column_stack([lon, lat])).max() * 111_320 < 0.2


def test_zoom_doubles_the_scale() -> None:
    assert zoom_scale(11) == 2 * zoom_scale(10)
    assert abs(zoom_scale(0) * 2 * np.pi * 6_378_137 - 256) < 1e-9


def test_north_by_polynomial_is_within_a_tenth_of_a_millimetre() -> None:
    lat = np.linspace(CENTRE[1] - 2, CENTRE[1] + 2, 20_001)
    exact = np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) * EARTH_M
    middle = np.log(np.tan(np.pi / 4 + np.radians(CENTRE[1]) / 2)) * EARTH_M
    assert np.abs(_north(lat) - (exact - middle)).max() < 1e-4
