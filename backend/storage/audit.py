"""The audit chain: every row's hash covers the row before it, from row 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Row, insert, select, text

from backend.storage.dialect import upsert
from backend.storage.tables import AUDIT, META
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.service import AuditRow

START: str = "0" * 64
_HEAD = "audit_head"
COUNTED: Final = (
    *("event.accept", "event.answer", "event.call_back", "event.close", "event.merge"),
    *("event.redo", "event.refuse", "event.split", "event.transfer", "event.undo", "order.return"),
)
"""Steps of an event that rates are counted from; an index knows them, word for word."""
_COUNTED: Final = text("action IN ({})".format(", ".join(f"'{one}'" for one in COUNTED)))
_EVENT: Final = "event/"
_LAST: Final = select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
_APPEND: Final = insert(AUDIT)
_CONTENT = ("seq", "at", "person_id", "role", "action", "target", "detail", "n")


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, to what, with which particulars; `n` is the change it made, 0 for none."""

    action: str
    target: str
    detail: Mapping[str, object] | None = None
    n: int = 0


def append(connection: Connection, deed: Deed, *, by: Person | None, at: datetime) -> int:
    """Chain one row onto the trail inside the caller's transaction and give its number."""
    return append_all(connection, (deed,), by=by, at=at)


def append_all(
    connection: Connection, deeds: Sequence[Deed], *, by: Person | None, at: datetime
) -> int:
    """Chain rows onto the trail in one statement and give the last one's number."""
    last = connection.execute(_LAST).first()
    seq, linked = (last.seq, last.hash) if last else (0, START)
    rows: list[dict[str, object]] = []
    for deed in deeds:
        previous, seq = linked, seq + 1
        row: dict[str, object] = {
            "seq": seq,
            "at": at.isoformat(),
            "person_id": by.person_id if by else "",
            "role": by.role.value if by else "",
            "action": deed.action,
            "target": deed.target,
            "detail": json.dumps(
                dict(deed.detail or {}), ensure_ascii=False, sort_keys=True, default=str
            ),
            "n": deed.n,
        }
        linked = chain(previous, row)
        rows.append({**row, "previous": previous, "hash": linked})
    connection.execute(_APPEND, rows)
    head = {"key": _HEAD, "value": f"{seq}:{linked}"}
    connection.execute(upsert(connection, META, key=("key",)), [head])
    return seq


def chain(previous: str, content: dict[str, object]) -> str:
    """Hash one row's content onto the hash before it."""
    text = json.dumps([content[name] for name in _CONTENT], ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def page(connection: Connection, *, after: int, limit: int) -> tuple[AuditRow, ...]:
    """Read rows after a number, oldest first."""
    rows = connection.execute(
        select(AUDIT).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq).limit(limit)
    )
    return tuple(_row(row) for row in rows)


def of(connection: Connection, targets: Sequence[str]) -> tuple[AuditRow, ...]:
    """Read what was done to some targets, oldest first."""
    rows = connection.execute(
        select(AUDIT).where(AUDIT.c.target.in_(targets)).order_by(AUDIT.c.seq)
    )
    return tuple(_row(row) for row in rows)


def counted(
    connection: Connection, *, after: int, since: datetime, limit: int
) -> tuple[AuditRow, ...]:
    """Read steps of events that rates are counted from, oldest first.

    Args:
        connection: a transaction's.
        after: the number of the row before the first.
        since: none taken earlier.
        limit: at most so many.
    """
    rows = connection.execute(
        select(AUDIT)
        .where(_COUNTED, AUDIT.c.seq > after, AUDIT.c.at >= since.isoformat())
        .where(AUDIT.c.target.startswith(_EVENT))
        .order_by(AUDIT.c.seq)
        .limit(limit)
    )
    return tuple(_row(row) for row in rows)


def _row(row: Row[tuple[object, ...]]) -> AuditRow:
    return AuditRow(**{**row._mapping, "at": datetime.fromisoformat(row.at)})  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found: rows read, the head, and the first fault if any."""

    rows: int
    head: str
    fault: Text | None


def verify(connection: Connection) -> Verdict:
    """Recompute the chain from row 1 and name the first row that does not fit.

    The head kept apart from the rows gives a cut tail away. Someone who rewrites rows, head and
    all following hashes is found only by a head that was written down elsewhere: print it.
    """
    previous, count = START, 0
    with closing(_rows(connection)) as rows:
        for row in rows:
            count += 1
            if row["seq"] != count:
                return Verdict(count, previous, _fault(count, "缺失或次序不对", "missing or moved"))
            if row["previous"] != previous or chain(previous, row) != row["hash"]:
                return Verdict(count, previous, _fault(count, "内容被改动", "changed"))
            previous = str(row["hash"])
    told = connection.execute(select(META.c.value).where(META.c.key == _HEAD)).scalar()
    if (told or f"0:{START}") != f"{count}:{previous}":
        return Verdict(count, previous, _fault(count + 1, "被截去", "cut off"))
    return Verdict(count, previous, None)


def _rows(connection: Connection) -> Generator[dict[str, object], None, None]:
    statement = select(AUDIT).order_by(AUDIT.c.seq).execution_options(yield_per=2_000)
    with connection.execute(statement) as result:  # a server keeps its cursor until told
        for row in result:
            yield dict(row._mapping)  # noqa: SLF001


def _fault(row: int, zh: str, en: str) -> Text:
    return Text(f"审计第 {row} 行{zh}。", f"Audit row {row} is {en}.")
