"""Instructions: what a duty desk issues and signs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.events import Touch
from backend_client.contract.instructions import Issue
from backend_client.contract.item import Head

router = APIRouter(tags=["duty"])


@router.post(paths.INSTRUCTIONS, status_code=201, responses=refusals())
def issue(
    body: Issue,
    person: Annotated[Person, needs("instruction.issue")],
    parts: PartsDep,
    idempotency_key: Annotated[str | None, Header(min_length=16, max_length=64)] = None,
) -> Head:
    """Issue an instruction to receivers inside one's region; the same key makes it once."""
    return parts.instructions.issue(person, body, idempotency_key)


@router.post(paths.INSTRUCTION_VERB.replace("{verb}", "sign"), responses=refusals(409))
def sign_instruction(
    item_id: Id,
    body: Touch,
    person: Annotated[Person, needs("instruction.sign")],
    parts: PartsDep,
) -> Head:
    """Sign an instruction for one's own region."""
    return parts.instructions.sign(person, item_id, body)
