"""Gates over HTTP: look, request, authorise, abort, stop."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Header, Response
from pydantic import TypeAdapter

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend.services.gates.desk import Headers
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.gates import (
    Authorise,
    CommandRequest,
    Gate,
    GateCommand,
    Stop,
    StopResult,
)

_GATES = TypeAdapter(list[Gate])

router = APIRouter(tags=["gates"])

Key = Annotated[str | None, Header(alias="Idempotency-Key")]
IfMatch = Annotated[str | None, Header(alias="If-Match")]
Viewer = Annotated[Person, needs("gate.view")]
Requester = Annotated[Person, needs("gate.request")]
Authoriser = Annotated[Person, needs("gate.authorise")]
Aborter = Annotated[Person, needs("gate.abort")]
Stopper = Annotated[Person, needs("gate.stop")]


@router.get(paths.DEVICES, responses=refusals(), response_model=list[Gate])
def devices(person: Viewer, parts: PartsDep) -> Response:
    """List the gates in the reader's sight."""
    gates = parts.gates.desk.gates(person)
    return Response(_GATES.dump_json(gates), media_type="application/json")


@router.get(paths.DEVICE, responses=refusals(404))
def device(device_id: Id, person: Viewer, parts: PartsDep, response: Response) -> Gate:
    """Give one gate; its ETag is the state a command must match."""
    gate = parts.gates.desk.gate(person, device_id)
    response.headers["ETag"] = f'"{gate.fence}.{gate.seq}"'
    return gate


@router.post(
    paths.DEVICE_COMMANDS,
    status_code=201,
    responses={**refusals(404, 409, 412, 428, 503), 200: {"model": GateCommand}},
)
def request(
    device_id: Id,
    body: CommandRequest,
    person: Requester,
    parts: PartsDep,
    response: Response,
    *,
    key: Key = None,
    if_match: IfMatch = None,
) -> GateCommand:
    """Ask for a movement: 201 new, 200 the same request again; it waits for a second person."""
    headers = Headers(key, if_match)
    command, new = parts.gates.desk.request(person, device_id, body, headers=headers)
    response.status_code = 201 if new else 200
    return command


@router.get(paths.COMMAND, responses=refusals(404))
def command(command_id: Id, person: Viewer, parts: PartsDep) -> GateCommand:
    """Give one command with every step and its time."""
    return parts.gates.desk.command(person, command_id)


@router.post(paths.COMMAND_AUTHORISE, responses=refusals(404, 409, 412, 428, 429, 503))
def authorise(
    command_id: Id,
    body: Authorise,
    person: Authoriser,
    parts: PartsDep,
    *,
    if_match: IfMatch = None,
) -> GateCommand:
    """Consent as the second person, with a fresh code, to exactly this command."""
    return parts.gates.desk.authorise(person, command_id, body, if_match=if_match)


@router.post(paths.COMMAND_ABORT, responses=refusals(404))
async def abort(command_id: Id, person: Aborter, parts: PartsDep) -> GateCommand:
    """Call a command off."""
    return await parts.gates.abort(person, command_id)


@router.post(paths.DEVICE_STOP, responses=refusals(404))
async def stop(
    device_id: Id,
    person: Stopper,
    parts: PartsDep,
    body: Annotated[Stop | None, Body()] = None,
) -> StopResult:
    """Stop a device now, with or without a reason: a software stop, not a safety function."""
    return await parts.gates.stop(person, device_id, body.reason if body else "")
