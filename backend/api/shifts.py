"""The shift log over HTTP: lines, search, open items, handover, proof, CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.item import Head
from backend_client.contract.shifts import (
    FoundLines,
    Handover,
    LineIn,
    LinesPage,
    OpenItems,
    PageProof,
)

_MOST = 1_000
_CSV = "text/csv; charset=utf-8"

router = APIRouter(tags=["shifts"])

Viewer = Annotated[Person, needs("shift.view")]
Writer = Annotated[Person, needs("shift.write")]
Giver = Annotated[Person, needs("shift.handover")]


@router.get(paths.SHIFT_SEARCH, responses=refusals())
def search(
    person: Viewer,
    parts: PartsDep,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> FoundLines:
    """Find lines that hold every word, newest first."""
    return parts.shifts.search(person, q, limit=limit)


@router.get(paths.SHIFT_LINES, responses=refusals())
def read_lines(
    page_id: Id,
    person: Viewer,
    parts: PartsDep,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 500,
) -> LinesPage:
    """Read a page's lines, oldest first; the page itself is a work item of the stream."""
    return parts.shifts.lines(person, page_id, after=after, limit=limit)


@router.post(paths.SHIFT_LINES, responses=refusals(409))
def write_line(page_id: Id, body: LineIn, person: Writer, parts: PartsDep) -> Head:
    """Write a line; the same `entry_id` again changes nothing."""
    return parts.shifts.write(person, page_id, body)


@router.get(paths.SHIFT_OPEN, responses=refusals())
def open_items(page_id: Id, person: Viewer, parts: PartsDep) -> OpenItems:
    """Tell what the page would hand on now."""
    return parts.shifts.open_items(person, page_id)


@router.post(paths.SHIFT_HANDOVER, responses=refusals(401, 409, 429))
def hand_over(page_id: Id, body: Handover, person: Giver, parts: PartsDep) -> Head:
    """Sign a page by two persons: it is locked, and the head of the next one comes back."""
    return parts.shifts.hand_over(person, page_id, body)


@router.get(paths.SHIFT_PROOF, responses=refusals())
def proof(page_id: Id, person: Viewer, parts: PartsDep) -> PageProof:
    """Check that no line of the page was changed, moved or cut off."""
    return parts.shifts.proof(person, page_id)


@router.get(
    paths.SHIFT_EXPORT,
    response_class=StreamingResponse,
    responses={**refusals(), 200: {"content": {_CSV: {"schema": {"type": "string"}}}}},
)
def export(page_id: Id, person: Viewer, parts: PartsDep) -> StreamingResponse:
    """Take a page out as CSV."""
    rows = parts.shifts.export(person, page_id)
    named = {"Content-Disposition": f'attachment; filename="{page_id}.csv"'}
    return StreamingResponse(rows, media_type=_CSV, headers=named)
