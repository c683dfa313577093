"""Hot spots: where many reports of one kind come together; values in, groups out.

DBSCAN over the distances themselves (Ester et al., KDD 1996): no outside library is read for a
few hundred reports, and a group has the shape of its street. Quadratic, so bounded by `MOST`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST: Final = 2_000
"""Of more reports of one kind in one county the newest are looked at."""
_M_PER_DEGREE: Final = 111_195.0


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """One group: its members, middle and how far they reach.

    Shape: members (n,), rows of what was given.
    Units: degrees WGS-84, metres.
    """

    members: I64
    lon: float
    lat: float
    radius_m: float


def find_spots(lon: F64, lat: F64, *, reach_m: float, least: int) -> list[Spot]:
    """Group places that lie close together; those that lie alone belong to no group.

    Args:
        lon: degrees WGS-84, oldest first.
        lat: degrees WGS-84.
        reach_m: places nearer than this are neighbours.
        least: a place with so many neighbours, itself among them, makes a group grow.

    Shape: lon, lat (n,).
    """
    rows = np.arange(len(lon), dtype=np.int64)[-MOST:]
    if len(rows) < least:
        return []
    x, y = flat(lon[rows], lat[rows])
    near: Bools = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= reach_m**2
    core: Bools = near.sum(axis=1) >= least
    found, seen = [], np.zeros(len(rows), np.bool_)
    for seed in np.flatnonzero(core).tolist():
        if not seen[seed]:
            inside = _grown(seed, near, core)
            seen |= inside
            found.append(_spot(lon, lat, rows[inside]))
    return found


def flat(lon: F64, lat: F64) -> tuple[F64, F64]:
    """Lay places out in metres; within 0.5 % over a county."""
    narrow = float(np.cos(np.deg2rad(lat.mean()))) if len(lat) else 1.0
    return lon * (_M_PER_DEGREE * narrow), lat * _M_PER_DEGREE


def around(lon: F64, lat: F64, spot: Spot, reach_m: float) -> Bools:
    """Tell which places lie in a spot or within reach of it."""
    x, y = flat(np.append(lon, spot.lon), np.append(lat, spot.lat))
    far = spot.radius_m + reach_m
    inside: Bools = (x[:-1] - x[-1]) ** 2 + (y[:-1] - y[-1]) ** 2 <= far**2
    return inside


def _grown(seed: int, near: Bools, core: Bools) -> Bools:
    """Take in neighbours of those in the group that have enough of their own."""
    inside: Bools = near[seed].copy()
    edge = inside & core
    while edge.any():
        wider = near[edge].any(axis=0)
        edge = wider & core & ~inside
        inside |= wider
    return inside


def _spot(lon: F64, lat: F64, members: I64) -> Spot:
    middle = float(lon[members].mean()), float(lat[members].mean())
    x, y = flat(np.append(lon[members], middle[0]), np.append(lat[members], middle[1]))
    radius_m = float(np.sqrt((x[:-1] - x[-1]) ** 2 + (y[:-1] - y[-1]) ** 2).max())
    return Spot(members, *middle, radius_m)
