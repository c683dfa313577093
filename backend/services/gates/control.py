"""Gate control as one piece: built once, run beside the service, asked by the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import anyio
import structlog

from backend.gateways.scada.driver import (
    DeviceRefusedError,
    DoubtError,
    Driver,
    UnreachableError,
)
from backend.services.gates.answers import NO_ANSWER
from backend.services.gates.board import Board, Projector
from backend.services.gates.book import Book
from backend.services.gates.desk import Codes, Desk, Stopped
from backend.services.gates.line import Line
from backend.services.gates.live import Live, Pace, load_limits
from backend.services.gates.notes import Notes
from backend.services.gates.watch import Watch
from backend.services.policy import Policy
from backend.services.verbs import Verbs
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.clock import Clock
from backend_client.contract.gates import GateCommand, StopResult

NOTE_S = 2.0  # how long a STOP's answer waits for its audit row
SETTLE_S = 1.0
_LOG = structlog.get_logger("gates")


@dataclass(frozen=True, slots=True)
class Outside:
    """What gate control reaches outside: devices, the process behind them, the map's layers."""

    driver: Driver
    ensure: Callable[[], None]
    projector: Projector
    codes: Codes


class Gates:
    """Serve gates: `desk` for people, `run` for devices, `stop` past everything else."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outside: Outside,
        *,
        policy: Policy,
        verbs: Verbs,
        pace: Pace,
    ) -> None:
        self._driver = outside.driver
        self._clock = clock
        self._limiter = anyio.CapacityLimiter(2)  # the API's own threads may all be taken
        self._notes = Notes()
        book = Book(database, clock)
        self.live = live = Live(clock, load_limits())
        self.line = Line(
            outside.driver, book, live, pace=pace, renew=self._renew, doubted=self._doubt
        )
        self.watch = Watch(
            outside.driver,
            book,
            live,
            Board(database, live, outside.projector, pace=pace),
            pace=pace,
            ensure=outside.ensure,
            resumed=self.line.resume,
        )
        self.desk = Desk(book, live, self.line, policy, verbs, outside.codes)

    async def run(self) -> None:
        """Look after devices and commands until cancelled."""
        self.line.attach()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.watch.run())
                group.create_task(self._settle())
        finally:
            await self.line.close()
            await self._notes.close()
            await self._driver.close()

    async def stop(self, person: Person, device_id: str, reason: str) -> StopResult:
        """Halt a device: first the device, then the books.

        Raises:
            Refused: 404, 403.
        """
        if device_id in self.live.facts:
            self.desk.may_stop(person, device_id)  # asks no disk and no thread
        else:
            may_stop = partial(self.desk.may_stop, person, device_id)
            await anyio.to_thread.run_sync(may_stop, limiter=self._limiter)
        accepted = True
        try:
            await self.line.stop(device_id)
        except (DeviceRefusedError, UnreachableError, DoubtError):
            accepted = False
        at = self._clock.now()
        stopped = Stopped(device_id, reason, accepted, at)
        note = partial(self.desk.note_stop, person, stopped)
        if not await self._notes.add(note, wait_s=NOTE_S):
            _LOG.warning("stop sent, to be written down", device=device_id, by=person.person_id)
        return StopResult(
            device_id=device_id, accepted=accepted, at=at, note=None if accepted else NO_ANSWER
        )

    async def abort(self, person: Person, command_id: str) -> GateCommand:
        """Call a command off; one already sent is stopped at its device.

        Raises:
            Refused: 404, 403.
        """
        command, sent = await anyio.to_thread.run_sync(
            self.desk.abort, person, command_id, limiter=self._limiter
        )
        if sent:
            await self.stop(person, command.gate_id, f"abort {command_id}")
        return command

    async def _settle(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_S)
            await self._notes.settle()

    def _renew(self, device_id: str) -> None:
        self.watch.renew(device_id)

    def _doubt(self, command_id: str) -> None:
        self.watch.doubt(command_id)
