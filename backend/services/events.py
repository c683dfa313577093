"""Events and their orders: in by any channel once, out to a unit, back as an answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from backend.domain import events as rules
from backend.domain import orders as order_rules
from backend.domain.deadlines import Deadlines
from backend.domain.refused import forbidden
from backend.services.claims import let_go, must_be_free
from backend.services.policy import Policy
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.clock import Clock
from backend_client.contract.events import Close, Dispatch, Event, Intake, Locate, Touch
from backend_client.contract.item import Head, PersonRef
from backend_client.contract.orders import Order

Project = Callable[[Unit, Event], None]
"""Show an event on the map inside the same unit."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an intake: the event's head, and whether it was new."""

    head: Head
    new: bool


@dataclass(frozen=True, slots=True)
class Events:
    """What people and channels do with events and orders."""

    database: Database
    policy: Policy
    clock: Clock
    project: Project
    deadlines: Deadlines

    def take(self, person: Person, intake: Intake) -> Taken:
        """Register an event; the same `intake_id` again gives the event it made the first time.

        Raises:
            Refused: 403 outside the person's scope, 422 when it makes no sense.
        """
        self._check_intake(person, intake.region)
        with self.database.write() as unit:
            seen = unit.find(Event, intake_id=intake.intake_id)
            if seen:
                self._check_intake(person, seen[0].region)
                return Taken(unit.head(seen[0]), new=False)
            event = rules.register(intake, f"event-{secrets.token_hex(8)}", self.clock.now())
            head = unit.add(event, by=person, action="event.intake")
            self.project(unit, event)
            return Taken(head, new=True)

    def accept(self, person: Person, item_id: str, body: Touch) -> Head:
        """Take an event in hand."""
        with self.database.write() as unit:
            event = self._event(unit, person, item_id, action="event.accept", version=body.version)
            return self._put(unit, rules.accept(event), by=person, action="event.accept")

    def locate(self, person: Person, item_id: str, body: Locate) -> Head:
        """Correct an event's place."""
        with self.database.write() as unit:
            event = self._event(unit, person, item_id, action="event.locate", version=body.version)
            return self._put(unit, rules.locate(event, body), by=person, action="event.locate")

    def dispatch(self, person: Person, item_id: str, body: Dispatch) -> Head:
        """Send an event to a unit: the order and the event change together."""
        with self.database.write() as unit:
            event = self._event(
                unit, person, item_id, action="event.dispatch", version=body.version
            )
            order = order_rules.send(
                event,
                body,
                self.deadlines,
                item_id=f"order-{secrets.token_hex(8)}",
                by=_ref(person),
                at=self.clock.now(),
            )
            changed = rules.dispatch(event, order)
            unit.add(order, by=person, action="order.send")
            return self._put(unit, changed, by=person, action="event.dispatch")

    def close(self, person: Person, item_id: str, body: Close) -> Head:
        """Close an event with the answer the citizen gets."""
        with self.database.write() as unit:
            event = self._event(unit, person, item_id, action="event.close", version=body.version)
            order = unit.get(Order, event.order_id) if event.order_id else None
            changed = rules.close(event, body.answer, order, by=_ref(person), at=self.clock.now())
            let_go(unit, person, item_id)
            return self._put(unit, changed, by=person, action="event.close")

    def undo(self, person: Person, item_id: str, body: Touch) -> Head:
        """Take one's own dispatch or close back within ten seconds; the order goes with it."""
        with self.database.write() as unit:
            event = self._event(unit, person, item_id, action="event.undo", version=body.version)
            order = unit.get(Order, event.order_id) if event.order_id else None
            changed = rules.undo(event, order, by=_ref(person), at=self.clock.now())
            if order is not None and changed.order_id is None:
                unit.remove(order, by=person, action="order.withdraw")
            return self._put(unit, changed, by=person, action="event.undo")

    def sign(self, person: Person, item_id: str, body: Touch) -> Head:
        """Sign for an order; its event follows."""
        with self.database.write() as unit:
            order = self._order(unit, person, item_id, action="order.sign", version=body.version)
            changed = order_rules.sign(order, by=_ref(person), at=self.clock.now())
            event = unit.get(Event, order.event_id) if order.event_id else None
            if event is not None and (followed := rules.signed(event)) != event:
                self._put(unit, followed, by=person, action="order.sign")
            return unit.put(changed, by=person, action="order.sign", detail={"note": body.note})

    def report(self, person: Person, item_id: str, body: Close) -> Head:
        """Report what was done on an order."""
        with self.database.write() as unit:
            order = self._order(unit, person, item_id, action="order.report", version=body.version)
            changed = order_rules.report(order, body.answer)
            return unit.put(changed, by=person, action="order.report")

    def _check_intake(self, person: Person, region: str) -> None:
        if not self.policy.permits(person, "event.intake", region, rules.OWNER):
            raise forbidden("event.intake")

    def _event(
        self, unit: Unit, person: Person, item_id: str, *, action: str, version: int
    ) -> Event:
        event = unit.load(Event, item_id)
        self.policy.check_item(person, action, event)
        must_be_free(unit, person, item_id)
        return unit.load(Event, item_id, version=version)

    def _order(
        self, unit: Unit, person: Person, item_id: str, *, action: str, version: int
    ) -> Order:
        order = unit.load(Order, item_id)
        self.policy.check_item(person, action, order)
        return unit.load(Order, item_id, version=version)

    def _put(self, unit: Unit, event: Event, *, by: Person, action: str) -> Head:
        head = unit.put(event, by=by, action=action)
        self.project(unit, event)
        return head


def _ref(person: Person) -> PersonRef:
    return PersonRef(person_id=person.person_id, name=person.name)
