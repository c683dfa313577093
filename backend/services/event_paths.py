"""An event's side paths: what keeps it from the straight line, and what brings it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.domain import event_paths as rules
from backend.domain import events as event_rules
from backend.domain import matches as match_rules
from backend.domain import order_paths
from backend.domain import orders as order_rules
from backend.domain.deadlines import Stage
from backend.domain.refused import unfit
from backend.services import decided
from backend.services.claims import let_go
from backend.services.steps import Detail, Steps, heard_by, new_id, ref
from backend.storage.unit import Unit, View
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.events import (
    CallBack,
    Classify,
    Decide,
    Dispatch,
    Event,
    EventState,
    Merge,
    Reasoned,
)
from backend_client.contract.item import Head
from backend_client.contract.matches import Match, MatchState
from backend_client.contract.orders import Order, OrderState, Task

Judged = Callable[[Unit, Match, MatchState], None]
"""Hear inside a unit what a person said of a match that was proposed."""


@dataclass(frozen=True, slots=True)
class EventPaths:
    """Side paths of events; each step carries who, when and why into the audit trail."""

    steps: Steps
    judged: Judged
    joins_closed: bool = False
    """Whether a report may be merged with a closed event, which is then done again (重办)."""

    def decline(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Not accept an event (不予受理)."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "refuse", body.version)
            let_go(unit, person, item_id)
            detail = {"reason": body.reason, **heard_by(event)}
            return self._put(unit, person, rules.decline(event, body.reason), "refuse", detail)

    def withdraw(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Take an event off the line (撤销); its units hear of it."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "withdraw", body.version)
            changed = rules.withdraw(event, body.reason)
            orders = self.steps.orders(unit, event)
            self.steps.take_back(unit, orders, by=person, reason=body.reason)
            let_go(unit, person, item_id)
            return self._put(unit, person, changed, "withdraw", {"reason": body.reason})

    def classify(self, person: Person, item_id: str, body: Classify) -> Head:
        """Say what an event is about and how grave it is (定性)."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "classify", body.version)
            self.steps.roster.check_matter(body.matter)
            detail = {"matter": body.matter, "level": body.level, "was": event.matter}
            said = rules.weigh(event_rules.classify(event, body), unit.find(Event, main_id=item_id))
            if rules.is_graver(said.level, event.level):
                said = self._hasten(unit, person, said)
            decided.classified(unit, said)
            return self._put(unit, person, said, "classify", detail)

    def supervise(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Put an event and its orders under supervision (督办)."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "supervise", body.version)
            mark, detail = self.steps.mark(person, body.reason), {"reason": body.reason}
            for order in self.steps.orders(unit, event):
                if order.is_open:
                    marked = order_paths.supervise(order, mark)
                    unit.put(marked, by=person, action="order.supervise", detail=detail)
            return self._put(unit, person, rules.supervise(event, mark), "supervise", detail)

    def assist(self, person: Person, item_id: str, body: Dispatch) -> Head:
        """Let a further unit help (协办)."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "assist", body.version)
            self.steps.roster.check_unit(body.department)
            order = self._order(person, event, body, Task.ASSIST)
            changed = rules.assisted(event, order)
            unit.add(order, by=person, action="order.send")
            return self._put(unit, person, changed, "assist", _sent(body))

    def transfer(self, person: Person, item_id: str, body: Dispatch) -> Head:
        """Hand an event over to another unit (转办); the deadline stays what it was."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "transfer", body.version)
            before = self.steps.lead_order(unit, event)
            if before is not None and before.department == body.department:
                raise unfit(
                    "department",
                    Text("该单位已在办理。", "This unit has it already."),
                    Text("选择另一单位。", "Choose another unit."),
                )
            self.steps.roster.check_unit(body.department)
            if before is not None:
                event = self._stood(event, before)
                self.steps.take_back(unit, (before,), by=person, reason=body.note)
            order = self._order(person, event, body, Task.HANDLE)
            changed = rules.transferred(event, order)
            unit.add(self.steps.pressed(order), by=person, action="order.send")
            return self._put(unit, person, changed, "transfer", _sent(body))

    def decide(self, person: Person, item_id: str, body: Decide) -> Head:
        """Decide what a unit sent back (审定); the clock has run on meanwhile."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "decide", body.version)
            changed = rules.decided(event, granted=body.granted)
            detail = {"reason": body.reason, "granted": body.granted}
            order = self.steps.lead_order(unit, event)
            if order is not None:
                said = order_paths.decided(order, granted=body.granted)
                unit.put(said, by=person, action="order.decide", detail=detail)
            return self._put(unit, person, changed, "decide", detail)

    def call_back(self, person: Person, item_id: str, body: CallBack) -> Head:
        """Write down what the reporter said (回访)."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "call_back", body.version)
            detail = {"reason": body.words, "satisfaction": body.satisfaction.value}
            at = self.steps.clock.now()
            due_at = self.steps.deadlines.due(Stage.CALL_BACK, event.level, event.matter, at)
            called = rules.call_back(event, body, at=at, again_at=due_at)
            return self._put(unit, person, called, "call_back", detail)

    def redo(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Take an answered event in hand once more (重办), with every report merged with it."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "redo", body.version)
            return self._redo(unit, person, event, body.reason)

    def merge(self, person: Person, item_id: str, body: Merge) -> Head:
        """Work on an event together with another (并案): linked, never hidden."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "merge", body.version)
            other = unit.load(Event, body.main_id)
            main = self.main_of(unit, other)
            self.steps.policy.check_item(person, "event.merge", main)
            if self.joins_closed and main.state is EventState.CLOSED:
                self.steps.policy.check_item(person, "event.redo", main)
                self._redo(unit, person, main, body.reason or f"merged with {item_id}")
                other = unit.load(Event, body.main_id)
            head = self.link(unit, person, event, other, {"reason": body.reason})
            self._bind(unit, person, (event, other), MatchState.SAME)
            return head

    def split(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Part an event from its main event (拆分): both are as if they had never met."""
        with self.steps.database.write() as unit:
            event = self._event(unit, person, item_id, "split", body.version)
            main = unit.get(Event, event.main_id) if event.main_id else None
            detail = {"main": event.main_id, "reason": body.reason}
            head = self._put(unit, person, rules.split(event), "split", detail)
            self.steps.give_back(unit, self.steps.orders(unit, event), by=person)
            if main is not None:
                self._weigh(unit, person, main, {"without": item_id})
            own = {item_id, *self._unanswer(unit, person, item_id, "split", body.reason)}
            for match in matches_of(unit, item_id):
                inside = {match.event_id, match.other_id} <= own
                if match.state is MatchState.SAME and not inside:
                    self._judge(unit, person, match, MatchState.APART)
            if main is not None:
                self._bind(unit, person, (event, main), MatchState.APART)
            return head

    def takes(self, view: View, other: Event) -> bool:
        """Tell whether the event another is worked on with may take a further report."""
        main = self.main_of(view, other)
        return rules.is_taking(main) or (self.joins_closed and main.state is EventState.CLOSED)

    def link(
        self, unit: Unit, person: Person | None, event: Event, other: Event, detail: Detail
    ) -> Head:
        """Merge an event with the one another is worked on with, inside a unit.

        Args:
            unit: the unit.
            person: who says so, None for the service itself.
            event: the one to be merged.
            other: the one it is the same as, itself or one merged with it.
            detail: further particulars for the audit rows.

        Raises:
            Refused: 409 or 422 when either is not to be merged.
        """
        main = self.main_of(unit, other)
        changed = rules.merge(event, main)
        let_go(unit, person, event.item_id)
        orders = self.steps.orders(unit, event)
        self.steps.take_back(unit, orders, by=person, reason=f"merged with {main.item_id}")
        head = self._put(unit, person, changed, "merge", {"main": main.item_id, **detail})
        self._weigh(unit, person, main, {"with": event.item_id})
        return head

    def _redo(self, unit: Unit, person: Person, event: Event, reason: str) -> Head:
        changed = rules.redo(event, reason)
        orders = self.steps.orders(unit, event)
        self.steps.take_back(unit, orders, by=person, reason=reason)
        self._unanswer(unit, person, event.item_id, "redo", reason)
        return self._put(unit, person, changed, "redo", {"reason": reason})

    def _bind(
        self, unit: Unit, person: Person, pair: tuple[Event, Event], state: MatchState
    ) -> None:
        """Write down what a person said of a pair, whether it was proposed or not: it binds."""
        one, other = pair
        match = unit.get(Match, match_rules.match_id(one.item_id, other.item_id))
        if match is not None:
            self._judge(unit, person, match, state)
            return
        mark = self.steps.mark(person, "")
        said = match_rules.said_by_hand(one, other, state, mark)
        unit.add(said, by=person, action=f"match.{state.value}")

    def _judge(self, unit: Unit, person: Person, match: Match, state: MatchState) -> None:
        """Let a match say what a merge or a split by hand has said."""
        if match.state is state:
            return
        judged = match_rules.settle(match, state, self.steps.mark(person, ""))
        unit.put(judged, by=person, action=f"match.{state.value}")
        self.judged(unit, match, state)

    def _weigh(self, unit: Unit, person: Person | None, main: Event, detail: Detail) -> None:
        """Count reports and take the gravest level, up to the event all are worked on with."""
        now = rules.weigh(main, unit.find(Event, main_id=main.item_id))
        if now == main:
            return
        if rules.is_graver(now.level, main.level):
            now = self._hasten(unit, person, now)
        self._put(unit, person, now, "weigh", detail)
        above = unit.get(Event, main.main_id) if main.main_id else None
        if above is not None:
            self._weigh(unit, person, above, detail)

    def _hasten(self, unit: Unit, person: Person | None, event: Event) -> Event:
        """Bring the deadline of a graver event forward, if the table says so."""
        order = self.steps.lead_order(unit, event)
        if order is None:
            return event
        deadlines = self.steps.deadlines
        due_at = deadlines.due(Stage.HANDLE, event.level, event.matter, self.steps.clock.now())
        hastened = order_paths.hasten(order, due_at, deadlines)
        if hastened != order:
            reason = {"reason": "并入更重的来件 · a graver report was merged"}
            unit.put(hastened, by=person, action="order.hasten", detail=reason)
        return rules.moved(event, hastened)

    def _stood(self, event: Event, order: Order) -> Event:
        """Count the time an order's clock stands still, before another unit takes over."""
        if order.state is not OrderState.SUSPENDED:
            return event
        now = self.steps.clock.now()
        return rules.moved(event, order_paths.resume(order, self.steps.deadlines, now))

    def main_of(self, view: View, found: Event) -> Event:
        """Give the event another is worked on with, or itself."""
        while found.main_id is not None:
            found = view.load(Event, found.main_id)
        return found

    def _reports(self, unit: Unit, item_id: str) -> list[Event]:
        """Give every event merged with one, whatever the way."""
        found = unit.find(Event, main_id=item_id)
        return [*found, *(one for child in found for one in self._reports(unit, child.item_id))]

    def _unanswer(
        self, unit: Unit, person: Person, item_id: str, verb: str, reason: str
    ) -> list[str]:
        """Let the reports merged with an event wait for its next answer; give their ids."""
        reports = self._reports(unit, item_id)
        for child in reports:
            again = rules.unanswered(child)
            if again != child:
                self._put(unit, person, again, verb, {"reason": reason})
        return [one.item_id for one in reports]

    def _order(self, person: Person, event: Event, body: Dispatch, task: Task) -> Order:
        return order_rules.send(
            event,
            body,
            self.steps.deadlines,
            item_id=new_id("order"),
            by=ref(person),
            at=self.steps.clock.now(),
            task=task,
            is_final=rules.is_final(event),
        )

    def _event(self, unit: Unit, person: Person, item_id: str, verb: str, version: int) -> Event:
        return self.steps.event(unit, person, item_id, action=f"event.{verb}", version=version)

    def _put(
        self, unit: Unit, person: Person | None, event: Event, verb: str, detail: Detail
    ) -> Head:
        return self.steps.put(unit, event, by=person, action=f"event.{verb}", detail=detail)


def matches_of(view: View, event_id: str) -> list[Match]:
    """Give every match an event is one of the two in."""
    return [*view.find(Match, event_id=event_id), *view.find(Match, other_id=event_id)]


def _sent(body: Dispatch) -> Detail:
    return {"department": body.department, "note": body.note}
