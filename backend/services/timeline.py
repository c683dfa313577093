"""An event's timeline: read from the audit trail, which nobody can change."""

from __future__ import annotations

import json
from dataclasses import dataclass

from backend.domain.refused import not_found
from backend.services.policy import Policy
from backend.services.sight import works_on
from backend.storage import audit
from backend.storage.database import Database
from backend.storage.persons import names_of
from backend.storage.unit import View
from backend_client.contract.auth import Person
from backend_client.contract.events import Event
from backend_client.contract.orders import Order
from backend_client.contract.service import AuditRow
from backend_client.contract.timeline import Step, Timeline

_QUIET = frozenset({"event.claim", "event.release", "event.claim_over", "order.send"})
"""Steps that say nothing of the event, or what another step says already."""
_REASON = ("reason", "note")


@dataclass(frozen=True, slots=True)
class Timelines:
    """Give what became of an event to whoever may see it, or has an order of it."""

    database: Database
    policy: Policy

    def of(self, person: Person, event_id: str) -> Timeline:
        """Give every step of an event, its orders and the reports merged with it.

        Raises:
            Refused: 404 when there is no such event in sight.
        """
        with self.database.read() as view:
            event = view.load(Event, event_id)
            sees = self.policy.sees_item(person, event)
            if not sees and not works_on(view, self.policy, person, event):
                raise not_found(event_id)
            targets = [f"event/{one}" for one in self._events(view, person, event)]
            orders = view.find(Order, event_id=event_id)
            if not sees:  # a unit reads what the centre and it itself did, not its neighbours
                orders = [one for one in orders if self.policy.sees_item(person, one)]
            targets += [f"order/{one.item_id}" for one in orders]
            rows = [row for row in audit.of(view.connection, targets) if row.action not in _QUIET]
            names = names_of(view.connection, {row.person_id for row in rows})
        return Timeline(event_id=event_id, steps=tuple(_step(row, names) for row in rows))

    def _events(self, view: View, person: Person, event: Event) -> list[str]:
        found = [event.item_id]
        for child in view.find(Event, main_id=event.item_id):
            if self.policy.sees_item(person, child):
                found += self._events(view, person, child)
        return found


def _step(row: AuditRow, names: dict[str, str]) -> Step:
    told = json.loads(row.detail)
    facts = {key: str(value) for key, value in told.items() if value not in (None, "")}
    reason = next((facts.pop(key) for key in _REASON if key in facts), "")
    return Step(
        seq=row.seq,
        at=row.at,
        person_id=row.person_id,
        name=names.get(row.person_id, ""),
        action=row.action,
        target=row.target.partition("/")[2],
        reason=reason[:200],
        facts={key: value[:200] for key, value in facts.items() if key != "version"},
    )
