"""A layer's objects as the map holds them: projected, counted by county, sorted over the ground.

What is dear (place, county, order) is worked out once per changed row: a new version of a
layer is compared with the one before and patched into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from app.tally import Everyday, beyond
from backend_client.contract.columns import FeatureBlock, FixBlock
from maps.counties import CountyMap
from maps.ground import Box, code_of, expand, inside, level_for, squares
from maps.outlines import Outlines

Channel = Literal["static", "moving"]
Groups = dict[str, tuple[int, int, int]]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STATES: Final = 4
SHAPED: Final = frozenset(("line", "area"))
_NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Flock:
    """One layer's objects of one channel; still ones sorted along the ground curve.

    Args:
        block: what it was made of, for the comparison with the next one.
        code: numbers along the curve, ascending; empty when not sorted.
        rank: for each row of the block its place in the columns here.
        row: for each place its row in the block.
        hot: places of the abnormal ones, ascending.
        odd: those of them that are so beyond everyday work, ascending: what is counted.
        everyday: the levels of each kind that are everyday work.
        groups: how many, how many abnormal and how bad, by county code.
        outlines: the lines and areas among them.

    Shape: every column (n,), xy (n, 2).
    Units: xy Web-Mercator metres from the centre; observed_s since 1970 UTC.
    """

    channel: Channel
    block: FeatureBlock | FixBlock
    counties: CountyMap
    kinds: tuple[str, ...]
    code: U32
    rank: U32
    row: U32
    xy: F32
    oid: U32
    kind: U8
    state: U8
    value: F32
    observed_s: F64 | U32
    county: U8
    hot: I64
    odd: I64
    everyday: Everyday
    groups: Mapping[str, tuple[int, int, int]]
    outlines: Outlines | None = None

    @property
    def size(self) -> int:
        """Count the objects."""
        return int(self.oid.size)

    @property
    def is_sorted(self) -> bool:
        """Tell whether the columns lie in the order of the ground."""
        return self.code.size == self.oid.size

    def place(self, oid: int) -> int | None:
        """Find one object's place in the columns."""
        rows = self.block.oid
        at = int(np.searchsorted(rows, np.uint32(oid)))
        return int(self.rank[at]) if at < rows.size and rows[at] == oid else None

    def within(self, box: Box) -> I64:
        """Find the objects of a box; costs what the box holds."""
        if not self.is_sorted:
            return np.flatnonzero(inside(self.xy, box))
        found = squares(self.code, box, level_for(box))
        rows = expand(found.start, found.stop)
        return rows[inside(self.xy[rows], box)]

    def hot_within(self, box: Box) -> I64:
        """Find the abnormal objects of a box."""
        return self.hot[inside(self.xy[self.hot], box)]


def mask_of(kinds: Sequence[str], chosen: Sequence[str]) -> Bools:
    """Tell for each kind number whether its word is among the chosen."""
    table = np.zeros(256, np.bool_)
    table[: len(kinds)] = [word in chosen for word in kinds]
    return table


def count_groups(
    county: U8, state: U8, odd: I64, counties: CountyMap, known: Groups | None = None
) -> Groups:
    """Count objects, abnormal ones (`odd`) and the worst level of each county.

    Args:
        county: of each object.
        state: of each object.
        odd: the abnormal ones that count.
        counties: to count by.
        known: counts of the same objects in the same places, if there are any.
    """
    size = len(counties.counties)
    codes = [one.unit.code for one in counties.counties]
    none = (0, 0, 0)
    if known is None:
        n = np.bincount(county, minlength=256)[:size]
    else:
        n = np.array([known.get(code, none)[0] for code in codes], np.int64)
    where, level_of = county[odd], state[odd]
    bad = [np.bincount(where[level_of == level], minlength=256)[:size] for level in (1, 2, 3, 4)]
    groups: Groups = {}
    for number, one in enumerate(counties.counties):
        levels = [int(level[number]) for level in bad]
        if n[number]:
            worst = next((level for level, found in enumerate(levels, 1) if found), 0)
            groups[one.unit.code] = (int(n[number]), sum(levels), worst)
    return groups


def mark(flock: Flock, hot: I64 | None = None) -> Flock:
    """Note which objects are abnormal (`hot`, if known), and which beyond everyday work."""
    hot = np.flatnonzero(flock.state) if hot is None else hot
    odd = beyond(hot, flock.kinds, flock.kind, flock.state, flock.everyday)
    return replace(flock, hot=hot, odd=odd)


def rank_of(row: U32) -> U32:
    """Turn rows by place into places by row."""
    rank = np.empty(row.size, np.uint32)
    rank[row] = np.arange(row.size, dtype=np.uint32)
    return rank


def sort_flock(flock: Flock) -> Flock:
    """Give the same objects sorted along the ground curve."""
    if flock.is_sorted:
        return flock
    code = code_of(flock.xy)
    order = np.argsort(code, kind="stable")
    columns = ("xy", "oid", "kind", "state", "value", "observed_s", "county")
    taken = {name: getattr(flock, name)[order] for name in columns}
    row = order.astype(np.uint32)
    placed = replace(flock, code=code[order], rank=rank_of(row), row=row, **taken)
    return mark(placed)
