"""Rules of a citizen's event: registered, accepted, dispatched, signed, closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from backend.domain.intake import InCity, check_place, check_words
from backend.domain.refused import Refused, refuse, unfit, wrong_state
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.events import (
    OVER,
    Classify,
    Event,
    EventState,
    Intake,
    Locate,
    Reporter,
    Undoable,
)
from backend_client.contract.item import PersonRef, WorkItem
from backend_client.contract.orders import Order, OrderState

OWNER = "D41"
"""Every event belongs to the data bureau's desk; orders belong to the unit that acts."""

UNDO = timedelta(seconds=10)  # domain rule 26
_AHEAD = timedelta(minutes=5)  # how far a channel's clock may run ahead of ours

NAMES: Mapping[EventState, Text] = {
    EventState.REGISTERED: Text("已登记", "registered"),
    EventState.ACCEPTED: Text("已受理", "accepted"),
    EventState.DISPATCHED: Text("已派单", "dispatched"),
    EventState.RETURNED: Text("退单待审定", "sent back, to be decided"),
    EventState.SIGNED: Text("已签收", "signed"),
    EventState.REPORTED: Text("已反馈待核查", "reported, to be checked"),
    EventState.CLOSED: Text("已办结", "closed"),
    EventState.ARCHIVED: Text("已归档", "archived"),
    EventState.MERGED: Text("已并案", "merged"),
    EventState.REFUSED: Text("不予受理", "not accepted"),
    EventState.WITHDRAWN: Text("已撤销", "withdrawn"),
}
_OUT = ("locate", "assist", "transfer", "supervise", "withdraw")
_OFFERS: Mapping[EventState, tuple[str, ...]] = {
    EventState.REGISTERED: ("accept", "classify", "refuse", "locate", "merge"),
    EventState.ACCEPTED: ("classify", "locate", "dispatch", "close", "merge", "withdraw"),
    EventState.DISPATCHED: _OUT,
    EventState.RETURNED: ("classify", "locate", "decide", "withdraw"),
    EventState.SIGNED: (*_OUT, "close"),
    EventState.REPORTED: (*_OUT, "close", "redo"),
    EventState.CLOSED: ("call_back", "redo"),
    EventState.ARCHIVED: ("redo",),
    EventState.MERGED: ("split",),
    EventState.REFUSED: (),
    EventState.WITHDRAWN: (),
}


def verbs(event: Event) -> Mapping[str, str]:
    """Name the verbs an event's state offers and the policy action of each."""
    offered = {verb: f"event.{verb}" for verb in _OFFERS[event.state]}
    if event.main_id is not None and event.state in OVER:
        offered = {verb: action for verb, action in offered.items() if verb != "redo"}
        offered["split"] = "event.split"
    return offered | ({"undo": "event.undo"} if event.undo is not None else {})


def barred(item: WorkItem, person: Person) -> frozenset[str]:
    """Leave taking a step back to who took it."""
    own = isinstance(item, Event) and item.undo and item.undo.by.person_id == person.person_id
    return frozenset() if own else frozenset({"undo"})


def register(
    intake: Intake,
    item_id: str,
    at: datetime,
    answer_by_at: datetime | None = None,
    in_city: InCity = lambda _lon, _lat: True,
) -> Event:
    """Make the event of an intake; its reporter hears a first word by `answer_by_at`.

    Raises:
        Refused: 422 when it was reported in the future, says nothing, or has half a place or one
            that is not the city's.
    """
    if intake.reported_at > at + _AHEAD:
        raise unfit(
            "reported_at",
            Text("上报时间在未来。", "It was reported in the future."),
            Text("核对来源的时钟。", "Check the source's clock."),
        )
    check_words(intake)
    check_place(intake.lon, intake.lat, in_city)
    return Event(
        item_id=item_id,
        version=1,
        department=OWNER,
        created_at=at,
        updated_at=at,
        state=EventState.REGISTERED,
        reported_level=intake.level,
        answer_by_at=answer_by_at,
        **intake.model_dump() | {"reporter": masked(intake.reporter)},
    )


