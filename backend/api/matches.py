"""Matches: say no to a pair; yes is the merge of the one with the other."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.events import Reasoned
from backend_client.contract.item import Head

router = APIRouter(tags=["events"])


@router.post(paths.MATCH_VERB.replace("{verb}", "apart"), responses=refusals(409))
def apart(
    item_id: Id, body: Reasoned, person: Annotated[Person, needs("event.merge")], parts: PartsDep
) -> Head:
    """Say that two reports are not the same."""
    return parts.work.matches.apart(person, item_id, body)
