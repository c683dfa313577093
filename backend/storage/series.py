"""Measured values over time: one point per object and minute, kept for a week."""

from __future__ import annotations

from itertools import repeat

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, Column, Connection, Float, Table, Text, delete, select

from backend.storage.bulk import put_columns
from backend.storage.features import instant
from backend.storage.tables import METADATA
from backend_client.contract.feature import SeriesPoint

KEPT_MINUTES = 7 * 24 * 60
_MINUTE_MS = 60_000

SERIES = Table(
    "series",
    METADATA,
    Column("layer", Text, primary_key=True),
    Column("oid", BigInteger, primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("observed_ms", BigInteger, nullable=False),
    Column("value", Float, nullable=False),
)


def append(
    connection: Connection,
    layer: str,
    oid: npt.NDArray[np.int64],
    observed_ms: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
) -> None:
    """Keep the newest value of each object's minute.

    Shape: oid, observed_ms, value (n,).
    """
    if not len(oid):
        return
    points = {
        "layer": repeat(layer, len(oid)),
        "oid": oid.tolist(),
        "minute": (observed_ms // _MINUTE_MS).tolist(),
        "observed_ms": observed_ms.tolist(),
        "value": value.tolist(),
    }
    key = ("layer", "oid", "minute")
    put_columns(connection, SERIES, points, key=key, unless="observed_ms")


def read(connection: Connection, layer: str, oid: int, *, since_ms: int) -> tuple[SeriesPoint, ...]:
    """Read one object's values from an instant on, oldest first."""
    rows = connection.execute(
        select(SERIES.c.observed_ms, SERIES.c.value)
        .where(
            SERIES.c.layer == layer, SERIES.c.oid == oid, SERIES.c.minute >= since_ms // _MINUTE_MS
        )
        .order_by(SERIES.c.minute)
    )
    return tuple(SeriesPoint(at=instant(ms), value=value) for ms, value in rows)


def forget(connection: Connection, *, now_ms: int) -> int:
    """Delete values older than a week; give how many."""
    oldest = now_ms // _MINUTE_MS - KEPT_MINUTES
    return int(connection.execute(delete(SERIES).where(SERIES.c.minute < oldest)).rowcount)
