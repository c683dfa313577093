"""What lies inside an area: a cell index over integer places, exact at the outline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from backend.analytics.ground import F64, area_m2, distance_m
from backend.domain.areas import check_ring, crossing, empty, off_globe
from backend_client.contract.columns import E7

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MIN_AREA_M2 = 1.0
PER_CELL = 4  # places per cell: 512 x 512 cells for a million (control.md 8.3)
_MARGIN_DEG = 1e-9  # far below the 1e-7 degree grid of places, far above rounding
_RIM = 96


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """An area made ready to be asked.

    `inner` lies wholly inside, `outer` wholly around; `holds` decides exactly in between.
    `figure` is what lines and areas are held against: a circle's is right within 0.1 %.

    Shape: inner, outer (n, 2) lon, lat, closed.
    """

    inner: F64
    outer: F64
    holds: Callable[[F64, F64], Bools]
    figure: shapely.Geometry
    centre: tuple[float, float]
    area_m2: float


def polygon(ring: Sequence[tuple[float, float]], where: str = "area.ring") -> Outline:
    """Make an outline ready; a place exactly on the line is outside.

    Raises:
        BadAreaError: the outline crosses itself, encloses nothing or is not on the globe.
    """
    check_ring(ring, where)
    corners = np.asarray(ring, dtype=np.float64)
    if not np.array_equal(corners[0], corners[-1]):
        corners = np.vstack([corners, corners[:1]])
    figure = shapely.Polygon(corners)
    if not figure.is_valid:
        _, _, place = shapely.is_valid_reason(figure).partition("[")
        flat = shapely.MultiPoint(corners).convex_hull.area == 0
        raise empty(where) if flat else crossing(place.rstrip("]") or "?", where)
    area = area_m2(corners[:-1, 0], corners[:-1, 1])
    if area < MIN_AREA_M2:
        raise empty(where)
    shapely.prepare(figure)

    def holds(lon: F64, lat: F64) -> Bools:
        inside: Bools = shapely.contains_xy(figure, lon, lat)
        return inside

    return Outline(corners, corners, holds, figure, (figure.centroid.x, figure.centroid.y), area)


def circle(lon: float, lat: float, radius_m: float, *, where: str = "area") -> Outline:
    """Make a circle on the ground ready; a place exactly at the radius is inside.

    Raises:
        BadAreaError: no radius, or the circle reaches a pole or the date line.
    """
    if not radius_m > 0:
        raise empty(where)
    reach_deg = radius_m / 110_000  # more than the latitude it spans
    if not abs(lat) + reach_deg < 85:
        raise off_globe(where)
    inner, outer = _rim(lon, lat, radius_m * 0.98), _rim(lon, lat, radius_m * 1.02)
    if not (outer[:, 0].min() >= -180 and outer[:, 0].max() <= 180):
        raise off_globe(where)

    figure = shapely.Polygon(_rim(lon, lat, radius_m))
    shapely.prepare(figure)

    def holds(lons: F64, lats: F64) -> Bools:
        near: Bools = distance_m(lons, lats, lon, lat) <= radius_m
        return near

    return Outline(inner, outer, holds, figure, (lon, lat), float(np.pi) * radius_m**2)


def _rim(lon: float, lat: float, radius_m: float) -> F64:
    """Draw a ring of corners at a distance, right within 1 % up to 200 km."""
    turn = np.linspace(0, 2 * np.pi, _RIM + 1)
    lats = lat + radius_m * np.sin(turn) / 110_900
    middle = np.deg2rad((lats + lat) / 2)
    lons = lon + radius_m * np.cos(turn) / (111_320 * np.cos(middle))
    lons[-1], lats[-1] = lons[0], lats[0]
    return np.column_stack([lons, lats])


def scan(lon_e7: I32, lat_e7: I32, area: Outline) -> I64:
    """Find the places inside an area without an index; right for some ten thousand places.

    Shape: lon_e7, lat_e7 (n,); the result holds indices, ascending.
    Units: 1e-7 degree.
    """
    west, south = np.floor((area.outer.min(axis=0) - _MARGIN_DEG) * E7)
    east, north = np.ceil((area.outer.max(axis=0) + _MARGIN_DEG) * E7)
    near = np.flatnonzero(
        (lon_e7 >= west) & (lon_e7 <= east) & (lat_e7 >= south) & (lat_e7 <= north)
    )
    return near[area.holds(lon_e7[near] / E7, lat_e7[near] / E7)]


class Grid:
    """Index fixed places by cells; built once, asked many times, never changed."""

    def __init__(self, lon_e7: I32, lat_e7: I32, rows: I64 | None = None) -> None:
        """Sort places into cells.

        Args:
            lon_e7: longitudes of all places.
            lat_e7: latitudes of all places.
            rows: the places to index, all when None.

        Shape: lon_e7, lat_e7 (n,); rows (m,) indices into them.
        Units: 1e-7 degree.
        """
        self._lon_e7, self._lat_e7 = lon_e7, lat_e7
        rows = np.arange(len(lon_e7)) if rows is None else rows
        lon, lat = lon_e7[rows] / E7, lat_e7[rows] / E7
        self._side = int(np.clip(np.sqrt(len(rows) / PER_CELL), 4, 1024))
        self._west, self._width = _span(lon, self._side)
        self._south, self._height = _span(lat, self._side)
        column = self._place(lon, self._west, self._width)
        row = self._place(lat, self._south, self._height)
        cell = row * self._side + column
        self._order = rows[np.argsort(cell, kind="stable")]
        counts = np.bincount(cell, minlength=self._side**2)
        self._start = np.concatenate([[0], np.cumsum(counts)])

    def __len__(self) -> int:
        """Count the indexed places."""
        return len(self._order)

    def inside(self, area: Outline) -> I64:
        """Find the places inside an area.

        Shape: indices into the arrays given at construction, in no promised order.
        """
        window = self._window(area.outer)
        touched, full = self._cover(area.inner, window)
        if area.outer is not area.inner:
            outer_touched, outer_full = self._cover(area.outer, window)
            touched = (touched | outer_touched | outer_full) & ~full
        near = self._order[self._slots(touched, window)]
        near = near[area.holds(self._lon_e7[near] / E7, self._lat_e7[near] / E7)]
        return np.concatenate([self._order[self._slots(full, window)], near])

    def _place(self, degrees: F64, origin: float, size: float) -> I64:
        cells: I64 = np.floor((degrees - origin) / size).clip(0, self._side - 1).astype(np.int64)
        return cells

    def _window(self, ring: F64) -> _Window:
        low = ring.min(axis=0) - _MARGIN_DEG
        high = ring.max(axis=0) + _MARGIN_DEG
        columns = self._place(np.array([low[0], high[0]]), self._west, self._width)
        rows = self._place(np.array([low[1], high[1]]), self._south, self._height)
        return _Window(
            int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
        )

    def _cover(self, ring: F64, window: _Window) -> tuple[Bools, Bools]:
        """Tell the cells of a window a ring touches, and those wholly inside it.

        Places beyond the grid are kept in its border cells, so those always count as touched.

        Shape: both (window.height, window.width), row = latitude.
        """
        u = (ring[:, 0] - self._west) / self._width - window.column
        v = (ring[:, 1] - self._south) / self._height - window.row
        margin = (_MARGIN_DEG / self._width, _MARGIN_DEG / self._height)
        touched = _touched(u, v, margin=margin, window=window)
        full = _odd(u, v, window)
        rows = np.arange(window.row, window.row + window.height) % (self._side - 1) == 0
        columns = np.arange(window.column, window.column + window.width) % (self._side - 1) == 0
        touched |= rows[:, None] | columns[None, :]
        return touched, full & ~touched

    def _slots(self, cells: Bools, window: _Window) -> I64:
        """List the sorted positions held by the marked cells, run by run."""
        row, column = np.nonzero(cells)
        if not len(row):
            return np.empty(0, dtype=np.int64)
        flat = (row + window.row) * self._side + column + window.column
        breaks = np.flatnonzero(np.diff(flat) > 1)
        first = flat[np.concatenate([[0], breaks + 1])]
        last = flat[np.concatenate([breaks, [len(flat) - 1]])]
        return _expand(self._start[first], self._start[last + 1])[1]


@dataclass(frozen=True, slots=True)
class _Window:
    """The cells a ring's box reaches."""

    row: int
    column: int
    height: int
    width: int


