"""Write-ahead book of commands: each step is committed before anything is sent for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from backend.domain import gates as rules
from backend.services.gates.calls import call_of
from backend.storage import gates as tables
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.gates import TERMINAL, CommandStatus, Gate, GateCommand

RESTARTED = Text("服务在发送前重启。", "service restarted before sending")
IN_DOUBT = Text("服务重启,以读数判定。", "The service restarted; a reading will decide.")
EXPIRED = Text("已过有效期。", "It has expired.")


class MovedOnError(Exception):
    """A command is no longer in the state the writer believed."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Why a command takes a step: who did it, and a note for people."""

    by: Person | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """Read and move commands; synchronous, for worker threads."""

    database: Database
    clock: Clock

    def load(self, command_id: str) -> GateCommand:
        """Read one command."""
        with self.database.read() as view:
            return view.load(GateCommand, command_id)

    def move(
        self, command_id: str, was: CommandStatus, to: CommandStatus, deed: Deed = Deed()
    ) -> GateCommand:
        """Commit one step of a command, if it still stands where the writer believes.

        Raises:
            MovedOnError: somebody else moved it first.
        """
        with self.database.write() as unit:
            command = unit.load(GateCommand, command_id)
            if command.status is not was:
                raise MovedOnError(command_id)
            return step(unit, command, to, deed)

    def begin(self, command_id: str) -> GateCommand:
        """Commit that the device is about to be selected; an expired command ends here.

        Raises:
            MovedOnError: it is not authorised (any more), or it expired just now.
        """
        with self.database.write() as unit:
            command = unit.load(GateCommand, command_id)
            if command.status is not CommandStatus.AUTHORISED:
                raise MovedOnError(command_id)
            late = self.clock.now() >= command.expires_at
            to = CommandStatus.EXPIRED if late else CommandStatus.SELECTING
            moved = step(unit, command, to, Deed(note=EXPIRED if late else None))
        if late:
            raise MovedOnError(command_id)
        return moved

    def recover(self) -> list[GateCommand]:
        """Settle what a former run left: not sent is rejected, maybe sent is unknown.

        Returns: every command still open afterwards.
        """
        with self.database.write() as unit:
            for command in tables.open_commands(unit.connection):
                if command.status is CommandStatus.AUTHORISED:
                    step(unit, command, CommandStatus.REJECTED, Deed(note=RESTARTED))
                elif command.status in rules.ON_THE_WIRE:
                    step(unit, command, CommandStatus.UNKNOWN, Deed(note=IN_DOUBT))
            return tables.open_commands(unit.connection)

    def expire(self) -> int:
        """End requests nobody authorised in time; give how many."""
        now = self.clock.now()
        with self.database.read() as view:
            due = [c for c in tables.open_commands(view.connection) if _due(c, now)]
        for command in due:
            try:
                self.move(
                    command.item_id, command.status, CommandStatus.EXPIRED, Deed(note=EXPIRED)
                )
            except MovedOnError:
                continue
        return len(due)

    def lease(self, above: Iterable[tuple[str, int]]) -> dict[str, int]:
        """Take the next fence of each device, above what the device itself holds."""
        with self.database.write() as unit:
            return {
                device_id: tables.next_fence(unit.connection, device_id, above=fence)
                for device_id, fence in above
            }

    def with_unit(self, job: Callable[[Unit], None]) -> None:
        """Run a job in a unit of work."""
        with self.database.write() as unit:
            job(unit)


def _due(command: GateCommand, now: datetime) -> bool:
    return command.status is CommandStatus.REQUESTED and command.expires_at <= now


def step(unit: Unit, command: GateCommand, to: CommandStatus, deed: Deed) -> GateCommand:
    """Put one step of a command: item, gate's holder, alarm and audit in the caller's unit."""
    who = rules.ref(deed.by) if deed.by else None
    moved = rules.move(command, to, unit.clock.now(), by=who, note=deed.note)
    head = unit.put(moved, by=deed.by, action=f"gate.{to.value}")
    if to in TERMINAL:
        hold(unit, command.gate_id, None)
    call_of(unit, moved)
    return moved.model_copy(update={"version": head.version})


def hold(unit: Unit, gate_id: str, holder: str | None) -> None:
    """Show on the gate who has it in hand, or that nobody has."""
    gate = unit.get(Gate, gate_id)
    if gate is None or gate.held_by == holder:
        return
    action = "gate.hold" if holder else "gate.release"
    unit.put(gate.model_copy(update={"held_by": holder}), by=None, action=action)
