"""The city's bulk objects: registered once, then told of as often as their periods say."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from backend.simulator import movers
from backend.simulator.faults import DELAY_BEATS, QUIET_S, Fault, clock_shift_s, fault_at
from backend.simulator.ground import F64, I64
from backend.simulator.kinds import U8, LayerTable, Stock, World
from backend.simulator.sources import BEAT_S, WATER, Source, feed_id, feeds_of, sources
from backend.simulator.stock import count_at, make, owners_of, run_of
from backend.simulator.table import readings, values, whole
from backend_client.contract.rows import FIX_TYPES, FixRows, Rows

CHUNK: Final = 25_000
"""Objects described at once: half of what the wide door takes, so that fixes never wait long."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Something one feed says: rows or fixes of a layer."""

    layer: str
    feed: str
    rows: pa.RecordBatch | None = None
    fixes: pa.RecordBatch | None = None

    def wide(self) -> Rows:
        """Give the rows as the wide door takes them."""
        if self.rows is None:
            raise ValueError("this batch has fixes")
        return Rows(self.rows, self.feed)

    def wide_fixes(self) -> FixRows:
        """Give the fixes as their wide door takes them."""
        if self.fixes is None:
            raise ValueError("this batch has rows")
        return FixRows(self.fixes, self.layer, self.feed)


@dataclass(slots=True, eq=False)
class _Told:
    """A stock and what was last said of it.

    Shape: value, state, at_s (n,); at_s is when each object was last told of, -inf for never.
    """

    stock: Stock
    feeds: tuple[str, ...]
    value: F64
    state: U8
    at_s: F64


