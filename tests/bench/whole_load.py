"""The city at noon, whatever the hour: filled in at one go, then told of at noon's pace."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from backend.simulator import layers
from backend.simulator.city import Plan, build
from backend.simulator.facts import load
from backend.simulator.feed import ROWS, cut
from backend.simulator.lorries import Lorries
from backend.simulator.objects import Batch
from backend.simulator.requests import Requests
from backend_client.client import Client
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import Intake
from backend_client.contract.feature import Upsert
from backend_client.contract.positions import Fixes
from backend_client.contract.rows import FixRows, Rows

NOON = datetime(2026, 7, 20, 4, 0, tzinfo=UTC)
STOCK = timedelta(days=7.3)
"""60,000 open events at scale 1, as the city begins with."""
DOORS = 4


class Noon:
    """Put a city into a service and keep it at noon; instants are moved to the present."""

    def __init__(self, feed: Client, scale: float) -> None:
        """Lay the city; nothing is sent.

        Args:
            feed: signed in as the feed.
            scale: 1 is the design load.
        """
        self._feed, self._scale = feed, scale
        self._lorries = Lorries(load(), seed=7, scale=scale)
        self._objects = build(Plan(scale=scale, tidy=True), ManualClock(NOON))
        self._shift_s = time.time() - NOON.timestamp()
        self.sent = 0

    def fill(self, *, describe: bool = True) -> int:
        """Make every object, describe it by the wide door; give how many that are."""
        count = 0
        names = [table.layer for table in layers.load()] if describe else []
        for batch in self._objects.register(names, NOON.timestamp()):
            self._put(batch)
            count += 0 if batch.rows is None else batch.rows.num_rows
        if not describe:
            return count
        rows = [*self._lorries.places(NOON), *self._lorries.register(NOON)]
        moved = [row.model_copy(update={"observed_at": self._at(row.observed_at)}) for row in rows]
        for part in cut(moved, ROWS):
            self._feed.upsert("hazmat", Upsert(features=tuple(part)))
        return count + len(rows)

    def events(self, most: int | None = None) -> int:
        """Hand in the open events of the days before; give how many."""
        now = datetime.now(UTC)
        requests = Requests(load(), seed=7, scale=self._scale, rate=1.0)
        found = [one for one in requests.between(now - STOCK, now) if not one.level][:most]

        def take(part: list[Intake]) -> None:
            for one in part:
                self._feed.intake(one)

        with ThreadPoolExecutor(DOORS) as doors:
            list(doors.map(take, [found[turn::DOORS] for turn in range(DOORS)]))
        return len(found)

    def drive(self, ended: threading.Event) -> None:
        """Tell of everything that is due, a step each second, until told to end."""
        since_s = self._noon_s()
        while not ended.wait(max(0.05, 1.0 - (self._noon_s() - since_s))):
            now_s = self._noon_s()
            for batch in (*self._objects.fixes(since_s, now_s), *self._objects.due(now_s)):
                self._put(batch)
            self._move_lorries(since_s, now_s)
            since_s = now_s

    def _noon_s(self) -> float:
        return time.time() - self._shift_s

    def _at(self, at: datetime) -> datetime:
        return at + timedelta(seconds=self._shift_s)

    def _put(self, batch: Batch) -> None:
        if batch.rows is not None:
            self._feed.put_rows(batch.layer, Rows(self._now(batch.rows), batch.feed))
            return
        fixes = batch.wide_fixes()
        self.sent += fixes.batch.num_rows
        self._feed.send_fix_rows(FixRows(self._now(fixes.batch), fixes.layer, fixes.feed))

    def _now(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Move the instants of a batch from noon to the present."""
        at = batch.schema.get_field_index("observed_ms")
        moved = batch.column(at).to_numpy() + round(self._shift_s * 1000)
        return batch.set_column(at, "observed_ms", pa.array(moved, pa.int64()))

    def _move_lorries(self, since_s: float, now_s: float) -> None:
        spans = (datetime.fromtimestamp(one, UTC) for one in (since_s, now_s))
        fixes = [
            fix.model_copy(update={"observed_at": self._at(fix.observed_at)})
            for fix in self._lorries.fixes(*spans)
        ]
        if fixes:
            self.sent += len(fixes)
            self._feed.send_positions(Fixes(layer="hazmat", fixes=tuple(fixes)))
