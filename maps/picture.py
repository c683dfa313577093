"""What one view draws of one layer and channel: chosen in a worker, packed for the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from backend_client.contract.shapes import LINE
from maps.cells import Cells, count_cells
from maps.flock import I64, Channel, Flock, sort_flock
from maps.heat import Heat, heat_of
from maps.outlines import Parts
from maps.sight import Sight
from maps.spec import LayerSpec
from maps.ways import Way, choose, named_kinds, shaped_kinds

HEAT_LAYERS: Final = 6  # heat colours the ground: under more layers than these it only disturbs
AGE_SHIFT: Final = 3  # paint byte: state in the low three bits, age above
LATE, STALE = 1, 2
STALE_PERIODS: Final = 3.0  # domain rule 20: late from one period, stale from three
GRAVE: Final = 3  # levels I to III are shown one by one where the rest is counted
MOST_SHAPED: Final = 60  # abnormal lines and areas that carry a shape as well
MOST_HOT: Final = 5_000  # abnormal objects drawn one by one, the gravest first
_CROWD: Final = 1_000  # moving objects from which bytes are saved
_GRID: Final = 65_535
_UNSEEN: Final = 1 / 8  # of a pixel

U8 = npt.NDArray[np.uint8]
Column = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """Lines and areas of a view: areas before lines, normal ones before abnormal ones.

    Shape: form, oid, paint (m,).
    """

    form: U8
    oid: npt.NDArray[np.uint32]
    paint: U8
    parts: Parts


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One layer's and channel's part of a view.

    The rows are in three runs: drawn as points, as chips, and only for being abnormal or
    marked.

    Args:
        rows: places in the flock.
        points: how many of the rows are points.
        chips: how many after them are chips.
        hot: of the rows, the abnormal ones, the gravest last, so that they lie on top.
        pixel_m: the side of a CSS pixel in metres.

    Shape: rows, paint, kind, value, oid (n,), xy (n, 2).
    """

    layer: str
    channel: Channel
    kinds: tuple[str, ...]
    way: Way
    count_below: float
    groups: Mapping[str, tuple[int, int, int]]
    points: int
    chips: int
    xy: npt.NDArray[np.float32]
    oid: npt.NDArray[np.uint32]
    kind: U8
    paint: U8
    value: npt.NDArray[np.float32]
    hot: npt.NDArray[np.uint32]
    pixel_m: float
    cells: Cells | None = None
    heat: Heat | None = None
    sketch: Sketch | None = None


def ages(spec: LayerSpec, kinds: tuple[str, ...], kind: U8, age_s: npt.NDArray[np.float64]) -> U8:
    """Tell how old each object is: fresh, late or stale by its kind's own period."""
    known = [spec.kind(word) for word in kinds]
    table = np.array([one.period_s or np.inf if one else np.inf for one in known] or [np.inf])
    late: U8 = np.zeros(kind.size, np.uint8)
    if not np.isfinite(table).any():
        return late
    period_s = table[kind]
    late[age_s > period_s] = LATE
    late[age_s > STALE_PERIODS * period_s] = STALE
    return late


def paint_of(flock: Flock, spec: LayerSpec, rows: I64 | slice, now_s: float) -> U8:
    """Give state and age of some objects as one byte each."""
    age_s = now_s - flock.observed_s[rows].astype(np.float64)
    age = ages(spec, flock.kinds, flock.kind[rows], age_s)
    paint: U8 = (flock.state[rows] | (age << AGE_SHIFT)).astype(np.uint8)
    return paint


def draw(
    flock: Flock, spec: LayerSpec, sight: Sight, *, before: Way | None, now_s: float
) -> Picture:
    """Choose what a view shows of a flock; runs in a worker."""
    way = choose(flock, spec, sight, before)
    warm = spec.heat and len(sight.layers) <= HEAT_LAYERS and (way.counting or way.cells)
    flock = sort_flock(flock) if way.cells or warm else flock
    cells = _cells(flock, spec, sight, way) if way.cells else None
    points, chips = _chosen(flock, spec, sight, way)
    if cells is not None:
        chips = np.union1d(chips, cells.alone[cells.alone >= 0])
    only = _only(flock, spec, sight, way)
    shaped = shaped_kinds(spec, flock)[flock.kind[only]] & (flock.state[only] > 0)
    grave = _gravest(flock, only[shaped], MOST_SHAPED)
    chips = chips if way.counting else np.union1d(chips, grave)
    only = np.concatenate([only[~shaped], grave]) if way.counting else only[~shaped]
    rows = _runs(flock, points, chips, only)
    state = flock.state[rows]
    hot = np.flatnonzero(state)
    hot = hot[np.argsort(-state[hot].astype(np.int16), kind="stable")]
    return Picture(
        layer=spec.layer_id,
        channel=flock.channel,
        kinds=flock.kinds,
        way=way,
        count_below=sight.window.count_below,
        groups=flock.groups,
        points=points.size,
        chips=chips.size,
        xy=flock.xy[rows],
        oid=flock.oid[rows],
        kind=flock.kind[rows],
        paint=paint_of(flock, spec, rows, now_s),
        value=flock.value[rows],
        hot=hot.astype(np.uint32),
        pixel_m=sight.window.pixel_m,
        cells=cells,
        heat=heat_of(flock, sight.window) if warm else None,
        sketch=_sketch(flock, spec, sight, now_s),
    )


