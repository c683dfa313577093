"""Rules of the shift log: which shift it is, how a page begins, what it hands on, how it locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from backend.domain.refused import Refused, refuse, unfit, wrong_state
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import EVERY_DEPARTMENT, Text, covers
from backend_client.contract.events import OVER, Event, EventState
from backend_client.contract.gates import TERMINAL, GateCommand
from backend_client.contract.instructions import Instruction
from backend_client.contract.item import PersonRef
from backend_client.contract.shifts import (
    LineIn,
    LineKind,
    LineRef,
    OpenItem,
    ShiftLine,
    ShiftPage,
    Signature,
)

MOST_CARRIED = 100
LOCKED = Text("已交班锁定", "locked by the handover")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Group:
    """Seats that keep one log; `region` and `department` say who sees it."""

    group_id: str
    title: Text
    region: str
    department: str
    covers: tuple[str, ...]

    def concerns(self, region: str, department: str) -> bool:
        """Tell whether what happens there is written in this group's log."""
        every = EVERY_DEPARTMENT in self.covers
        return covers(self.region, region) and (every or department in self.covers)


@dataclass(frozen=True, slots=True)
class Shift:
    """One of the day's shifts; it lasts until the next one begins."""

    shift_id: str
    title: Text
    begins: time


@dataclass(frozen=True, slots=True)
class Span:
    """One shift of one day."""

    title: Text
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """The shift table: groups, shifts by their beginning, the city's time."""

    groups: tuple[Group, ...]
    shifts: tuple[Shift, ...]
    zone: tzinfo
    early: timedelta

    def span(self, at: datetime) -> Span:
        """Give the shift an instant lies in."""
        here = at.astimezone(self.zone)
        starts = [
            (datetime.combine((here + day).date(), shift.begins, self.zone), shift.title)
            for day in (-_DAY, timedelta(0), _DAY)
            for shift in self.shifts
        ]
        last = max(start for start in starts if start[0] <= here)
        ends = min(start for start, _ in starts if start > here)
        return Span(last[1], last[0], ends)

    def after(self, page: ShiftPage, at: datetime) -> Span:
        """Give the shift a page's successor is for: the next one, or the rest of the same."""
        if at >= page.to_at - self.early:
            return self.span(max(at, page.to_at))
        return Span(page.shift, page.from_at, page.to_at)


def begin(
    group: Group,
    span: Span,
    at: datetime,
    *,
    no: int,
    previous: ShiftPage | None = None,
    items: Sequence[OpenItem] = (),
) -> ShiftPage:
    """Make a group's next page; its chain goes on where the one before ended."""
    return ShiftPage(
        item_id=f"shift-{group.group_id}-{no}",
        version=1,
        region=group.region,
        department=group.department,
        created_at=at,
        updated_at=at,
        group=group.group_id,
        group_title=group.title,
        no=no,
        shift=span.title,
        from_at=span.from_at,
        to_at=span.to_at,
        began_at=at,
        head=previous.head if previous else "",
        carried=tuple(items[:MOST_CARRIED]),
        carried_count=len(items),
        previous_id=previous.item_id if previous else None,
    )


def must_be_open(page: ShiftPage) -> None:
    """Refuse to write on a locked page.

    Raises:
        Refused: 409 `wrong_state`.
    """
    if page.state != "open":
        raise wrong_state(page.item_id, LOCKED)


def typed(body: LineIn, referred: ShiftLine | None, *, by: PersonRef, at: datetime) -> ShiftLine:
    """Make a typed line.

    Args:
        body: what was typed.
        referred: the line it refers to, None when it names none or there is none.
        by: who typed it.
        at: when.

    Raises:
        Refused: 422 when it has no words, or refers to nothing although its kind must.
    """
    words = body.text.strip()
    if not words:
        raise unfit("text", Text("没有内容。", "It says nothing."), Text("写明事由。", "Say what."))
    needs = body.kind is not LineKind.NOTE
    if referred is None and (needs or body.refers_to is not None):
        raise unfit(
            "refers_to",
            Text("没有指明所指的行。", "It refers to no line there is."),
            Text("选中要更正或了结的行。", "Choose the line to correct or settle."),
        )
    return ShiftLine(
        page_id="-",
        no=1,
        at=at,
        kind=body.kind,
        text=Text(words, words),
        by=by,
        ref=body.ref,
        sight=body.sight,
        refers_to=body.refers_to,
        carry=body.carry and body.kind is LineKind.NOTE,
        previous="",
        hash="",
    )


def same_person(page: ShiftPage) -> Refused:
    """Refuse a handover to oneself."""
    return refuse(
        403,
        "same_person",
        Text(
            "交班人与接班人须为两人。", "The one who gives and the one who takes are two persons."
        ),
        Text("请接班人用自己的账号签字。", "Let the incoming person sign with their own account."),
        where=page.item_id,
    )


