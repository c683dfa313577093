"""The shift log's lines: chained onto each other, page after page of the same seats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, func, insert, or_, select
from sqlalchemy.engine import RowMapping

from backend.storage.audit import START
from backend.storage.dialect import json_field, literal, of_kind
from backend.storage.tables import SHIFT_LINE, WORK_ITEM
from backend_client.contract.alarms import Alarm
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.orders import Order
from backend_client.contract.shifts import TYPED, PageProof, ShiftLine, ShiftPage

_LOOSE = frozenset({"previous", "hash"})


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line about to be written; its place and hashes are set when it is chained."""

    line: ShiftLine
    entry_id: str | None = None
    closes: bool = False


def append(connection: Connection, page: ShiftPage, lines: Sequence[NewLine]) -> ShiftPage:
    """Chain lines onto a page inside the caller's transaction.

    Returns: the page with the number and hash of its last line; the caller stores it.
    """
    number, previous, rows = page.lines, page.head or START, []
    for new in lines:
        number += 1
        line = new.line.model_copy(update={"page_id": page.item_id, "no": number})
        body = line.model_dump_json(exclude=set(_LOOSE))
        linked = chain(previous, body)
        rows.append(
            {
                "page_id": page.item_id,
                "no": number,
                "entry_id": new.entry_id,
                "at": line.at.isoformat(),
                "region": page.region,
                "department": page.department,
                "closes": int(new.closes),
                "words": _words(line),
                "body": body,
                "previous": previous,
                "hash": linked,
            }
        )
        previous = linked
    if rows:
        connection.execute(insert(SHIFT_LINE), rows)
    return page.model_copy(update={"lines": number, "head": previous})


def _words(line: ShiftLine) -> str:
    names = line.by.name if line.by else ""
    return " ".join(dict.fromkeys((line.text.zh, line.text.en, names))).lower()


def chain(previous: str, body: str) -> str:
    """Hash one line's content onto the hash before it."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def entry(connection: Connection, entry_id: str) -> ShiftLine | None:
    """Give the line an entry made, None when there is none yet."""
    rows = connection.execute(select(SHIFT_LINE).where(SHIFT_LINE.c.entry_id == entry_id))
    row = rows.first()
    return _line(row._mapping) if row else None  # noqa: SLF001


def one(connection: Connection, page_id: str, no: int) -> ShiftLine | None:
    """Give one line, None when the page has no such line."""
    wanted = and_(SHIFT_LINE.c.page_id == page_id, SHIFT_LINE.c.no == no)
    row = connection.execute(select(SHIFT_LINE).where(wanted)).first()
    return _line(row._mapping) if row else None  # noqa: SLF001


def page(connection: Connection, page_id: str, *, after: int, limit: int) -> tuple[ShiftLine, ...]:
    """Read a page's lines after a number, oldest first."""
    wanted = and_(SHIFT_LINE.c.page_id == page_id, SHIFT_LINE.c.no > after)
    return _read(
        connection, select(SHIFT_LINE).where(wanted).order_by(SHIFT_LINE.c.no).limit(limit)
    )


def found(
    connection: Connection, words: Sequence[str], places: Sequence[tuple[str, str]], *, limit: int
) -> tuple[ShiftLine, ...]:
    """Find lines that hold every word, newest first, among pages of the given places."""
    seen = or_(
        *(
            and_(SHIFT_LINE.c.region == region, SHIFT_LINE.c.department == department)
            for region, department in places
        )
    )
    holds = [SHIFT_LINE.c.words.contains(word.lower(), autoescape=True) for word in words]
    newest = (SHIFT_LINE.c.at.desc(), SHIFT_LINE.c.page_id, SHIFT_LINE.c.no.desc())
    return _read(connection, select(SHIFT_LINE).where(seen, *holds).order_by(*newest).limit(limit))


def places(connection: Connection) -> list[tuple[str, str]]:
    """Name the places pages were written for."""
    asked = select(WORK_ITEM.c.region, WORK_ITEM.c.department).where(
        WORK_ITEM.c.kind == literal("shift_page")
    )
    return [(row.region, row.department) for row in connection.execute(asked.distinct())]


def open_pages(connection: Connection) -> list[ShiftPage]:
    """Give the open page of every group."""
    asked = select(WORK_ITEM.c.body).where(
        WORK_ITEM.c.kind == literal("shift_page"), json_field(WORK_ITEM.c.body, "state") == "open"
    )
    rows = connection.execute(asked.order_by(WORK_ITEM.c.item_id))
    return [ShiftPage.model_validate_json(row.body) for row in rows]


