"""Routes of positions: feeds post fixes, readers wait for what moved."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from backend.api.access import PartsDep, needs
from backend.api.features import ARROW, ARROW_BODY, ARROW_REPLY
from backend.api.problems import refusals
from backend.api.rows import RawDep, body_of, read_batch, read_columns
from backend.services.fixes import batch_of_fixes
from backend.services.positions import Positions, Reports
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.columns import encode_fixes
from backend_client.contract.feature import LayerId
from backend_client.contract.positions import Fixed, Fixes
from backend_client.contract.rows import FixRows, decode_fix_rows

router = APIRouter(tags=["positions"])

_BATCH_S = 0.2


@router.post(paths.POSITIONS, responses=refusals(403, 503), openapi_extra=body_of(Fixes))
def post(raw: RawDep, person: Annotated[Person, needs("position.feed")], parts: PartsDep) -> Fixed:
    """Take in a batch of fixes; each accepted one is in the history once."""
    batch, at, rejected = read_batch(raw, Fixes, "fixes")
    told = FixRows(batch_of_fixes(batch.fixes), batch.layer, batch.feed)
    return parts.positions.post(person, Reports(told, at, tuple(rejected)))


@router.post(paths.POSITION_ROWS, responses=refusals(403, 503), openapi_extra=ARROW_BODY)
def post_rows(
    raw: RawDep, person: Annotated[Person, needs("position.feed")], parts: PartsDep
) -> Fixed:
    """Take in up to 50,000 fixes as columns; each accepted one is in the history once."""
    return parts.positions.post(person, Reports(read_columns(raw, decode_fix_rows)))


@router.get(
    paths.POSITIONS,
    response_class=Response,
    responses={**refusals(403), **ARROW_REPLY},
)
async def latest(
    person: Annotated[Person, needs("position.view")],
    parts: PartsDep,
    since: Annotated[int, Query(ge=0, le=2**53)] = 0,
    wait_s: Annotated[float, Query(ge=0, le=30)] = 0,
    layer: Annotated[list[LayerId] | None, Query(max_length=64)] = None,
) -> Response:
    """Give the latest fix of what moved since a number; wait for it, batched to 0.2 s.

    Nothing new within the wait gives a block without rows.
    """
    if since and wait_s:
        await asyncio.sleep(min(_BATCH_S, wait_s))
        await _until_moved(parts.positions, since, wait_s - _BATCH_S)
    made = await asyncio.to_thread(parts.positions.block, person, since, layer)
    return Response(await asyncio.to_thread(encode_fixes, made), media_type=ARROW)


async def _until_moved(positions: Positions, since: int, wait_s: float) -> None:
    loop, moved = asyncio.get_running_loop(), asyncio.Event()
    with positions.told(lambda: loop.call_soon_threadsafe(moved.set)):
        if positions.seq == since:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), wait_s)
