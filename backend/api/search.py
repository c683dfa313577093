"""The route of search."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.search import Hits

_MOST = 100

router = APIRouter(tags=["search"])


@router.get(paths.SEARCH, responses=refusals(403))
def search(
    person: Annotated[Person, needs("item.view")],
    parts: PartsDep,
    q: Annotated[str, Query(min_length=1, max_length=100)],
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 20,
) -> Hits:
    """Find objects, events and places whose name or number holds the words, the best first."""
    return parts.search.find(person, q, limit)
