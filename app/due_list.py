"""What must be seen to next: overdue, unheard, unsigned, due in a day, sent back, to call back.

One row an event, with everything it waits for; the gravest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Final, TypeAlias, TypeVar

import numpy as np

from app.event_table import EventTable
from app.order_table import OrderTable, asks_time
from app.stores import Store, Stores
from backend_client.contract.events import Event, EventState, Satisfaction
from backend_client.contract.orders import Order

AHEAD: Final = timedelta(hours=24)
MOST: Final = 1_000
YELLOW, RED, SOON = 3, 1, 4
"""Levels of a lamp: yellow and red as the order says, blue while it is neither."""
_ON_THE_LINE: Final = frozenset(
    {EventState.ACCEPTED, EventState.DISPATCHED, EventState.SIGNED, EventState.REPORTED}
)


class Wait(StrEnum):
    """What an event waits for."""

    LED = "led"  # so late that a leader has to see to it
    SUPERVISED = "supervised"  # a supervisor's matter
    OVERDUE = "overdue"
    UNHEARD = "unheard"  # the reporter has had no first word in its time
    UNSIGNED = "unsigned"  # in its time
    YELLOW = "yellow"
    REDO = "redo"  # the reporter is not content
    RETURNED = "returned"  # to be decided
    EXTENSION = "extension"  # to be granted
    SOON = "soon"  # within a day
    CALL_BACK = "call_back"


LATE: Final = frozenset({Wait.LED, Wait.SUPERVISED, Wait.OVERDUE})
_LAMPS: Final = {**dict.fromkeys(LATE, RED), Wait.YELLOW: YELLOW, Wait.SOON: SOON}
Waiting: TypeAlias = tuple[str, Wait, datetime | None]
"""The event, what it waits for, and the instant that goes with it."""
T = TypeVar("T", Event, Order)
_URGENCY: Final = {wait: place for place, wait in enumerate(Wait)}


@dataclass(slots=True)
class Due:
    """One event and what it waits for, the gravest first; `at` is the instant of the gravest."""

    event_id: str
    waits: list[Wait] = field(default_factory=list)
    at: datetime | None = None
    level: int = 0

    def add(self, wait: Wait, at: datetime | None) -> None:
        """Note one more thing it waits for."""
        if not self.waits or _rank(wait, at) < _rank(self.waits[0], self.at):
            self.at = at
        if wait not in self.waits:
            self.waits.append(wait)
            self.waits.sort(key=_URGENCY.__getitem__)
        level = _LAMPS.get(wait, self.level)
        self.level = min(self.level or level, level)

    @property
    def rank(self) -> tuple[int, float]:
        """Sort by this: the most urgent first."""
        return _rank(self.waits[0], self.at)


def _rank(wait: Wait, at: datetime | None) -> tuple[int, float]:
    return _URGENCY[wait], at.timestamp() if at is not None else 0.0


def due_list(stores: Stores, events: EventTable, orders: OrderTable) -> list[Due]:
    """List what must be seen to next, the most urgent first."""
    now, found = stores.server_now(), dict[str, Due]()
    for event_id, wait, at in chain(
        _of_orders(stores, orders, now),
        _of_deadlines(stores, events, now),
        _of_reporters(stores, events, now),
    ):
        if stores.events.get(event_id) is not None:
            found.setdefault(event_id, Due(event_id)).add(wait, at)
    return sorted(found.values(), key=lambda one: one.rank)[:MOST]


def _of_orders(stores: Stores, orders: OrderTable, now: datetime) -> Iterator[Waiting]:
    """Give what orders wait for: their clock, a signature, more time."""
    for order in _known(stores.orders, orders.due_before(now + AHEAD, MOST)):
        yield order.event_id or "", _stage(order, now), order.due_at
    for order in _known(stores.orders, orders.unsigned(now, MOST)):
        yield order.event_id or "", Wait.UNSIGNED, order.sign_by_at
    for order in _known(stores.orders, orders.asking(MOST)):
        if asks_time(order) and order.extension is not None:
            yield order.event_id or "", Wait.EXTENSION, order.extension.asked.at


def _of_deadlines(stores: Stores, events: EventTable, now: datetime) -> Iterator[Waiting]:
    """Give the events whose own deadline speaks for them, and those sent back."""
    for event in _known(stores.events, _due_events(events, now)):
        if event.due_at is not None and not _has_order(stores, event):
            yield event.item_id, _plain(event.due_at, now), event.due_at
    sent_back = np.flatnonzero(events.of_states({EventState.RETURNED}))[:MOST]
    for event in _known(stores.events, events.ids(sent_back)):
        yield event.item_id, Wait.RETURNED, _returned_at(stores, event)


def _of_reporters(stores: Stores, events: EventTable, now: datetime) -> Iterator[Waiting]:
    """Give the events whose reporters wait: for a first word, for a call, for work done anew."""
    for event in _known(stores.events, _unheard(events, now)):
        yield event.item_id, Wait.UNHEARD, event.answer_by_at
    closed = events.of_states({EventState.CLOSED}) & ~np.isnan(events.column("call_back_s"))
    for event in _known(stores.events, events.ids(np.flatnonzero(closed)[:MOST])):
        unhappy = event.satisfaction is Satisfaction.UNSATISFIED
        yield event.item_id, Wait.REDO if unhappy else Wait.CALL_BACK, event.call_back_at


def count_waits(rows: Iterable[Due]) -> Counter[Wait]:
    """Count the events of each kind; one that waits for two things counts in both."""
    return Counter(wait for row in rows for wait in row.waits)


def _known(store: Store[T], ids: Iterable[str]) -> Iterator[T]:
    """Give the items that are in sight."""
    return (item for item in map(store.get, ids) if item is not None)


def _unheard(events: EventTable, now: datetime) -> list[str]:
    answer_s = events.column("answer_s")
    rows = np.flatnonzero(events.column("alive") & (answer_s <= now.timestamp()))
    return events.ids(rows[np.argsort(answer_s[rows], kind="stable")[:MOST]])


def _due_events(events: EventTable, now: datetime) -> list[str]:
    due_s = events.column("due_s")
    rows = np.flatnonzero(events.of_states(_ON_THE_LINE) & (due_s <= (now + AHEAD).timestamp()))
    return events.ids(rows[np.argsort(due_s[rows], kind="stable")[:MOST]])


def _returned_at(stores: Stores, event: Event) -> datetime:
    """Tell when an event was sent back; as far as its order is out of sight, when it changed."""
    lead = stores.orders.get(event.order_id) if event.order_id else None
    return lead.returned.at if lead is not None and lead.returned else event.updated_at


def _has_order(stores: Stores, event: Event) -> bool:
    """Tell whether its order's own clock speaks for it: it runs, or stands still."""
    lead = stores.orders.get(event.order_id) if event.order_id else None
    return lead is not None and lead.is_open


def _stage(order: Order, now: datetime) -> Wait:
    """Say how far the time of an order has gone."""
    steps = ((order.led_at, Wait.LED), (order.supervised_at, Wait.SUPERVISED))
    past = (wait for at, wait in steps if at is not None and at <= now)
    plain = _plain(order.due_at, now)
    is_yellow = order.yellow_at is not None and order.yellow_at <= now
    return next(past, Wait.YELLOW if is_yellow and plain is Wait.SOON else plain)


def _plain(due_at: datetime, now: datetime) -> Wait:
    return Wait.OVERDUE if due_at < now else Wait.SOON
