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


def project(lon: F64, lat: F64) -> F32:
    """Give metres from the centre.

    Shape: (n, 2) x east, y north.
    Units: Web-Mercator metres (1 / cos lat longer than on the ground).
    """
    x, y = _absolute(lon, lat)
    xy = np.empty((x.size, 2), np.float32)
    np.subtract(x, _CENTRE_M[0], out=xy[:, 0], casting="same_kind")
    np.subtract(y, _CENTRE_M[1], out=xy[:, 1], casting="same_kind")
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