def _runs(flock: Flock, points: I64, chips: I64, only: I64) -> I64 | slice:
    """Put the three runs one after the other; everything as it lies needs no list."""
    if points.size == flock.size:
        return slice(None)
    drawn = np.zeros(flock.size, np.bool_)
    drawn[points] = drawn[chips] = True
    return np.concatenate([points, chips, only[~drawn[only]]])


def _gravest(flock: Flock, rows: I64, most: int) -> I64:
    """Give the gravest of some objects."""
    if rows.size <= most:
        return rows
    return rows[np.argsort(flock.state[rows], kind="stable")[:most]]


def _sketch(flock: Flock, spec: LayerSpec, sight: Sight, now_s: float) -> Sketch | None:
    """Give the lines and areas that meet the window, as fine as its zoom needs."""
    outlines, window = flock.outlines, sight.window
    if outlines is None:
        return None
    found = outlines.within(window.box)
    place = flock.rank[outlines.row[found]].astype(np.int64)
    marked = np.zeros(found.size, np.bool_)
    if sight.mark and sight.mark[0] == spec.layer_id:
        marked = flock.oid[place] == sight.mark[1]
    state = flock.state[place]
    drawn = np.flatnonzero(
        ~outlines.too_small(found, window.box, window.pixel_m) | (state > 0) | marked
    )
    grave = np.where(state[drawn] > 0, 5 - state[drawn].astype(np.int16), 0)
    order = drawn[np.lexsort((grave, grave > 0, outlines.form[found[drawn]] == LINE))]
    place = place[order]
    return Sketch(
        form=outlines.form[found[order]],
        oid=flock.oid[place],
        paint=paint_of(flock, spec, place, now_s),
        parts=outlines.at_zoom(window.zoom).take(found[order]),
    )


def _cells(flock: Flock, spec: LayerSpec, sight: Sight, way: Way) -> Cells:
    wanted = ~shaped_kinds(spec, flock)
    if way.named:
        wanted &= ~named_kinds(spec, flock)
    return count_cells(flock, sight.window.box, sight.window.cell_m, wanted)


_NO_ROWS: Final = np.empty(0, np.int64)


def _chosen(flock: Flock, spec: LayerSpec, sight: Sight, way: Way) -> tuple[I64, I64]:
    """Give the rows drawn as points and those drawn as chips."""
    named = named_kinds(spec, flock)
    if way.counting or (way.cells and not (way.named and named.any())):
        return _NO_ROWS, _NO_ROWS
    rows = flock.within(sight.window.box)
    shaped = shaped_kinds(spec, flock)
    if shaped.any():
        rows = rows[~shaped[flock.kind[rows]]]
    if way.chips:
        return _NO_ROWS, rows
    own = named[flock.kind[rows]] if way.named else np.zeros(rows.size, np.bool_)
    return (_NO_ROWS if way.cells else rows[~own]), rows[own]


def _only(flock: Flock, spec: LayerSpec, sight: Sight, way: Way) -> I64:
    """Give the rows drawn only because they are abnormal or marked, in no order."""
    hot = flock.hot_within(sight.window.box)
    if way.counting:  # one by one only what the counts beside them count, too
        hot = np.intersect1d(hot, flock.odd, assume_unique=True)
        hot = hot[flock.state[hot] <= GRAVE]
    hot = _gravest(flock, hot, MOST_HOT)
    if sight.mark and sight.mark[0] == spec.layer_id:
        place = flock.place(sight.mark[1])
        if place is not None:
            hot = np.union1d(hot, [place])
    return hot


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Who the rows of a picture are; `number` tells one list from another."""

    oid: npt.NDArray[np.uint32]
    kind: U8
    number: int

    def fits(self, picture: Picture) -> bool:
        """Tell whether the rows of a picture are these, in this order."""
        return np.array_equal(self.oid, picture.oid) and np.array_equal(self.kind, picture.kind)


def names_of(picture: Picture) -> Names:
    """Give the names of a picture's rows."""
    return Names(picture.oid, picture.kind, crc32(picture.kind.data, crc32(picture.oid.data)))


