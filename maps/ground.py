"""Places sorted along a curve over the ground, so that any square of a power of two is one run.

A fine cell is 8 m wide; its number interleaves the bits of column and row (Morton order), so
the places of a square of 8 m x 2^L lie side by side. A window is then a few hundred runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FINE_M: Final = 8.0
REACH_M: Final = 262_144.0  # from the centre to each side: 2^16 fine cells in all
_SIDE: Final = 1 << 16
_LEVELS: Final = 16
_ACROSS: Final = 24  # squares a window is cut into, in its longer direction

U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in metres from the centre."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, other: Box) -> bool:
        """Tell whether another box lies wholly inside."""
        return (
            self.west <= other.west
            and self.south <= other.south
            and self.east >= other.east
            and self.north >= other.north
        )

    def grown(self, share: float) -> Box:
        """Give the box with so much of its size added on each side."""
        x, y = (self.east - self.west) * share, (self.north - self.south) * share
        return Box(self.west - x, self.south - y, self.east + x, self.north + y)


def _spread(values: U32) -> U32:
    """Put a zero bit between the low 16 bits."""
    spread: U32 = values & np.uint32(0xFFFF)
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        spread = ((spread | (spread << np.uint32(shift))) & np.uint32(mask)).astype(np.uint32)
    return spread


def _cell(metres: npt.NDArray[np.floating]) -> U32:
    fine = np.floor((metres.astype(np.float64) + REACH_M) / FINE_M)
    return np.clip(fine, 0, _SIDE - 1).astype(np.uint32)


def code_of(xy: npt.NDArray[np.floating]) -> U32:
    """Give each place's number along the curve.

    Shape: xy (n, 2) metres from the centre; result (n,).
    """
    return _spread(_cell(xy[:, 0])) | (_spread(_cell(xy[:, 1])) << np.uint32(1))


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Squares of one size that cover a box, and the run of sorted places in each.

    Shape: column, row, start, stop (m,); only squares that hold something.
    """

    metres: float
    column: I64
    row: I64
    start: I64
    stop: I64


def level_for(box: Box) -> int:
    """Give the size of squares that cut a box into not too many, as a power of two."""
    across = max(box.east - box.west, box.north - box.south, FINE_M) / _ACROSS
    return int(np.clip(np.ceil(np.log2(across / FINE_M)), 0, _LEVELS))


def squares(code: U32, box: Box, level: int) -> Squares:
    """Find the squares of a box that hold places.

    Args:
        code: numbers along the curve, ascending.
        box: what to cover.
        level: squares are 8 m x 2^level wide.
    """
    metres = FINE_M * (1 << level)
    low = _cell(np.array([box.west, box.south])).astype(np.int64) >> level
    high = _cell(np.array([box.east, box.north])).astype(np.int64) >> level
    columns, rows = np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1)
    column, row = np.tile(columns, rows.size), np.repeat(rows, columns.size)
    first = _spread(column.astype(np.uint32)) | (_spread(row.astype(np.uint32)) << np.uint32(1))
    low_code = (first.astype(np.uint64) << np.uint64(2 * level)).astype(np.uint32)
    last = (low_code.astype(np.uint64) + np.uint64((1 << (2 * level)) - 1)).astype(np.uint32)
    start = np.searchsorted(code, low_code, side="left")
    stop = np.searchsorted(code, last, side="right")
    order = np.flatnonzero(stop > start)
    order = order[np.argsort(low_code[order], kind="stable")]
    zero = int(REACH_M / metres)
    return Squares(
        metres,
        column[order] - zero,
        row[order] - zero,
        start[order].astype(np.int64),
        stop[order].astype(np.int64),
    )


def expand(start: I64, stop: I64) -> I64:
    """List the numbers of many runs, one run after the other."""
    counts = stop - start
    offset = np.repeat(start - np.cumsum(counts) + counts, counts)
    listed: I64 = offset + np.arange(int(counts.sum()))
    return listed


def inside(xy: F32, box: Box) -> npt.NDArray[np.bool_]:
    """Tell which places lie in a box.

    Shape: xy (n, 2); result (n,).
    """
    x, y = xy[:, 0], xy[:, 1]
    found: npt.NDArray[np.bool_] = (
        (x >= box.west) & (x <= box.east) & (y >= box.south) & (y <= box.north)
    )
    return found
