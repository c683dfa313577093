"""The hub: frames in order, a ring that tells a slow reader so, one encoding for all."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

from backend.services.frames import PARSED_KEPT, frame
from backend.services.hub import KEPT_S, Hub
from backend.services.policy import load_policy
from backend.services.verbs import Verbs, rule
from backend.storage.unit import Committed, Logged
from backend_client.contract.auth import Person, Role
from backend_client.contract.clock import ManualClock
from backend_client.contract.item import PersonRef
from backend_client.contract.orders import Order, OrderState

AT = datetime(2026, 7, 20, tzinfo=UTC)
POLICY = load_policy()
CLOCK = ManualClock(AT)


def offers(order: Order) -> dict[str, str]:
    return {"sign": "order.sign"} if order.state is OrderState.SENT else {}


VERBS = Verbs(POLICY, {"order": rule(Order, offers)})


def person(role: Role, *regions: str) -> Person:
    return Person(person_id="p", name="p", role=role, regions=regions, departments=("*",))


def logged(n: int, *, region: str = "320623", was: str | None = None, gone: bool = False) -> Logged:
    order = Order(
        item_id=f"o{n}",
        version=1,
        region=region,
        department="D27",
        created_at=AT,
        updated_at=AT,
        event_id=None,
        title='quotes " and "allowed":[] inside',
        note="",
        state=OrderState.SENT,
        due_at=AT,
        sent_by=PersonRef(person_id="a", name="甲"),
    )
    body = None if gone else order.model_dump_json()
    return Logged(n, "order", order.item_id, region, "D27", was or region, "D27", body)


def commit(*numbers: int) -> Committed:
    return Committed(tuple(logged(n) for n in numbers), {})


def test_frame_differs_between_readers_only_in_allowed() -> None:
    made = frame("e", logged(1), VERBS)
    operator = made.to(person(Role.OPERATOR, "3206"), POLICY, VERBS)
    auditor = made.to(person(Role.AUDITOR, "3206"), POLICY, VERBS)
    assert operator is not None
    assert auditor is not None
    assert operator.startswith(b"id: e:1\nevent: change\ndata: ")
    assert operator.count(b"\n") == 4
    assert operator.replace(b'"allowed":["sign"]', b'"allowed":[]', 1) == auditor


def test_frame_is_nothing_to_strangers_and_gone_to_who_saw_it() -> None:
    here, there = person(Role.OPERATOR, "320623"), person(Role.OPERATOR, "320613")
    assert frame("e", logged(1), VERBS).to(there, POLICY, VERBS) is None
    moved = frame("e", logged(2, region="320613", was="320623"), VERBS)
    gone = moved.to(here, POLICY, VERBS)
    assert gone is not None
    assert b'"item":null' in gone
    removed = frame("e", logged(3, gone=True), VERBS)
    assert removed.to(there, POLICY, VERBS) is None
    assert removed.to(here, POLICY, VERBS) is not None


def test_reader_gets_what_came_after_its_number_or_is_told_it_is_too_late() -> None:
    hub = Hub("e", 10, VERBS, CLOCK.steady_s, ring=5)
    assert hub.after(10) == []
    assert hub.after(9) is None
    hub.publish(commit(11, 12))
    hub.publish(commit(13))
    assert [made.n for made in hub.after(10) or ()] == [11, 12, 13]
    assert [made.n for made in hub.after(12) or ()] == [13]
    hub.publish(commit(14, 15, 16))
    assert hub.after(10) is None
    assert [made.n for made in hub.after(11) or ()] == [12, 13, 14, 15, 16]
    assert hub.n == 16
    assert hub.after(99) == []


def test_frames_nobody_waits_for_are_let_go_of() -> None:
    clock = ManualClock(AT)
    hub = Hub("e", 0, VERBS, clock.steady_s)
    hub.publish(commit(1, 2))
    clock.advance(KEPT_S / 2)
    hub.publish(commit(3))
    assert [made.n for made in hub.after(0) or ()] == [1, 2, 3]
    clock.advance(KEPT_S / 2 + 1)
    hub.publish(commit(4))
    assert hub.after(1) is None
    assert [made.n for made in hub.after(2) or ()] == [3, 4]


def test_layers_keep_the_newest_version_and_need_no_change() -> None:
    hub = Hub("e", 0, VERBS, CLOCK.steady_s)
    hub.publish(Committed((), {"water": 1, "hazmat": 4}))
    hub.publish(Committed((), {"water": 2}))
    assert hub.layers() == {"water": 2, "hazmat": 4}
    assert hub.n == 0


def test_a_full_ring_holds_little_more_than_the_bytes_it_sends() -> None:
    size = 5 * PARSED_KEPT
    reader, bodies = person(Role.OPERATOR, "3206"), [logged(n) for n in range(1, size + 1)]
    hub = Hub("e", 0, VERBS, CLOCK.steady_s, ring=size)
    hub.publish(Committed(tuple(bodies[:PARSED_KEPT]), {}))
    first = (hub.after(0) or [])[0]
    shown = first.to(reader, POLICY, VERBS)
    tracemalloc.start()
    try:
        hub.publish(Committed(tuple(bodies[PARSED_KEPT:]), {}))
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    sent = sum(len(one.to(reader, POLICY, VERBS) or b"") for one in hub.after(PARSED_KEPT) or ())
    assert held < 4 * sent
    assert first.to(reader, POLICY, VERBS) == shown  # its item is no longer held