class Objects:
    """Know every kind's objects and say what is due; sending is the caller's."""

    def __init__(
        self, world: World, tables: Sequence[LayerTable], *, tidy: bool, began_s: float
    ) -> None:
        self._world, self._tidy, self._began_s = world, tidy, began_s
        self._tables = tables
        self.sources = sources(tables, world)
        self._has_unit = _with_units(tables, world)
        self._told: list[_Told] = []
        self._beats: dict[str, int] = {}

    def counts(self) -> dict[str, int]:
        """Give how many objects each layer has of these kinds, moving ones included."""
        return {
            table.layer: sum(count_at(kind, self._world.scale) for kind in table.kinds)
            for table in self._tables
        }

    def register(self, layers: Sequence[str], at_s: float) -> Iterator[Batch]:
        """Make all objects, moving and few ones first, and describe those of some layers.

        What is told again and again is kept; the rest is forgotten when it was described.
        """
        rows = [(table.layer, kind) for table in self._tables for kind in table.kinds]
        for layer, kind in sorted(rows, key=lambda row: (row[1].fleet is None, row[1].count)):
            is_known = layer not in layers
            if is_known and not (kind.period_s or kind.fleet):
                continue
            stock = make(layer, kind, self._world)
            if not is_known:
                yield from self._described(stock, at_s)
            if kind.period_s or kind.fleet:
                self._told.append(_begin(stock, at_s, is_told=not is_known))

    def _described(self, stock: Stock, at_s: float) -> Iterator[Batch]:
        feeds = feeds_of(stock)
        for low in range(0, stock.size, CHUNK):
            run = run_of(stock, low, low + CHUNK)
            batch = whole(run, at_s)
            for number, feed in enumerate(feeds):
                mine = np.flatnonzero(run.owner == number)
                if mine.size:
                    part = batch if mine.size == run.size else batch.take(mine)
                    yield Batch(stock.layer, feed, part)

    def due(self, at_s: float) -> Iterator[Batch]:
        """Give the readings of every feed whose beat has come."""
        for feed, source in self.sources.items():
            beat = int((at_s - _phase_s(feed, source.beat_s)) // source.beat_s)
            if self._beats.get(feed, beat - 1) < beat:
                self._beats[feed] = beat
                yield from self._readings(source, beat, at_s)

    def fault(self, source: Source, at_s: float) -> Fault:
        """Give what is wrong with a feed now."""
        return self._fault(source.feed_id, at_s, beat_s=source.beat_s)

    def gauge_fault(self, at_s: float) -> Fault:
        """Give what is wrong with the feed of the gauges now."""
        return self._fault(WATER, at_s, beat_s=BEAT_S)

    def _fault(self, feed: str, at_s: float, *, beat_s: float) -> Fault:
        if self._tidy or at_s - self._began_s < QUIET_S:
            return Fault.NONE
        has_unit = feed == WATER or feed in self._has_unit
        return fault_at(self._world.seed, feed, at_s, beat_s=beat_s, has_unit=has_unit)

    def shift_s(self, source: Source, at_s: float) -> float:
        """Give by how much a feed's clock is wrong now, 0 when it is right."""
        if self.fault(source, at_s) is not Fault.CLOCK:
            return 0.0
        return clock_shift_s(self._world.seed, source.feed_id, at_s, beat_s=source.beat_s)

    def _readings(self, source: Source, beat: int, at_s: float) -> Iterator[Batch]:
        """Tell what changed and what was not told for long; never nothing at all."""
        fault = self.fault(source, at_s)
        if fault is Fault.SILENT:
            return
        mine = [
            (told, told.feeds.index(source.feed_id))
            for told in self._told
            if told.stock.kind.period_s is not None and source.feed_id in told.feeds
        ]
        chosen = [(told, _due_rows(told, number, beat, source, at_s)) for told, number in mine]
        chosen = [(told, rows) for told, rows in chosen if rows.size] or [
            (told, _one_row(told, number)) for told, number in mine[:1]
        ]
        clock_s = at_s + self.shift_s(source, at_s)
        parts = []
        for told, rows in chosen:
            value = told.value * (told.stock.kind.slip if fault is Fault.UNIT else 1.0)
            parts.append(readings(told.stock, rows, value, told.state, at_s=clock_s))
            told.at_s[rows] = at_s
        if parts:
            table = pa.Table.from_batches(parts).combine_chunks()
            yield from (Batch(source.layer, source.feed_id, part) for part in table.to_batches())

    def fixes(self, since_s: float, until_s: float) -> Iterator[Batch]:
        """Give the fixes measured after one instant and up to another, by feed."""
        for told in self._told:
            if told.stock.kind.fleet is None:
                continue
            found = movers.due(told.stock, since_s, until_s)
            owner = told.stock.owner[found.row]
            for number, feed in enumerate(told.feeds):
                mine = np.flatnonzero(owner == number)
                source = self.sources[feed]
                if mine.size and self.fault(source, until_s) is not Fault.SILENT:
                    shift_ms = round(self.shift_s(source, until_s) * 1000)
                    yield Batch(told.stock.layer, feed, fixes=_columns(told, found, mine, shift_ms))


def delay_s(source: Source) -> float:
    """Give how long a feed that is behind keeps its records."""
    return DELAY_BEATS * max(source.period_s, source.beat_s)


def _begin(stock: Stock, at_s: float, *, is_told: bool) -> _Told:
    value, state = values(stock, at_s)
    last_s = np.full(stock.size, at_s if is_told else -np.inf)
    return _Told(stock, tuple(feeds_of(stock)), value, state, last_s)


def _due_rows(told: _Told, number: int, beat: int, source: Source, at_s: float) -> I64:
    """Choose the rows of one feed that this beat tells of, and take their values now."""
    kind = told.stock.kind
    every = max(1, round((kind.period_s or source.beat_s) / source.beat_s))
    turn = told.stock.owner == number
    if every > 1:
        turn &= (told.stock.u[:, 3] * every).astype(np.int64) == beat % every
    value, state = values(told.stock, at_s)
    is_new = (value != told.value) & ~(np.isnan(value) & np.isnan(told.value))
    period_s = kind.period_s or source.beat_s
    too_old = at_s - told.at_s > (kind.retell_s or period_s) - period_s
    chosen = np.flatnonzero(turn & (is_new | (state != told.state) | too_old))
    told.value[chosen], told.state[chosen] = value[chosen], state[chosen]
    return chosen


def _one_row(told: _Told, number: int) -> I64:
    """Choose one row of a feed, so that it is heard though nothing changed."""
    return np.flatnonzero(told.stock.owner == number)[:1]


def _columns(told: _Told, found: movers.Fixes, mine: I64, shift_ms: int) -> pa.RecordBatch:
    """Write fixes as the wide door has them; the state is the object's as last told."""
    row = found.row[mine]
    columns: dict[str, npt.NDArray[Any]] = {
        "lon": np.round(found.lon[mine], 6),
        "lat": np.round(found.lat[mine], 6),
        "speed_kmh": found.speed_kmh[mine],
        "heading_deg": found.heading_deg[mine],
        "state": told.state[row],
        "observed_ms": found.at_ms[mine] + shift_ms,
    }
    spelled = {name: pa.array(column, FIX_TYPES[name]) for name, column in columns.items()}
    return pa.record_batch({"id": told.stock.ids.take(row), **spelled})


def _with_units(tables: Sequence[LayerTable], world: World) -> frozenset[str]:
    """Name the feeds that bring a kind whose unit could be mistaken."""
    return frozenset(
        feed_id(table.layer, *owner)
        for table in tables
        for kind in table.kinds
        if kind.slip != 1.0
        for owner in owners_of(kind, world)
    )


def _phase_s(feed: str, beat_s: float) -> float:
    """Spread the feeds over their beat, so that they do not all speak at once."""
    return zlib.crc32(feed.encode()) % int(beat_s * 10) / 10
