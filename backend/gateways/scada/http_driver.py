"""Talk to the devices' door over HTTP: short deadlines, no pairing by order, doubt told apart."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import httpx
from pydantic import ValidationError

from backend.domain.devices import Accepted, Curve, Facts, Order, Reading
from backend.gateways.scada.driver import DeviceRefusedError, DoubtError, UnreachableError
from backend.gateways.scada.wire import AllWire, AnswerWire, CurvesWire, EndpointWire, ReadingWire
from backend_client.contract.clock import Clock

W = TypeVar("W", ReadingWire, AllWire)

DEADLINE_S = 3.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class HttpDriver:
    """Drive the simulated devices. A connection that raised doubt is never used again.

    Args:
        find: gives the door's address, or None while there is none.
        clock: stamps each reading with the instant of its receipt.
    """

    def __init__(self, find: Callable[[], EndpointWire | None], clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._tls = ssl.create_default_context()  # 0.1 s: one per command would block the loop
        self._reader: httpx.AsyncClient | None = None
        self._stopper: httpx.AsyncClient | None = None

    async def select(self, device_id: str, order: Order) -> Accepted:
        """Reserve a device for one exact order."""
        return await self._command(device_id, "select", _body(order))

    async def operate(self, device_id: str, order: Order) -> Accepted:
        """Move a reserved device."""
        return await self._command(device_id, "operate", _body(order))

    async def claim(self, device_id: str, fence: int) -> Accepted:
        """Become the device's one writer."""
        return await self._command(device_id, "claim", {"fence": fence})

    async def stop(self, device_id: str) -> Accepted:
        """Halt a device on a connection of its own."""
        stopper = self._stopper = self._stopper or self._fresh()
        try:
            return await self._ask_answer(stopper, device_id, "stop", {})
        except (UnreachableError, DoubtError):
            if self._stopper is stopper:  # another stop may have replaced it already
                self._stopper = None
            await stopper.aclose()
            raise

    async def read(self, device_id: str) -> Reading:
        """Read one device."""
        reply = await self._read(f"/devices/{device_id}")
        return _parse(ReadingWire, reply).told(self._clock.now())

    async def read_all(self) -> tuple[Reading, ...]:
        """Read every device that answers."""
        told = _parse(AllWire, await self._read("/devices"))
        at = self._clock.now()
        return tuple(d.told(at) for d in told.devices if isinstance(d, ReadingWire))

    async def facts(self) -> tuple[Facts, ...]:
        """Read what stands there."""
        told = _parse(AllWire, await self._read("/devices?facts=1"))
        return tuple(fact.told() for fact in told.facts)

    async def curves(self) -> Mapping[str, Curve]:
        """Read the predicted outer levels by device."""
        reply = await self._read("/curves")
        try:
            return CurvesWire.model_validate({"curves": reply.json()}).curves
        except ValueError as fault:
            raise UnreachableError("unreadable curves") from fault

    async def heartbeat(self, fences: Mapping[str, int]) -> None:
        """Let each device hear, by its own fence, that its writer lives."""
        await self._read("/heartbeat", body={"fences": dict(fences)})

    async def close(self) -> None:
        """Let connections go."""
        for client in (self._reader, self._stopper):
            if client is not None:
                await client.aclose()
        self._reader = self._stopper = None

    async def _command(self, device_id: str, verb: str, body: dict[str, object]) -> Accepted:
        """Send a command on a fresh connection: no late reply of another call can be met."""
        async with self._fresh() as client:
            return await self._ask_answer(client, device_id, verb, body)

    async def _ask_answer(
        self, client: httpx.AsyncClient, device_id: str, verb: str, body: dict[str, object]
    ) -> Accepted:
        reply = await self._ask(client, f"/devices/{device_id}/{verb}", body)
        try:
            answer = AnswerWire.model_validate_json(reply.content)
        except ValidationError as fault:
            raise DoubtError("unreadable answer") from fault
        if answer.refused:
            raise DeviceRefusedError(answer.refused)
        return Accepted(answer.fence, answer.seq, answer.travel_s)

    async def _read(self, path: str, body: dict[str, object] | None = None) -> httpx.Response:
        """Ask what changes nothing; whatever goes wrong, the connection is given up."""
        reader = self._reader = self._reader or self._fresh()
        try:
            return await self._ask(reader, path, body)
        except DoubtError as doubt:
            if self._reader is reader:
                self._reader = None
            await reader.aclose()
            raise UnreachableError(str(doubt)) from doubt

    def _fresh(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=DEADLINE_S, trust_env=False, verify=self._tls)

    async def _ask(
        self, client: httpx.AsyncClient, path: str, body: dict[str, object] | None
    ) -> httpx.Response:
        door = self._find()
        if door is None:
            raise UnreachableError("no door")
        headers = {"Authorization": f"Bearer {door.token}"}
        method = "GET" if body is None else "POST"
        try:
            async with asyncio.timeout(DEADLINE_S):
                reply = await client.request(method, door.url + path, json=body, headers=headers)
        except _NEVER_SENT as fault:
            raise UnreachableError(type(fault).__name__) from fault
        except (httpx.HTTPError, TimeoutError) as fault:
            raise DoubtError(type(fault).__name__) from fault
        if reply.status_code in {401, 404, 503}:  # the door itself said it passed nothing on
            raise UnreachableError(str(reply.status_code))
        if reply.status_code not in {200, 409}:
            raise DoubtError(str(reply.status_code))
        return reply


def read_endpoint(file: Path) -> EndpointWire | None:
    """Read where the door is; None when nobody holds one or the file is half a file."""
    try:
        return EndpointWire.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def _body(order: Order) -> dict[str, object]:
    return {
        "command_id": order.command_id,
        "fence": order.fence,
        "seq": order.seq,
        "bays": list(order.bays),
        "target_m": order.target_m,
    }


def _parse(wire: type[W], reply: httpx.Response) -> W:
    try:
        return wire.model_validate_json(reply.content)
    except ValidationError as fault:
        raise UnreachableError("unreadable reading") from fault
