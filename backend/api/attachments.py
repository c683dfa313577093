"""Attachments over HTTP: a file comes as the body itself and goes out as one, never as a page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated, BinaryIO, Final
from urllib.parse import quote

from anyio import WouldBlock, to_thread
from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from backend.api.access import PartsDep, needs
from backend.api.parts import Parts
from backend.api.problems import refusals
from backend.domain.refused import Refused, refuse
from backend.services.attachments import Kept, Upload
from backend_client.contract import paths
from backend_client.contract.attachments import ENDINGS, Attachment
from backend_client.contract.auth import Person
from backend_client.contract.base import Id, Region, Text

UPLOAD_S: Final = 300.0  # 100 MB at 3 Mbit/s
_PIECE: Final = 1 << 18
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_BODY: Final = {"requestBody": {"required": True, "content": dict.fromkeys(ENDINGS, _FILE)}}
_GIVEN: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": dict.fromkeys(ENDINGS, _FILE)}
}

router = APIRouter(tags=["attachments"])


@router.post(
    paths.ATTACHMENTS,
    status_code=201,
    responses={**refusals(507), 200: {"model": Attachment, "description": "Kept before."}},
    openapi_extra=_BODY,
)
async def add(
    request: Request,
    response: Response,
    person: Annotated[Person, needs("attachment.add")],
    parts: PartsDep,
    name: Annotated[str, Query(min_length=1, max_length=200)],
    region: Annotated[Region, Query()],
) -> Attachment:
    """Keep a file; its type is read off its content and must be what `Content-Type` says.

    The same bytes again by the same person, for the same region and name, answer 200. What no
    report refers to within a day is forgotten.
    """
    told = request.headers.get("content-length", "")
    begin = partial(
        parts.work.attachments.begin,
        person,
        media=request.headers.get("content-type", ""),
        name=name,
        region=region,
        length=int(told[:20]) if told.isdecimal() else 0,
    )
    kept = await _one_of_few(parts, request, person, begin)
    response.status_code = 201 if kept.new else 200
    return kept.attachment


@router.get(
    paths.ATTACHMENT,
    response_class=StreamingResponse,
    responses={**refusals(), **_GIVEN},
)
def read(
    attachment_id: Id, person: Annotated[Person, needs("attachment.view")], parts: PartsDep
) -> StreamingResponse:
    """Give a file back as it came, to be saved rather than shown."""
    found, file = parts.work.attachments.open(person, attachment_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(found.name, safe='')}",
        "Content-Length": str(found.size),
    }
    return StreamingResponse(_told(file), media_type=found.media, headers=headers)


async def _one_of_few(
    parts: Parts, request: Request, person: Person, begin: partial[Upload]
) -> Kept:
    try:
        parts.uploads.acquire_nowait()
    except WouldBlock as error:
        raise _busy() from error
    try:
        return await _taken(parts, request, person, begin)
    finally:
        parts.uploads.release()


async def _taken(parts: Parts, request: Request, person: Person, begin: partial[Upload]) -> Kept:
    at_disk = parts.at_disk
    upload = await to_thread.run_sync(begin, limiter=at_disk)
    try:
        async with asyncio.timeout(UPLOAD_S):
            async for piece in _pieces(request):
                await to_thread.run_sync(upload.add, piece, limiter=at_disk)
        return await to_thread.run_sync(
            parts.work.attachments.keep, person, upload, limiter=at_disk
        )
    except TimeoutError as error:
        raise _cut(408, "too_slow") from error
    except ClientDisconnect as error:
        raise _cut(400, "cut_off") from error
    finally:
        upload.drop()


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Give the body in pieces worth a thread's while."""
    waiting = bytearray()
    async for part in request.stream():
        waiting += part
        if len(waiting) >= _PIECE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _told(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _busy() -> Refused:
    no = refuse(
        503,
        "busy",
        Text("正在上传的文件过多。", "Too many files are coming in at once."),
        Text("几秒后再试。", "Try again in a few seconds."),
    )
    return Refused(no.problem, {"Retry-After": "3"})


def _cut(status: int, code: str) -> Refused:
    return refuse(
        status,
        code,
        Text("文件没有传完,未保存。", "The file did not come whole; it was not kept."),
        Text("检查网络后重新上传。", "Check the network and upload it again."),
        where="body",
    )
