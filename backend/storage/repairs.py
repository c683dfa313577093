"""Rows of the repair list; read and written inside the caller's unit."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update

from backend.storage.tables import REPAIR
from backend_client.contract.base import Text
from backend_client.contract.item import PersonRef
from backend_client.contract.problem import Problem
from backend_client.contract.repairs import Repair, RepairState

KEPT: Final = 10_000
_REASON: Final = 500
_AT = REPAIR.c
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused item as it is written down; `raw` fits already."""

    by: PersonRef
    digest: str
    channel: str
    region: str
    department: str
    raw: str
    is_cut: bool
    problem: Problem


def put(connection: Connection, refusals: Sequence[tuple[Refusal, int, datetime]]) -> None:
    """Write refusals, each with how often and when last it came; keep the newest `KEPT`.

    One that is there already is counted: what was done about it stands.
    """
    no = int(connection.execute(select(func.max(_AT.no))).scalar() or 0)
    fresh: list[dict[str, object]] = []
    for one, count, at in refusals:
        same = (_AT.person_id == one.by.person_id) & (_AT.digest == one.digest)
        counted = {"count": _AT.count + count, "at_ms": _ms(at)}
        if connection.execute(update(REPAIR).where(same).values(**counted)).rowcount == 0:
            no += 1
            fresh.append(_columns(one, no, count, at))
    if fresh:
        connection.execute(insert(REPAIR), fresh)
        connection.execute(delete(REPAIR).where(_AT.no <= no - KEPT))


def page(
    connection: Connection,
    regions: Sequence[str],
    *,
    before: int,
    limit: int,
    state: RepairState | None,
) -> list[Repair]:
    """Read rows of regions, newest first.

    Args:
        connection: of a snapshot.
        regions: of them and of what lies in them.
        before: only rows with a smaller number, when it is not 0.
        limit: at most so many.
        state: only such rows.
    """
    inside = or_(*(_AT.region.startswith(code, autoescape=True) for code in regions))
    asked = select(REPAIR).where(inside)
    if before:
        asked = asked.where(_AT.no < before)
    if state:
        asked = asked.where(_AT.state == state.value)
    rows = connection.execute(asked.order_by(_AT.no.desc()).limit(limit)).mappings()
    return [_read(row) for row in rows]


def find(connection: Connection, repair_id: str) -> Repair | None:
    """Read one row."""
    asked = select(REPAIR).where(_AT.repair_id == repair_id)
    row = connection.execute(asked).mappings().first()
    return _read(row) if row else None


def done(connection: Connection, after: Repair) -> None:
    """Write what became of a row."""
    if after.done_by is None or after.done_at is None:
        raise ValueError("nobody has seen to it")
    connection.execute(
        update(REPAIR)
        .where(_AT.repair_id == after.repair_id)
        .values(
            state=after.state.value,
            note=after.note,
            done_id=after.done_by.person_id,
            done_name=after.done_by.name,
            done_ms=_ms(after.done_at),
        )
    )


def _columns(one: Refusal, no: int, count: int, at: datetime) -> dict[str, object]:
    problem = one.problem
    return {
        "no": no,
        "repair_id": f"repair-{secrets.token_hex(8)}",
        "person_id": one.by.person_id,
        "person_name": one.by.name,
        "digest": one.digest,
        "region": one.region,
        "department": one.department,
        "state": RepairState.OPEN.value,
        "at_ms": _ms(at),
        "count": count,
        "channel": one.channel,
        "code": problem.code,
        "place": problem.where,
        "zh": problem.what.zh[:_REASON],
        "en": problem.what.en[:_REASON],
        "note": "",
        "is_cut": int(one.is_cut),
        "raw": one.raw,
    }


def _read(found: RowMapping) -> Repair:
    names = ("no", "repair_id", "channel", "region", "department", "raw", "code", "count", "note")
    by_id, done_ms = found["done_id"], found["done_ms"]
    return Repair(
        **{name: found[name] for name in names},
        is_cut=bool(found["is_cut"]),
        where=found["place"],
        reason=Text(found["zh"], found["en"]),
        by=PersonRef(person_id=found["person_id"], name=found["person_name"]),
        at=_EPOCH + timedelta(milliseconds=found["at_ms"]),
        state=RepairState(found["state"]),
        done_by=PersonRef(person_id=by_id, name=found["done_name"]) if by_id else None,
        done_at=None if done_ms is None else _EPOCH + timedelta(milliseconds=done_ms),
    )


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
