"""Routes of alarms: departments tell causes, people handle alarms, supervisors see the load."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.alarms import (
    Acknowledged,
    Causes,
    Loads,
    Shelve,
    Sound,
    Suppress,
    Together,
    Told,
    Withdraw,
)
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.events import Touch
from backend_client.contract.item import Head

router = APIRouter(tags=["alarms"])


@router.put(paths.ALARM_CAUSES, responses=refusals())
def put_causes(
    body: Causes, person: Annotated[Person, needs("alarm.feed")], parts: PartsDep
) -> Told:
    """Take in what stands and what is over; the same again changes nothing."""
    return parts.alarm_sources.put(person, body)


@router.put(paths.ALARM_SUPPRESSION, responses=refusals())
def suppress(
    body: Suppress, person: Annotated[Person, needs("alarm.suppress")], parts: PartsDep
) -> Head:
    """Begin or end folding away what is not part of a response."""
    return parts.alarm_sources.suppress(person, body)


@router.put(paths.ALARM_SOUND, status_code=204, responses=refusals())
def hear(body: Sound, person: Annotated[Person, needs("account.self")], parts: PartsDep) -> None:
    """Tell how one's own seat hears."""
    parts.alarm_loads.hear(person, body)


@router.get(paths.ALARM_LOADS, responses=refusals())
def loads(person: Annotated[Person, needs("account.self")], parts: PartsDep) -> Loads:
    """Give the load of one's own seat; to a supervisor, of every seat in sight."""
    return parts.alarm_loads.loads(person)


@router.post(paths.ALARM_TOGETHER, responses=refusals(409))
def acknowledge_together(
    body: Together, person: Annotated[Person, needs("alarm.acknowledge")], parts: PartsDep
) -> Acknowledged:
    """Acknowledge alarms of one cause that were looked at together."""
    return parts.alarms.acknowledge_together(person, body)


@router.post(paths.ALARM_VERB.replace("{verb}", "acknowledge"), responses=refusals(409))
def acknowledge(
    item_id: Id,
    body: Touch,
    person: Annotated[Person, needs("alarm.acknowledge")],
    parts: PartsDep,
) -> Head:
    """Acknowledge an alarm by name."""
    return parts.alarms.acknowledge(person, item_id, body)


@router.post(paths.ALARM_VERB.replace("{verb}", "shelve"), responses=refusals(409))
def shelve(
    item_id: Id, body: Shelve, person: Annotated[Person, needs("alarm.shelve")], parts: PartsDep
) -> Head:
    """Put an alarm aside with a reason and an end."""
    return parts.alarms.shelve(person, item_id, body)


@router.post(paths.ALARM_VERB.replace("{verb}", "withdraw"), responses=refusals(409))
def withdraw(
    item_id: Id, body: Withdraw, person: Annotated[Person, needs("alarm.withdraw")], parts: PartsDep
) -> Head:
    """Take an alarm out of service until it is put back."""
    return parts.alarms.withdraw(person, item_id, body)


@router.post(paths.ALARM_VERB.replace("{verb}", "restore"), responses=refusals(409))
def restore(
    item_id: Id, body: Touch, person: Annotated[Person, needs("alarm.restore")], parts: PartsDep
) -> Head:
    """Put an alarm back into service."""
    return parts.alarms.restore(person, item_id, body)
