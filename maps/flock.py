"""A layer's objects as the map holds them: projected, counted by county, sorted over the ground.

What is dear (place, county, order) is worked out once per changed row: a new version of a
layer is compared with the one before and patched into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from backend_client.contract.columns import E7, FeatureBlock, FixBlock
from maps.counties import CountyMap, region_county
from maps.ground import Box, code_of, expand, inside, level_for, squares
from maps.mercator import project
from maps.outlines import Outlines, read_outlines
from maps.spec import LayerSpec

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
        hot: places of the abnormal ones, ascending.
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
    xy: F32
    oid: U32
    kind: U8
    state: U8
    value: F32
    observed_s: F64 | U32
    county: U8
    hot: I64
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


def count_groups(county: U8, state: U8, counties: CountyMap) -> Groups:
    """Count objects, abnormal ones and the worst level of each county."""
    size = len(counties.counties)
    n = np.bincount(county, minlength=256)[:size]
    bad = [np.bincount(county[state == level], minlength=256)[:size] for level in (1, 2, 3, 4)]
    groups: Groups = {}
    for number, one in enumerate(counties.counties):
        levels = [int(level[number]) for level in bad]
        if n[number]:
            worst = next((level for level, found in enumerate(levels, 1) if found), 0)
            groups[one.unit.code] = (int(n[number]), sum(levels), worst)
    return groups


def grow(old: Flock | None, block: FeatureBlock, counties: CountyMap) -> Flock:
    """Give the flock of a block, patched from the one before where that is possible.

    Complexity: n log n at first, then a copy of what changed columns there are.
    """
    flock = _grown(old, block, counties)
    outlines = read_outlines(block, old.outlines if old else None)
    return replace(flock, outlines=outlines)


def _grown(old: Flock | None, block: FeatureBlock, counties: CountyMap) -> Flock:
    before = old.block if old else None
    if (
        old is None
        or not isinstance(before, FeatureBlock)
        or old.counties is not counties
        or block.kinds[: len(before.kinds)] != before.kinds
    ):
        return _build(block, counties)
    kept, place = _kept(before, block)
    moved = kept[
        (before.lon_e7[place] != block.lon_e7[kept])
        | (before.lat_e7[place] != block.lat_e7[kept])
        | (_alike(before, block)[before.region[place]] != block.region[kept])
    ]
    if kept.size == block.oid.size == before.oid.size and not moved.size:
        return _repaint(old, before, block)
    return _move(old, block, kept=kept, place=place, moved=moved)


def _alike(before: FeatureBlock, block: FeatureBlock) -> I64:
    """Give for each region number of the former block the new block's number of the same code."""
    number = {code: place for place, code in enumerate(block.regions)}
    return np.array([number.get(code, -1) for code in before.regions] or [-1], np.int64)


def _kept(before: FeatureBlock, block: FeatureBlock) -> tuple[I64, I64]:
    """Give the rows of the new block that were there before, and where."""
    if np.array_equal(before.oid, block.oid):
        rows = np.arange(block.oid.size)
        return rows, rows
    if not before.oid.size:
        return _NONE, _NONE
    at = np.minimum(np.searchsorted(before.oid, block.oid), before.oid.size - 1)
    kept = np.flatnonzero(before.oid[at] == block.oid)
    return kept, at[kept]


def _places(block: FeatureBlock, rows: I64 | slice, counties: CountyMap) -> tuple[F32, U8]:
    lon, lat = block.lon_e7[rows] / E7, block.lat_e7[rows] / E7
    by_region = region_county(block.regions, block.region[rows], counties.counties)
    county = counties.county_of(np.column_stack([lon, lat]), by_region)
    return project(lon, lat), county


def _build(block: FeatureBlock, counties: CountyMap) -> Flock:
    xy, county = _places(block, slice(None), counties)
    code = code_of(xy)
    order = np.argsort(code, kind="stable")
    return _finish(block, counties, order, code=code[order], xy=xy[order], county=county[order])


def _finish(
    block: FeatureBlock, counties: CountyMap, row: I64, *, code: U32, xy: F32, county: U8
) -> Flock:
    """Take the block's other columns in the order of the ground."""
    rank = np.empty(row.size, np.uint32)
    rank[row] = np.arange(row.size, dtype=np.uint32)
    state = np.minimum(block.state[row], STATES)
    return Flock(
        channel="static",
        block=block,
        counties=counties,
        kinds=block.kinds,
        code=code,
        rank=rank,
        xy=xy,
        oid=block.oid[row],
        kind=block.kind[row],
        state=state,
        value=block.value[row],
        observed_s=block.observed_s[row],
        county=county,
        hot=np.flatnonzero(state),
        groups=count_groups(county, state, counties),
    )