def masked(reporter: Reporter | None) -> Reporter | None:
    """Keep no more of a reporter than tells one from another: 王**, 138****1234.

    The channel knows them by its own `intake_id` and brings them the answer.
    """
    if reporter is None:
        return None
    name, contact = reporter.name.strip(), reporter.contact.strip()
    hidden = len(contact) - min(3, len(contact) // 4) - min(4, len(contact) // 4)
    head = min(3, len(contact) // 4)
    return Reporter(
        name=name[:1] + "*" * min(2, len(name) - 1) if name else "",
        contact=contact[:head] + "*" * hidden + contact[head + hidden :],
    )


def accept(event: Event) -> Event:
    """Take an event in hand."""
    require(event, "accept")
    said = {"state": EventState.ACCEPTED, "answer_by_at": None, "undo": None}
    return event.model_copy(update=said)


def locate(event: Event, body: Locate) -> Event:
    """Correct an event's place."""
    require(event, "locate")
    place = event.place if body.place is None else body.place
    moved = {"lon": body.lon, "lat": body.lat, "place": place, "undo": None}
    return event.model_copy(update=moved)


def classify(event: Event, body: Classify) -> Event:
    """Say what an event is about and how grave it is by itself (定性)."""
    require(event, "classify")
    told = {"matter": body.matter, "level": body.level, "reported_level": body.level, "undo": None}
    return event.model_copy(update=told)


def dispatch(event: Event, order: Order) -> Event:
    """Mark an event as sent out with an order, by who sent the order and when."""
    require(event, "dispatch")
    undo = Undoable(verb="dispatch", by=order.sent_by, until_at=order.created_at + UNDO)
    return event.model_copy(
        update={
            "state": EventState.DISPATCHED,
            "due_at": order.due_at,
            "order_id": order.item_id,
            "sent_at": event.sent_at or order.created_at,
            "undo": undo,
        }
    )


def signed(event: Event) -> Event:
    """Follow the order: its unit has signed for it."""
    if event.state is not EventState.DISPATCHED:
        return event
    return event.model_copy(update={"state": EventState.SIGNED, "undo": None})


def reported(event: Event) -> Event:
    """Follow the order: its unit says it is done."""
    if event.state is not EventState.SIGNED:
        return event
    return event.model_copy(update={"state": EventState.REPORTED, "undo": None})


def close(event: Event, answer: str, order: Order | None, *, by: PersonRef, at: datetime) -> Event:
    """Close an event with the answer the citizen gets; that is how its report is checked.

    Raises:
        Refused: 409 when its state does not allow it or its order is not reported yet.
    """
    require(event, "close")
    if order is not None and order.state is not OrderState.REPORTED:
        raise wrong_state(event.item_id, Text("工单未反馈", "waiting for its order's report"))
    undo = Undoable(verb="close", by=by, until_at=at + UNDO)
    return event.model_copy(update={"state": EventState.CLOSED, "answer": answer, "undo": undo})


def undo(event: Event, order: Order | None, *, by: PersonRef, at: datetime) -> Event:
    """Take the step just taken back: who took it, within ten seconds, nothing happened since.

    Raises:
        Refused: 409 `no_undo`.
    """
    taken = event.undo
    signed = order is not None and order.state is not OrderState.SENT
    if taken is None or taken.by.person_id != by.person_id:
        raise _no_undo(event, Text("没有可由你撤销的操作。", "There is no step of yours to undo."))
    if at > taken.until_at:
        raise _no_undo(event, Text("已过 10 秒。", "The ten seconds are over."))
    if taken.verb == "close":
        state = EventState.REPORTED if event.order_id else EventState.ACCEPTED
        reopened = {"state": state, "answer": "", "call_back_at": None, "undo": None}
        return event.model_copy(update=reopened)
    if signed:
        raise _no_undo(event, Text("工单已签收。", "The order is signed already."))
    back: dict[str, object] = {"state": EventState.ACCEPTED, "order_id": None, "undo": None}
    if order is not None and event.sent_at == order.created_at:  # it was the first dispatch
        back |= {"due_at": None, "sent_at": None}
    return event.model_copy(update=back)


def _no_undo(event: Event, what: Text) -> Refused:
    todo = Text("按正常步骤继续处理。", "Go on by the usual steps.")
    return refuse(409, "no_undo", what, todo, where=event.item_id)


def require(event: Event, verb: str) -> None:
    """Refuse a step an event's state does not offer.

    Raises:
        Refused: 409 `wrong_state`.
    """
    if verb not in verbs(event):
        raise wrong_state(event.item_id, NAMES[event.state])
