"""A watch at a real console and service: lines, hands on events, undo, rest and wake, handover."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.actions import events, shifts
from app.console import Console, build
from app.reach import Reach
from app.stores import Link
from backend_client.contract.clock import SystemClock
from backend_client.contract.events import Event, EventState, Touch
from backend_client.contract.shifts import LineIn, PageProof, ShiftPage
from backend_client.errors import Refused
from tests.end2end.stack import Service
from tests.end2end.test_link import intake
from widgets.deeds import Second
from widgets.reach_deeds import ReachDeeds

pytestmark = pytest.mark.end2end
WAIT_MS = 15_000
CLOCK = SystemClock()
TOUCH = Touch(version=1)


def fail(error: Exception) -> None:
    raise AssertionError(error)


@pytest.fixture
def console(service: Service, qtbot: QtBot, tmp_path: Path) -> Iterator[Console]:
    made = build(tmp_path / "console", CLOCK, url=service.url)
    made.start()
    with qtbot.waitSignal(made.reach.session.signed_in, timeout=WAIT_MS):
        row = service.account("dispatcher")
        made.reach.session.sign_in("dispatcher", row["password"], None, failed=fail)
    stores = made.reach.stores
    qtbot.waitUntil(lambda: stores.link is Link.ONLINE, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: stores.log.page() is not None, timeout=WAIT_MS)
    yield made
    made.close()


def hall(reach: Reach) -> ShiftPage:
    page = reach.stores.log.page()
    assert page is not None
    assert page.group == "hall"
    return page


def texts(reach: Reach, page_id: str) -> list[str]:
    return [line.text.zh for line in reach.stores.log.lines(page_id)]


def ended(qtbot: QtBot, begin: Callable[[Callable[[object], None]], None]) -> None:
    """Begin a step and wait for its end."""
    done: list[object] = []
    begin(done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=WAIT_MS)


def test_a_watch(console: Console, service: Service, qtbot: QtBot) -> None:
    reach = console.reach
    stores, first = reach.stores, hall(reach)
    stores.log.look(first.item_id)
    line = LineIn(entry_id="watch-1", text="查看三号泵站", carry=True)
    ended(qtbot, lambda done: shifts.write(reach, first, line, done=done, failed=fail))
    qtbot.waitUntil(lambda: "查看三号泵站" in texts(reach, first.item_id), timeout=WAIT_MS)

    service.client("feed").intake(intake("watch-event"))
    qtbot.waitUntil(lambda: bool(stores.events.all()), timeout=WAIT_MS)
    event_id = stores.events.all()[0].item_id

    def now() -> Event:
        found = stores.events.get(event_id)
        assert found is not None
        return found

    other = service.client("operator")
    ended(
        qtbot,
        lambda done: events.claim(reach, event_id, take_over=False, done=done, failed=fail),
    )
    with pytest.raises(Refused) as no:
        other.accept_event(event_id, TOUCH)
    assert no.value.problem.code == "claimed"
    ended(qtbot, lambda done: events.accept(reach, now(), done=done, failed=fail))
    due_at = CLOCK.now() + timedelta(hours=1)
    ended(
        qtbot,
        lambda done: events.dispatch(
            reach, now(), department="D24", due_at=due_at, done=done, failed=fail
        ),
    )
    order_id = now().order_id
    ended(qtbot, lambda done: events.undo(reach, now(), done=done, failed=fail))
    assert now().state is EventState.ACCEPTED
    qtbot.waitUntil(lambda: stores.orders.get(str(order_id)) is None, timeout=WAIT_MS)
    events.release(reach, event_id)
    qtbot.waitUntil(lambda: stores.claims.get(event_id) is None, timeout=WAIT_MS)

    rests_and_wakes(console, service, qtbot)
    hands_over(console, service, qtbot, first)


def rests_and_wakes(console: Console, service: Service, qtbot: QtBot) -> None:
    session = console.reach.session
    wrong: list[Exception] = []
    session.rest()
    session.wake("not the password", failed=wrong.append)
    qtbot.waitUntil(lambda: bool(wrong), timeout=WAIT_MS)
    assert session.is_resting
    assert session.person is not None
    with qtbot.waitSignal(session.rested, timeout=WAIT_MS):
        session.wake(service.account("dispatcher")["password"], failed=fail)
    assert not session.is_resting


def hands_over(console: Console, service: Service, qtbot: QtBot, first: ShiftPage) -> None:
    reach = console.reach
    deeds = ReachDeeds(reach)
    operator = service.account("operator")
    refused: list[Exception] = []
    own = Second("dispatcher", service.account("dispatcher")["password"], "123456")
    page = hall(reach)
    deeds.hand_over(page, own, lines=1, note="", done=lambda: None, failed=refused.append)
    qtbot.waitUntil(lambda: bool(refused), timeout=WAIT_MS)
    assert isinstance(refused[0], Refused)
    assert refused[0].problem.code == "same_person"

    taker = Second("operator", operator["password"], service.totp("operator").now())
    done: list[bool] = []
    deeds.hand_over(
        page, taker, lines=page.lines, note="夜里看水", done=lambda: done.append(True), failed=fail
    )
    qtbot.waitUntil(lambda: bool(done), timeout=WAIT_MS)
    second = hall(reach)
    assert second.previous_id == first.item_id
    assert [one.text.zh for one in second.carried if one.kind == "note"] == ["查看三号泵站"]
    old = reach.stores.shift_pages.get(first.item_id)
    assert old is not None
    assert old.state == "locked"
    proofs: list[PageProof] = []
    shifts.prove(reach, old, done=proofs.append, failed=fail)
    qtbot.waitUntil(lambda: bool(proofs), timeout=WAIT_MS)
    assert proofs[0].fault is None
