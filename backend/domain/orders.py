"""Rules of an order: sent, signed, reported; the deadline never moves by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from backend.domain.deadlines import Deadlines, Stage
from backend.domain.refused import unfit, wrong_state
from backend_client.contract.base import Text
from backend_client.contract.events import Dispatch, Event
from backend_client.contract.item import PersonRef
from backend_client.contract.orders import Order, OrderState, Task

NAMES: Mapping[OrderState, Text] = {
    OrderState.SENT: Text("待签收", "sent, not signed"),
    OrderState.RETURNED: Text("退单待审定", "sent back, to be decided"),
    OrderState.SIGNED: Text("已签收", "signed"),
    OrderState.SUSPENDED: Text("已挂起", "suspended"),
    OrderState.REPORTED: Text("已反馈", "reported"),
    OrderState.WITHDRAWN: Text("已收回", "withdrawn"),
}
_OFFERS: Mapping[OrderState, tuple[str, ...]] = {
    OrderState.SENT: ("sign", "return", "urge"),
    OrderState.RETURNED: (),
    OrderState.SIGNED: ("report", "extend", "grant", "suspend", "urge"),
    OrderState.SUSPENDED: ("resume",),
    OrderState.REPORTED: (),
    OrderState.WITHDRAWN: (),
}
_LONGEST = timedelta(days=365)


def verbs(order: Order) -> Mapping[str, str]:
    """Name the verbs an order's state offers and the policy action of each."""
    offered = set(_OFFERS[order.state])
    if order.is_final or order.task is not Task.HANDLE:
        offered.discard("return")
    offered.discard("grant" if not _asks(order) else "extend")
    if order.extension is not None:
        offered.discard("extend")
    return {verb: f"order.{verb}" for verb in sorted(offered)}


def _asks(order: Order) -> bool:
    return order.extension is not None and order.extension.decided is None


def send(
    event: Event,
    body: Dispatch,
    deadlines: Deadlines,
    *,
    item_id: str,
    by: PersonRef,
    at: datetime,
    task: Task = Task.HANDLE,
    is_final: bool = False,
) -> Order:
    """Make the order that sends an event to a unit.

    Its clock runs from the event's first dispatch, else from now; an event under supervision stays
    so whoever handles it.

    Raises:
        Refused: 422 when the deadline is past or further than a year.
    """
    since_at = event.sent_at or at
    due_at = event.due_at if task is Task.HANDLE else None
    if due_at is None:
        due_at = body.due_at or deadlines.due(Stage.HANDLE, event.level, event.matter, at)
        _check_ahead(due_at, at)
    made = Order(
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
        sent_by=by,
        task=task,
        since_at=since_at if task is Task.HANDLE else at,
        sign_by_at=deadlines.due(Stage.SIGN, event.level, event.matter, at),
        is_final=is_final,
        supervised=event.supervised,
    )
    return due(made, due_at, deadlines)


def due(order: Order, due_at: datetime, deadlines: Deadlines) -> Order:
    """Give an order a deadline, and the lamps that follow from it."""
    since_at = order.since_at or order.created_at
    lamps = deadlines.lamps(since_at, due_at)
    return order.model_copy(
        update={
            "due_at": due_at,
            "yellow_at": lamps.yellow_at,
            "supervised_at": lamps.supervised_at,
            "led_at": lamps.led_at,
        }
    )


def _check_ahead(due_at: datetime, at: datetime) -> None:
    if not at < due_at <= at + _LONGEST:
        raise unfit(
            "due_at",
            Text(
                "期限应在现在之后一年之内。", "The deadline lies in the past or over a year away."
            ),
            Text("重新选择期限。", "Choose another deadline."),
        )


def sign(order: Order, *, by: PersonRef, at: datetime) -> Order:
    """Sign for an order."""
    require(order, "sign")
    return order.model_copy(update={"state": OrderState.SIGNED, "signed_by": by, "signed_at": at})


def report(order: Order, answer: str, proof: tuple[str, ...] = ()) -> Order:
    """Report what was done, in words and with what shows it."""
    require(order, "report")
    return order.model_copy(update={"state": OrderState.REPORTED, "report": answer, "proof": proof})


def require(order: Order, verb: str) -> None:
    """Refuse a step an order's state does not offer.

    Raises:
        Refused: 409 `wrong_state`.
    """
    if verb not in verbs(order):
        raise wrong_state(order.item_id, NAMES[order.state])
