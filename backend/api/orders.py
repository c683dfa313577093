"""Orders: one route per verb."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.events import Close, Decide, Reasoned, Touch
from backend_client.contract.item import Head
from backend_client.contract.orders import Extend, Return

router = APIRouter(tags=["orders"])


@router.post(paths.ORDER_VERB.replace("{verb}", "sign"), responses=refusals(409))
def sign(
    item_id: Id, body: Touch, person: Annotated[Person, needs("order.sign")], parts: PartsDep
) -> Head:
    """Sign for an order (签收)."""
    return parts.work.orders.sign(person, item_id, body)


@router.post(paths.ORDER_VERB.replace("{verb}", "report"), responses=refusals(409))
def report(
    item_id: Id, body: Close, person: Annotated[Person, needs("order.report")], parts: PartsDep
) -> Head:
    """Report what was done on an order (反馈)."""
    return parts.work.orders.report(person, item_id, body)


@router.post(paths.ORDER_VERB.replace("{verb}", "return"), responses=refusals(409))
def send_back(
    item_id: Id, body: Return, person: Annotated[Person, needs("order.return")], parts: PartsDep
) -> Head:
    """Send an order back (退单)."""
    return parts.work.orders.send_back(person, item_id, body)


@router.post(paths.ORDER_VERB.replace("{verb}", "extend"), responses=refusals(409))
def extend(
    item_id: Id, body: Extend, person: Annotated[Person, needs("order.extend")], parts: PartsDep
) -> Head:
    """Ask for more time (延期)."""
    return parts.work.orders.extend(person, item_id, body)


@router.post(paths.ORDER_VERB.replace("{verb}", "grant"), responses=refusals(409))
def grant(
    item_id: Id, body: Decide, person: Annotated[Person, needs("order.grant")], parts: PartsDep
) -> Head:
    """Say yes or no to more time (审批)."""
    return parts.work.orders.grant(person, item_id, body)


@router.post(paths.ORDER_VERB.replace("{verb}", "suspend"), responses=refusals(409))
def suspend(
    item_id: Id, body: Reasoned, person: Annotated[Person, needs("order.suspend")], parts: PartsDep
) -> Head:
    """Stop an order's clock (挂起)."""
    return parts.work.orders.suspend(person, item_id, body)


@router.post(paths.ORDER_VERB.replace("{verb}", "resume"), responses=refusals(409))
def resume(
    item_id: Id, body: Touch, person: Annotated[Person, needs("order.resume")], parts: PartsDep
) -> Head:
    """Let an order's clock run again."""
    return parts.work.orders.resume(person, item_id, body)


@router.post(paths.ORDER_VERB.replace("{verb}", "urge"), responses=refusals(409))
def urge(
    item_id: Id, body: Reasoned, person: Annotated[Person, needs("order.urge")], parts: PartsDep
) -> Head:
    """Urge a unit on (催办)."""
    return parts.work.orders.urge(person, item_id, body)
