"""Lines and areas as integers: one ragged column beside a block's arrays.

A shape is `form, parts, points of part 1 … points of part n, lon, lat, lon, lat …`; places are
1e-7 degree. An area's parts are rings filled even-odd, so holes and islands are just rings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

U32 = npt.NDArray[np.uint32]
I32 = npt.NDArray[np.int32]
Rows = npt.NDArray[np.intp] | npt.NDArray[np.bool_]

KEPT: Final = 0
"""In a delta: the shape the reader has is still right."""
LINE: Final = 1
AREA: Final = 2
_HEAD: Final = 2


class BadShapeError(ValueError):
    """The integers are not a shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The shapes of n objects; `at` empty says that none of them has one.

    Shape: row i is `data[at[i]:at[i + 1]]`, empty for a point; at (n + 1,) or (0,).
    """

    at: U32
    data: I32

    @property
    def is_none(self) -> bool:
        """Tell whether no object has a shape."""
        return self.at.size == 0

    def row(self, index: int) -> I32:
        """Give the integers of one object's shape, empty when it has none."""
        if self.is_none:
            return self.data[:0]
        return self.data[int(self.at[index]) : int(self.at[index + 1])]

    def lengths(self, count: int) -> npt.NDArray[np.int64]:
        """Give how many integers each of `count` objects has."""
        if self.is_none:
            return np.zeros(count, np.int64)
        at = self.at.astype(np.int64)
        return at[1:] - at[:-1]

    def take(self, rows: Rows, count: int) -> Shapes:
        """Give the shapes of some of `count` objects, in their order."""
        if self.is_none:
            return NO_SHAPES
        chosen = np.arange(count)[rows]
        start = self.at[:-1].astype(np.int64)[chosen]
        return _gather(self.data, start, self.lengths(count)[chosen])


NO_SHAPES: Final = Shapes(np.empty(0, np.uint32), np.empty(0, np.int32))


def make_shapes(rows: Sequence[I32 | Sequence[int]]) -> Shapes:
    """Put single shapes into one ragged column."""
    parts = [np.asarray(row, np.int32) for row in rows]
    if not any(part.size for part in parts):
        return NO_SHAPES
    return Shapes(_ends(np.array([part.size for part in parts])), np.concatenate(parts))


def join(first: Shapes, first_count: int, second: Shapes, second_count: int) -> Shapes:
    """Put the shapes of two runs of objects one after the other."""
    if first.is_none and second.is_none:
        return NO_SHAPES
    lengths = np.concatenate([first.lengths(first_count), second.lengths(second_count)])
    return Shapes(_ends(lengths), np.concatenate([first.data, second.data]))


def is_kept(shapes: Shapes, count: int) -> npt.NDArray[np.bool_]:
    """Tell for each object whether its row says: as before."""
    found = np.zeros(count, np.bool_)
    if shapes.is_none:
        return found
    single = np.flatnonzero(shapes.lengths(count) == 1)
    found[single] = shapes.data[shapes.at[single]] == KEPT
    return found


def encode(form: int, parts: Sequence[npt.NDArray[np.int32]]) -> I32:
    """Write one shape.

    Args:
        form: LINE or AREA.
        parts: lines or rings, each (k, 2) lon, lat in 1e-7 degree.
    """
    head = [form, len(parts), *(len(part) for part in parts)]
    return np.concatenate([np.array(head, np.int32), *(part.ravel() for part in parts)]).astype(
        np.int32
    )


def decode(row: I32) -> tuple[int, tuple[I32, ...]]:
    """Read one shape: its form and its parts, each (k, 2) lon, lat in 1e-7 degree.

    Raises:
        BadShapeError: the integers are something else.
    """
    if row.size < _HEAD or row[0] not in (LINE, AREA) or row[1] < 1:
        raise BadShapeError("no such form")
    count = int(row[1])
    sizes = row[_HEAD : _HEAD + count].astype(np.int64)
    body = row[_HEAD + count :]
    if sizes.size != count or (sizes < 2).any() or body.size != 2 * int(sizes.sum()):
        raise BadShapeError("lengths do not fit")
    ends = np.cumsum(sizes)[:-1]
    return int(row[0]), tuple(np.split(body.reshape(-1, 2), ends))


def _ends(lengths: npt.NDArray[np.int64]) -> U32:
    at = np.zeros(lengths.size + 1, np.uint32)
    np.cumsum(lengths, out=at[1:])
    return at


def _gather(data: I32, start: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Shapes:
    at = _ends(lengths)
    steps = np.repeat(start - at[:-1].astype(np.int64), lengths)
    return Shapes(at, data[steps + np.arange(int(at[-1]))])