def pack_names(picture: Picture, names: Names) -> bytes:
    """Write who the rows are; a page keeps it for every picture of the same print."""
    columns = [("oid", names.oid.astype("<u4", copy=False)), ("kind", names.kind)]
    head = {"layer": picture.layer, "channel": picture.channel, "n": int(names.oid.size)}
    return _written({**head, "names": names.number}, columns)


def _places(picture: Picture) -> tuple[Column, list[float] | None]:
    """Give the places, those of a large moving crowd on a grid finer than can be seen.

    They go to the page ten times a second, and the way there takes its time by the byte.

    Returns:
        The column, and west edge, south edge and step of the grid, None without one.
    """
    xy = picture.xy.astype("<f4", copy=False)
    if picture.channel == "static" or len(xy) < _CROWD:
        return xy, None
    low = np.array([xy[:, 0].min(), xy[:, 1].min()])  # ten times as fast as along an axis
    step = float(max(xy[:, 0].max() - low[0], xy[:, 1].max() - low[1])) / _GRID
    if not 0 < step <= picture.pixel_m * _UNSEEN:
        return xy, None
    return ((xy - low) * np.float32(1 / step) + np.float32(0.5)).astype("<u2"), [
        *low.tolist(),
        step,
    ]


def pack(picture: Picture, names: int = 0) -> bytes:
    """Write a picture without the names as a small JSON head and aligned little-endian arrays.

    Args:
        picture: what to write.
        names: the number of the names of its rows.

    Returns:
        u32 length of the head, the head padded to 4 bytes, then the arrays.
    """
    places, grid = _places(picture)
    columns: list[tuple[str, Column]] = [
        ("xy", places),
        ("hot", picture.hot.astype("<u4", copy=False)),
    ]
    if np.isfinite(picture.value).any():
        columns.append(("value", picture.value.astype("<f4", copy=False)))
    columns += _cell_columns(picture.cells)
    columns += _sketch_columns(picture.sketch)
    columns.append(("paint", picture.paint))
    sketch, heat = picture.sketch, picture.heat
    if sketch is not None:
        columns += [("s_paint", sketch.paint), ("s_form", sketch.form)]
    if heat is not None:
        columns.append(("heat", heat.strength))
    head = {
        "layer": picture.layer,
        "channel": picture.channel,
        "n": int(picture.oid.size),
        "names": names,
        "grid": grid,
        "points": picture.points,
        "chips": picture.chips,
        "hot": int(picture.hot.size),
        "kinds": picture.kinds,
        "counting": picture.way.counting,
        "below": picture.count_below,
        "cells": picture.cells.size if picture.cells else 0,
        "metres": picture.cells.metres if picture.cells else 0,
        "groups": picture.groups,
        "sketch": _sketch_sizes(sketch),
        "warm": _warm(heat),
    }
    return _written(head, columns)


def _written(head: dict[str, object], columns: Sequence[tuple[str, Column]]) -> bytes:
    at, place = {}, 0
    for name, column in columns:
        at[name] = place
        place += column.nbytes
    words = json.dumps({**head, "at": at}).encode()
    words += b" " * (-len(words) % 4)
    parts = [np.ascontiguousarray(column).data for _, column in columns if column.size]
    return b"".join([len(words).to_bytes(4, "little"), words, *parts])


def _cell_columns(cells: Cells | None) -> list[tuple[str, Column]]:
    if cells is None:
        return []
    table = np.column_stack([cells.key, cells.count, cells.abnormal, cells.worst])
    return [("cell", table.astype("<i4")), ("middle", cells.middle.astype("<f4"))]


def _sketch_columns(sketch: Sketch | None) -> list[tuple[str, Column]]:
    if sketch is None:
        return []
    parts = sketch.parts
    return [
        ("s_at", parts.at.astype("<u4")),
        ("p_at", parts.part_at.astype("<u4")),
        ("s_oid", sketch.oid.astype("<u4", copy=False)),
        ("v", parts.xy.astype("<f4", copy=False)),
    ]


def _sketch_sizes(sketch: Sketch | None) -> list[int]:
    """Give how many objects, parts and vertices there are."""
    if sketch is None:
        return [0, 0, 0]
    return [sketch.oid.size, sketch.parts.part_at.size - 1, len(sketch.parts.xy)]


def _warm(heat: Heat | None) -> dict[str, float] | None:
    if heat is None:
        return None
    height, width = heat.strength.shape
    return {"x": heat.west, "y": heat.north, "metres": heat.metres, "w": width, "h": height}
