"""Carry one authorised command to its device: select, operate once, watch, prove.

Nothing is ever sent twice. After any doubt the command is `unknown`; `Watch` settles it by reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import TypeVar

import anyio
import structlog

from backend.domain import gates as rules
from backend.domain.devices import Accepted, Order, Reading
from backend.gateways.scada.driver import (
    DeviceRefusedError,
    DoubtError,
    Driver,
    UnreachableError,
)
from backend.services.gates.book import EXPIRED, Book, Deed, MovedOnError
from backend.services.gates.live import Live, Pace
from backend_client.contract.base import Text
from backend_client.contract.gates import CommandStatus, GateCommand

S = CommandStatus
T = TypeVar("T")
_LOG = structlog.get_logger("gates")

LEVELLING_S = 400.0  # a chamber levels before its gate travels

STOPPED = Text("已由人员停止。", "Stopped by a person.")
NO_ANSWER = Text("设备无应答,未发送。", "The device did not answer; nothing was sent.")
LOST = Text("应答丢失,以读数判定。", "The answer was lost; a reading will decide.")
SILENT = Text("行程中失去读数。", "Readings were lost in travel.")
LATE = Text("超过 1.3 倍行程时间仍未到位,已发停止。", "Not there in 1.3 times the travel; stopped.")
ARRIVED = Text("读数确认到位并稳定。", "Readings confirm it is there and settled.")


class Line:
    """Run one task per command on the event loop.

    Args:
        renew: takes a new fence on a device, which voids whatever was selected there.
        doubted: hears of commands that became `unknown`.
    """

    def __init__(
        self,
        driver: Driver,
        book: Book,
        live: Live,
        *,
        pace: Pace,
        renew: Callable[[str], None],
        doubted: Callable[[str], None],
    ) -> None:
        self._driver = driver
        self._book = book
        self._live = live
        self._pace = pace
        self._renew = renew
        self._doubted = doubted
        self._limiter = anyio.CapacityLimiter(4)  # the API's own threads may all be taken
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped: dict[str, datetime] = {}

    def attach(self) -> None:
        """Remember the running loop."""
        self._loop = asyncio.get_running_loop()

    def launch(self, command_id: str) -> None:
        """Start carrying an authorised command; from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin, command_id, self._carry(command_id))

    def resume(self, command: GateCommand) -> None:
        """Go on watching a command that a reading proved to be under way."""
        facts = self._live.facts.get(command.gate_id)
        travel_s = facts.travel_s if facts else 0.0
        if facts and facts.kind == "lock":
            travel_s += LEVELLING_S
        self._begin(command.item_id, self._watch(command, travel_s))

    async def stop(self, device_id: str) -> Accepted:
        """Halt a device at once; a lost answer is asked for once more, stopping twice is safe."""
        self._stopped[device_id] = self._live.clock.now()
        try:
            return await self._driver.stop(device_id)
        except DoubtError:
            return await self._driver.stop(device_id)

    async def close(self) -> None:
        """Let every task go; what they carried is settled at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, command_id: str, job: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(job, name=command_id)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("gate command broke off", command=task.get_name(), exc_info=error)
            self._doubted(task.get_name())

    async def _carry(self, command_id: str) -> None:
        try:
            command = await self._off(self._book.begin, command_id)
            if await self._called_off(command):
                return
            accepted = await self._select(command)
            if accepted is None:
                return
            command = await self._move(command, S.SELECTED)
            if await self._called_off(command):
                return
            command = await self._move(command, S.OPERATING)
            accepted = await self._operate(command, accepted.seq)
            if accepted is None:
                return
            command = await self._move(command, S.EXECUTING)
        except MovedOnError:
            return
        await self._watch(command, accepted.travel_s)

    async def _select(self, command: GateCommand) -> Accepted | None:
        try:
            return await self._driver.select(command.gate_id, _order(command, command.seq))
        except DeviceRefusedError as no:
            await self._move(command, S.REJECTED, rules.refusal(no.word))
        except UnreachableError:
            await self._move(command, S.REJECTED, NO_ANSWER)
        except DoubtError:
            await self._doubt(command, LOST)
        return None

    async def _called_off(self, command: GateCommand) -> bool:
        """End a command that was stopped or has expired before operate; void its select."""
        if self._was_stopped(command):
            await self._move(command, S.ABORTED, STOPPED)
        elif command.status is S.SELECTED and self._live.clock.now() >= command.expires_at:
            await self._move(command, S.EXPIRED, EXPIRED)
        else:
            return False
        self._renew(command.gate_id)
        return True

    async def _operate(self, command: GateCommand, seq: int) -> Accepted | None:
        try:
            return await self._driver.operate(command.gate_id, _order(command, seq))
        except DeviceRefusedError as no:
            stopped = self._was_stopped(command)
            to, note = (S.ABORTED, STOPPED) if stopped else (S.REJECTED, rules.refusal(no.word))
            await self._move(command, to, note)
        except (UnreachableError, DoubtError):
            await self._doubt(command, LOST)
        return None

    def _was_stopped(self, command: GateCommand) -> bool:
        """Tell whether STOP was pressed on the device since the command was authorised."""
        stopped_at = self._stopped.get(command.gate_id)
        since = next(step.at for step in command.history if step.status is S.AUTHORISED)
        return stopped_at is not None and stopped_at >= since

    async def _watch(self, command: GateCommand, travel_s: float) -> None:
        """Read until the command is proved, has failed, or its time is over."""
        clock, began_s = self._live.clock, self._live.clock.steady_s()
        limit_s = rules.TRAVEL_FACTOR * travel_s + rules.TRAVEL_GRACE_S
        there_s: float | None = None
        while True:
            reading = await self._read(command.gate_id)
            now_s = clock.steady_s()
            if reading is None:
                if self._live.age_s(command.gate_id) > self._pace.lost_s:
                    return await self._doubt(command, SILENT)
            elif (end := rules.progress(command, reading)) is not None:
                return await self._finish(command, *end)
            elif rules.arrived(command, reading):
                there_s = now_s if there_s is None else there_s
                if now_s - there_s >= self._pace.settled_s:
                    return await self._finish(command, S.CONFIRMED, ARRIVED)
            else:
                there_s = None
            if there_s is None and now_s - began_s > limit_s:
                return await self._time_out(command)
            await asyncio.sleep(self._pace.watch_s)

    async def _time_out(self, command: GateCommand) -> None:
        try:
            await self._driver.stop(command.gate_id)
        except (DeviceRefusedError, UnreachableError, DoubtError):
            _LOG.warning("stop after time-out was not answered", device=command.gate_id)
        await self._finish(command, S.TIMED_OUT, LATE)

    async def _read(self, device_id: str) -> Reading | None:
        try:
            reading = await self._driver.read(device_id)
        except (DeviceRefusedError, UnreachableError, DoubtError):
            return None
        self._live.take(reading)
        return reading

    async def _doubt(self, command: GateCommand, note: Text) -> None:
        try:
            await self._move(command, S.UNKNOWN, note)
        except MovedOnError:
            return
        self._renew(command.gate_id)
        self._doubted(command.item_id)

    async def _finish(self, command: GateCommand, to: CommandStatus, note: Text) -> None:
        try:
            await self._move(command, to, note)
        except MovedOnError:
            return

    async def _move(
        self, command: GateCommand, to: CommandStatus, note: Text | None = None
    ) -> GateCommand:
        return await self._off(
            self._book.move, command.item_id, command.status, to, Deed(note=note)
        )

    async def _off(self, job: Callable[..., T], *args: object) -> T:
        return await anyio.to_thread.run_sync(partial(job, *args), limiter=self._limiter)


def _order(command: GateCommand, seq: int) -> Order:
    return Order(command.item_id, command.fence, seq, command.bays, command.target_m)
