"""How a flock comes from a layer's columns: built once, then patched by what differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from app.tally import NO_EVERYDAY, Everyday
from backend_client.contract.columns import E7, FeatureBlock, FixBlock
from maps.counties import CountyMap, region_county
from maps.flock import F32, I64, STATES, U8, U32, Flock, count_groups, mark, rank_of
from maps.ground import code_of
from maps.mercator import project
from maps.outlines import read_outlines
from maps.spec import LayerSpec

_SAID: Final = ("kind", "state", "value", "observed_s")
_COLUMNS: Final = (*_SAID, "oid", "county")
_CHUNK: Final = 1 << 15  # rows
_RECORD: Final = np.dtype(  # 16 bytes: numpy fetches them as one complex number
    {
        "names": _COLUMNS,
        "formats": ["u1", "u1", "f4", "u4", "u4", "u1"],
        "offsets": [0, 1, 4, 8, 12, 2],
        "itemsize": 16,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """What became of a block's rows in the next one.

    Args:
        place: rows of the former block that are still there; None: all, where they were.
        kept: the same objects' rows in the new block.
        gone: rows of the former block that left their place.
        fresh: rows of the new block that came to theirs.
    """

    place: I64 | None
    kept: I64 | None
    gone: I64
    fresh: I64


def grow(
    old: Flock | None,
    block: FeatureBlock,
    counties: CountyMap,
    everyday: Everyday = NO_EVERYDAY,
) -> Flock:
    """Give the flock of a block, patched from the one before where that is possible.

    Complexity: n log n at first, then one pass over the columns and a copy of what changed.
    """
    before = old.block if old else None
    if (
        old is None
        or not isinstance(before, FeatureBlock)
        or old.counties is not counties
        or block.kinds[: len(before.kinds)] != before.kinds
    ):
        flock = _build(block, counties, everyday)
    else:
        step = _compare(before, block)
        moved = _move(old, block, step) if step.gone.size or step.fresh.size else old
        flock = _repaint(moved, before, block, step)
    return replace(flock, outlines=read_outlines(block, old.outlines if old else None))


def _compare(before: FeatureBlock, block: FeatureBlock) -> _Step:
    if before.oid is block.oid or np.array_equal(before.oid, block.oid):
        left_place = np.flatnonzero(_elsewhere(before, block, slice(None), slice(None)))
        return _Step(None, None, left_place, left_place)
    at = np.minimum(np.searchsorted(before.oid, block.oid), max(before.oid.size - 1, 0))
    known: npt.NDArray[np.bool_]
    known = before.oid[at] == block.oid if before.oid.size else np.zeros(block.oid.size, bool)
    kept = np.flatnonzero(known)
    place = at[kept]
    moved = _elsewhere(before, block, place, kept)
    left = np.ones(before.oid.size, bool)
    left[place[~moved]] = False
    came = ~known
    came[kept[moved]] = True
    return _Step(place, kept, np.flatnonzero(left), np.flatnonzero(came))


def _elsewhere(
    before: FeatureBlock, block: FeatureBlock, place: I64 | slice, kept: I64 | slice
) -> npt.NDArray[np.bool_]:
    alike = before.regions == block.regions and _is_kept(before, block, "region", kept)
    if alike and all(_is_kept(before, block, name, kept) for name in ("lon_e7", "lat_e7")):
        return np.empty(0, np.bool_)
    number = {code: index for index, code in enumerate(block.regions)}
    codes = np.array([number.get(code, -1) for code in before.regions] or [-1], np.int32)
    moved: npt.NDArray[np.bool_] = before.lon_e7[place] != block.lon_e7[kept]
    moved |= before.lat_e7[place] != block.lat_e7[kept]
    if not alike:
        moved |= codes[before.region[place]] != block.region[kept]
    return moved


def _is_kept(before: FeatureBlock, block: FeatureBlock, name: str, kept: I64 | slice) -> bool:
    """Tell whether a column is the very array of the block before: nothing to compare."""
    return isinstance(kept, slice) and getattr(before, name) is getattr(block, name)


def _places(block: FeatureBlock, rows: I64 | slice, counties: CountyMap) -> tuple[F32, U8]:
    lon, lat = block.lon_e7[rows] / E7, block.lat_e7[rows] / E7
    by_region = region_county(block.regions, block.region[rows], counties.counties)
    return project(lon, lat), counties.county_of(lon, lat, by_region)


def _words(code: U32, first: int = 0) -> npt.NDArray[np.uint64]:
    """Put number and row into one word each: they sort several times faster than a list of rows."""
    rows = np.arange(first, first + code.size, dtype=np.uint64)
    return (code.astype(np.uint64) << np.uint64(32)) | rows


def _order(code: U32) -> U32:
    """Give the rows by ascending number, equal numbers in their order."""
    words = _words(code)
    words.sort()
    return words.astype(np.uint32)  # the low half: the row


def _said(block: FeatureBlock, name: str, rows: npt.NDArray[np.integer[Any]] | slice) -> Any:
    column = getattr(block, name)[rows]
    return np.minimum(column, STATES) if name == "state" else column


def _chunks(size: int) -> Iterator[slice]:
    return (slice(at, min(at + _CHUNK, size)) for at in range(0, size, _CHUNK))


def _build(block: FeatureBlock, counties: CountyMap, everyday: Everyday) -> Flock:
    """Make a flock of a block: chunk by chunk, so that what is passed on stays in the cache.

    Far rows lie in far memory: each is fetched as one record and one place, not by column.
    """
    size = block.oid.size
    words, records = np.empty(size, np.uint64), np.empty(size, _RECORD)
    places = np.empty((size, 2), np.float32)
    for part in _chunks(size):
        places[part], records["county"][part] = _places(block, part, counties)
        words[part] = _words(code_of(places[part]), part.start)
        for name in (*_SAID, "oid"):
            records[name][part] = _said(block, name, part)
    words.sort()
    row = words.astype(np.uint32)
    xy = np.empty_like(places)
    columns: dict[str, Any] = {name: np.empty(size, _RECORD[name]) for name in _COLUMNS}
    far, far_places = records.view(np.complex128), places.view(np.uint64)
    for part in _chunks(size):
        xy.view(np.uint64)[part] = far_places[row[part]]
        taken = far[row[part]].view(_RECORD)
        for name, column in columns.items():
            column[part] = taken[name]
    return _finish(
        Flock(
            channel="static",
            block=block,
            counties=counties,
            kinds=block.kinds,
            code=(words >> np.uint64(32)).astype(np.uint32),
            rank=rank_of(row),
            row=row,
            xy=xy,
            hot=np.empty(0, np.int64),
            odd=np.empty(0, np.int64),
            everyday=everyday,
            groups={},
            **columns,
        )
    )


def _finish(flock: Flock, hot: I64 | None = None) -> Flock:
    """Count anew; when all stay where they are and `hot` is known, only what is abnormal."""
    known = None if hot is None else dict(flock.groups)
    flock = mark(flock, hot)
    groups = count_groups(flock.county, flock.state, flock.odd, flock.counties, known)
    return replace(flock, groups=groups)


def _move(old: Flock, block: FeatureBlock, step: _Step) -> Flock:
    """Take out what went or moved and sort in what is new or stands elsewhere."""
    rows = step.fresh
    xy, county = _places(block, rows, old.counties)
    code = code_of(xy)
    order = _order(code)
    out = np.sort(old.rank[step.gone])
    at = np.searchsorted(np.delete(old.code, out), code[order])

    def patched(column: npt.NDArray[Any], fresh: npt.NDArray[Any]) -> Any:
        return np.insert(np.delete(column, out, axis=0), at, fresh[order], axis=0)

    row = old.row
    if step.place is not None and step.kept is not None:
        renumber = np.zeros(old.row.size, np.uint32)
        renumber[step.place] = step.kept
        row = renumber[old.row]
    row = patched(row, rows.astype(np.uint32))
    columns = {
        name: patched(getattr(old, name), _said(block, name, rows)) for name in (*_SAID, "oid")
    }
    return _finish(
        replace(
            old,
            block=block,
            kinds=block.kinds,
            code=patched(old.code, code),
            rank=rank_of(row),
            row=row,
            xy=patched(old.xy, xy),
            county=patched(old.county, county),
            **columns,
        )
    )


def _repaint(flock: Flock, before: FeatureBlock, block: FeatureBlock, step: _Step) -> Flock:
    """Take over what the rows say that were there before."""
    changed: dict[str, Any] = {}
    hot = None
    place = slice(None) if step.place is None else step.place
    kept = slice(None) if step.kept is None else step.kept
    for name in _SAID:
        if _is_kept(before, block, name, kept):
            continue
        now, then = getattr(block, name)[kept], getattr(before, name)[place]
        differs = now != then
        if name == "value":
            differs &= (now == now) | (then == then)  # noqa: PLR0124  # not a number is no change
        rows = np.flatnonzero(differs)
        if rows.size:
            rows = rows if step.kept is None else step.kept[rows]
            column = getattr(flock, name).copy()
            at = flock.rank[rows].astype(np.int64)
            column[at] = _said(block, name, rows)
            changed[name] = column
            if name == "state":
                hot = np.union1d(np.setdiff1d(flock.hot, at), at[column[at] > 0])
    flock = replace(flock, block=block, kinds=block.kinds, **changed)
    if "kind" in changed and hot is None:
        hot = flock.hot  # the same ones, but other levels may be everyday work now
    return flock if hot is None else _finish(flock, hot)


def fly(old: Flock | None, fixes: FixBlock, spec: LayerSpec, counties: CountyMap) -> Flock:
    """Give the flock of moving objects; only those that moved are projected anew."""
    before = old.block if old else None
    xy: F32 | None = None
    if old and isinstance(before, FixBlock) and np.array_equal(before.oid, fixes.oid):
        rows = np.flatnonzero((before.lon_e7 != fixes.lon_e7) | (before.lat_e7 != fixes.lat_e7))
        if rows.size < fixes.oid.size / 2:  # else all at once is quicker
            xy = old.xy.copy()
            xy[rows] = project(fixes.lon_e7[rows] / E7, fixes.lat_e7[rows] / E7)
    state = np.minimum(fixes.state, STATES)
    order = np.arange(fixes.oid.size, dtype=np.uint32)
    county = region_county(fixes.regions, fixes.region, counties.counties)
    flock = Flock(
        channel="moving",
        block=fixes,
        counties=counties,
        kinds=fixes.kinds or tuple(one.kind for one in spec.kinds if one.form == "moving"),
        code=np.empty(0, np.uint32),
        rank=order,
        row=order,
        xy=project(fixes.lon_e7 / E7, fixes.lat_e7 / E7) if xy is None else xy,
        oid=fixes.oid,
        kind=fixes.kind,
        state=state,
        value=np.full(fixes.oid.size, np.nan, np.float32),
        observed_s=fixes.observed_ms / 1000.0,
        county=county,
        hot=np.empty(0, np.int64),
        odd=np.empty(0, np.int64),
        everyday=spec.everyday,
        groups={},
    )
    return _finish(flock)
