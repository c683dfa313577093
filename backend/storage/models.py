"""Versions of learned models, what they are examined by, and how often people agreed with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from backend.domain.models import Decision
from backend.storage.bulk import put_columns
from backend.storage.dialect import among, upsert
from backend.storage.tables import METADATA
from backend_client.contract.models import Live, LiveDay, ModelVersion

_TRAIL: Final = 50
NO_DECISION: Final = Live(metrics={"decided": 0.0})

MODEL_VERSION = Table(
    "model_version",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("body", Text, nullable=False),
)
"""Every version; `body` is the contract's JSON with `live` empty."""

MODEL_USE = Table(
    "model_use",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("trail", Text, nullable=False),
    Column("held", BigInteger, nullable=False),
)
"""Which version is in use, 0 the rules; `trail` what was before, the last one last, as JSON.

`held` is 1 after a roll back.
"""

MODEL_EXAM = Table(
    "model_exam",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Decisions kept apart: they examine, they never teach."""

MODEL_LIVE = Table(
    "model_live",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("day", BigInteger, primary_key=True),
    Column("good", BigInteger, nullable=False),
    Column("bad", BigInteger, nullable=False),
)
"""What people decided on what a version proposed, by the city's day (`date.toordinal`)."""


class Use(NamedTuple):
    """Which version is in use, 0 the rules; those before it; whether the service lets it be."""

    number: int = 0
    trail: tuple[int, ...] = ()
    held: bool = False


def put(connection: Connection, name: str, version: ModelVersion) -> None:
    """Write a version, new or changed."""
    body = version.model_copy(update={"live": NO_DECISION}).model_dump_json()
    row = {"name": name, "number": version.number, "body": body}
    connection.execute(upsert(connection, MODEL_VERSION, key=("name", "number")), [row])


def version(connection: Connection, name: str, number: int) -> ModelVersion | None:
    """Read one version, None when there is none."""
    table = MODEL_VERSION.c
    asked = select(table.body).where(table.name == name, table.number == number)
    body = connection.execute(asked).scalar()
    return None if body is None else ModelVersion.model_validate_json(body)


def versions(connection: Connection, name: str, most: int) -> list[ModelVersion]:
    """Read a model's newest versions, the newest first."""
    table = MODEL_VERSION.c
    asked = select(table.body).where(table.name == name).order_by(table.number.desc()).limit(most)
    return [ModelVersion.model_validate_json(row.body) for row in connection.execute(asked)]


def last_number(connection: Connection, name: str) -> int:
    """Give the newest version's number, 0 before the first."""
    asked = select(func.max(MODEL_VERSION.c.number)).where(MODEL_VERSION.c.name == name)
    return int(connection.execute(asked).scalar() or 0)


def use(connection: Connection, name: str) -> Use:
    """Tell which version is in use."""
    row = connection.execute(select(MODEL_USE).where(MODEL_USE.c.name == name)).first()
    if row is None:
        return Use()
    return Use(int(row.number), tuple(json.loads(row.trail)), bool(row.held))


def set_use(connection: Connection, name: str, now: Use) -> None:
    """Say which version is in use."""
    trail = json.dumps(now.trail[-_TRAIL:])
    row = {"name": name, "number": now.number, "trail": trail, "held": int(now.held)}
    connection.execute(upsert(connection, MODEL_USE, key=("name",)), [row])


def freeze(connection: Connection, name: str, decided: Sequence[Decision]) -> None:
    """Keep decisions apart; one decided anew is written over, one taken back is struck off."""
    kept = [(one, one.body) for one in decided if one.body is not None]
    gone = [one.key for one in decided if one.body is None]
    if gone:
        table = MODEL_EXAM.c
        connection.execute(delete(MODEL_EXAM).where(table.name == name, among(table.key, gone)))
    if not kept:
        return
    columns: dict[str, Iterable[object]] = {
        "name": [name] * len(kept),
        "key": [one.key for one, _ in kept],
        "at": [one.at.isoformat() for one, _ in kept],
        "body": [json.dumps(dict(body), ensure_ascii=False) for _, body in kept],
    }
    put_columns(connection, MODEL_EXAM, columns, key=("name", "key"))


def exam(connection: Connection, name: str) -> list[Decision]:
    """Read every decision kept apart, by its key; its groups are not kept."""
    table = MODEL_EXAM.c
    asked = select(table.key, table.at, table.body).where(table.name == name).order_by(table.key)
    return [
        Decision(row.key, (), datetime.fromisoformat(row.at), json.loads(row.body))
        for row in connection.execute(asked)
    ]


def exam_size(connection: Connection, name: str) -> int:
    """Count the decisions kept apart."""
    asked = select(func.count()).where(MODEL_EXAM.c.name == name)
    return int(connection.execute(asked).scalar_one())


def exam_keys(connection: Connection, name: str) -> frozenset[str]:
    """Name the decisions kept apart."""
    asked = select(MODEL_EXAM.c.key).where(MODEL_EXAM.c.name == name)
    return frozenset(connection.execute(asked).scalars())


def count(
    connection: Connection, name: str, number: int, day: date, *, right: bool, by: int = 1
) -> None:
    """Count one decision a person took on what a version proposed; `by` -1 takes one back."""
    table, key = MODEL_LIVE, {"name": name, "number": number, "day": day.toordinal()}
    good, bad = by * int(right), by * int(not right)
    more = {"good": table.c.good + good, "bad": table.c.bad + bad}
    mine = [table.c[column] == value for column, value in key.items()]
    if connection.execute(update(table).where(*mine).values(more)).rowcount == 0:
        first = {**key, "good": max(good, 0), "bad": max(bad, 0)}
        connection.execute(insert(table).values(first))


def live(connection: Connection, name: str, since: date) -> dict[int, Live]:
    """Give what people said of each version's proposals since a day, by its number."""
    table = MODEL_LIVE.c
    asked = (
        select(table.number, table.day, table.good, table.bad)
        .where(table.name == name, table.day >= since.toordinal())
        .order_by(table.day)
    )
    days: dict[int, list[LiveDay]] = {}
    for row in connection.execute(asked):
        one = LiveDay(day=date.fromordinal(row.day), right=row.good, wrong=row.bad)
        days.setdefault(row.number, []).append(one)
    return {number: _summed(found) for number, found in days.items()}


def _summed(days: Sequence[LiveDay]) -> Live:
    right = sum(one.right for one in days)
    decided = right + sum(one.wrong for one in days)
    if not decided:
        return NO_DECISION
    return Live(metrics={"decided": float(decided), "right": right / decided}, days=tuple(days))
