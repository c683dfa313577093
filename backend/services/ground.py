"""Where a layer's fixed objects lie: indexes beside the columns, patched by what moved since."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.analytics import within
from backend.analytics.figures import Drawn
from backend.analytics.within import Grid, Outline
from backend.domain.arrays import I64
from backend.storage.columns import Layer

INDEX_FROM: Final = 20_000
"""A layer with fewer objects is searched without an index."""

STALE_SHARE: Final = 0.02
_STALE_OUTLINES: Final = 500


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """An index of places as they were at a count of moves."""

    placed: int
    grid: Grid


@dataclass(frozen=True, slots=True, eq=False)
class _Outlines:
    """An index of outlines as they were at a count of changes."""

    count: int
    oid: I64
    drawn: Drawn


class Ground:
    """Find the fixed objects of layers inside an area: points in it, outlines that touch it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._points: dict[str, _Points] = {}
        self._outlines: dict[str, _Outlines] = {}

    def inside(self, memory: Layer, area: Outline) -> I64:
        """Find a layer's objects inside an area.

        Shape: rows (n,), each once; row i is the object `i + 1`.
        """
        points, outlines = self._standing(memory, area), self._touching(memory, area)
        return np.union1d(points, outlines) if len(outlines) else points

    def _standing(self, memory: Layer, area: Outline) -> I64:
        if memory.size < INDEX_FROM:
            every = memory.placed()
            return every.row[within.scan(every.lon_e7, every.lat_e7, area)]
        with self._lock:
            points = self._points.get(memory.name)
            since = memory.placed(points.placed) if points else memory.placed()
            if points is None or len(since.row) > STALE_SHARE * memory.size:
                every = memory.placed()
                points = _Points(every.placed, Grid(every.lon_e7, every.lat_e7))
                self._points[memory.name] = points
                since = memory.placed(every.placed)
        rows = points.grid.inside(area)
        if not len(since.row):
            return rows
        again = since.row[within.scan(since.lon_e7, since.lat_e7, area)]
        stays = np.ones(max(memory.size, int(since.row.max()) + 1), np.bool_)
        stays[since.row] = False
        return np.concatenate([rows[stays[rows]], again])

    def _touching(self, memory: Layer, area: Outline) -> I64:
        with self._lock:
            held = self._outlines.get(memory.name)
            since = memory.redrawn(held.count) if held else None
            if held is None or since is None or len(since.bodies) > _STALE_OUTLINES:
                every = memory.drawn()
                bodies = {oid: body for oid, body in every.bodies.items() if body is not None}
                oid = np.fromiter(bodies, np.int64, len(bodies))
                held = _Outlines(every.drawn, oid, Drawn(list(bodies.values())))
                self._outlines[memory.name] = held
                since = None
        found = held.oid[held.drawn.touching(area.figure)]
        if since is None or not since.bodies:
            return found - 1
        changed = np.fromiter(since.bodies, np.int64, len(since.bodies))
        new = {oid: body for oid, body in since.bodies.items() if body is not None}
        again = np.fromiter(new, np.int64, len(new))
        again = again[Drawn(list(new.values())).touching(area.figure)]
        return np.concatenate([found[~np.isin(found, changed)], again]) - 1
