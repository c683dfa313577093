"""Routes of feeds: their owners register them; their health comes down the stream."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.feeds import FeedList, Registered

router = APIRouter(tags=["feeds"])


@router.put(paths.FEEDS, responses=refusals(403))
def register(
    body: FeedList, person: Annotated[Person, needs("feed.register")], parts: PartsDep
) -> Registered:
    """Register feeds and strike others off; all of the list or nothing."""
    return parts.feeds.register(person, body)
