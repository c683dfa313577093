"""Datums: WGS-84, GCJ-02 and BD-09, both ways, for whole arrays.

The forward formulas are the public ones; the inverse is iterated until it moves by less
than 1e-9 degree. They agree with the real service to some metres, not better.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

_AXIS_M: Final = 6_378_245.0  # Krasovsky 1940, as the public formula has it
_ECCENTRICITY2: Final = 0.006_693_421_622_965_943
_BD_ANGLE: Final = np.pi * 3000.0 / 180.0
_PRECISION_DEG: Final = 1e-9
_MAX_ROUNDS: Final = 20
_CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)  # outside it GCJ-02 is WGS-84


def _shift(lon: F64, lat: F64) -> tuple[F64, F64]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common * 2 / 3
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2 / 3
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2 / 3
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common * 2 / 3
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2 / 3
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2 / 3
    sine = np.sin(np.radians(lat))
    magic = 1.0 - _ECCENTRICITY2 * sine * sine
    radius_n = _AXIS_M * (1.0 - _ECCENTRICITY2) / (magic * np.sqrt(magic))
    radius_e = _AXIS_M / np.sqrt(magic) * np.cos(np.radians(lat))
    inside = (lon > _CHINA[0]) & (lon < _CHINA[2]) & (lat > _CHINA[1]) & (lat < _CHINA[3])
    return (
        np.where(inside, np.degrees(east / radius_e), 0.0),
        np.where(inside, np.degrees(north / radius_n), 0.0),
    )


def wgs84_to_gcj02(lonlat: F64) -> F64:
    """Give the place as the obfuscated datum of Chinese map services has it.

    Shape: (n, 2) lon, lat in degrees, in and out.
    """
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    east, north = _shift(lon, lat)
    return np.column_stack([lon + east, lat + north])


def gcj02_to_wgs84(lonlat: F64) -> F64:
    """Undo GCJ-02 by iteration.

    Shape: (n, 2) lon, lat in degrees, in and out.
    """
    guess = lonlat.copy()
    for _ in range(_MAX_ROUNDS):
        step = lonlat - wgs84_to_gcj02(guess)
        guess = guess + step
        if step.size == 0 or float(np.abs(step).max()) < _PRECISION_DEG:
            break
    return guess


def gcj02_to_bd09(lonlat: F64) -> F64:
    """Give the place as Baidu's own datum has it.

    Shape: (n, 2) lon, lat in degrees, in and out.
    """
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(lon, lat) + 0.000_02 * np.sin(lat * _BD_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000_003 * np.cos(lon * _BD_ANGLE)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def bd09_to_gcj02(lonlat: F64) -> F64:
    """Undo BD-09 by iteration.

    Shape: (n, 2) lon, lat in degrees, in and out.
    """
    guess: F64 = lonlat - np.array([0.0065, 0.006])
    for _ in range(_MAX_ROUNDS):
        step = lonlat - gcj02_to_bd09(guess)
        guess = guess + step
        if step.size == 0 or float(np.abs(step).max()) < _PRECISION_DEG:
            break
    return guess
