"""What somebody else changed while an operator was typing: who, and which of its facts."""

from __future__ import annotations

from typing import TypeVar

from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.orders import Order
from backend_client.errors import Refused
from widgets.panel import Room
from widgets.panels.events import STATES
from widgets.panels.orders import ORDER_STATES
from widgets.panels.reading import class_name

STALE = "stale_version"
T = TypeVar("T", bound=Event | Order)


def is_kept(error: Exception) -> bool:
    """Tell whether a refusal gives the words back: the service said no, and nothing was done."""
    return isinstance(error, Refused)


def told(error: Exception, before: Event | Order, room: Room) -> str:
    """Say who changed what since it was opened, or why else it was refused."""
    words = room.words
    if not isinstance(error, Refused):
        return ""
    if error.problem.code != STALE:
        return error.say(words.language)
    who = error.problem.holder or words.pick("他人", "somebody else")
    now = _now(before, room)
    changed = differences(before, now, room) if now is not None else ""
    return words.join(words.pick(f"{who} 已修改此件", f"{who} has changed it"), changed)


def differences(before: Event | Order, now: Event | Order, room: Room) -> str:
    """Say which facts changed, from what to what."""
    words, found = room.words, list[str]()

    def moved(name: Text, was: str, is_: str) -> None:
        if was != is_:
            found.append(f"{words.say(name)} {was or '–'} → {is_ or '–'}")

    if isinstance(before, Event) and isinstance(now, Event):
        state = Text("状态", "state")
        moved(state, words.say(STATES[before.state]), words.say(STATES[now.state]))
        moved(Text("类别", "class"), *(_class(one.matter, room) for one in (before, now)))
        moved(Text("级别", "level"), _level(before.level, room), _level(now.level, room))
        moved(Text("地点", "place"), _place(before), _place(now))
        moved(Text("并来", "merged"), str(before.reports - 1), str(now.reports - 1))
    elif isinstance(before, Order) and isinstance(now, Order):
        states = (words.say(ORDER_STATES[one.state]) for one in (before, now))
        moved(Text("状态", "state"), *states)
        units = (words.say(room.names.department(one.department)) for one in (before, now))
        moved(Text("单位", "unit"), *units)
    if before.due_at != now.due_at and now.due_at is not None:
        until = f"{words.day(now.due_at)} {words.minute(now.due_at)}"
        found.append(words.pick(f"时限改至 {until}", f"deadline now {until}"))
    return words.join(*found)


def fresh(item: T, room: Room) -> T:
    """Give an item as it is known now."""
    now = _now(item, room)
    return now if isinstance(now, type(item)) else item


def _now(item: Event | Order, room: Room) -> Event | Order | None:
    if isinstance(item, Event):
        return room.stores.events.get(item.item_id)
    return room.stores.orders.get(item.item_id)


def _class(code: str, room: Room) -> str:
    return room.words.say(class_name(code, room)) if code else ""


def _level(level: int, room: Room) -> str:
    return room.words.level(level) if level else ""


def _place(event: Event) -> str:
    if event.lon is None or event.lat is None:
        return event.place
    return f"{event.place} {event.lon:.4f}, {event.lat:.4f}".strip()
