"""From a citizen's call to the order at its unit by keys alone: a minute at most.

A report comes in at the door while others wait; the operator takes it, says its class, and sends
it where the reading suggests, with the time the table gives.
"""

from __future__ import annotations

import time
from datetime import timedelta

from backend_client.contract.events import EventState
from backend_client.contract.orders import Order
from tests.end2end.key_room import Room, find, intake, settle, until

MOST_S = 60.0
CALL = {
    "title": "小区垃圾无人清运",
    "text": "易家桥新村12幢北侧生活垃圾堆积，臭味很大，请尽快清运",
    "place": "易家桥新村12幢",
    "region": "320613",
    "level": 0,
    "lon": 120.871,
    "lat": 32.012,
}


def a_call_is_at_its_unit_within_a_minute(room: Room) -> None:
    hands = room.hands
    begun_s = time.monotonic()
    event_id = room.service.client("feed").intake(intake(150, **CALL)).item_id
    hands.until(lambda seen: event_id in seen["events"], "the call on the screen")
    find(room, event_id)
    hands.press("Return", "S")
    until(lambda: room.event(event_id).state is EventState.ACCEPTED, "accepted")
    find(room, event_id)
    hands.press("Shift+V")
    rows = hands.desk(lambda desk: desk["reading"][1], "the reading")["reading"][1]
    assert "class:1101" in rows
    hands.press("Shift+C", front="ClassifyQuestion")
    hands.press("Return", front="Window")
    until(lambda: room.event(event_id).matter == "1101", "classified")
    find(room, event_id)
    hands.desk(
        lambda desk: desk["proposed"][1] == "D25" and "4 working hours" in desk["until"],
        "the unit and the table's time proposed",
    )
    hands.press("D")
    hands.until(lambda seen: seen["focus"] == "DispatchForm.unit", "the form")
    hands.press("Return", "Return")
    until(lambda: room.event(event_id).state is EventState.DISPATCHED, "sent")
    settle(room, event_id)
    took_s = time.monotonic() - begun_s
    print(f"\nintake to dispatch by keys: {took_s:.1f} s of {MOST_S:.0f} s")
    order = room.clerk.item("order", room.event(event_id).order_id or "")
    assert isinstance(order, Order)
    assert order.department == "D25"
    assert order.due_at - order.created_at >= timedelta(hours=4)  # 4 working hours by the table
    assert order.due_at - order.created_at < timedelta(days=12)  # over a holiday at most
    assert took_s <= MOST_S
