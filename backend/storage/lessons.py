"""What people decided by their own deeds: written with the deed, read when a model learns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Connection, Table, Text, delete, select

from backend.domain.models import Decision
from backend.storage.dialect import upsert
from backend.storage.tables import METADATA

KEPT: Final = 20_000
"""Lessons kept of each model; the oldest make room, what examines is kept apart for good."""

MODEL_LESSON = Table(
    "model_lesson",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("groups", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""The last word on each thing; `body` is what the model's course reads, null when taken back."""


def keep(connection: Connection, name: str, decided: Decision) -> None:
    """Keep a decision inside the unit of its deed; decided again, the last word counts."""
    row = {
        "name": name,
        "key": decided.key,
        "groups": json.dumps(list(decided.groups)),
        "at": decided.at.isoformat(),
        "body": json.dumps(
            None if decided.body is None else dict(decided.body), ensure_ascii=False
        ),
    }
    connection.execute(upsert(connection, MODEL_LESSON, key=("name", "key")), [row])


def kept(connection: Connection, name: str) -> Iterator[Decision]:
    """Give what was decided for a model, the newest first."""
    table = MODEL_LESSON.c
    asked = select(MODEL_LESSON).where(table.name == name).order_by(table.at.desc()).limit(KEPT)
    for row in connection.execute(asked):
        groups, at = tuple(json.loads(row.groups)), datetime.fromisoformat(row.at)
        yield Decision(row.key, groups, at, json.loads(row.body))


def trim(connection: Connection, name: str) -> None:
    """Drop the oldest beyond those kept."""
    table = MODEL_LESSON.c
    newest = select(table.at).where(table.name == name).order_by(table.at.desc())
    first = connection.execute(newest.offset(KEPT - 1).limit(1)).scalar()
    if first is not None:
        connection.execute(delete(MODEL_LESSON).where(table.name == name, table.at < first))
