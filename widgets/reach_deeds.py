"""The real deeds: every verb of the desk handed to the console's actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from app.actions import (
    alarms,
    drawings,
    events,
    gates,
    imports,
    repairs,
    resources,
    send,
    shifts,
)
from app.reach import Reach
from backend_client.contract.alarms import Alarm, Suppress
from backend_client.contract.auth import SignIn
from backend_client.contract.base import CITY, Text
from backend_client.contract.claims import Claim
from backend_client.contract.drawings import DrawingIn
from backend_client.contract.events import Event
from backend_client.contract.gates import CommandRequest, Gate, GateCommand, StopResult
from backend_client.contract.orders import Order
from backend_client.contract.repairs import RepairsPage
from backend_client.contract.shifts import Handover, LineIn, PageProof, ShiftPage
from backend_client.draft import Draft
from backend_client.importing.wish import Progress, Wish
from widgets.deeds import AnyArea, Ask, Failed, Form, Noted, Second, Sending

if TYPE_CHECKING:
    from backend_client.importing.load import Opened
    from backend_client.importing.look import Look


class ReachWatch:
    """Hands on events, undo, the log and the handover, asked of the service."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def claim(
        self, event_id: str, *, take_over: bool, done: Callable[[Claim], None], failed: Failed
    ) -> None:
        """Take an event in hand, or keep it."""
        if not self._is_closed(failed):
            events.claim(self._reach, event_id, take_over=take_over, done=done, failed=failed)

    def release(self, event_id: str) -> None:
        """Let an event go."""
        events.release(self._reach, event_id)

    def undo(self, event: Event, done: Callable[[], None], failed: Failed) -> None:
        """Take one's own dispatch or close back."""
        if not self._is_closed(failed):
            events.undo(self._reach, event, done=lambda _head: done(), failed=failed)

    def write(
        self, page: ShiftPage, noted: Noted, done: Callable[[], None], failed: Failed
    ) -> None:
        """Write a line into the log; unreachable, it becomes a draft."""
        try:
            line = LineIn(
                entry_id=shifts.entry_id(),
                text=noted.text,
                kind=noted.kind,
                ref=noted.ref,
                sight=noted.sight,
                refers_to=noted.refers_to,
                carry=noted.carry,
            )
        except ValidationError as error:
            failed(error)
            return
        shifts.write(self._reach, page, line, done=lambda _head: done(), failed=failed)

    def hand_over(
        self,
        page: ShiftPage,
        second: Second,
        *,
        lines: int,
        note: str,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Hand the page over to an incoming person who signs with their own credentials."""
        if self._is_closed(failed):
            return
        try:
            incoming = SignIn(account=second.account, password=second.password, totp=second.totp)
            wish = Handover(lines=lines, incoming=incoming, note=note)
        except ValidationError as error:
            failed(error)
            return
        shifts.hand_over(self._reach, page, wish, done=lambda _head: done(), failed=failed)

    def prove(self, page: ShiftPage, done: Callable[[PageProof], None], failed: Failed) -> None:
        """Ask whether a page's chain is whole."""
        shifts.prove(self._reach, page, done=done, failed=failed)

    def person_id(self) -> str:
        """Name who is signed in, empty for nobody."""
        person = self._reach.session.person
        return person.person_id if person else ""

    def _is_closed(self, failed: Failed) -> bool:
        """Refuse here and now while the seat is read-only; tell whether it is."""
        why = self._reach.session.read_only
        if why is None:
            return False
        failed(send.closed(why))
        return True


class ReachRepairs(ReachWatch):
    """Ask the service for the repair list."""

    def refused(self, done: Callable[[RepairsPage], None], failed: Failed) -> None:
        """Read what the door refused and nobody has seen to."""
        repairs.read(self._reach, done=done, failed=failed)

    def hand_in(
        self,
        repair_id: str,
        report: str | Mapping[str, object],
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Hand an item in as it was mended."""
        repairs.hand_in(self._reach, repair_id, report, done=lambda _head: done(), failed=failed)

    def set_aside(
        self, repair_id: str, reason: str, done: Callable[[], None], failed: Failed
    ) -> None:
        """Take an item off the list with a reason."""
        repairs.set_aside(self._reach, repair_id, reason, done=lambda _row: done(), failed=failed)


class ReachDeeds(ReachRepairs):
    """Ask the service through the actions; one object for all seats."""

    def accept(self, event: Event, done: Callable[[], None], failed: Failed) -> None:
        """Accept an event."""
        events.accept(self._reach, event, done=lambda _head: done(), failed=failed)

    def dispatch(
        self, event: Event, sending: Sending, done: Callable[[], None], failed: Failed
    ) -> None:
        """Send an event to a unit."""
        events.dispatch(
            self._reach,
            event,
            department=sending.department,
            due_at=sending.due_at,
            note=sending.note,
            done=lambda _head: done(),
            failed=failed,
        )

    def locate(
        self, event: Event, lonlat: tuple[float, float], done: Callable[[], None], failed: Failed
    ) -> None:
        """Correct an event's place."""
        events.locate(self._reach, event, lonlat, done=lambda _head: done(), failed=failed)

    def close(self, event: Event, answer: str, done: Callable[[], None], failed: Failed) -> None:
        """Close an event with an answer."""
        events.close(self._reach, event, answer=answer, done=lambda _head: done(), failed=failed)

    def step(
        self,
        verb: str,
        item: Event | Order,
        body: BaseModel,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Take a side path of an event or order."""
        events.step(self._reach, verb, item, body, done=lambda _head: done(), failed=failed)

    def acknowledge(
        self, alarm: Alarm, done: Callable[[], None], failed: Failed, *, note: str = ""
    ) -> None:
        """Acknowledge one alarm, with a comment where there is one."""
        alarms.acknowledge(self._reach, alarm, note=note, done=lambda _head: done(), failed=failed)

    def acknowledge_together(
        self, chosen: Sequence[Alarm], note: str, done: Callable[[], None], failed: Failed
    ) -> None:
        """Acknowledge alarms of one cause."""
        alarms.acknowledge_together(
            self._reach, chosen, note=note, done=lambda _head: done(), failed=failed
        )

    def shelve(
        self,
        alarm: Alarm,
        reason: str,
        until_at: datetime,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Put one alarm aside until an instant."""
        alarms.shelve(
            self._reach,
            alarm,
            reason=reason,
            until_at=until_at,
            done=lambda _head: done(),
            failed=failed,
        )

    def withdraw(self, alarm: Alarm, reason: str, done: Callable[[], None], failed: Failed) -> None:
        """Take one alarm out of service."""
        alarms.withdraw(self._reach, alarm, reason=reason, done=lambda _head: done(), failed=failed)

    def suppress(self, wish: Suppress, done: Callable[[], None], failed: Failed) -> None:
        """Begin or end folding away what is not part of a response."""
        alarms.suppress(self._reach, wish, done=done, failed=failed)

    def restore(self, alarm: Alarm, done: Callable[[], None], failed: Failed) -> None:
        """Put one alarm back into service."""
        alarms.restore(self._reach, alarm, done=lambda _head: done(), failed=failed)

    def request(
        self, gate: Gate, ask: Ask, done: Callable[[GateCommand], None], failed: Failed
    ) -> None:
        """Ask for a target opening of the bays as they are shown now."""
        present = {bay.no: bay.opening_m for bay in gate.bays}
        try:
            wish = CommandRequest(
                bays=ask.bays,
                present_m=tuple(max(0.0, present[number]) for number in ask.bays),
                target_m=ask.target_m,
                reason=ask.reason,
                dispatch_no=ask.dispatch_no,
            )
        except (ValidationError, KeyError) as error:
            failed(error)
            return
        gates.request(self._reach, gate, wish, done=done, failed=failed)

    def authorise(
        self,
        command: GateCommand,
        second: Second,
        done: Callable[[GateCommand], None],
        failed: Failed,
    ) -> None:
        """Consent to a command as another person."""
        other = gates.SecondPerson(second.account, second.password, second.totp)
        gates.authorise(self._reach, command, other, done=done, failed=failed)

    def abort(
        self, command: GateCommand, done: Callable[[GateCommand], None], failed: Failed
    ) -> None:
        """Take a command back."""
        gates.abort(self._reach, command, done=done, failed=failed)

    def stop(self, gate: Gate, done: Callable[[StopResult], None], failed: Failed) -> None:
        """Stop every bay now."""
        gates.stop(self._reach, gate, done=done, failed=failed)

    def within(self, area: AnyArea, done: Callable[[], None], failed: Failed) -> None:
        """Ask what lies inside an area."""
        resources.within(self._reach, area, done=lambda _inside: done(), failed=failed)

    def export(self, form: Form, path: Path, done: Callable[[Path], None], failed: Failed) -> None:
        """Write what lies inside the last area to a file."""
        area = self._reach.stores.resources.area
        if area is not None:
            resources.export(self._reach, area, form, path, done=done, failed=failed)

    def region(self) -> str:
        """Give the region the person signed in belongs to."""
        person = self._reach.session.person
        return person.regions[0] if person and person.regions else CITY

    def draw(self, drawing: DrawingIn, done: Callable[[int], None], failed: Failed) -> None:
        """Put a drawing on the shared map."""
        if self._is_closed(failed):
            return
        drawings.draw(self._reach, drawing, done=lambda drawn: done(drawn.oid), failed=failed)

    def erase(self, drawing_id: str, done: Callable[[], None], failed: Failed) -> None:
        """Take a drawing off the shared map."""
        if self._is_closed(failed):
            return
        drawings.erase(self._reach, drawing_id, done=done, failed=failed)

    def look_at(self, wish: Wish, done: Callable[[Look], None], failed: Failed) -> None:
        """Look at a file to be imported."""
        imports.preview(self._reach, wish, done=done, failed=failed)

    def import_file(
        self, opened: Opened, report: Path, each: Callable[[Progress], None], failed: Failed
    ) -> Callable[[], None]:
        """Bring a file in; gives the way to cancel it."""
        if self._is_closed(failed):
            return _nothing
        return imports.start(self._reach, opened, report, each=each, failed=failed).cancel

    def unsent(self) -> tuple[Draft, ...]:
        """Give the operator's wishes that could not be sent."""
        return self._reach.wishes.unsent()

    def send_again(self, draft: Draft, done: Callable[[], None], failed: Failed) -> None:
        """Send a wish again because the operator asked."""
        send.send_again(self._reach, draft, done=lambda _head: done(), failed=failed)

    def discard(self, draft: Draft) -> None:
        """Drop a wish."""
        self._reach.wishes.discard(draft.draft_id)

    def why_not(self, verb: str, item: Event | Order | Gate | GateCommand | Alarm) -> Text | None:
        """Say why a step is not open; None when it is."""
        return self._reach.session.why_not(verb, item)


def _nothing() -> None:
    """Cancel what was never begun."""
