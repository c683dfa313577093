"""What layers showed before: each state with the instant it ended, kept for a week.

A row is written when a state ends, not when it begins: an import of a million new objects costs
one row, for the first of their numbers, and what has never changed costs none.
"""

from __future__ import annotations

from itertools import repeat
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, Column, Connection, Table, Text, delete, func, insert, select

from backend.storage.bulk import put_columns
from backend.storage.dialect import among
from backend.storage.series import KEPT_MINUTES, SERIES
from backend.storage.tables import METADATA

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

ABSENT: Final = 255
"""The state of an object that was not there."""
KEPT_MS: Final = KEPT_MINUTES * 60_000
_VALUE_MINUTES: Final = 60
"""A value measured longer ago than this says nothing of an instant."""

ENDED_STATE = Table(
    "ended_state",
    METADATA,
    Column("layer", Text, primary_key=True),
    Column("oid", BigInteger, primary_key=True),
    Column("until_ms", BigInteger, primary_key=True),
    Column("state", BigInteger, nullable=False),
)
NUMBERED = Table(
    "numbered",
    METADATA,
    Column("layer", Text, primary_key=True),
    Column("first_oid", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)


def end(connection: Connection, layer: str, oid: I64, state: I64, *, until_ms: int) -> None:
    """Write down the states that end now.

    Shape: oid, state (n,).
    """
    if not len(oid):
        return
    count = len(oid)
    rows = {
        "layer": repeat(layer, count),
        "oid": oid.tolist(),
        "until_ms": repeat(until_ms, count),
        "state": state.tolist(),
    }
    put_columns(connection, ENDED_STATE, rows, key=("layer", "oid", "until_ms"))


def number(connection: Connection, layer: str, first_oid: int, *, at_ms: int) -> None:
    """Write down that objects from this number on appear now."""
    connection.execute(insert(NUMBERED).values(layer=layer, first_oid=first_oid, at_ms=at_ms))


def states(connection: Connection, layer: str, at_ms: int) -> tuple[I64, I64]:
    """Give the objects that were in another state at an instant than at some time since.

    Returns:
        Object and state, `ABSENT` where it was not there; by object. Shape: (n,).
    """
    rows = connection.execute(
        select(ENDED_STATE.c.oid, ENDED_STATE.c.state)
        .where(ENDED_STATE.c.layer == layer, ENDED_STATE.c.until_ms > at_ms)
        .order_by(ENDED_STATE.c.until_ms)
    ).all()
    every = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2)
    oid, first = np.unique(every[:, 0], return_index=True)
    return oid, every[first, 1]


def first_after(connection: Connection, layer: str, at_ms: int) -> int | None:
    """Give the number from which on objects appeared after an instant, None when none did."""
    found = connection.execute(
        select(func.min(NUMBERED.c.first_oid)).where(
            NUMBERED.c.layer == layer, NUMBERED.c.at_ms > at_ms
        )
    ).scalar()
    return None if found is None else int(found)


def values(connection: Connection, layer: str, oid: I64, at_ms: int) -> tuple[I64, F64, I64]:
    """Give what was measured last of some objects within the hour before an instant.

    Returns:
        Object, value and second of observation, by object. Shape: (n,), at most one per object.
    """
    minute = at_ms // 60_000
    rows = connection.execute(
        select(SERIES.c.oid, SERIES.c.value, SERIES.c.observed_ms)
        .where(
            SERIES.c.layer == layer,
            among(SERIES.c.oid, oid.tolist()),
            SERIES.c.minute.between(minute - _VALUE_MINUTES, minute),
            SERIES.c.observed_ms <= at_ms,
        )
        .order_by(SERIES.c.oid, SERIES.c.minute)
    ).all()
    found = np.array([row[0] for row in rows], np.int64)
    last = np.flatnonzero(np.diff(found, append=-1))
    value = np.array([row[1] for row in rows], np.float64)[last]
    return found[last], value, np.array([row[2] // 1000 for row in rows], np.int64)[last]


def forget(connection: Connection, *, now_ms: int) -> None:
    """Delete what ended, or began to be there, more than a week ago."""
    oldest = now_ms - KEPT_MS
    layer, names = "", ENDED_STATE.c.layer
    while layer := connection.scalar(select(func.min(names)).where(names > layer)) or "":
        # layer by layer, as the index is: without it every state of the week would be read
        old = (names == layer) & (ENDED_STATE.c.until_ms < oldest)
        connection.execute(delete(ENDED_STATE).where(old))
    connection.execute(delete(NUMBERED).where(NUMBERED.c.at_ms < oldest))
