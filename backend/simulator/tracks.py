"""Ways as timed points, and where someone on a way is at any instant; whole arrays at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.simulator.ground import F64, I64, KM_LAT, KM_LON

_APART_S: Final = 1e7  # longer than any way takes
_DWELL_S: Final = (120.0, 600.0)


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Ways driven to and fro for ever; object j drives way `way[j]`, `phase_s[j]` ahead.

    Shape: key, lon, lat (points,); long_s (ways,); way, phase_s (objects,).
    """

    key: F64
    lon: F64
    lat: F64
    long_s: F64
    way: I64
    phase_s: F64

    def at(self, rows: I64, seconds: F64) -> tuple[F64, F64, F64, F64]:
        """Give lon, lat, speed in km/h and heading in degrees of objects at their own seconds."""
        way = self.way[rows]
        into = (seconds + self.phase_s[rows]) % self.long_s[way]
        high = np.searchsorted(self.key, way * _APART_S + into, "right")
        high = np.minimum(high, self.key.size - 1)
        low = high - 1
        span = self.key[high] - self.key[low]
        share = (way * _APART_S + into - self.key[low]) / np.maximum(span, 1e-9)
        east, north = self.lon[high] - self.lon[low], self.lat[high] - self.lat[low]
        far_km = np.hypot(east * KM_LON, north * KM_LAT)
        speed = np.where(span > 0, far_km / np.maximum(span, 1e-9) * 3600, 0.0)
        heading = np.degrees(np.arctan2(east * KM_LON, north * KM_LAT)) % 360
        return (
            self.lon[low] + share * east,
            self.lat[low] + share * north,
            speed,
            np.where(speed > 0, heading, 0.0),
        )


def to_and_fro(
    ways: Sequence[F64], kmh: Sequence[F64], draw: np.random.Generator, count: int
) -> Tracks:
    """Time every way there and back with a rest at both ends, and put objects on them.

    Args:
        ways: each (k, 2) lon, lat.
        kmh: for each way the speed on its k - 1 pieces.
        draw: the random source.
        count: how many objects.
    """
    keys, points, long_s = [], [], []
    for number, (way, speed) in enumerate(zip(ways, kmh, strict=True)):
        step = np.diff(way, axis=0) * (KM_LON, KM_LAT)
        spans = np.hypot(step[:, 0], step[:, 1]) / speed * 3600
        rests = draw.uniform(*_DWELL_S, 2)
        there = np.concatenate([[0.0], np.cumsum(spans)])
        back = there[-1] + rests[0] + np.concatenate([[0.0], np.cumsum(spans[::-1])])
        at = np.concatenate([there, back, [back[-1] + rests[1]]])
        keys.append(number * _APART_S + at)
        points.append(np.concatenate([way, way[::-1], way[:1]]))
        long_s.append(at[-1])
    lonlat = np.concatenate(points)
    way_of = np.arange(count) % len(ways)
    lengths = np.array(long_s)
    return Tracks(
        key=np.concatenate(keys),
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        long_s=lengths,
        way=way_of,
        phase_s=draw.random(count) * lengths[way_of],
    )