def lock(
    page: ShiftPage, gives: Signature, takes: Signature, *, at: datetime
) -> tuple[ShiftPage, tuple[ShiftLine, ...]]:
    """Sign a page by both; the last of its two lines closes it.

    Returns: the locked page, and the lines that say so.
    """
    locked = page.model_copy(
        update={"state": "locked", "handed_by": gives, "taken_by": takes, "locked_at": at}
    )
    lines = tuple(
        _own(
            Text(
                f"{zh} {who.person.name}(已阅至第 {who.lines} 行)",
                f"{en} {who.person.name} (read to line {who.lines})",
            ),
            who.person,
            at,
        )
        for zh, en, who in (("交班签字", "Handed over by", gives), ("接班签字", "Taken by", takes))
    )
    return locked, lines


def parting(note: str, by: PersonRef, at: datetime) -> ShiftLine:
    """Give the line of what the outgoing person says at the handover."""
    words = note.strip()
    return written(LineKind.NOTE, Text(words, words), at, by=by)


def _own(text: Text, by: PersonRef | None, at: datetime) -> ShiftLine:
    return written(LineKind.SHIFT, text, at, by=by)


def written(kind: LineKind, text: Text, at: datetime, *, by: PersonRef | None = None) -> ShiftLine:
    """Make a line that writes itself; its place is set when it is chained."""
    return ShiftLine(page_id="-", no=1, at=at, kind=kind, text=text, by=by, previous="", hash="")


# ---- what a page hands on --------------------------------------------------------------------

OPEN_ALARMS = frozenset(
    {
        AlarmState.NEW,
        AlarmState.ACKNOWLEDGED,
        AlarmState.SHELVED,
        AlarmState.OUT_OF_SERVICE,
    }
)
OPEN_EVENTS = frozenset(EventState) - OVER - {EventState.MERGED}


def open_items(
    alarms: Iterable[Alarm],
    events: Iterable[Event],
    commands: Iterable[GateCommand],
    instructions: Iterable[Instruction],
    notes: Iterable[OpenItem],
    now: datetime,
) -> list[OpenItem]:
    """List what the next shift goes on with: running commands first, then by level and age."""
    found = [
        *(_of_command(one) for one in commands if one.status not in TERMINAL),
        *(_of_alarm(one) for one in alarms if one.state in OPEN_ALARMS),
        *(_of_event(one) for one in events if _is_overdue(one, now)),
        *(_of_instruction(one) for one in instructions if _is_unsigned(one)),
        *notes,
    ]
    running = ("gate_command",)
    return sorted(found, key=lambda one: (one.kind not in running, one.level or 9, one.since_at))


def _is_overdue(event: Event, now: datetime) -> bool:
    open_ = event.state in OPEN_EVENTS
    return open_ and event.due_at is not None and event.due_at < now


def _is_unsigned(instruction: Instruction) -> bool:
    return any(receipt.signed_by is None for receipt in instruction.receipts)


def _of_command(one: GateCommand) -> OpenItem:
    text = Text(
        f"{one.gate_name.zh} 闸门命令 → {one.target_m:.2f} m",
        f"{one.gate_name.en} gate command → {one.target_m:.2f} m",
    )
    return OpenItem(kind="gate_command", item_id=one.item_id, text=text, since_at=one.created_at)


def _of_alarm(one: Alarm) -> OpenItem:
    return OpenItem(
        kind="alarm", item_id=one.item_id, text=one.title, since_at=one.raised_at, level=one.level
    )


def _of_event(one: Event) -> OpenItem:
    since = one.due_at or one.created_at
    text = Text(one.title, one.title)
    return OpenItem(kind="event", item_id=one.item_id, text=text, since_at=since, level=one.level)


def _of_instruction(one: Instruction) -> OpenItem:
    waits = sum(receipt.signed_by is None for receipt in one.receipts)
    text = Text(f"{one.title}(待签收 {waits})", f"{one.title} ({waits} not signed)")
    return OpenItem(kind="instruction", item_id=one.item_id, text=text, since_at=one.created_at)


def note_item(line: ShiftLine) -> OpenItem:
    """Give a note marked "carry on" as an open item."""
    return OpenItem(
        kind="note",
        item_id=f"{line.page_id}:{line.no}",
        text=line.text,
        since_at=line.at,
        line=LineRef(page_id=line.page_id, no=line.no),
    )


def carried_notes(page: ShiftPage, lines: Iterable[ShiftLine]) -> list[OpenItem]:
    """List the notes a page still has to hand on: taken over or written on it, not settled."""
    notes = {one.item_id: one for one in page.carried if one.kind == "note"}
    for line in lines:
        if line.carry:
            note = note_item(line)
            notes[note.item_id] = note
        elif line.kind is LineKind.SETTLED and line.refers_to is not None:
            notes.pop(f"{line.refers_to.page_id}:{line.refers_to.no}", None)
    return list(notes.values())
