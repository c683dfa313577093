"""Events on the straight line: one route per verb."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Response
from fastapi.exceptions import RequestValidationError

from backend.api.access import PartsDep, needs
from backend.api.problems import invalid, refusals
from backend.api.rows import RawDep, body_of, read_body
from backend.domain.refused import Refused
from backend.services.feeds import Batch
from backend.services.projection import LAYER
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.claims import Claim, Claiming
from backend_client.contract.events import Close, Dispatch, Intake, Locate, Touch
from backend_client.contract.item import Head
from backend_client.contract.readings import Matters, Reading, Similar
from backend_client.contract.repairs import Mending
from backend_client.contract.timeline import Timeline

router = APIRouter(tags=["events"])


@router.post(
    paths.EVENTS,
    status_code=201,
    responses={**refusals(409), 200: {"model": Head, "description": "Seen before."}},
    openapi_extra=body_of(Intake),
)
def take(
    raw: RawDep,
    person: Annotated[Person, needs("event.intake")],
    parts: PartsDep,
    response: Response,
    repair: Annotated[Id | None, Query()] = None,
) -> Head:
    """Register an event; the same `intake_id` again answers 200 with the first one.

    What is refused as unfit (422) is on the repair list. With `repair`, a refused item is handed
    in again as a person mended it: once taken it is off the list, refused again it stays there.
    """
    if repair is not None:
        parts.work.repairs.check_open(person, repair)
    try:
        body = read_body(raw, Intake)
        taken = parts.work.events.take(person, body)
    except RequestValidationError as error:
        if repair is None:
            parts.work.repairs.note(person, raw, invalid(error.errors()))
        raise
    except Refused as no:
        if repair is None and no.problem.status == 422:
            parts.work.repairs.note(person, raw, no.problem)
        raise
    if repair is not None:
        mended = Mending(outcome="mended", note=f"→ {taken.head.item_id}")
        parts.work.repairs.done(person, repair, mended)
    parts.feeds.heard(
        parts.feeds.source(person, "", LAYER),
        Batch(
            np.array([round(body.reported_at.timestamp() * 1000)]),
            int(taken.new),
            doubled=1 - taken.new,
        ),
    )
    response.status_code = 201 if taken.new else 200
    return taken.head


@router.post(paths.EVENT_VERB.replace("{verb}", "accept"), responses=refusals(409))
def accept(
    item_id: Id, body: Touch, person: Annotated[Person, needs("event.accept")], parts: PartsDep
) -> Head:
    """Take an event in hand."""
    return parts.work.events.accept(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "locate"), responses=refusals(409))
def locate(
    item_id: Id, body: Locate, person: Annotated[Person, needs("event.locate")], parts: PartsDep
) -> Head:
    """Correct an event's place."""
    return parts.work.events.locate(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "dispatch"), responses=refusals(409))
def dispatch(
    item_id: Id,
    body: Dispatch,
    person: Annotated[Person, needs("event.dispatch")],
    parts: PartsDep,
) -> Head:
    """Send an event to a unit with a deadline."""
    return parts.work.events.dispatch(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "close"), responses=refusals(409))
def close(
    item_id: Id, body: Close, person: Annotated[Person, needs("event.close")], parts: PartsDep
) -> Head:
    """Close an event with the answer the citizen gets."""
    return parts.work.events.close(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "undo"), responses=refusals(409))
def undo(
    item_id: Id, body: Touch, person: Annotated[Person, needs("event.undo")], parts: PartsDep
) -> Head:
    """Take one's own dispatch or close back within ten seconds."""
    return parts.work.events.undo(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "claim"), responses=refusals(409))
def claim(
    item_id: Id, body: Claiming, person: Annotated[Person, needs("event.claim")], parts: PartsDep
) -> Claim:
    """Take an event in hand for five minutes, or keep it; a supervisor may take it over."""
    return parts.claims.claim(person, item_id, body)


@router.post(paths.EVENT_VERB.replace("{verb}", "release"), status_code=204, responses=refusals())
def release(item_id: Id, person: Annotated[Person, needs("event.claim")], parts: PartsDep) -> None:
    """Let one's own event go."""
    parts.claims.release(person, item_id)


@router.get(paths.EVENT_READING, responses=refusals())
def reading(item_id: Id, person: Annotated[Person, needs("item.view")], parts: PartsDep) -> Reading:
    """Give what is understood of an event's report: class, places, urgency, units."""
    return parts.work.readings.of(person, item_id)


@router.get(paths.EVENT_SIMILAR, responses=refusals())
def similar(item_id: Id, person: Annotated[Person, needs("item.view")], parts: PartsDep) -> Similar:
    """Give finished events like one: what was answered, by whom, how long it took."""
    return parts.work.similar.of(person, item_id)


@router.get(paths.MATTERS, responses=refusals())
def matters(_person: Annotated[Person, needs("item.view")], parts: PartsDep) -> Matters:
    """Give the tree of classes."""
    return parts.work.readings.matters()


@router.get(paths.EVENT_STEPS, responses=refusals())
def steps(item_id: Id, person: Annotated[Person, needs("item.view")], parts: PartsDep) -> Timeline:
    """Give every step of an event, its orders and the reports merged with it."""
    return parts.work.timeline.of(person, item_id)