def _repaint(old: Flock, before: FeatureBlock, block: FeatureBlock) -> Flock:
    """Take over what rows say; all stand where they stood."""
    changed: dict[str, Any] = {}
    for name in ("kind", "state", "value", "observed_s"):
        now, then = getattr(block, name), getattr(before, name)
        differs = now != then
        if name == "value":
            differs &= ~(np.isnan(now) & np.isnan(then))
        rows = np.flatnonzero(differs)
        if rows.size:
            column = getattr(old, name).copy()
            said = now[rows]
            column[old.rank[rows]] = np.minimum(said, STATES) if name == "state" else said
            changed[name] = column
    flock = replace(old, block=block, kinds=block.kinds, **changed)
    if "state" not in changed:
        return flock
    groups = count_groups(flock.county, flock.state, flock.counties)
    return replace(flock, hot=np.flatnonzero(flock.state), groups=groups)


def _move(old: Flock, block: FeatureBlock, *, kept: I64, place: I64, moved: I64) -> Flock:
    """Take out what went or moved and sort in what is new or stands elsewhere."""
    fresh = np.ones(block.oid.size, np.bool_)
    fresh[kept] = False
    fresh[moved] = True
    stays = kept[~fresh[kept]]
    new_row = np.full(old.rank.size, -1, np.int64)  # by place here: row in the new block
    new_row[old.rank[place[~fresh[kept]]]] = stays
    keep = np.flatnonzero(new_row >= 0)
    rows = np.flatnonzero(fresh)
    xy, county = _places(block, rows, old.counties)
    code = code_of(xy)
    order = np.argsort(code, kind="stable")
    at = np.searchsorted(old.code[keep], code[order])
    return _finish(
        block,
        old.counties,
        np.insert(new_row[keep], at, rows[order]),
        code=np.insert(old.code[keep], at, code[order]),
        xy=np.insert(old.xy[keep], at, xy[order], axis=0),
        county=np.insert(old.county[keep], at, county[order]),
    )


def fly(old: Flock | None, fixes: FixBlock, spec: LayerSpec, counties: CountyMap) -> Flock:
    """Give the flock of moving objects; only those that moved are projected anew."""
    before = old.block if old else None
    xy: F32 | None = None
    if old and isinstance(before, FixBlock) and np.array_equal(before.oid, fixes.oid):
        rows = np.flatnonzero((before.lon_e7 != fixes.lon_e7) | (before.lat_e7 != fixes.lat_e7))
        xy = old.xy.copy()
        xy[rows] = project(fixes.lon_e7[rows] / E7, fixes.lat_e7[rows] / E7)
    state = np.minimum(fixes.state, STATES)
    county = region_county(fixes.regions, fixes.region, counties.counties)
    return Flock(
        channel="moving",
        block=fixes,
        counties=counties,
        kinds=fixes.kinds or tuple(one.kind for one in spec.kinds if one.form == "moving"),
        code=np.empty(0, np.uint32),
        rank=np.arange(fixes.oid.size, dtype=np.uint32),
        xy=project(fixes.lon_e7 / E7, fixes.lat_e7 / E7) if xy is None else xy,
        oid=fixes.oid,
        kind=fixes.kind,
        state=state,
        value=np.full(fixes.oid.size, np.nan, np.float32),
        observed_s=fixes.observed_ms / 1000.0,
        county=county,
        hot=np.flatnonzero(state),
        groups=count_groups(county, state, counties),
    )


def sort_flock(flock: Flock) -> Flock:
    """Give the same objects sorted along the ground curve."""
    if flock.is_sorted:
        return flock
    code = code_of(flock.xy)
    order = np.argsort(code, kind="stable")
    columns = ("xy", "oid", "kind", "state", "value", "observed_s", "county")
    taken = {name: getattr(flock, name)[order] for name in columns}
    rank = np.empty(order.size, np.uint32)
    rank[order] = np.arange(order.size, dtype=np.uint32)
    hot = np.flatnonzero(taken["state"])
    return replace(flock, code=code[order], rank=rank, hot=hot, **taken)
