"""Web-Mercator metres from the city's centre, small enough to be exact as float32."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

EARTH_M: Final = 6_378_137.0
CENTRE: Final = (121.0, 32.1)  # lon, lat: every x, y handed to the page counts from here

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


def _absolute(lon: F64, lat: F64) -> tuple[F64, F64]:
    return (
        np.radians(lon) * EARTH_M,
        np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) * EARTH_M,
    )


_CENTRE_M = tuple(float(v[0]) for v in _absolute(np.array([CENTRE[0]]), np.array([CENTRE[1]])))
_NEAR_DEG: Final = (
    2.0  # so far from the centre north is a polynomial, a sixth of the formula's time
)


def _polynomial() -> tuple[float, ...]:
    """Give north of the centre by degrees from its latitude; within 0.1 mm over the reach."""
    away = np.cos(np.linspace(0, np.pi, 64)) * _NEAR_DEG
    north = _absolute(np.zeros(64), CENTRE[1] + away)[1] - _CENTRE_M[1]
    fitted = np.polynomial.Polynomial.fit(away, north, 5, domain=[-1, 1], window=[-1, 1])
    return tuple(fitted.coef.tolist())


_NORTH: Final = _polynomial()


def _north(lat: F64) -> F64:
    """Give metres north of the centre."""
    away = lat - CENTRE[1]
    if not away.size or max(away.max(), -away.min()) > _NEAR_DEG:
        return _absolute(np.zeros(1), lat)[1] - _CENTRE_M[1]
    north = np.full(away.size, _NORTH[-1])
    for term in _NORTH[-2::-1]:
        north *= away
        north += term
    return north


def project(lon: F64, lat: F64) -> F32:
    """Give metres from the centre.

    Shape: (n, 2) x east, y north.
    Units: Web-Mercator metres (1 / cos lat longer than on the ground).
    """
    xy = np.empty((lon.size, 2), np.float32)
    np.subtract(lon * (np.pi / 180 * EARTH_M), _CENTRE_M[0], out=xy[:, 0], casting="same_kind")
    xy[:, 1] = _north(lat)
    return xy


def unproject(xy: F64) -> F64:
    """Give the place of metres from the centre.

    Shape: (n, 2) lon, lat in degrees.
    """
    lon = np.degrees((xy[:, 0] + _CENTRE_M[0]) / EARTH_M)
    lat = np.degrees(2 * np.arctan(np.exp((xy[:, 1] + _CENTRE_M[1]) / EARTH_M)) - np.pi / 2)
    return np.column_stack([lon, lat])


def zoom_scale(zoom: float) -> float:
    """Give CSS pixels per Web-Mercator metre at a zoom."""
    return float(256.0 * 2.0**zoom / (2 * np.pi * EARTH_M))
