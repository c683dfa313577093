"""What must be seen to next: overdue, due within a day, sent back, more time asked, to call back.

One row an event, with everything it waits for; the gravest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from app.event_table import EventTable
from app.order_table import OrderTable, asks_time
from app.stores import Stores
from backend_client.contract.events import Event, EventState
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
    YELLOW = "yellow"
    RETURNED = "returned"  # to be decided
    EXTENSION = "extension"  # to be granted
    SOON = "soon"  # within a day
    CALL_BACK = "call_back"


LATE: Final = frozenset({Wait.LED, Wait.SUPERVISED, Wait.OVERDUE})
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

    @property
    def rank(self) -> tuple[int, float]:
        """Sort by this: the most urgent first."""
        return _rank(self.waits[0], self.at)


def _rank(wait: Wait, at: datetime | None) -> tuple[int, float]:
    return _URGENCY[wait], at.timestamp() if at is not None else 0.0


def due_list(stores: Stores, events: EventTable, orders: OrderTable) -> list[Due]:
    """List what must be seen to next, the most urgent first."""
    now, found = stores.server_now(), dict[str, Due]()

    def row(event_id: str) -> Due:
        return found.setdefault(event_id, Due(event_id))

    for order in _known(stores.orders.get(one) for one in orders.due_before(now + AHEAD, MOST)):
        if order.event_id and stores.events.get(order.event_id) is not None:
            _light(row(order.event_id), order.due_at, _stage(order, now))
    for event_id in _due_events(events, now):
        event = stores.events.get(event_id)
        if event is not None and event.due_at is not None and not _has_order(stores, event):
            _light(row(event_id), event.due_at, _plain(event.due_at, now))
    for order in _known(stores.orders.get(one) for one in orders.asking(MOST)):
        if order.event_id and asks_time(order) and order.extension is not None:
            row(order.event_id).add(Wait.EXTENSION, order.extension.asked.at)
    for event_id in events.ids(np.flatnonzero(events.of_states({EventState.RETURNED}))[:MOST]):
        row(event_id).add(Wait.RETURNED, _returned_at(stores, event_id))
    closed = events.of_states({EventState.CLOSED}) & ~np.isnan(events.column("call_back_s"))
    for event_id in events.ids(np.flatnonzero(closed)[:MOST]):
        event = stores.events.get(event_id)
        row(event_id).add(Wait.CALL_BACK, event.call_back_at if event else None)
    return sorted(found.values(), key=lambda one: one.rank)[:MOST]


def count_waits(rows: Iterable[Due]) -> Counter[Wait]:
    """Count the events of each kind; one that waits for two things counts in both."""
    return Counter(wait for row in rows for wait in row.waits)


def _known(orders: Iterable[Order | None]) -> Iterable[Order]:
    return (order for order in orders if order is not None)


def _due_events(events: EventTable, now: datetime) -> list[str]:
    due_s = events.column("due_s")
    rows = np.flatnonzero(events.of_states(_ON_THE_LINE) & (due_s <= (now + AHEAD).timestamp()))
    return events.ids(rows[np.argsort(due_s[rows], kind="stable")[:MOST]])


def _returned_at(stores: Stores, event_id: str) -> datetime | None:
    """Tell when an event was sent back; as far as its order is out of sight, when it changed."""
    event = stores.events.get(event_id)
    if event is None:
        return None
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


def _light(row: Due, at: datetime, wait: Wait) -> None:
    row.add(wait, at)
    level = RED if wait in LATE else YELLOW if wait is Wait.YELLOW else SOON
    row.level = min(row.level or level, level)