def latest_no(connection: Connection, group: str) -> int:
    """Give the number of a group's newest page, 0 before the first."""
    no = func.max(json_field(WORK_ITEM.c.body, "no").cast(SHIFT_LINE.c.no.type))
    asked = select(no).where(
        WORK_ITEM.c.kind == literal("shift_page"), json_field(WORK_ITEM.c.body, "group") == group
    )
    return int(connection.execute(asked).scalar() or 0)


def fell_due(connection: Connection, after: str, until: str, field: str = "due_at") -> list[Order]:
    """Give the open orders whose time ran out in a span.

    Args:
        connection: whose database it is.
        after: the instant before, as the contract writes instants; not included.
        until: the instant up to which, included.
        field: the instant looked at; it should have an expression index.
    """
    due = json_field(WORK_ITEM.c.body, field)
    asked = select(WORK_ITEM.c.body).where(
        of_kind(WORK_ITEM.c.kind, "order"), due > after, due <= until
    )
    orders = [Order.model_validate_json(row.body) for row in connection.execute(asked)]
    return [order for order in orders if order.is_open]


def typed(connection: Connection, page_id: str) -> tuple[ShiftLine, ...]:
    """Give a page's typed lines, oldest first."""
    kind = json_field(SHIFT_LINE.c.body, "kind")
    wanted = and_(SHIFT_LINE.c.page_id == page_id, kind.in_([one.value for one in TYPED]))
    return _read(connection, select(SHIFT_LINE).where(wanted).order_by(SHIFT_LINE.c.no))


def standing_alarms(connection: Connection, states: Sequence[str]) -> list[Alarm]:
    """Give the alarms in any of the states."""
    asked = select(WORK_ITEM.c.body).where(
        WORK_ITEM.c.kind == literal("alarm"), json_field(WORK_ITEM.c.body, "state").in_(states)
    )
    return [Alarm.model_validate_json(row.body) for row in connection.execute(asked)]


def late_events(connection: Connection, states: Sequence[str], now: str) -> list[Event]:
    """Give the events in any of the states whose time ran out before an instant."""
    asked = select(WORK_ITEM.c.body).where(
        WORK_ITEM.c.kind == literal("event"),
        json_field(WORK_ITEM.c.body, "state").in_(states),
        json_field(WORK_ITEM.c.body, "due_at") < now,
    )
    return [Event.model_validate_json(row.body) for row in connection.execute(asked)]


def prove(connection: Connection, page: ShiftPage, previous: ShiftPage | None) -> PageProof:
    """Recompute a page's chain and name the first line that does not fit.

    The first line hangs on the head of the page before; number and head of the last one stand on
    the page itself, and at the handover in the audit chain.
    """
    before = previous.head if previous is not None else START
    count, head = 0, before or START
    with closing(connection.execute(_rows_of(page.item_id))) as rows:
        for row in rows:
            count += 1
            if row.no != count:
                return _proof(page, count, head, ("缺失或次序不对", "missing or moved"))
            if row.previous != head or chain(head, row.body) != row.hash:
                return _proof(page, count, head, ("内容被改动", "changed"))
            head = row.hash
    if count != page.lines:
        return _proof(page, count + 1, head, ("被截去", "cut off"))
    if count and head != page.head:
        return _proof(page, count, head, ("与页尾不符", "at odds with the page's head"))
    return PageProof(page_id=page.item_id, lines=count, head=head, fault=None)


def _rows_of(page_id: str) -> Select[tuple[int, str, str, str]]:
    columns = SHIFT_LINE.c.no, SHIFT_LINE.c.previous, SHIFT_LINE.c.hash, SHIFT_LINE.c.body
    asked = select(*columns).where(SHIFT_LINE.c.page_id == page_id)
    return asked.order_by(SHIFT_LINE.c.no).execution_options(yield_per=2_000)


def _proof(page: ShiftPage, no: int, head: str, what: tuple[str, str]) -> PageProof:
    fault = Text(f"第 {no} 行{what[0]}。", f"Line {no} is {what[1]}.")
    return PageProof(page_id=page.item_id, lines=no, head=head, fault=fault)


def _read(connection: Connection, asked: Select[tuple[object, ...]]) -> tuple[ShiftLine, ...]:
    return tuple(_line(row._mapping) for row in connection.execute(asked))  # noqa: SLF001


def _line(row: RowMapping) -> ShiftLine:
    told = json.loads(str(row["body"]))
    return ShiftLine.model_validate({**told, "previous": row["previous"], "hash": row["hash"]})


def instant(at: datetime) -> str:
    """Write an instant as the contract's JSON does, to compare with what is stored."""
    return at.isoformat().replace("+00:00", "Z")
