"""Rules of an order: sent, signed, reported; the deadline never moves by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from backend.domain.deadlines import Deadlines, Stage
from backend.domain.refused import unfit, wrong_state
from backend_client.contract.base import Text
from backend_client.contract.events import Dispatch, Event
from backend_client.contract.item import PersonRef
from backend_client.contract.orders import Order, OrderState

NAMES: Mapping[OrderState, Text] = {
    OrderState.SENT: Text("待签收", "sent, not signed"),
    OrderState.SIGNED: Text("已签收", "signed"),
    OrderState.REPORTED: Text("已反馈", "reported"),
}
_OFFERS: Mapping[OrderState, tuple[str, ...]] = {
    OrderState.SENT: ("sign",),
    OrderState.SIGNED: ("report",),
    OrderState.REPORTED: (),
}
_LONGEST = timedelta(days=365)


def verbs(order: Order) -> Mapping[str, str]:
    """Name the verbs an order's state offers and the policy action of each."""
    return {verb: f"order.{verb}" for verb in _OFFERS[order.state]}


def send(
    event: Event,
    body: Dispatch,
    deadlines: Deadlines,
    *,
    item_id: str,
    by: PersonRef,
    at: datetime,
) -> Order:
    """Make the order that sends an event to a unit; its clock starts now.

    Raises:
        Refused: 422 when the deadline is past or further than a year.
    """
    due_at = body.due_at or deadlines.due(Stage.HANDLE, event.level, "", at)
    if not at < due_at <= at + _LONGEST:
        raise unfit(
            "due_at",
            Text(
                "期限应在现在之后一年之内。", "The deadline lies in the past or over a year away."
            ),
            Text("重新选择期限。", "Choose another deadline."),
        )
    lamps = deadlines.lamps(at, due_at)
    return Order(
        item_id=item_id,
        version=1,
        region=event.region,
        department=body.department,
        created_at=at,
        updated_at=at,
        event_id=event.item_id,
        title=event.title,
        note=body.note,
        state=OrderState.SENT,
        due_at=due_at,
        yellow_at=lamps.yellow_at,
        supervised_at=lamps.supervised_at,
        led_at=lamps.led_at,
        sent_by=by,
    )


def sign(order: Order, *, by: PersonRef, at: datetime) -> Order:
    """Sign for an order."""
    _require(order, "sign")
    return order.model_copy(update={"state": OrderState.SIGNED, "signed_by": by, "signed_at": at})


def report(order: Order, answer: str) -> Order:
    """Report what was done."""
    _require(order, "report")
    return order.model_copy(update={"state": OrderState.REPORTED, "report": answer})


def _require(order: Order, verb: str) -> None:
    if verb not in _OFFERS[order.state]:
        raise wrong_state(order.item_id, NAMES[order.state])
