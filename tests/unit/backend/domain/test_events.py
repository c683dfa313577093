"""Event and order rules: every step from every state, and what may not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.domain import events, orders
from backend.domain.refused import Refused
from backend.services.deadline_table import load_deadlines
from backend_client.contract.events import Channel, Dispatch, Event, EventState, Intake, Locate
from backend_client.contract.item import PersonRef
from backend_client.contract.orders import Order, OrderState

AT = datetime(2026, 7, 20, tzinfo=UTC)
TABLE = load_deadlines()
WHO = PersonRef(person_id="a", name="甲")


def intake(**changed: object) -> Intake:
    given = {
        "intake_id": "i",
        "channel": Channel.GRID,
        "title": "t",
        "text": "t",
        "region": "320623",
        "reported_at": AT,
        **changed,
    }
    return Intake.model_validate(given)


def event(state: EventState = EventState.REGISTERED) -> Event:
    made = events.register(intake(), "e", AT)
    return made.model_copy(update={"state": state})


def order(state: OrderState = OrderState.SENT) -> Order:
    made = orders.send(event(), dispatch(), TABLE, item_id="o", by=WHO, at=AT)
    return made.model_copy(update={"state": state})


def dispatch(due_at: datetime = AT + timedelta(hours=1)) -> Dispatch:
    return Dispatch(version=1, department="D24", due_at=due_at)


def code(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.problem.code


STEPS = {
    "accept": {EventState.REGISTERED: EventState.ACCEPTED},
    "dispatch": {EventState.ACCEPTED: EventState.DISPATCHED},
    "close": dict.fromkeys(
        (EventState.ACCEPTED, EventState.SIGNED, EventState.REPORTED), EventState.CLOSED
    ),
}


def step(verb: str, given: Event) -> Event:
    if verb == "accept":
        return events.accept(given)
    if verb == "dispatch":
        return events.dispatch(given, order())
    return events.close(given, "answer", None, by=WHO, at=AT)


@pytest.mark.parametrize("verb", STEPS)
@pytest.mark.parametrize("state", list(EventState))
def test_step_is_taken_or_refused_by_state_and_offered_alike(verb: str, state: EventState) -> None:
    expected = STEPS[verb].get(state)
    assert (verb in events.verbs(event(state))) is (expected is not None)
    if expected is not None:
        assert step(verb, event(state)).state is expected
        return
    with pytest.raises(Refused) as caught:
        step(verb, event(state))
    assert code(caught) == "wrong_state"


def test_event_belongs_to_the_desk_and_keeps_the_intake() -> None:
    made = event()
    assert (made.department, made.region, made.intake_id) == ("D41", "320623", "i")


def test_intake_from_the_future_or_with_half_a_place_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        events.register(intake(reported_at=AT + timedelta(minutes=6)), "e", AT)
    assert caught.value.problem.where == "reported_at"
    with pytest.raises(Refused) as caught:
        events.register(intake(lon=120.0), "e", AT)
    assert caught.value.problem.where == "lon"


def test_locate_keeps_the_place_name_unless_given() -> None:
    there = events.locate(event(), Locate(version=1, lon=121.0, lat=32.0))
    assert (there.lon, there.lat, there.place) == (121.0, 32.0, "")
    named = events.locate(event(), Locate(version=1, lon=121.0, lat=32.0, place="桥"))
    assert named.place == "桥"
    with pytest.raises(Refused):
        events.locate(event(EventState.CLOSED), Locate(version=1, lon=121.0, lat=32.0))


def test_dispatch_remembers_order_and_deadline() -> None:
    sent = events.dispatch(event(EventState.ACCEPTED), order())
    assert (sent.order_id, sent.due_at) == ("o", AT + timedelta(hours=1))


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=-1), timedelta(days=366)])
def test_order_needs_a_deadline_ahead(late: timedelta) -> None:
    with pytest.raises(Refused) as caught:
        orders.send(event(), dispatch(AT + late), TABLE, item_id="o", by=WHO, at=AT)
    assert caught.value.problem.where == "due_at"


def test_order_belongs_to_the_unit_and_goes_sent_signed_reported() -> None:
    sent = order()
    assert (sent.department, sent.region, sent.event_id) == ("D24", "320623", "e")
    signed = orders.sign(sent, by=WHO, at=AT)
    assert (signed.state, signed.signed_by, signed.signed_at) == (OrderState.SIGNED, WHO, AT)
    done = orders.report(signed, "done")
    assert (done.state, done.report) == (OrderState.REPORTED, "done")
    assert [list(orders.verbs(o)) for o in (sent, signed, done)] == [
        ["return", "sign", "urge"],
        ["extend", "report", "suspend", "urge"],
        [],
    ]
    with pytest.raises(Refused) as caught:
        orders.sign(signed, by=WHO, at=AT)
    assert code(caught) == "wrong_state"
    with pytest.raises(Refused) as caught:
        orders.report(sent, "x")
    assert code(caught) == "wrong_state"


def test_event_follows_its_order_and_closes_after_the_report() -> None:
    assert events.signed(event(EventState.DISPATCHED)).state is EventState.SIGNED
    assert events.signed(event(EventState.ACCEPTED)).state is EventState.ACCEPTED
    assert events.reported(event(EventState.SIGNED)).state is EventState.REPORTED
    assert events.reported(event(EventState.RETURNED)).state is EventState.RETURNED
    with pytest.raises(Refused):
        events.close(event(EventState.SIGNED), "a", order(OrderState.SIGNED), by=WHO, at=AT)
    reported = order(OrderState.REPORTED)
    closed = events.close(event(EventState.SIGNED), "a", reported, by=WHO, at=AT)
    assert (closed.state, closed.answer) == (EventState.CLOSED, "a")


OTHER = PersonRef(person_id="b", name="乙")
TEN_S = timedelta(seconds=10)


def undo_code(given: Event, by: PersonRef, at: datetime, its: Order | None = None) -> str:
    with pytest.raises(Refused) as caught:
        events.undo(given, its, by=by, at=at)
    return code(caught)


def test_a_close_is_taken_back_to_what_it_was() -> None:
    accepted = event(EventState.ACCEPTED)
    closed = events.close(accepted, "a", None, by=WHO, at=AT)
    assert events.undo(closed, None, by=WHO, at=AT + TEN_S) == accepted
    checked = event(EventState.REPORTED).model_copy(update={"order_id": "o"})
    reported = order(OrderState.REPORTED)
    closed = events.close(checked, "a", reported, by=WHO, at=AT)
    assert events.undo(closed, reported, by=WHO, at=AT) == checked


def test_a_dispatch_is_taken_back_while_nobody_signed() -> None:
    accepted = event(EventState.ACCEPTED)
    sent = events.dispatch(accepted, order())
    assert events.undo(sent, order(), by=WHO, at=AT + TEN_S) == accepted
    assert undo_code(sent, WHO, AT, order(OrderState.SIGNED)) == "no_undo"


def test_only_who_did_it_within_ten_seconds_and_nothing_since() -> None:
    closed = events.close(event(EventState.ACCEPTED), "a", None, by=WHO, at=AT)
    assert undo_code(closed, OTHER, AT) == "no_undo"
    assert undo_code(closed, WHO, AT + TEN_S + timedelta(microseconds=1)) == "no_undo"
    sent = events.dispatch(event(EventState.ACCEPTED), order())
    moved = events.locate(sent, Locate(version=1, lon=121.0, lat=32.0))
    assert undo_code(moved, WHO, AT, order()) == "no_undo"
    assert undo_code(events.signed(sent), WHO, AT, order()) == "no_undo"
    assert "undo" in events.verbs(sent)
    assert "undo" not in events.verbs(moved)