def _touched(u: F64, v: F64, *, margin: tuple[float, float], window: _Window) -> Bools:
    """Mark the cells crossed by any edge: each edge is cut into its rows.

    Shape: u, v (n,) corners in cells from the window's origin.
    """
    height, width = window.height, window.width
    du, dv = margin
    up = v[:-1] <= v[1:]
    u_low, u_high = np.where(up, u[:-1], u[1:]), np.where(up, u[1:], u[:-1])
    v_low, v_high = np.minimum(v[:-1], v[1:]), np.maximum(v[:-1], v[1:])
    edge, row = _expand(
        np.floor(v_low - dv).clip(0, height).astype(np.int64),
        np.floor(v_high + dv).clip(-1, height - 1).astype(np.int64) + 1,
    )
    v_low, v_high, u_low, u_high = v_low[edge], v_high[edge], u_low[edge], u_high[edge]
    flat = v_high - v_low < 1e-12
    slope = (u_high - u_low) / np.where(flat, 1.0, v_high - v_low)
    enter = np.where(flat, u_low, u_low + slope * (np.clip(row - dv, v_low, v_high) - v_low))
    leave = np.where(flat, u_high, u_low + slope * (np.clip(row + 1 + dv, v_low, v_high) - v_low))
    left = np.floor(np.minimum(enter, leave) - du).clip(0, width).astype(np.int64)
    right = np.floor(np.maximum(enter, leave) + du).clip(-1, width - 1).astype(np.int64) + 1
    right = np.maximum(left, right)
    size = height * (width + 1)
    change = np.bincount(row * (width + 1) + left, minlength=size) - np.bincount(
        row * (width + 1) + right, minlength=size
    )
    marks: Bools = np.cumsum(change.reshape(height, width + 1)[:, :width], axis=1) > 0
    return marks


