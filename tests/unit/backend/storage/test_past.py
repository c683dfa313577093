"""What was is kept for a week, of every layer, and then forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import select, text

from backend.storage import past
from backend.storage.database import Database
from backend_client.contract.clock import ManualClock
from tests.databases import FileGround, Ground

CLOCK = ManualClock(datetime(2026, 7, 20, tzinfo=UTC))
NOW_MS = 1_800_000_000_000
LAYERS = ("fire", "transport", "water")


def ends(database: Database) -> list[tuple[str, int]]:
    table = past.ENDED_STATE.c
    with database.read() as view:
        rows = view.connection.execute(select(table.layer, table.until_ms))
        return sorted((str(layer), int(until)) for layer, until in rows)


def test_every_layer_forgets_what_ended_more_than_a_week_ago(ground: Ground) -> None:
    database = Database(ground.place, CLOCK, lambda _: None)
    old, kept = NOW_MS - past.KEPT_MS - 1, NOW_MS - past.KEPT_MS
    with database.write() as unit:
        for layer in LAYERS:
            for number, until in enumerate((old, kept)):
                oid = np.array([number + 1])
                past.end(unit.connection, layer, oid, np.array([2]), until_ms=until)
        past.forget(unit.connection, now_ms=NOW_MS)
    found = ends(database)
    database.close()
    assert found == [(layer, kept) for layer in LAYERS]


def test_forgetting_reads_no_more_than_what_ended(ground: Ground) -> None:
    if not isinstance(ground, FileGround):
        pytest.skip("the plan is read as SQLite tells it")
    database = Database(ground.place, CLOCK, lambda _: None)
    asked = "DELETE FROM ended_state WHERE layer = 'fire' AND until_ms < 1"
    with database.read() as view:
        plan = view.connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")).fetchall()
    database.close()
    assert "ended_state_until" in str(plan)
