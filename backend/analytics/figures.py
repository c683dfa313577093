"""Outlines as figures: whether they are sound, where their anchor lies, what they touch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from backend.domain.arrays import F64, I32, I64, Array, Bools, inner_nulls, ragged
from backend_client.contract.columns import E7
from backend_client.contract.shapes import AREA, LINE, decode

Figures = npt.NDArray[np.object_]

_FEWEST: Final = {LINE: 2, AREA: 3}
_POINTS: Final = 20_000
_PARTS: Final = 1_000
_HEAD: Final = 3  # form, one part, its points


def faulty(column: Array) -> Bools:
    """Mark the outlines that are not whole, off the globe or enclose nothing; none is no fault.

    Shape: column (n,) lists of int32 as in `contract.shapes`; the result (n,).
    """
    at, data = ragged(column)
    lengths = np.diff(at)
    bad = inner_nulls(column)
    given = np.flatnonzero((lengths > 0) & ~bad)
    start = at[:-1][given]
    plain = lengths[given] >= _HEAD
    plain[plain] = data[start[plain] + 1] == 1
    bad[given[plain]] = _bad_plain(data, start[plain], lengths[given[plain]])
    for row in given[~plain].tolist():
        bad[row] = _is_bad(data[at[row] : at[row + 1]])
    areas = np.flatnonzero((lengths > 0) & ~bad)
    areas = areas[data[at[areas]] == AREA]
    if areas.size:
        bad[areas] = ~(shapely.area(figures(at, data, areas)) > 0)
    return bad


def figures(at: I64, data: I32, rows: I64) -> Figures:
    """Make the figures of some outlines; those of one part at one stroke.

    Shape: at (n + 1,), rows (k,) with an outline each, result (k,).
    """
    made = np.empty(len(rows), dtype=object)
    start = at[:-1][rows]
    single = data[start + 1] == 1
    for form in (LINE, AREA):
        own = np.flatnonzero(single & (data[start] == form))
        if own.size:
            made[own] = _single(data, start[own], form)
    for place in np.flatnonzero(~single).tolist():
        row = rows[place]
        made[place] = _many(data[at[row] : at[row + 1]])
    return made


class Drawn:
    """Index outlines by their boxes; built once, asked many times, never changed."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        """Make the figures of outlines as they are stored."""
        at = np.concatenate([[0], np.cumsum([len(body) // 4 for body in bodies], dtype=np.int64)])
        data = np.frombuffer(b"".join(bodies), "<i4")
        self._made = figures(at, data, np.arange(len(bodies)))
        self._tree = shapely.STRtree(self._made)

    def touching(self, area: shapely.Geometry) -> I64:
        """Find the outlines that have a point in common with an area, ascending."""
        found: I64 = np.sort(self._tree.query(area, predicate="intersects"))
        return found


def geojson(body: bytes) -> str:
    """Write a stored outline as a GeoJSON geometry, WGS-84."""
    data = np.frombuffer(body, "<i4")
    made = figures(np.array([0, len(data)]), data, np.array([0]))
    return str(shapely.to_geojson(made[0]))


def anchors(made: Figures) -> F64:
    """Give the point at half a line's length, and one inside an area near its middle.

    Shape: made (n,); result (n, 2) lon, lat.
    """
    is_line = shapely.get_dimensions(made) == 1
    spots = np.empty(len(made), dtype=object)
    if is_line.any():
        spots[is_line] = _halfway(made[is_line])
    spots[~is_line] = shapely.point_on_surface(made[~is_line])
    return np.column_stack([shapely.get_x(spots), shapely.get_y(spots)])


def _halfway(lines: Figures) -> Figures:
    """Give the point at half the length of each line, of its longest part if it has many."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    length = shapely.length(parts)
    order = np.lexsort((length, owner))
    last = np.flatnonzero(np.diff(owner[order], append=-1))
    longest = parts[order[last]]
    shrink = np.cos(np.deg2rad(shapely.get_y(shapely.centroid(longest))))
    flat = _scaled(longest, shrink)
    middle = shapely.line_interpolate_point(flat, 0.5, normalized=True)
    made: Figures = shapely.points(shapely.get_x(middle) / shrink, shapely.get_y(middle))
    return made


def _scaled(lines: Figures, shrink: F64) -> Figures:
    """Squeeze longitudes, so that a degree is as long along as across."""
    corners, owner = shapely.get_coordinates(lines, return_index=True)
    corners[:, 0] *= shrink[owner]
    made: Figures = shapely.linestrings(corners, indices=owner)
    return made


def _single(data: I32, start: I64, form: int) -> Figures:
    """Make the figures of outlines of one part.

    Shape: start (k,) places of their first integer; result (k,).
    """
    points = data[start + 2].astype(np.int64)
    owner = np.repeat(np.arange(len(start)), points)
    step = np.arange(int(points.sum())) - np.repeat(np.cumsum(points) - points, points)
    place = np.repeat(start + _HEAD, points) + 2 * step
    corners = np.column_stack([data[place], data[place + 1]]) / E7
    if form == LINE:
        lines: Figures = shapely.linestrings(corners, indices=owner)
        return lines
    rings = shapely.linearrings(corners, indices=owner)
    areas: Figures = shapely.polygons(rings)
    crossed = ~shapely.is_valid(areas)
    areas[crossed] = [_filled(area) for area in areas[crossed]]
    return areas


def _many(row: I32) -> shapely.Geometry:
    form, parts = decode(row)
    if form == LINE:
        return shapely.multilinestrings([part / E7 for part in parts])
    return reduce(shapely.symmetric_difference, (_filled(shapely.polygons(p / E7)) for p in parts))


def _filled(area: shapely.Geometry) -> shapely.Geometry:
    """Give what an outline fills even-odd, also where it crosses itself."""
    if shapely.is_valid(area):
        return area
    made = shapely.make_valid(area)
    parts = [part for part in shapely.get_parts(made) if shapely.get_dimensions(part) == 2]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _bad_plain(data: I32, start: I64, lengths: I64) -> Bools:
    """Mark bad outlines among those of one part.

    Shape: start, lengths and result (k,).
    """
    form, points = data[start], data[start + 2].astype(np.int64)
    bad = ~np.isin(form, (LINE, AREA)) | (points < _FEWEST[LINE]) | (points > _POINTS)
    bad |= lengths != _HEAD + 2 * points
    sound = np.flatnonzero(~bad)
    first, last = start[sound] + _HEAD, start[sound] + lengths[sound] - 2
    closed = (data[first] == data[last]) & (data[first + 1] == data[last + 1])
    open_ring = (form[sound] == AREA) & (points[sound] - closed < _FEWEST[AREA])
    bad[sound[open_ring]] = True
    sound = sound[~open_ring]
    size = 2 * points[sound]
    owner = np.repeat(sound, size)
    step = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    limit = np.where(step % 2 == 0, 180, 90) * int(E7)
    place = start[owner] + _HEAD + step
    off = np.abs(data[place].astype(np.int64)) > limit
    bad[owner[off]] = True
    return bad


def _is_bad(row: I32) -> bool:
    try:
        form, parts = decode(row)
    except ValueError:
        return True
    wide = np.abs(np.concatenate(parts).astype(np.int64)) > np.array([180, 90]) * int(E7)
    corners = [len(part) - (form == AREA and (part[0] == part[-1]).all()) for part in parts]
    return (
        len(parts) > _PARTS
        or min(corners) < _FEWEST[form]
        or max(corners) > _POINTS
        or bool(wide.any())
    )
