"""Rules of an order's side paths: sent back, put off, suspended, urged, withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.domain import orders
from backend.domain.deadlines import Deadlines
from backend.domain.refused import refuse, unfit, wrong_state
from backend_client.contract.base import Text
from backend_client.contract.item import Mark, PersonRef
from backend_client.contract.orders import (
    DONE,
    Extend,
    Extension,
    Order,
    OrderState,
    Return,
    Returned,
)

_LONGEST = timedelta(days=180)


def send_back(order: Order, body: Return, *, by: PersonRef, at: datetime) -> Order:
    """Send an order back (退单): once, and while it may still be signed in time.

    Raises:
        Refused: 409 in the wrong state, `final` when it cannot be sent back, `too_late`.
    """
    if order.state is OrderState.SENT and order.is_final:
        raise refuse(
            409,
            "final",
            Text("已终审，不能再退单。", "It was decided finally and cannot be sent back."),
            Text("签收并处置；有困难可申请延期。", "Sign for it; ask for more time if needed."),
            where=order.item_id,
        )
    orders.require(order, "return")
    if order.sign_by_at is not None and at > order.sign_by_at:
        raise refuse(
            409,
            "too_late",
            Text("签收时限已过，不能退单。", "The time to sign is over; so is that to send back."),
            Text("签收并处置，或请中心转办。", "Sign for it, or ask the centre to hand it over."),
            where=order.item_id,
        )
    why = Returned(by=by, at=at, reason=body.reason, department=body.department)
    return order.model_copy(update={"state": OrderState.RETURNED, "returned": why})


def decided(order: Order, *, granted: bool) -> Order:
    """Follow the centre's decision on a return: taken back, or the unit's for good."""
    if order.state is not OrderState.RETURNED:
        raise wrong_state(order.item_id, orders.NAMES[order.state])
    if granted:
        return order.model_copy(update={"state": OrderState.WITHDRAWN})
    return order.model_copy(update={"state": OrderState.SENT, "is_final": True})


def ask_time(order: Order, body: Extend, *, by: PersonRef, at: datetime) -> Order:
    """Ask for more time (延期): once.

    Raises:
        Refused: 409 in the wrong state, `asked` when it was asked before, 422 for an instant
            that is no extension.
    """
    if order.state is OrderState.SIGNED and order.extension is not None:
        raise refuse(
            409,
            "asked",
            Text("本工单已申请过延期。", "More time was asked for on this order already."),
            Text("延期至多一次。", "It is granted once at most."),
            where=order.item_id,
        )
    orders.require(order, "extend")
    if not max(order.due_at, at) < body.until_at <= at + _LONGEST:
        raise unfit(
            "until_at",
            Text(
                "新期限应晚于原期限，且在半年之内。",
                "The new deadline must be later than the old one and within half a year.",
            ),
            Text("重新选择期限。", "Choose another deadline."),
        )
    asked = Mark(by=by, at=at, reason=body.reason)
    wish = Extension(asked=asked, until_at=body.until_at)
    return order.model_copy(update={"extension": wish})


def answer_time(order: Order, mark: Mark, deadlines: Deadlines, *, granted: bool) -> Order:
    """Say yes or no to more time (审批).

    Raises:
        Refused: 409 when nothing is asked.
    """
    orders.require(order, "grant")
    wish = order.extension
    if wish is None:
        raise wrong_state(order.item_id, orders.NAMES[order.state])
    said = wish.model_copy(update={"decided": mark, "granted": granted})
    answered = order.model_copy(update={"extension": said})
    # A suspension meanwhile may have moved the deadline further than was asked for.
    until_at = max(order.due_at, wish.until_at)
    return orders.due(answered, until_at, deadlines) if granted else answered


def suspend(order: Order, mark: Mark) -> Order:
    """Stop an order's clock (挂起): somebody else must act first."""
    orders.require(order, "suspend")
    return order.model_copy(update={"state": OrderState.SUSPENDED, "suspended": mark})


def resume(order: Order, deadlines: Deadlines, at: datetime) -> Order:
    """Let the clock run again: the deadline moves by as long as it stood."""
    orders.require(order, "resume")
    running = order.model_copy(update={"state": OrderState.SIGNED, "suspended": None})
    if order.suspended is None:
        return running
    due_at = deadlines.put_off(order.due_at, order.suspended.at, at)
    return orders.due(running, due_at, deadlines)


def urge(order: Order, mark: Mark) -> Order:
    """Urge a unit on (催办)."""
    orders.require(order, "urge")
    return order.model_copy(update={"urged": order.urged + 1, "urge": mark})


def supervise(order: Order, mark: Mark) -> Order:
    """Follow the event: it is under supervision (督办)."""
    return order.model_copy(update={"supervised": mark})


def escalate(order: Order, mark: Mark) -> Order:
    """Put an order that is long overdue before a leader; it is under supervision as well."""
    return order.model_copy(update={"led": mark, "supervised": order.supervised or mark})


def take_back(order: Order) -> Order:
    """Take an order back from its unit, whatever it has done so far."""
    if order.state in DONE:
        return order
    return order.model_copy(update={"state": OrderState.WITHDRAWN, "was": order.state})


def give_back(order: Order) -> Order:
    """Give a unit back what was taken from it by a step that is taken back itself."""
    if order.state is not OrderState.WITHDRAWN or order.was is None:
        return order
    return order.model_copy(update={"state": order.was, "was": None})


def hasten(order: Order, due_at: datetime, deadlines: Deadlines) -> Order:
    """Bring a deadline forward: a graver report has come in. It is never put off by this."""
    if not order.is_open or due_at >= order.due_at:
        return order
    return orders.due(order, due_at, deadlines)
