"""What must be seen to next, and how much units have in hand, counted from orders and events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.due_list import RED, SOON, YELLOW, Wait, count_waits, due_list
from app.event_table import EventTable
from app.order_table import Load, OrderTable
from app.stores import Stores
from backend_client.contract.change import Change, Item
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import EventState, Satisfaction
from backend_client.contract.orders import OrderState
from tests.qt.case_picture import case_order, mark, returned, wish
from tests.qt.people import NOW
from tests.qt.picture import event


class Board:
    """Stores with the two tables that follow them."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.stores = Stores(self.clock)
        self.events, self.orders = EventTable(self.stores.events), OrderTable(self.stores.orders)
        self.n = 0

    def put(self, *items: Item) -> None:
        for item in items:
            self.n += 1
            self.stores.apply([Change(n=self.n, kind=item.kind, item_id=item.item_id, item=item)])

    def case(self, number: int, hours: float, **more: object) -> str:
        """Put a signed event with its order, due in some hours."""
        order = case_order(number, f"e{number}", hours, **more)
        self.put(
            event(
                number,
                item_id=f"e{number}",
                state=EventState.SIGNED,
                order_id=order.item_id,
                due_at=order.due_at,
            ),
            order,
        )
        return f"e{number}"

    def listed(self) -> dict[str, tuple[list[Wait], int]]:
        found = due_list(self.stores, self.events, self.orders)
        return {due.event_id: (due.waits, due.level) for due in found}


@pytest.mark.parametrize(
    ("hours", "wait", "level"),
    [
        (-18.5, Wait.LED, RED),
        (-17.5, Wait.SUPERVISED, RED),
        (-7.5, Wait.SUPERVISED, RED),
        (-6.5, Wait.OVERDUE, RED),
        (-0.1, Wait.OVERDUE, RED),
        (5.9, Wait.YELLOW, YELLOW),
        (6.1, Wait.SOON, SOON),
        (23.9, Wait.SOON, SOON),
    ],
)
def test_a_lamp_turns_when_its_order_says(hours: float, wait: Wait, level: int) -> None:
    board = Board()
    event_id = board.case(1, hours)
    assert board.listed() == {event_id: ([wait], level)}


def test_what_is_due_later_than_a_day_or_over_is_not_listed() -> None:
    board = Board()
    board.case(1, 24.1)
    board.case(2, -3, state=OrderState.SUSPENDED, suspended=mark("待物业配合"))
    over = event(3, item_id="e3", state=EventState.CLOSED, due_at=NOW - timedelta(hours=1))
    board.put(over)
    assert board.listed() == {}
    board.clock.advance(600)
    assert list(board.listed()) == ["e1"]


def test_an_event_whose_order_is_out_of_sight_is_judged_by_its_own_deadline() -> None:
    board = Board()
    board.put(
        event(1, item_id="a", state=EventState.ACCEPTED, due_at=NOW - timedelta(minutes=1)),
        event(
            2,
            item_id="b",
            state=EventState.SIGNED,
            order_id="unseen",
            due_at=NOW + timedelta(hours=2),
        ),
    )
    assert board.listed() == {"a": ([Wait.OVERDUE], RED), "b": ([Wait.SOON], SOON)}


def test_what_waits_for_a_decision_or_a_call_is_listed_with_its_deadline() -> None:
    board = Board()
    late = board.case(1, -1, extension=wish())
    decided = wish().model_copy(update={"decided": mark("不同意")})
    board.case(2, 30, extension=decided)
    order = case_order(3, "e3", 40, state=OrderState.RETURNED, returned=returned())
    sent_back = event(
        3, item_id="e3", state=EventState.RETURNED, order_id=order.item_id, due_at=order.due_at
    )
    call = event(
        4,
        item_id="e4",
        state=EventState.CLOSED,
        due_at=None,
        call_back_at=NOW + timedelta(hours=1),
    )
    board.put(sent_back, order, call)
    assert board.listed() == {
        late: ([Wait.OVERDUE, Wait.EXTENSION], RED),
        "e3": ([Wait.RETURNED], 0),
        "e4": ([Wait.CALL_BACK], 0),
    }
    found = due_list(board.stores, board.events, board.orders)
    assert found[0].at == NOW - timedelta(hours=1)  # of the gravest, not of the extension asked
    assert count_waits(found)[Wait.EXTENSION] == 1
    called = call.model_copy(update={"version": 2, "call_back_at": None})
    board.put(called)
    assert "e4" not in board.listed()


def test_the_gravest_come_first_and_then_the_most_overdue() -> None:
    board = Board()
    for number, hours in enumerate((3, -1, -19, 20, -2, -20, -8)):
        board.case(number, hours)
    assert list(board.listed()) == ["e5", "e2", "e6", "e4", "e1", "e0", "e3"]


def test_loads_count_open_and_overdue_orders_of_each_unit() -> None:
    board = Board()
    board.case(1, -1)
    board.case(2, 5)
    board.case(3, -5, state=OrderState.SUSPENDED, suspended=mark("待物业配合"))
    board.case(4, -5, state=OrderState.REPORTED, department="D33")
    assert board.orders.loads(NOW) == {"D25": Load(3, 1), "D33": Load(0, 0)}
    gone = case_order(1, "e1", -1, state=OrderState.WITHDRAWN, version=2)
    board.put(gone)
    assert board.orders.loads(NOW)["D25"] == Load(2, 0)


def test_what_nobody_said_or_signed_in_time_is_listed() -> None:
    board = Board()
    past, ahead = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)
    board.put(
        event(1, item_id="late", state=EventState.REGISTERED, due_at=None, answer_by_at=past),
        event(2, item_id="soon", state=EventState.REGISTERED, due_at=None, answer_by_at=ahead),
        event(3, item_id="heard", state=EventState.ACCEPTED, due_at=None, answer_by_at=past),
    )
    unsigned = board.case(4, 30, sign_by_at=past, state=OrderState.SENT)
    board.case(5, 30, sign_by_at=past, state=OrderState.SIGNED)
    board.case(6, 30, sign_by_at=ahead, state=OrderState.SENT)
    assert board.listed() == {"late": ([Wait.UNHEARD], 0), unsigned: ([Wait.UNSIGNED], 0)}


def test_a_reporter_who_is_not_content_waits_for_work_and_not_for_a_call() -> None:
    board = Board()
    unhappy = {"state": EventState.CLOSED, "due_at": None, "call_back_at": NOW}
    board.put(
        event(1, item_id="a", satisfaction=Satisfaction.UNSATISFIED, **unhappy),
        event(2, item_id="b", satisfaction=Satisfaction.UNREACHED, **unhappy),
    )
    assert board.listed() == {"a": ([Wait.REDO], 0), "b": ([Wait.CALL_BACK], 0)}
