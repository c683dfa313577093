"""Gate control as one piece: built once, run beside the service, asked by the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import anyio
import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.gateways.scada.driver import (
    DeviceRefusedError,
    DoubtError,
    Driver,
    UnreachableError,
)
from backend.services.gates.answers import NO_ANSWER
from backend.services.gates.board import Board, Projector
from backend.services.gates.book import Book
from backend.services.gates.desk import Codes, Desk
from backend.services.gates.line import Line
from backend.services.gates.live import Live, Pace, load_limits
from backend.services.gates.watch import Watch
from backend.services.policy import Policy
from backend.services.verbs import Verbs
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.clock import Clock
from backend_client.contract.gates import GateCommand, StopResult

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
            await self.watch.run()
        finally:
            await self.line.close()
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
        try:
            note = partial(self.desk.note_stop, person, device_id, reason=reason, accepted=accepted)
            await anyio.to_thread.run_sync(note, limiter=self._limiter)
        except SQLAlchemyError:  # a stop that worked is not undone by a full disk
            _LOG.exception("stop sent but not written down", device=device_id)
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

    def _renew(self, device_id: str) -> None:
        self.watch.renew(device_id)

    def _doubt(self, command_id: str) -> None:
        self.watch.doubt(command_id)
