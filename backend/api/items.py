"""Work items: pages, single reads, and the numbered stream."""

from __future__ import annotations

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

from backend.api.access import PartsDep, SignedDep, needs
from backend.api.problems import refusals
from backend.services.stream import follow
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.change import Item, ItemKind, Page

_MOST = 1_000
SEND_S = 10.0
_SSE = "text/event-stream"
_LOG = structlog.get_logger("service")

router = APIRouter(tags=["items"])


class LiveResponse(StreamingResponse):
    """Stream to a reader that reads; one that takes nothing for ten seconds is dropped."""

    async def stream_response(self, send: Send) -> None:
        """Send chunks as they come, each within its time."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_S):
                await send(message)

        try:
            await super().stream_response(in_time)
        except TimeoutError:
            _LOG.info("a reader stopped reading and was dropped")


@router.get(paths.ITEMS, response_model=Page, responses=refusals())
def page(
    kind: ItemKind,
    person: Annotated[Person, needs("item.view")],
    parts: PartsDep,
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 500,
    state: Annotated[str, Query(pattern=r"^[a-z_]{0,20}$")] = "",
) -> Response:
    """Read one page of present items; read pages first, then the stream from the first `n`.

    With `state` only those in it: who waits for a few need not read them all.
    """
    data = parts.items.page(person, kind, after=after, limit=limit, state=state)
    return Response(data, media_type="application/json")


@router.get(paths.ITEM, response_model=Item, responses=refusals())
def one(
    kind: ItemKind,
    item_id: Id,
    person: Annotated[Person, needs("item.view")],
    parts: PartsDep,
) -> Response:
    """Read one item with the verbs the reader may use on it."""
    return Response(parts.items.one(person, kind, item_id), media_type="application/json")


@router.get(
    paths.STREAM,
    response_class=StreamingResponse,
    responses={**refusals(), 200: {"content": {_SSE: {"schema": {"type": "string"}}}}},
)
async def stream(
    _person: Annotated[Person, needs("item.view")],
    who: SignedDep,
    parts: PartsDep,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> StreamingResponse:
    """Follow changes: `change` (numbered), `beat` each second, `layer`, `resync` after a gap."""
    return LiveResponse(
        follow(parts.sources, who, last_event_id),
        media_type=_SSE,
        headers={"X-Accel-Buffering": "no"},
    )
