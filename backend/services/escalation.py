"""Orders left undone: urged when unsigned, supervised at 120 %, before a leader at 150 %."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from backend.domain import order_paths
from backend.services.steps import SERVICE, Steps
from backend.storage import shifts as lines
from backend.storage.dialect import upsert
from backend.storage.tables import META
from backend.storage.unit import Unit
from backend_client.contract.events import Event
from backend_client.contract.item import Mark
from backend_client.contract.orders import Order, OrderState, Task

_DONE_UNTIL: Final = "escalated_until"
_AT_ONCE: Final = 200
_MARK_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Escalation:
    """What nobody has to remember: each crossing is taken once, also one missed while down."""

    steps: Steps

    def tend(self) -> None:
        """Take the step for every order that crossed a limit since the last look."""
        now = self.steps.clock.now()
        stages: Mapping[str, Callable[[Unit, str], None]] = {
            "sign_by_at": self._remind,
            "supervised_at": partial(self._escalate, is_led=False),
            "led_at": partial(self._escalate, is_led=True),
        }
        with self.steps.database.read() as view:
            since = view.meta(_DONE_UNTIL) or ""
            until = lines.instant(now)
            crossed = {
                field: lines.fell_due(view.connection, since, until, field) for field in stages
            }
        for field, orders in crossed.items():
            for first in range(0, len(orders), _AT_ONCE):
                with self.steps.database.write() as unit:
                    for order in orders[first : first + _AT_ONCE]:
                        stages[field](unit, order.item_id)
        is_fresh = since and now < datetime.fromisoformat(since) + _MARK_EVERY
        if is_fresh and not any(crossed.values()):
            return
        with self.steps.database.write() as unit:
            mark = {"key": _DONE_UNTIL, "value": until}
            unit.connection.execute(upsert(unit.connection, META, key=("key",)), [mark])

    def _remind(self, unit: Unit, order_id: str) -> None:
        """Urge a unit that has not signed in its time, once though a kill made us look again."""
        order = unit.get(Order, order_id)
        if order is None or order.state is not OrderState.SENT or _is_reminded(order):
            return
        reason = "逾期未签收 · not signed in time"
        mark = Mark(by=SERVICE, at=self.steps.clock.now(), reason=reason)
        urged = order_paths.urge(order, mark)
        unit.put(urged, by=None, action="order.urge", detail={"reason": reason})

    def _escalate(self, unit: Unit, order_id: str, *, is_led: bool) -> None:
        order = unit.get(Order, order_id)
        if order is None or not order.is_open or order.state is OrderState.SUSPENDED:
            return
        if order.led is not None if is_led else order.supervised is not None:
            return
        at = self.steps.clock.now()
        shares = self.steps.deadlines.shares
        share = shares.led if is_led else shares.supervised
        reason = f"用时 {share:.0%} · {share:.0%} of the time used"
        mark = Mark(by=SERVICE, at=at, reason=reason)
        rule = order_paths.escalate if is_led else order_paths.supervise
        action = "order.led" if is_led else "order.overdue"
        unit.put(rule(order, mark), by=None, action=action, detail={"reason": reason})
        event = unit.get(Event, order.event_id) if order.event_id else None
        if event is not None and event.supervised is None and order.task is Task.HANDLE:
            marked = event.model_copy(update={"supervised": mark})
            self.steps.put(unit, marked, by=None, action="event.overdue")


def _is_reminded(order: Order) -> bool:
    last, by_at = order.urge, order.sign_by_at
    if last is None or by_at is None:
        return False
    return last.by.person_id == SERVICE.person_id and last.at >= by_at
