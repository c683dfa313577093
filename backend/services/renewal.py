"""Orders an older version stored: given the lamps and the start this one counts by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain import orders as rules
from backend.services.steps import Steps
from backend.storage.dialect import upsert
from backend.storage.tables import META
from backend.storage.unit import Unit
from backend_client.contract.events import Event
from backend_client.contract.orders import DONE, Order, OrderState

_DONE: Final = "orders_renewed"
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Renewal:
    """Bring open orders up to date once after an upgrade: without lamps nobody would be told."""

    steps: Steps

    def run(self) -> None:
        """Renew what lacks something; a second run finds nothing to do."""
        with self.steps.database.read() as view:
            if view.meta(_DONE):
                return
            is_open = [state for state in OrderState if state not in DONE]
            found = [one for state in is_open for one in view.find(Order, state=state.value)]
        old = [one.item_id for one in found if one.led_at is None]
        for first in range(0, len(old), _AT_ONCE):
            with self.steps.database.write() as unit:
                for order_id in old[first : first + _AT_ONCE]:
                    self._renew(unit, order_id)
        with self.steps.database.write() as unit:
            mark = {"key": _DONE, "value": "1"}
            unit.connection.execute(upsert(unit.connection, META, key=("key",)), [mark])

    def _renew(self, unit: Unit, order_id: str) -> None:
        order = unit.get(Order, order_id)
        if order is None or not order.is_open or order.led_at is not None:
            return
        since_at = order.since_at or order.created_at
        timed = order.model_copy(update={"since_at": since_at})
        renewed = rules.due(timed, order.due_at, self.steps.deadlines)
        unit.put(self.steps.pressed(renewed), by=None, action="order.renew")
        event = unit.get(Event, order.event_id) if order.event_id else None
        if event is not None and event.order_id == order_id and event.sent_at is None:
            told = event.model_copy(update={"sent_at": since_at})
            self.steps.put(unit, told, by=None, action="event.renew")
