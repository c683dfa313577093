"""Events: in by any channel once, out to a unit, back as an answer to everyone who reported."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain import event_paths as paths
from backend.domain import events as rules
from backend.domain import orders as order_rules
from backend.domain.deadlines import Stage
from backend.domain.intake import check_channel, check_place
from backend.domain.refused import forbidden, unfit
from backend.services import decided
from backend.services.claims import let_go
from backend.services.steps import Steps, heard_by, new_id, ref
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.events import Close, Dispatch, Event, Intake, Locate, Touch
from backend_client.contract.item import Head
from backend_client.geo import city


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an intake: the event's head, and whether it was new."""

    head: Head
    new: bool


@dataclass(frozen=True, slots=True)
class Events:
    """What people and channels do with events."""

    steps: Steps

    def take(self, person: Person, intake: Intake) -> Taken:
        """Register an event; the same `intake_id` again gives the event it made the first time.

        Raises:
            Refused: 403 outside the person's scope or another channel's, 422 when it makes no
                sense.
        """
        self._check_intake(person, intake.region)
        check_channel(person, intake.channel)
        city.area()  # made with the first question, which must not keep the writer
        with self.steps.database.write() as unit:
            seen = unit.find(Event, intake_id=intake.intake_id)
            if seen:
                self._check_intake(person, seen[0].region)
                if seen[0].channel is not intake.channel:
                    raise unfit(
                        "intake_id",
                        Text("该编号已被另一渠道使用。", "Another channel has used this number."),
                        Text("编号前加渠道名。", "Put the channel's name before the number."),
                    )
                return Taken(unit.head(seen[0]), new=False)
            at = self.steps.clock.now()
            by_at = self.steps.deadlines.due(Stage.ANSWER, intake.level, intake.matter, at)
            event = rules.register(intake, new_id("event"), at, by_at, city.holds)
            self.steps.hold(unit, event.attachments, event.item_id)
            head = unit.add(event, by=person, action="event.intake")
            self.steps.project(unit, event)
            return Taken(head, new=True)

    def accept(self, person: Person, item_id: str, body: Touch) -> Head:
        """Take an event in hand."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "accept", body.version)
            detail = heard_by(event)
            accepted = rules.accept(event)
            return self.steps.put(unit, accepted, by=person, action="event.accept", detail=detail)

    def locate(self, person: Person, item_id: str, body: Locate) -> Head:
        """Correct an event's place."""
        city.area()
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "locate", body.version)
            check_place(body.lon, body.lat, city.holds)
            changed = rules.locate(event, body)
            return self.steps.put(unit, changed, by=person, action="event.locate")

    def dispatch(self, person: Person, item_id: str, body: Dispatch) -> Head:
        """Send an event to a unit: the order and the event change together."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "dispatch", body.version)
            self.steps.roster.check_unit(body.department)
            order = order_rules.send(
                event,
                body,
                self.steps.deadlines,
                item_id=new_id("order"),
                by=ref(person),
                at=self.steps.clock.now(),
                is_final=paths.is_final(event),
            )
            changed = rules.dispatch(event, order)
            unit.add(self.steps.pressed(order), by=person, action="order.send")
            detail = {"department": body.department, "note": body.note}
            return self.steps.put(unit, changed, by=person, action="event.dispatch", detail=detail)

    def close(self, person: Person, item_id: str, body: Close) -> Head:
        """Close an event with the answer the citizen gets, and every report merged with it."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "close", body.version)
            at = self.steps.clock.now()
            order = self.steps.lead_order(unit, event)
            changed = rules.close(event, body.answer, order, by=ref(person), at=at)
            self.steps.hold(unit, body.proof)
            changed = self._to_call_back(changed)
            let_go(unit, person, item_id)
            helpers = (one for one in self.steps.orders(unit, event) if one != order)
            self.steps.take_back(unit, helpers, by=person, reason="closed")
            self._answer_reports(unit, person, changed)
            decided.answered(unit, changed, order)
            detail = {"reason": body.answer[:200], "proof": " ".join(body.proof)}
            return self.steps.put(unit, changed, by=person, action="event.close", detail=detail)

    def undo(self, person: Person, item_id: str, body: Touch) -> Head:
        """Take one's own dispatch or close back within ten seconds; the order goes with it."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "undo", body.version)
            order = self.steps.lead_order(unit, event)
            changed = rules.undo(event, order, by=ref(person), at=self.steps.clock.now())
            if order is not None and changed.order_id is None:
                unit.remove(order, by=person, action="order.withdraw")
            helpers = (one for one in self.steps.orders(unit, event) if one != order)
            self.steps.give_back(unit, helpers, by=person)
            for child in unit.find(Event, main_id=item_id):
                self._take_answer_back(unit, person, child)
            return self.steps.put(unit, changed, by=person, action="event.undo")

    def _answer_reports(self, unit: Unit, person: Person, main: Event) -> None:
        for child in unit.find(Event, main_id=main.item_id):
            told = self._to_call_back(paths.answered(child, main))
            if told != child:
                self.steps.put(unit, told, by=person, action="event.answer")
                self._answer_reports(unit, person, told)

    def _take_answer_back(self, unit: Unit, person: Person, child: Event) -> None:
        back = paths.unanswered(child)
        if back != child:
            self.steps.put(unit, back, by=person, action="event.undo")
            for further in unit.find(Event, main_id=child.item_id):
                self._take_answer_back(unit, person, further)

    def _to_call_back(self, event: Event) -> Event:
        at = self.steps.clock.now()
        due_at = self.steps.deadlines.due(Stage.CALL_BACK, event.level, event.matter, at)
        return paths.due_for_call_back(event, due_at)

    def _check_intake(self, person: Person, region: str) -> None:
        if not self.steps.policy.permits(person, "event.intake", region, rules.OWNER):
            raise forbidden("event.intake")

    def _event(self, unit: Unit, person: Person, item_id: str, verb: str, version: int) -> Event:
        return self.steps.event(unit, person, item_id, action=f"event.{verb}", version=version)
