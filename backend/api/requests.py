"""Route of requests as a whole: hot spots and the day's numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.requests import Requests

router = APIRouter(tags=["requests"])


@router.get(paths.REQUESTS, responses=refusals(403, 404))
def requests(
    person: Annotated[Person, needs("indicator.view")],
    parts: PartsDep,
    region: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{4,12}$")] = None,
) -> Requests:
    """Give a region's hot spots and numbers; without one of the reader's own."""
    return parts.requests.of(person, region)
