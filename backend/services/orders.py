"""Orders (工单): what a unit does with what it was told to do, and what the centre says to it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain import event_paths, order_paths
from backend.domain import events as event_rules
from backend.domain import orders as rules
from backend.services.steps import Detail, Steps, ref
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.events import Close, Decide, Event, Reasoned, Touch
from backend_client.contract.item import Head
from backend_client.contract.orders import Extend, Order, Return


@dataclass(frozen=True, slots=True)
class Orders:
    """Steps on orders; the event an order belongs to follows in the same unit."""

    steps: Steps

    def sign(self, person: Person, item_id: str, body: Touch) -> Head:
        """Sign for an order; its event follows."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "sign", body.version)
            changed = rules.sign(order, by=ref(person), at=self.steps.clock.now())
            event = self._lead_event(unit, changed)
            if event is not None:
                self._follow(unit, person, event, event_rules.signed(event), "sign")
            return self._put(unit, person, changed, "sign", {"note": body.note})

    def report(self, person: Person, item_id: str, body: Close) -> Head:
        """Report what was done on an order; its event waits to be checked."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "report", body.version)
            changed = rules.report(order, body.answer, body.proof)
            self.steps.hold(unit, body.proof)
            event = self._lead_event(unit, changed)
            if event is not None:
                self._follow(unit, person, event, event_rules.reported(event), "report")
            return self._put(unit, person, changed, "report", {"reason": body.answer[:200]})

    def send_back(self, person: Person, item_id: str, body: Return) -> Head:
        """Send an order back with a reason (退单); the centre decides."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "return", body.version)
            at = self.steps.clock.now()
            changed = order_paths.send_back(order, body, by=ref(person), at=at)
            event = self._lead_event(unit, changed)
            if event is not None:
                follows = event_paths.sent_back(event, changed)
                self._follow(unit, person, event, follows, "return", body.reason)
            detail = {"reason": body.reason, "department": body.department}
            return self._put(unit, person, changed, "return", detail)

    def extend(self, person: Person, item_id: str, body: Extend) -> Head:
        """Ask for more time (延期)."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "extend", body.version)
            at = self.steps.clock.now()
            changed = order_paths.ask_time(order, body, by=ref(person), at=at)
            detail = {"reason": body.reason, "until_at": body.until_at.isoformat()}
            return self._put(unit, person, changed, "extend", detail)

    def grant(self, person: Person, item_id: str, body: Decide) -> Head:
        """Say yes or no to more time (审批); the event's deadline follows."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "grant", body.version)
            mark = self.steps.mark(person, body.reason)
            changed = order_paths.answer_time(
                order, mark, self.steps.deadlines, granted=body.granted
            )
            self._postpone(unit, person, changed, "grant", body.reason)
            detail = {"reason": body.reason, "granted": body.granted}
            return self._put(unit, person, changed, "grant", detail)

    def suspend(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Stop an order's clock (挂起)."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "suspend", body.version)
            changed = order_paths.suspend(order, self.steps.mark(person, body.reason))
            return self._put(unit, person, changed, "suspend", {"reason": body.reason})

    def resume(self, person: Person, item_id: str, body: Touch) -> Head:
        """Let an order's clock run again."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "resume", body.version)
            changed = order_paths.resume(order, self.steps.deadlines, self.steps.clock.now())
            self._postpone(unit, person, changed, "resume", body.note)
            return self._put(unit, person, changed, "resume", {"note": body.note})

    def urge(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Urge a unit on (催办)."""
        with self.steps.database.write() as unit:
            order = self._order(unit, person, item_id, "urge", body.version)
            changed = order_paths.urge(order, self.steps.mark(person, body.reason))
            return self._put(unit, person, changed, "urge", {"reason": body.reason})

    def _order(self, unit: Unit, person: Person, item_id: str, verb: str, version: int) -> Order:
        return self.steps.order(unit, person, item_id, action=f"order.{verb}", version=version)

    def _put(self, unit: Unit, person: Person, order: Order, verb: str, detail: Detail) -> Head:
        return unit.put(order, by=person, action=f"order.{verb}", detail=detail)

    def _lead_event(self, unit: Unit, order: Order) -> Event | None:
        """Give the event whose leading order it is."""
        event = unit.get(Event, order.event_id) if order.event_id else None
        return event if event is not None and event.order_id == order.item_id else None

    def _follow(
        self, unit: Unit, person: Person, was: Event, now: Event, verb: str, reason: str = ""
    ) -> None:
        if now != was:
            detail = {"reason": reason} if reason else None
            self.steps.put(unit, now, by=person, action=f"order.{verb}", detail=detail)

    def _postpone(self, unit: Unit, person: Person, order: Order, verb: str, reason: str) -> None:
        event = self._lead_event(unit, order)
        if event is not None:
            self._follow(unit, person, event, event_paths.moved(event, order), verb, reason)
