"""The repair list over HTTP: read it, say what became of an item."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.repairs import Mending, Repair, RepairsPage, RepairState

_MOST = 100  # of up to 64 KB each

router = APIRouter(tags=["repairs"])


@router.get(paths.REPAIRS, responses=refusals())
def read(
    person: Annotated[Person, needs("repair.view")],
    parts: PartsDep,
    before: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
    state: Annotated[RepairState | None, Query()] = None,
) -> RepairsPage:
    """Read refused reports of one's region, newest first."""
    return parts.work.repairs.page(person, before=before, limit=limit, state=state)


@router.post(paths.REPAIR_DONE, responses=refusals(409))
def done(
    repair_id: Id,
    body: Mending,
    person: Annotated[Person, needs("repair.done")],
    parts: PartsDep,
) -> Repair:
    """Say that a refused report was handed in mended, or dropped for a reason."""
    return parts.work.repairs.done(person, repair_id, body)
