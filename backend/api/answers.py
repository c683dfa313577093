"""Answers: what channels fetch for their reporters, and what they have told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.answers import Answers, ToldAnswers
from backend_client.contract.auth import Person
from backend_client.contract.events import Channel

router = APIRouter(tags=["events"])


@router.get(paths.ANSWERS, responses=refusals())
def owed(
    channel: Channel,
    person: Annotated[Person, needs("event.intake")],
    parts: PartsDep,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> Answers:
    """Give what a channel still has to tell its reporters."""
    return parts.work.replies.owed(person, channel, after, limit)


@router.post(paths.ANSWERS_TOLD, status_code=204, responses=refusals())
def told(
    body: ToldAnswers, person: Annotated[Person, needs("event.intake")], parts: PartsDep
) -> None:
    """Note what a channel has told."""
    parts.work.replies.told(person, body)
