"""Objects counted by cells fixed to the ground, with the number of abnormal ones and the worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from maps.flock import STATES, Bools, Flock
from maps.ground import FINE_M, Box, expand, squares

_SAMPLES: Final = 16  # places looked at for the middle of a cell's objects

I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Counts by cell.

    Args:
        metres: the side of a cell.
        alone: for cells of one object its place in the flock, else -1.

    Shape: each (m,); key (m, 2) column, row from the centre; middle (m, 2) metres.
    """

    metres: float
    key: I64
    middle: F32
    count: I64
    abnormal: I64
    worst: I64
    alone: I64

    @property
    def size(self) -> int:
        """Count the cells."""
        return int(self.count.size)


def count_cells(flock: Flock, box: Box, metres: float, wanted: Bools) -> Cells:
    """Count the wanted kinds of a sorted flock by the cells that touch a box.

    Complexity: cells times log n, and the abnormal objects among them.
    """
    found = squares(flock.code, box, round(np.log2(metres / FINE_M)))
    start, stop = found.start, found.stop
    count = _wanted(flock, start, stop, wanted)
    kept = np.flatnonzero(count)
    start, stop, count = start[kept], stop[kept], count[kept]
    abnormal, worst = _grave(flock, start, stop, wanted)
    first = start + _first(flock, start, stop, wanted)
    return Cells(
        metres=found.metres,
        key=np.column_stack([found.column, found.row])[kept],
        middle=_middle(flock, start, stop),
        count=count,
        abnormal=abnormal,
        worst=worst,
        alone=np.where((count == 1) & (abnormal == 0), first, -1),
    )


def _all(flock: Flock, wanted: Bools) -> bool:
    return bool(wanted[: max(len(flock.kinds), 1)].all())


def _wanted(flock: Flock, start: I64, stop: I64, wanted: Bools) -> I64:
    if _all(flock, wanted) or not start.size:
        return stop - start
    flags = wanted[flock.kind[expand(start, stop)]].astype(np.int64)
    sums = np.concatenate([[0], np.cumsum(flags)])
    ends = np.cumsum(stop - start)
    counted: I64 = sums[ends] - sums[ends - (stop - start)]
    return counted


def _first(flock: Flock, start: I64, stop: I64, wanted: Bools) -> I64:
    """Give the offset of the first wanted object of each cell."""
    if _all(flock, wanted) or not start.size:
        return np.zeros(start.size, np.int64)
    flags = wanted[flock.kind[expand(start, stop)]]
    places = np.flatnonzero(flags)
    begin = np.cumsum(stop - start) - (stop - start)
    offset: I64 = places[np.searchsorted(places, begin)] - begin
    return offset


def _grave(flock: Flock, start: I64, stop: I64, wanted: Bools) -> tuple[I64, I64]:
    """Count the abnormal objects of each cell and find the worst level, 0 for none."""
    odd = flock.odd[wanted[flock.kind[flock.odd]]]
    low, high = np.searchsorted(odd, start), np.searchsorted(odd, stop)
    worst = np.full(start.size, STATES + 1, np.int64)
    cell = np.repeat(np.arange(start.size), high - low)
    np.minimum.at(worst, cell, flock.state[odd[expand(low, high)]].astype(np.int64))
    worst[worst > STATES] = 0
    return (high - low).astype(np.int64), worst


def _middle(flock: Flock, start: I64, stop: I64) -> F32:
    """Give the middle of each cell's objects, by places taken evenly along the curve."""
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    rows = start[:, None] + ((stop - start)[:, None] * share).astype(np.int64)
    middle: F32 = flock.xy[rows].mean(axis=1, dtype=np.float64).astype(np.float32)
    return middle
