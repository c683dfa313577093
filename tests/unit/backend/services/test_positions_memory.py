"""Positions taken in for long leave nothing behind in memory, only in the history."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from backend.services.features import Batch, Features
from backend.services.feeds import Feeds
from backend.services.policy import load_policy
from backend.services.positions import ROLL_S, Positions, Reports
from backend.storage.database import Database
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock
from backend_client.contract.feature import FeatureIn
from backend_client.contract.feeds import FeedIn, FeedList
from backend_client.contract.rows import FIX_TYPES, FixRows

NOW = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)
FEED = Person(person_id="feed", name="源", role=Role.FEED, regions=("3206",), departments=("*",))
READER = Person(
    person_id="op", name="甲", role=Role.OPERATOR, regions=("3206",), departments=("*",)
)
FLEET = 3_000
LAYER = "hazmat"
MOST_BYTES_A_FIX = 1.0
"""A leak worth the name keeps at least a key of 8 bytes of each fix."""


_FEED = FeedIn(
    title=Text(zh="渣土车", en="Lorries"),
    layer=LAYER,
    region="320613",
    department="D27",
    period_s=1.0,
)


class _Road:
    """A fleet that reports each second, read by one console, tended as in the service."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(NOW)
        self.database = Database(folder / "city.db", self.clock, lambda _committed: None)
        policy = load_policy()
        self.feeds = Feeds(self.database, policy, self.clock)
        self.feeds.register(FEED, FeedList(feeds={LAYER: _FEED}))
        features = Features(self.database, policy, self.clock, self.feeds)
        features.upsert(FEED, LAYER, Batch([(n, _vehicle(n)) for n in range(FLEET)]))
        self.positions = Positions(
            folder / "history", features, policy, clock=self.clock, feeds=self.feeds
        )
        self._ids = pa.array([f"V{n}" for n in range(FLEET)])
        self._since = 0

    def drive(self, seconds: int) -> int:
        """Let so many seconds pass; give how many fixes were accepted."""
        accepted = 0
        for _ in range(seconds):
            self.clock.advance(1.0)
            accepted += self.positions.post(FEED, Reports(FixRows(self._batch(), LAYER))).accepted
            self._since = self.positions.block(READER, self._since).seq
            self.positions.tend()
            self.feeds.tend()
        return accepted

    def close(self) -> None:
        """Give everything back."""
        self.positions.close()
        self.database.close()

    def _batch(self) -> pa.RecordBatch:
        now_ms = int(self.clock.now().timestamp() * 1000)
        columns: dict[str, Any] = {
            "id": self._ids,
            "lon": np.full(FLEET, 121.0),
            "lat": np.full(FLEET, 32.0),
            "observed_ms": np.full(FLEET, now_ms),
        }
        return pa.record_batch(
            {name: pa.array(one, FIX_TYPES[name]) for name, one in columns.items()}
        )


def _vehicle(number: int) -> FeatureIn:
    return FeatureIn(
        id=f"V{number}",
        kind="vehicle",
        name=f"V{number}",
        lon=None,
        lat=None,
        region="320613",
        observed_at=NOW,
        properties={},
    )


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0] + pa.total_allocated_bytes()


def test_a_third_of_a_million_fixes_leave_nothing_in_memory(tmp_path: Path) -> None:
    road = _Road(tmp_path)
    tracemalloc.start()
    try:
        road.drive(ROLL_S // 2)  # both readings lie half way between two rolls
        before = _held()
        accepted = road.drive(ROLL_S)
        grown = _held() - before
    finally:
        tracemalloc.stop()
        road.close()
    assert accepted == ROLL_S * FLEET
    assert abs(grown) < accepted * MOST_BYTES_A_FIX, f"{grown / accepted:.2f} B a fix"