def _odd(u: F64, v: F64, window: _Window) -> Bools:
    """Tell for each cell that no edge touches whether it lies inside, by counting crossings."""
    height, width = window.height, window.width
    low, high = np.minimum(v[:-1], v[1:]), np.maximum(v[:-1], v[1:])
    edge, row = _expand(
        np.ceil(low - 0.5).clip(0, height).astype(np.int64),
        np.ceil(high - 0.5).clip(0, height).astype(np.int64),
    )
    share = (row + 0.5 - v[:-1][edge]) / (v[1:] - v[:-1])[edge]
    crossed = u[:-1][edge] + share * (u[1:] - u[:-1])[edge]
    column = (np.floor(crossed) + 1).clip(0, width).astype(np.int64)
    flips = np.bincount(row * (width + 1) + column, minlength=height * (width + 1))
    odd: Bools = np.cumsum(flips.reshape(height, width + 1)[:, :width], axis=1) % 2 == 1
    return odd


def _span(degrees: F64, side: int) -> tuple[float, float]:
    """Choose origin and cell size that hold all but stray places."""
    if not len(degrees):
        return 0.0, 1.0
    low, high = np.quantile(degrees, [0.001, 0.999])
    return float(low), max(float(high - low) / side, 1e-6)


def _expand(start: I64, stop: I64) -> tuple[I64, I64]:
    """Count from each start up to its stop: which range, which number."""
    counts = np.maximum(stop - start, 0)
    total = int(counts.sum())
    which = np.repeat(np.arange(len(counts)), counts)
    offset = np.repeat(start - np.cumsum(counts) + counts, counts)
    return which, offset + np.arange(total)
