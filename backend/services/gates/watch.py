"""Read the devices every second, show what changed, and settle doubt by reading alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio
import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.domain import gates as rules
from backend.domain import gauges
from backend.domain.devices import Reading
from backend.gateways.scada.driver import (
    DeviceRefusedError,
    DoubtError,
    Driver,
    UnreachableError,
)
from backend.services.gates.board import Board
from backend.services.gates.book import Book, Deed, MovedOnError
from backend.services.gates.live import Live, Pace
from backend.services.threads import to_its_end
from backend_client.contract.base import Text
from backend_client.contract.gates import CommandStatus, GateCommand

BROKEN_OFF = Text("处理中断,以读数判定。", "Handling broke off; a reading will decide.")
T = TypeVar("T")
_LOG = structlog.get_logger("gates")
_FAILURES = (DeviceRefusedError, UnreachableError, DoubtError)


class Watch:
    """The one writer's eyes: heartbeat, samples, leases, expiry, doubt.

    Args:
        ensure: sees to it that the devices' process runs; does nothing on a real site.
        resumed: takes over a command that a reading proved to be under way.
    """

    def __init__(
        self,
        driver: Driver,
        book: Book,
        live: Live,
        board: Board,
        *,
        pace: Pace,
        ensure: Callable[[], None],
        resumed: Callable[[GateCommand], None],
    ) -> None:
        self._driver = driver
        self._book = book
        self._live = live
        self._board = board
        self._pace = pace
        self._ensure = ensure
        self._resumed = resumed
        self._leases: dict[str, int] = {}
        self._renewed: set[str] = set()
        self._doubted: set[str] = set()
        self._round_s = 0.0
        self._curves_s = float("-inf")
        self._limiter = anyio.CapacityLimiter(2)

    def renew(self, device_id: str) -> None:
        """Take a new fence on a device with the next round; an old select is void then."""
        self._renewed.add(device_id)

    def doubt(self, command_id: str) -> None:
        """Settle a command by reading once a new fence stands."""
        self._doubted.add(command_id)

    async def run(self) -> None:
        """Look after the devices until cancelled."""
        left = await self._off(self._book.recover)
        self._doubted |= {c.item_id for c in left if c.status is CommandStatus.UNKNOWN}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            group.create_task(self._rounds())

    async def _beat(self) -> None:
        """Tell the devices that their writer lives, as long as its rounds really go round."""
        self._round_s = self._live.clock.steady_s()
        while True:
            fresh = self._live.clock.steady_s() - self._round_s < self._pace.lost_s
            if self._leases and fresh:
                await self._breathe()
            await asyncio.sleep(self._pace.poll_s)

    async def _breathe(self) -> None:
        try:
            await self._driver.heartbeat(dict(self._leases))
        except _FAILURES:
            _LOG.debug("heartbeat not answered")

    async def _rounds(self) -> None:
        while True:
            began_s = self._live.clock.steady_s()
            try:
                await self.round()
            except SQLAlchemyError:  # a full or locked disk: go on looking, tell it once a round
                _LOG.exception("gates not written down")
            self._round_s = self._live.clock.steady_s()
            await asyncio.sleep(max(0.0, self._pace.poll_s - (self._round_s - began_s)))

    async def round(self) -> None:
        """Look once: sample, lease, show, expire, settle."""
        await self._off(self._ensure)
        try:
            await self._learn()
            readings = await self._driver.read_all()
        except _FAILURES:
            readings = ()
        for reading in readings:
            if reading.fence >= self._leases.get(reading.device_id, reading.fence + 1):
                self._live.take(reading)  # what is not ours yet is read anew once it is
        await self._lease(readings)
        await self._off(self._board.show)
        await self._off(self._book.expire)
        await self._settle()

    async def _learn(self) -> None:
        """Read what stands there once, and the tide curves every few minutes."""
        if not self._live.facts:
            facts = await self._driver.facts()
            self._live.facts = {fact.device_id: fact for fact in facts}
        if self._live.clock.steady_s() - self._curves_s >= self._pace.curves_s:
            self._live.curves = await self._driver.curves()
            self._curves_s = self._live.clock.steady_s()

    async def _lease(self, readings: tuple[Reading, ...]) -> None:
        """Become the one writer of every device that answers and is not ours yet."""
        new = [
            (r.device_id, r.fence)
            for r in readings
            if r.device_id not in self._leases or r.device_id in self._renewed
        ]
        if new:
            self._leases |= await self._off(self._book.lease, new)
            self._renewed -= {device_id for device_id, _ in new}
        due = [r.device_id for r in readings if r.fence < self._leases[r.device_id]]
        if not due:
            return
        await asyncio.gather(*(self._claim(device_id) for device_id in due))
        await self._breathe()  # no gate is shown under a fence whose beat it has not heard
        await asyncio.gather(*(self._look_anew(device_id) for device_id in due))

    async def _claim(self, device_id: str) -> None:
        try:
            await self._driver.claim(device_id, self._leases[device_id])
        except _FAILURES:
            _LOG.debug("claim not answered", device=device_id)  # the next round claims again

    async def _look_anew(self, device_id: str) -> None:
        try:
            self._live.take(await self._driver.read(device_id))
        except _FAILURES:
            _LOG.debug("not read after a claim", device=device_id)

    async def _settle(self) -> None:
        """Let a reading younger than our claim tell what became of commands in doubt."""
        for command_id in tuple(self._doubted):
            command = await self._off(self._book.load, command_id)
            try:
                if await self._settle_one(command):
                    self._doubted.discard(command_id)
            except MovedOnError:
                continue  # somebody else moved it; the next round looks again

    async def _settle_one(self, command: GateCommand) -> bool:
        """Give True once the command is no longer in doubt."""
        if command.status in rules.ON_THE_WIRE:  # its task broke off, e.g. on a full disk
            await self._move(command, CommandStatus.UNKNOWN, BROKEN_OFF)
            self.renew(command.gate_id)
            return False
        if command.status is not CommandStatus.UNKNOWN:
            return True
        reading = self._live.reading(command.gate_id)
        if reading is None or not self._is_ours(reading) or self._is_old(reading):
            return False
        to, note = rules.resolve(command, reading)
        moved = await self._move(command, to, note)
        if to is CommandStatus.EXECUTING:
            self._resumed(moved)
        return True

    async def _move(self, command: GateCommand, to: CommandStatus, note: Text) -> GateCommand:
        return await self._off(
            self._book.move, command.item_id, command.status, to, Deed(note=note)
        )

    def _is_ours(self, reading: Reading) -> bool:
        lease = self._leases.get(reading.device_id)
        pending = reading.device_id in self._renewed
        return lease is not None and not pending and reading.fence >= lease

    def _is_old(self, reading: Reading) -> bool:
        return self._live.age_s(reading.device_id) > gauges.LATE_S

    async def _off(self, job: Callable[..., T], *args: object) -> T:
        step = partial(job, *args)
        return await to_its_end(anyio.to_thread.run_sync(step, limiter=self._limiter))
