"""What people ask of gates: look, request, authorise, call off, stop."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from backend.domain import gates as rules
from backend.domain import interlocks
from backend.domain.gauges import DEPARTMENT
from backend.domain.refused import Refused
from backend.services.gates import answers
from backend.services.gates.book import EXPIRED, Book, Deed, hold, step
from backend.services.gates.line import STOPPED, Line
from backend.services.gates.live import Live
from backend.services.policy import Policy
from backend.services.verbs import Verbs
from backend.storage import gates as tables
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.gates import (
    TERMINAL,
    Authorise,
    CommandRequest,
    CommandStatus,
    Gate,
    GateCommand,
)

Own = TypeVar("Own", Gate, GateCommand)

BLOCKED = Text("联锁条件不满足。", "An interlock does not hold.")
UNSEEN = "not_found"
MOVED = Text("设备状态已变化,请重新申请。", "The device has moved on; ask anew.")


class Codes(Protocol):
    """Whoever checks second factors."""

    def verify_totp(self, unit: Unit, person_id: str, code: str) -> None:
        """Accept a one-time code once, or refuse."""
        ...


@dataclass(frozen=True, slots=True)
class Headers:
    """What a request carries besides its body."""

    key: str | None
    if_match: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as it came: the gate, the tag of the picture it was made on, the words."""

    device_id: str
    etag: str
    body: CommandRequest

    def words(self) -> str:
        """Give what the request key is bound to."""
        return f"{self.device_id}\n{self.etag}\n{self.body.model_dump_json()}"


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stop as it was sent; written down later when the database is away."""

    device_id: str
    reason: str
    accepted: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """Serve people; synchronous, for worker threads."""

    book: Book
    live: Live
    line: Line
    policy: Policy
    verbs: Verbs
    codes: Codes
    in_flight: dict[tuple[str, str], str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def gates(self, person: Person) -> list[Gate]:
        """Give every gate the person may see, as last shown."""
        with self.book.database.read() as view:
            found = view.find(Gate)
        return [self._own(person, gate) for gate in found if self.policy.sees_item(person, gate)]

    def gate(self, person: Person, device_id: str) -> Gate:
        """Give one gate as the last sample shows it: what an interlock would look at now.

        Raises:
            Refused: 404.
        """
        return self._own(person, self.live.gate(self._seen_gate(person, device_id)))

    def command(self, person: Person, command_id: str) -> GateCommand:
        """Give one command with its whole history.

        Raises:
            Refused: 404.
        """
        with self.book.database.read() as view:
            command = view.load(GateCommand, command_id)
        if not self.policy.sees_item(person, command):
            raise answers.not_found(command_id)
        return self._own(person, command)

    def request(
        self, person: Person, device_id: str, body: CommandRequest, *, headers: Headers
    ) -> tuple[GateCommand, bool]:
        """Ask for a movement; the same key with the same words gives the same command again.

        Returns: the command, and whether it is new. One that fails an interlock is `rejected`.

        Raises:
            Refused: 404, 403, 428, 422, 409 `busy` or `in_flight`, 412, 503.
        """
        gate = self._seen_gate(person, device_id)
        self.policy.check_item(person, "gate.request", gate)
        key, if_match = answers.required(headers.key, headers.if_match)
        wish = Wish(device_id, if_match, body)
        asked = tables.Asked(
            person.person_id,
            hashlib.sha256(wish.words().encode()).hexdigest(),
            f"cmd-{secrets.token_hex(10)}",
        )
        with self._flight(key, asked), self.book.database.write() as unit:
            known = tables.asked(unit.connection, key)
            if known is not None:
                answers.same_request(known, asked)
                return self._own(person, unit.load(GateCommand, known.command_id)), False
            command = self._new(unit, person, wish, command_id=asked.command_id)
            tables.keep_key(unit.connection, key, asked, unit.clock.now())
        return self._own(person, command), True

    def authorise(
        self, person: Person, command_id: str, body: Authorise, *, if_match: str | None
    ) -> GateCommand:
        """Let a second person consent to exactly this command, then send it on its way.

        A refused consent changes nothing but is audited in a unit of its own.

        Raises:
            Refused: 404, 403 `same_person`, role or code, 428, 412, 409 wrong state or
                `expired`, 422 `hash_differs`, 503.
        """
        version = answers.version(if_match)
        try:
            command = self._authorised(person, command_id, body, version=version)
        except Refused as no:
            self._note_refused(person, command_id, no.problem.code)
            raise
        if command.status is CommandStatus.AUTHORISED:
            self.line.launch(command_id)
        return self._own(person, command)

    def _authorised(
        self, person: Person, command_id: str, body: Authorise, *, version: int
    ) -> GateCommand:
        with self.book.database.write() as unit:
            command = unit.load(GateCommand, command_id)
            self._may_authorise(person, command)
            answers.fresh(command, version)
            answers.is_requested(command)
            expired = unit.clock.now() >= command.expires_at
            if expired:
                step(unit, command, CommandStatus.EXPIRED, Deed(note=EXPIRED))
            else:
                command = self._consent(unit, person, command, body=body)
        if expired:
            raise answers.expired(command_id)
        return command

    def _note_refused(self, person: Person, command_id: str, code: str) -> None:
        """Write down a consent that was refused; its own unit was rolled back."""
        if code == UNSEEN:  # a number that names nothing this person may know of
            return
        with self.book.database.write() as unit:
            target = f"gate_command/{command_id}"
            unit.audit("gate.refused", target, by=person, detail={"code": code})

    def abort(self, person: Person, command_id: str) -> tuple[GateCommand, bool]:
        """Call a command off.

        Returns: the command, and whether the device must be stopped for it.

        Raises:
            Refused: 404, 403.
        """
        with self.book.database.write() as unit:
            command = unit.load(GateCommand, command_id)
            if not self.policy.sees_item(person, command):
                raise answers.not_found(command_id)
            self.policy.check_item(person, "gate.abort", command)
            if not rules.may_abort(command, person):
                raise answers.not_yours(command)
            if command.status in {CommandStatus.REQUESTED, CommandStatus.AUTHORISED}:
                command = step(unit, command, CommandStatus.ABORTED, Deed(by=person))
        return self._own(person, command), command.status not in TERMINAL

    def may_stop(self, person: Person, device_id: str) -> None:
        """Check that a person may stop a device, without touching the database.

        Raises:
            Refused: 404, 403.
        """
        facts = self.live.facts.get(device_id)
        if facts is None:
            self.policy.check_item(person, "gate.stop", self._seen_gate(person, device_id))
            return
        if not self.policy.sees(person, facts.region, DEPARTMENT):
            raise answers.not_found(device_id)
        self.policy.check(person, "gate.stop", facts.region, DEPARTMENT)

    def note_stop(self, person: Person, stopped: Stopped) -> None:
        """Write down a stop that was sent, and end what was authorised but not sent yet."""
        with self.book.database.write() as unit:
            detail: dict[str, object] = {
                "reason": stopped.reason,
                "accepted": stopped.accepted,
                "at": stopped.at.isoformat(),
            }
            unit.audit("gate.stop", f"gate/{stopped.device_id}", by=person, detail=detail)
            command = tables.active(unit.connection, stopped.device_id)
            waiting = {CommandStatus.REQUESTED, CommandStatus.AUTHORISED}
            before = command is not None and command.created_at <= stopped.at
            if command is not None and before and command.status in waiting:
                step(unit, command, CommandStatus.ABORTED, Deed(by=person, note=STOPPED))

    def _new(self, unit: Unit, person: Person, wish: Wish, *, command_id: str) -> GateCommand:
        answers.enabled(self.live.limits)
        answers.online(self.live.link(wish.device_id), wish.device_id)
        if (active := tables.active(unit.connection, wish.device_id)) is not None:
            raise answers.busy(active)
        gate = self.live.gate(unit.load(Gate, wish.device_id))
        answers.fits(gate, wish.body)
        answers.unmoved(gate, wish.body, wish.etag)
        command = self._draw_up(person, gate, wish.body, command_id=command_id)
        unit.add(command, by=person, action="gate.request")
        if not all(lock.ok for lock in command.interlocks):
            return step(unit, command, CommandStatus.REJECTED, Deed(note=BLOCKED))
        hold(unit, gate.item_id, person.person_id)
        return command

    def _draw_up(
        self, person: Person, gate: Gate, body: CommandRequest, *, command_id: str
    ) -> GateCommand:
        """Write the command out with its predicted flow, interlocks, end and hash."""
        now = self.live.clock.now()
        expires_at = now + timedelta(seconds=body.ttl_s)
        movement = self._movement(gate, body.bays, body.target_m, dispatch_no=body.dispatch_no)
        return GateCommand(
            item_id=command_id,
            version=1,
            region=gate.region,
            department=gate.department,
            created_at=now,
            updated_at=now,
            gate_id=gate.item_id,
            gate_name=gate.name,
            bays=body.bays,
            present_m=body.present_m,
            target_m=body.target_m,
            flow_m3s=interlocks.flow_m3s(movement),
            reason=body.reason,
            dispatch_no=body.dispatch_no,
            status=CommandStatus.REQUESTED,
            requested_by=rules.ref(person),
            expires_at=expires_at,
            fence=gate.fence,
            seq=gate.seq,
            body_hash=rules.body_hash(
                command_id,
                gate=gate,
                bays=body.bays,
                target_m=body.target_m,
                expires_at=expires_at,
            ),
            interlocks=interlocks.check(movement),
            history=(rules.first_step(person, now),),
        )

    def _may_authorise(self, person: Person, command: GateCommand) -> None:
        if not self.policy.sees_item(person, command):
            raise answers.not_found(command.item_id)
        if person.person_id == command.requested_by.person_id:
            raise answers.same_person(command)
        self.policy.check_item(person, "gate.authorise", command)

    def _consent(
        self, unit: Unit, person: Person, command: GateCommand, *, body: Authorise
    ) -> GateCommand:
        """Check hash and second factor, then the device as it stands now."""
        answers.enabled(self.live.limits)
        answers.online(self.live.link(command.gate_id), command.gate_id)
        answers.same_words(command, body.body_hash)
        self.codes.verify_totp(unit, person.person_id, body.totp)
        gate = self.live.gate(unit.load(Gate, command.gate_id))
        movement = self._movement(
            gate, command.bays, command.target_m, dispatch_no=command.dispatch_no
        )
        locks = interlocks.check(movement)
        updated = command.model_copy(update={"interlocks": locks})
        if (gate.fence, gate.seq) != (command.fence, command.seq):
            return step(unit, updated, CommandStatus.REJECTED, Deed(person, MOVED))
        if not all(lock.ok for lock in locks):
            return step(unit, updated, CommandStatus.REJECTED, Deed(person, BLOCKED))
        consented = updated.model_copy(update={"authorised_by": rules.ref(person)})
        return step(unit, consented, CommandStatus.AUTHORISED, Deed(person))

    def _movement(
        self, gate: Gate, bays: tuple[int, ...], target_m: float, *, dispatch_no: str
    ) -> interlocks.Wish:
        return interlocks.Wish(
            gate, bays, target_m, dispatch_no, self.live.clock.now(), self.live.limits
        )

    def _seen_gate(self, person: Person, device_id: str) -> Gate:
        with self.book.database.read() as view:
            gate = view.load(Gate, device_id)
        if not self.policy.sees_item(person, gate):
            raise answers.not_found(device_id)
        return gate

    def _own(self, person: Person, item: Own) -> Own:
        return item.model_copy(update={"allowed": self.verbs.allowed(person, item)})

    @contextmanager
    def _flight(self, key: str, asked: tables.Asked) -> Iterator[None]:
        """Let one request per person and key through; its twin hears which command it meets."""
        own = (asked.person_id, key)
        with self.lock:
            held = self.in_flight.get(own)
            if held is not None:
                raise answers.in_flight(held)
            self.in_flight[own] = asked.command_id
        try:
            yield
        finally:
            with self.lock:
                del self.in_flight[own]
