"""The shift log (值班日志): pages of numbered, chained lines; a handover locks a page."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.auth import SignIn
from backend_client.contract.base import (
    Count,
    Flag,
    Frozen,
    Id,
    Instant,
    Lat,
    Line,
    Lon,
    Number,
    State,
    Text,
)
from backend_client.contract.item import PersonRef, WorkItem

LineNo = Annotated[int, Field(strict=True, ge=1)]
Words = Annotated[str, Field(min_length=1, max_length=500)]


class LineKind(StrEnum):
    """What a line tells; the first three are typed by people, the others write themselves."""

    NOTE = "note"  # 记事
    CORRECTION = "correction"  # 更正: says which line it puts right
    SETTLED = "settled"  # 了结: ends a note marked "carry on"
    ALARM = "alarm"  # 报警
    SHELVED = "shelved"  # 搁置、静音
    GATE = "gate"  # 闸门命令
    ORDER = "order"  # 工单逾期、退单
    EVENT = "event"  # 事件撤回、接管、督办、重办
    FEED = "feed"  # 数据源中断、恢复
    SEAT = "seat"  # 席位
    SHIFT = "shift"  # 交接班


TYPED: frozenset[LineKind] = frozenset({LineKind.NOTE, LineKind.CORRECTION, LineKind.SETTLED})
RefKind = Literal["event", "order", "alarm", "gate", "gate_command", "instruction", "feed"]


class Ref(Frozen):
    """What a line is about."""

    kind: RefKind
    item_id: Id


class Sight(Frozen):
    """What was on the screen when a line was written: scene, camera and instant shown."""

    scene: Id
    at: Instant
    lon: Lon | None = None
    lat: Lat | None = None
    zoom: Annotated[Number, Field(ge=0, le=24)] | None = None


class LineRef(Frozen):
    """Another line, on this page or an earlier one."""

    page_id: Id
    no: LineNo


class ShiftLine(Frozen):
    """One line as it was written; it is never changed and never removed.

    `previous` and `hash` chain it to the line before it, across pages of the same seats.
    """

    page_id: Id
    no: LineNo
    at: Instant
    kind: LineKind
    text: Text
    by: PersonRef | None = None
    ref: Ref | None = None
    sight: Sight | None = None
    refers_to: LineRef | None = None
    carry: Flag = False
    previous: Line
    hash: Line


class OpenItem(Frozen):
    """Something the next shift has to go on with; `page_id` and `no` name a note's line."""

    kind: Literal["event", "alarm", "gate_command", "instruction", "note"]
    item_id: Id
    text: Text
    since_at: Instant
    level: State = 0
    line: LineRef | None = None


class Signature(Frozen):
    """Who signed a page and when, and the last line that was there to be read."""

    person: PersonRef
    at: Instant
    lines: Count


class ShiftPage(WorkItem):
    """One page: what one shift of one group of seats wrote down.

    `lines` and `head` are the number and hash of its last line. A page nobody signed stays open
    past `to_at` and says so (`overdue`).
    """

    kind: Literal["shift_page"] = "shift_page"
    group: Id
    group_title: Text
    no: LineNo
    shift: Text
    from_at: Instant
    to_at: Instant
    began_at: Instant
    state: Literal["open", "locked"] = "open"
    overdue: Flag = False
    lines: Count = 0
    head: Line = ""
    carried: tuple[OpenItem, ...] = ()
    carried_count: Count = 0
    handed_by: Signature | None = None
    taken_by: Signature | None = None
    locked_at: Instant | None = None
    previous_id: Id | None = None


class LineIn(Frozen):
    """A typed line; the same `entry_id` twice is the same line.

    A correction and a settled note say which line they refer to. `carry` hands a note on to the
    next shift until it is settled.
    """

    entry_id: Id
    text: Words
    kind: Literal[LineKind.NOTE, LineKind.CORRECTION, LineKind.SETTLED] = LineKind.NOTE
    ref: Ref | None = None
    sight: Sight | None = None
    refers_to: LineRef | None = None
    carry: Flag = False


class LinesPage(Frozen):
    """Lines of one page after a number, oldest first; `next` is None at the end."""

    page_id: Id
    rows: tuple[ShiftLine, ...]
    next: Count | None


class FoundLines(Frozen):
    """Lines found by their words, newest first."""

    rows: tuple[ShiftLine, ...]
    more: Flag


class OpenItems(Frozen):
    """What a page would hand on now: the gravest first, and how many there are in all."""

    page_id: Id
    items: tuple[OpenItem, ...]
    count: Count


class Handover(Frozen):
    """Hand a page over: the signed-in person gives, `incoming` takes with their own credentials.

    `lines` is the last line both had before them when they signed.
    """

    lines: Count
    incoming: SignIn
    note: Annotated[str, Field(max_length=500)] = ""


class PageProof(Frozen):
    """What a check of a page's chain found: lines read, the head, the first fault if any."""

    page_id: Id
    lines: Count
    head: Line
    fault: Text | None
