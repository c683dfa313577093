"""Side paths of events: one route per verb."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.events import CallBack, Classify, Decide, Dispatch, Merge, Reasoned
from backend_client.contract.item import Head

router = APIRouter(tags=["events"])


@router.post(paths.EVENT_VERB.replace("{verb}", "refuse"), responses=refusals(409))
def decline(
    item_id: Id,
    body: Reasoned,
    person: Annotated[Person, needs("event.refuse")],
    parts: PartsDep,
) -> Head:
    """Not accept an event (不予受理)."""
    return parts.work.event_paths.decline(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "withdraw"), responses=refusals(409))
def withdraw(
    item_id: Id,
    body: Reasoned,
    person: Annotated[Person, needs("event.withdraw")],
    parts: PartsDep,
) -> Head:
    """Take an event off the line (撤销)."""
    return parts.work.event_paths.withdraw(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "classify"), responses=refusals(409))
def classify(
    item_id: Id,
    body: Classify,
    person: Annotated[Person, needs("event.classify")],
    parts: PartsDep,
) -> Head:
    """Say what an event is about and how grave it is (定性)."""
    return parts.work.event_paths.classify(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "supervise"), responses=refusals(409))
def supervise(
    item_id: Id,
    body: Reasoned,
    person: Annotated[Person, needs("event.supervise")],
    parts: PartsDep,
) -> Head:
    """Put an event under supervision (督办)."""
    return parts.work.event_paths.supervise(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "assist"), responses=refusals(409))
def assist(
    item_id: Id,
    body: Dispatch,
    person: Annotated[Person, needs("event.assist")],
    parts: PartsDep,
) -> Head:
    """Let a further unit help (协办)."""
    return parts.work.event_paths.assist(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "transfer"), responses=refusals(409))
def transfer(
    item_id: Id,
    body: Dispatch,
    person: Annotated[Person, needs("event.transfer")],
    parts: PartsDep,
) -> Head:
    """Hand an event over to another unit (转办)."""
    return parts.work.event_paths.transfer(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "decide"), responses=refusals(409))
def decide(
    item_id: Id,
    body: Decide,
    person: Annotated[Person, needs("event.decide")],
    parts: PartsDep,
) -> Head:
    """Decide what a unit sent back (审定)."""
    return parts.work.event_paths.decide(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "call_back"), responses=refusals(409))
def call_back(
    item_id: Id,
    body: CallBack,
    person: Annotated[Person, needs("event.call_back")],
    parts: PartsDep,
) -> Head:
    """Write down what the reporter said (回访)."""
    return parts.work.event_paths.call_back(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "redo"), responses=refusals(409))
def redo(
    item_id: Id,
    body: Reasoned,
    person: Annotated[Person, needs("event.redo")],
    parts: PartsDep,
) -> Head:
    """Take an answered event in hand once more (重办)."""
    return parts.work.event_paths.redo(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "merge"), responses=refusals(409))
def merge(
    item_id: Id,
    body: Merge,
    person: Annotated[Person, needs("event.merge")],
    parts: PartsDep,
) -> Head:
    """Work on an event together with another (并案)."""
    return parts.work.event_paths.merge(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "split"), responses=refusals(409))
def split(
    item_id: Id,
    body: Reasoned,
    person: Annotated[Person, needs("event.split")],
    parts: PartsDep,
) -> Head:
    """Part an event from its main event (拆分)."""
    return parts.work.event_paths.split(person, item_id, body)
