"""Measured values over time: one point per object and minute, kept for a week."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from backend.storage.features import Stored, instant
from backend_client.contract.feature import SeriesPoint

KEPT_MINUTES = 7 * 24 * 60
_MINUTE_MS = 60_000


def append(connection: Connection, layer: str, rows: Iterable[Stored]) -> None:
    """Keep the newest value of each object's minute; rows without a value are passed over."""
    points = [
        (layer, row.oid, row.observed_ms // _MINUTE_MS, row.observed_ms, row.value)
        for row in rows
        if row.value is not None
    ]
    if points:
        connection.exec_driver_sql(
            "INSERT INTO series (layer, oid, minute, observed_ms, value) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (layer, oid, minute) DO UPDATE SET value = excluded.value, "
            "observed_ms = excluded.observed_ms WHERE excluded.observed_ms >= series.observed_ms",
            points,
        )


def read(connection: Connection, layer: str, oid: int, *, since_ms: int) -> tuple[SeriesPoint, ...]:
    """Read one object's values from an instant on, oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT observed_ms, value FROM series WHERE layer = ? AND oid = ? AND minute >= ? "
        "ORDER BY minute",
        (layer, oid, since_ms // _MINUTE_MS),
    )
    return tuple(SeriesPoint(at=instant(ms), value=value) for ms, value in rows)


def forget(connection: Connection, *, now_ms: int) -> int:
    """Delete values older than a week; give how many."""
    result = connection.exec_driver_sql(
        "DELETE FROM series WHERE minute < ?", (now_ms // _MINUTE_MS - KEPT_MINUTES,)
    )
    return int(result.rowcount)
