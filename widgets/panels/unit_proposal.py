"""Which unit an event should go to, as the dispatch form proposes it, and until when."""

from __future__ import annotations

from dataclasses import dataclass

from backend_client.contract.events import Event
from widgets.panel import Room
from widgets.panels.reading import (
    ROLES,
    EventReading,
    class_name,
    department_of,
    elsewhere,
    share_words,
    unit_name,
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A unit proposed: the department an order goes to, its name, its part, and why."""

    department: str
    name: str
    part: str
    why: str
    leads: bool


def proposals(event: Event, read: EventReading, room: Room) -> list[Proposed]:
    """Give the units the reading suggests, the lead first."""
    reading, words = read.reading(event), room.words
    found = []
    for one in reading.units if reading is not None else ():
        leads = one.role == "lead"
        part = words.join(
            words.pick(f"建议{ROLES[one.role].zh}", f"should {ROLES[one.role].en.rstrip('s')}"),
            share_words(one.share),
        )
        own = ""
        if not one.unit.startswith("D"):
            county = words.say(room.names.county(event.region))
            own = words.pick(
                f"属地：由{county}中心接单", f"local: the centre of {county} takes the order"
            )
        why = words.join(part, own, elsewhere(event, one.unit, room), words.say(one.why))
        name = words.say(unit_name(one.unit, room))
        found.append(Proposed(department_of(one.unit), name, part, why, leads))
    return found


def table_words(event: Event, read: EventReading, room: Room) -> str:
    """Say until when a unit has by the table, for the class and level that stand on an event."""
    words, reading = room.words, read.reading(event)
    if event.sent_at is not None and event.due_at is not None:
        until = f"{words.day(event.due_at)} {words.minute(event.due_at)}"
        return words.pick(
            f"沿用首次派单的时限 {until}", f"the first dispatch's deadline stays: {until}"
        )
    if reading is None or reading.due is None:
        return words.pick("按时限表，由服务计算", "by the table, reckoned by the service")
    due = reading.due
    until = f"{words.day(due.due_at)} {words.minute(due.due_at)}"
    kind = words.say(class_name(due.matter, room)) if due.matter else ""
    basis = words.join(
        kind or words.pick("未定类别", "no class"), words.level(due.level) if due.level else ""
    )
    return words.pick(
        f"{due.span.zh}，至 {until}（{basis}）",
        f"{due.span.en}, to {until} ({basis})",
    )
