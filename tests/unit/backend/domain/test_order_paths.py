"""Side paths of orders: sent back once and in time, put off once, suspended, urged, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain import order_paths as paths
from backend.domain import orders
from backend.domain.refused import Refused
from backend_client.contract.item import Mark
from backend_client.contract.orders import DONE, Extend, Order, OrderState, Return, Task
from tests.unit.backend.domain.test_events import (
    AT,
    TABLE,
    WHO,
    code,
    dispatch,
    event,
    order,
)

MARK = Mark(by=WHO, at=AT, reason="why")
BACK = Return(version=1, reason="not ours", department="D30")
DAY = timedelta(days=1)


def asking(until_at: datetime) -> Extend:
    return Extend(version=1, reason="parts", until_at=until_at)


def refusal(step: object, *args: object, **named: object) -> str:
    with pytest.raises(Refused) as caught:
        step(*args, **named)  # type: ignore[operator]
    return code(caught)


def test_an_order_is_sent_back_with_why_and_whose_it_is() -> None:
    sent = order()
    back = paths.send_back(sent, BACK, by=WHO, at=AT)
    assert back.state is OrderState.RETURNED
    assert back.returned is not None
    assert (back.returned.reason, back.returned.department) == ("not ours", "D30")
    assert orders.verbs(back) == {}


def test_what_was_decided_finally_is_not_sent_back() -> None:
    back = paths.send_back(order(), BACK, by=WHO, at=AT)
    final = paths.decided(back, granted=False)
    assert (final.state, final.is_final) == (OrderState.SENT, True)
    assert "return" not in orders.verbs(final)
    assert refusal(paths.send_back, final, BACK, by=WHO, at=AT) == "final"
    assert paths.decided(back, granted=True).state is OrderState.WITHDRAWN
    assert refusal(paths.decided, order(), granted=True) == "wrong_state"


def test_an_order_is_sent_back_only_while_it_may_be_signed_in_time() -> None:
    sent = order()
    assert sent.sign_by_at is not None
    paths.send_back(sent, BACK, by=WHO, at=sent.sign_by_at)
    late = sent.sign_by_at + timedelta(microseconds=1)
    assert refusal(paths.send_back, sent, BACK, by=WHO, at=late) == "too_late"
    signed = order(OrderState.SIGNED)
    assert refusal(paths.send_back, signed, BACK, by=WHO, at=AT) == "wrong_state"


def test_a_helper_cannot_send_its_order_back() -> None:
    helps = orders.send(event(), dispatch(), TABLE, item_id="h", by=WHO, at=AT, task=Task.ASSIST)
    assert "return" not in orders.verbs(helps)


def test_time_is_asked_for_once_and_granted_or_not() -> None:
    signed = order(OrderState.SIGNED)
    until_at = signed.due_at + 3 * DAY
    asked = paths.ask_time(signed, asking(until_at), by=WHO, at=AT)
    assert asked.due_at == signed.due_at
    assert {"grant"} <= set(orders.verbs(asked))
    granted = paths.answer_time(asked, MARK, TABLE, granted=True)
    assert granted.due_at == until_at
    assert granted.yellow_at is not None
    assert signed.due_at < granted.yellow_at < until_at
    refused = paths.answer_time(asked, MARK, TABLE, granted=False)
    assert refused.due_at == signed.due_at
    for answered in (granted, refused):
        assert not {"grant", "extend"} & set(orders.verbs(answered))
        again = asking(until_at + DAY)
        assert refusal(paths.ask_time, answered, again, by=WHO, at=AT) == "asked"
        assert refusal(paths.answer_time, answered, MARK, TABLE, granted=True) == "wrong_state"


@pytest.mark.parametrize("more", [timedelta(0), -DAY, timedelta(days=181)])
def test_a_new_deadline_is_later_and_within_half_a_year(more: timedelta) -> None:
    signed = order(OrderState.SIGNED)
    wish = asking(signed.due_at + more)
    assert refusal(paths.ask_time, signed, wish, by=WHO, at=AT) == "unfit"


def test_a_suspended_clock_stands_and_the_deadline_moves_by_that() -> None:
    monday = datetime(2026, 7, 20, 1, tzinfo=UTC)  # 09:00 in Nantong
    week = orders.send(
        event(), dispatch(monday + 4 * DAY), TABLE, item_id="o", by=WHO, at=monday
    ).model_copy(update={"state": OrderState.SIGNED})
    mark = Mark(by=WHO, at=monday + DAY, reason="gas first")
    stopped = paths.suspend(week, mark)
    assert (stopped.state, list(orders.verbs(stopped))) == (OrderState.SUSPENDED, ["resume"])
    on = paths.resume(stopped, TABLE, monday + 2 * DAY)
    assert (on.state, on.suspended) == (OrderState.SIGNED, None)
    stood = TABLE.clock.worked(monday + DAY, monday + 2 * DAY)
    assert TABLE.clock.worked(week.due_at, on.due_at) == stood


def test_an_urgent_clock_that_stood_moves_by_the_hours_that_passed() -> None:
    urgent = order(OrderState.SIGNED)  # due in an hour
    stopped = paths.suspend(urgent, MARK)
    on = paths.resume(stopped, TABLE, AT + timedelta(minutes=30))
    assert on.due_at == urgent.due_at + timedelta(minutes=30)


def test_urging_counts() -> None:
    twice = paths.urge(paths.urge(order(), MARK), MARK)
    assert (twice.urged, twice.urge) == (2, MARK)


@pytest.mark.parametrize("state", list(OrderState))
def test_an_order_is_taken_back_unless_it_is_done_with(state: OrderState) -> None:
    given = order(state)
    assert given.is_open is (state not in DONE)
    taken = paths.take_back(given)
    assert taken.state is (state if state in DONE else OrderState.WITHDRAWN)


STEPS: dict[str, tuple[Callable[[Order], Order], set[OrderState]]] = {
    "suspend": (lambda one: paths.suspend(one, MARK), {OrderState.SIGNED}),
    "resume": (lambda one: paths.resume(one, TABLE, AT), {OrderState.SUSPENDED}),
    "urge": (lambda one: paths.urge(one, MARK), {OrderState.SENT, OrderState.SIGNED}),
    "report": (lambda one: orders.report(one, "done", ("a",)), {OrderState.SIGNED}),
}


@pytest.mark.parametrize("verb", STEPS)
@pytest.mark.parametrize("state", list(OrderState))
def test_a_step_is_taken_or_refused_by_state_and_offered_alike(
    verb: str, state: OrderState
) -> None:
    step, known = STEPS[verb]
    given: Order = order(state)
    assert (verb in orders.verbs(given)) is (state in known)
    if state in known:
        step(given)
    else:
        assert refusal(step, given) == "wrong_state"


def test_a_report_carries_its_proof() -> None:
    assert orders.report(order(OrderState.SIGNED), "done", ("photo",)).proof == ("photo",)
