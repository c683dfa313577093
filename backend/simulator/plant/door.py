"""The devices' door on the loopback: read, claim, select, operate, stop, heartbeat, maintenance."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.simulator import tide
from backend.simulator.plant.bay import FAULTS
from backend.simulator.plant.device import Answer, Device, Order
from backend.simulator.plant.host import Host
from backend.simulator.plant.plant import describe
from backend_client.contract.base import Count, Flag, Frozen, Id, Number

HANG_S = 30.0
LINKS = ("up", "down", "silent", "mute")  # mute: does as told, says nothing


class OrderIn(Frozen):
    """A select or an operate."""

    command_id: Id
    fence: Count
    seq: Count
    bays: Annotated[tuple[int, ...], Field(min_length=1, max_length=99)]
    target_m: Number


class FenceIn(Frozen):
    """A claim."""

    fence: Count


class FencesIn(Frozen):
    """A heartbeat: the fence its sender holds on each device."""

    fences: Annotated[dict[Id, Count], Field(max_length=999)]


class MaintenanceIn(Frozen):
    """A hand on site or a planted fault; what is left out stays."""

    bay: int | None = None
    faults: tuple[str, ...] | None = None
    mode: str | None = None
    opening_m: Number | None = None
    link: str | None = None
    inner_m: Number | None = None
    outer_m: Number | None = None
    vessels: Count | None = None
    navigation_stopped: Flag | None = None
    reset: Flag = False


Handler = Callable[[Request], Awaitable[Response]]


def make_door(host: Host, token: str) -> Starlette:
    """Build the door's application over a running host."""
    door = _Door(host, token)
    routes = [
        Route("/devices", door.guard(door.read_all)),
        Route("/devices/{device_id}", door.guard(door.read_one)),
        Route("/curves", door.guard(door.curves)),
        Route("/heartbeat", door.guard(door.heartbeat), methods=["POST"]),
    ]
    verbs: dict[str, Handler] = {
        "claim": door.claim,
        "select": door.select,
        "operate": door.operate,
        "stop": door.stop,
        "maintenance": door.maintain,
    }
    for verb, handler in verbs.items():
        path = f"/devices/{{device_id}}/{verb}"
        routes.append(Route(path, door.guard(handler), methods=["POST"]))
    return Starlette(routes=routes)


class _Door:
    def __init__(self, host: Host, token: str) -> None:
        self._host = host
        self._token = f"Bearer {token}"

    def guard(self, handler: Handler) -> Handler:
        """Refuse a caller without the token and a body that does not fit."""

        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not secrets.compare_digest(given.encode(), self._token.encode()):
                return _say(401, "no_token")
            self._host.touch()
            try:
                return await handler(request)
            except ValidationError:
                return _say(422, "bad_body")
            except KeyError:
                return _say(404, "no_such_device")

        return guarded

    async def read_all(self, request: Request) -> Response:
        """Tell what every device is and reads; one without a link tells nothing."""
        plant = self._host.plant
        rows = [read(device) for device in plant.devices.values()]
        facts = request.query_params.get("facts") == "1"
        specs = [describe(d.spec) for d in plant.devices.values()] if facts else []
        return JSONResponse({"at": plant.at.isoformat(), "devices": rows, "facts": specs})

    async def read_one(self, request: Request) -> Response:
        """Tell what one device reads."""
        device = self._device(request)
        if device.link != "up":
            return await self._dead(device)
        return JSONResponse({"at": self._host.plant.at.isoformat(), **read(device)})

    async def curves(self, request: Request) -> Response:
        """Tell the predicted outer levels, as a tide table would."""
        hours = min(float(request.query_params.get("hours", "26")), 72.0)
        plant = self._host.plant
        table = {
            key: [
                (at.isoformat(), level)
                for at, level in tide.curve(device.spec.site, plant.at, hours=hours)
            ]
            for key, device in plant.devices.items()
        }
        return JSONResponse(table)

    async def heartbeat(self, request: Request) -> Response:
        """Hear that the writer lives."""
        body = FencesIn.model_validate_json(await request.body())
        return JSONResponse({"heard": self._host.plant.heartbeat(body.fences)})

    async def claim(self, request: Request) -> Response:
        """Take a new writer."""
        body = FenceIn.model_validate_json(await request.body())
        return await self._do(request, lambda device: device.claim(body.fence))

    async def select(self, request: Request) -> Response:
        """Reserve a device."""
        order = _order(await request.body())
        return await self._do(request, lambda device: device.select(order))

    async def operate(self, request: Request) -> Response:
        """Move a reserved device."""
        order = _order(await request.body())
        return await self._do(request, lambda device: device.operate(order))

    async def stop(self, request: Request) -> Response:
        """Halt a device."""
        return await self._do(request, lambda device: device.stop())

    async def maintain(self, request: Request) -> Response:
        """Do what a hand on site or a test does."""
        body = MaintenanceIn.model_validate_json(await request.body())
        device = self._device(request)
        if body.link is not None and body.link not in LINKS:
            return _say(422, "no_such_link")
        if body.faults is not None and not FAULTS.issuperset(body.faults):
            return _say(422, "no_such_fault")
        self._host.maintain(device, body.model_dump(exclude_none=True))
        return JSONResponse(read(device))

    async def _do(self, request: Request, act: Callable[[Device], Answer]) -> Response:
        device = self._device(request)
        if device.link in {"down", "silent"}:
            return await self._dead(device)
        answer = self._host.act(device, act)
        if device.link == "mute":
            return await self._dead(device)
        return JSONResponse(answer._asdict(), status_code=409 if answer.refused else 200)

    async def _dead(self, device: Device) -> Response:
        if device.link != "down":
            await asyncio.sleep(HANG_S)
        return _say(503, "no_answer")

    def _device(self, request: Request) -> Device:
        return self._host.plant.devices[request.path_params["device_id"]]


def read(device: Device) -> dict[str, object]:
    """Give a device's reading as the door tells it."""
    if device.link != "up":
        return {"device_id": device.spec.device_id, "answers": False}
    return {
        "device_id": device.spec.device_id,
        "answers": True,
        "fence": device.fence,
        "seq": device.seq,
        "inner_m": round(device.inner_m, 3),
        "outer_m": round(device.outer_m, 3),
        "flow_m3s": round(device.flow_m3s(), 2),
        "vessels": device.vessels,
        "navigation_stopped": device.navigation_stopped,
        "selected": device.reserved.order.command_id if device.reserved else None,
        "running": device.running.command_id if device.running else None,
        "echoes": device.echoes,
        "bays": [
            {
                "no": bay.no,
                "opening_m": round(bay.opening_m, 4),
                "moving": bay.moving,
                "mode": bay.mode,
                "trip": bay.trip,
            }
            for bay in device.bays
        ],
    }


def _order(body: bytes) -> Order:
    told = OrderIn.model_validate_json(body)
    return Order(told.command_id, told.fence, told.seq, told.bays, told.target_m)


def _say(status: int, word: str) -> Response:
    return JSONResponse({"refused": word}, status_code=status)
