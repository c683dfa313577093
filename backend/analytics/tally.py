"""Count what an area holds, kind by kind, and put it in order of distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.analytics.ground import F64, WGS84_A_M, WGS84_F, distance_m
from backend_client.contract.columns import E7

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_SLACK = 1.01  # the quick distance is right within 0.5 % over 300 km


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Totals per class.

    Shape: every array (classes,).
    Units: nearest_m in metres, infinite where the count is 0.
    """

    count: I64
    abnormal: I64
    nearest_m: F64


def tally(
    classes: I64, states: npt.NDArray[np.uint8], quick_m2: F64, exact: Exact, *, size: int
) -> Tally:
    """Count objects and abnormal objects per class and find the nearest of each.

    Args:
        classes: class of each object.
        states: state of each object, 0 is normal.
        quick_m2: squared distance as `quick` gives it.
        exact: measures the distance of some of the objects.
        size: how many classes there are.

    Shape: classes, states, quick_m2 (n,).
    """
    nearest_m2 = np.full(size, np.inf)
    np.minimum.at(nearest_m2, classes, quick_m2)
    close = np.flatnonzero(quick_m2 <= nearest_m2[classes] * _SLACK**2)
    nearest_m = np.full(size, np.inf)
    np.minimum.at(nearest_m, classes[close], exact(close))
    return Tally(
        count=np.bincount(classes, minlength=size),
        abnormal=np.bincount(classes[states > 0], minlength=size),
        nearest_m=nearest_m,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """Measure ground distances of chosen places from a centre.

    Shape: lon_e7, lat_e7 (n,).
    """

    lon_e7: I32
    lat_e7: I32
    centre: tuple[float, float]

    def __call__(self, rows: I64) -> F64:
        """Measure the chosen rows, in metres."""
        return distance_m(self.lon_e7[rows] / E7, self.lat_e7[rows] / E7, *self.centre)

    def quick(self) -> F64:
        """Square the distance of every place without trigonometry, within 1 % up to 300 km.

        Units: m2.
        """
        phi = np.deg2rad(self.centre[1])
        bend = 1 - WGS84_F * (2 - WGS84_F) * np.sin(phi) ** 2
        across = WGS84_A_M / np.sqrt(bend) * np.deg2rad(1 / E7)
        along = across * (1 - WGS84_F * (2 - WGS84_F)) / bend
        dlat = self.lat_e7 - round(self.centre[1] * E7)
        dlon = self.lon_e7 - round(self.centre[0] * E7)
        shrink = np.cos(phi) ** 2 - np.sin(phi) * np.cos(phi) * np.deg2rad(1 / E7) * dlat
        result: F64 = (along * dlat) ** 2 + (across * dlon) ** 2 * shrink
        return result

    def nearest(self, quick_m2: F64, count: int) -> tuple[I64, F64]:
        """Give the nearest places in order, and how far each is.

        Shape: both (min(count, n),).
        Units: metres.
        """
        rows = np.arange(len(quick_m2))
        if count < len(rows):
            limit = np.partition(quick_m2, count - 1)[count - 1] if count else -1.0
            rows = np.flatnonzero(quick_m2 <= limit * _SLACK**2)
        distances = self(rows)
        order = np.lexsort((rows, distances))[:count]
        return rows[order], distances[order]
