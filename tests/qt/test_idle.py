"""A desk nobody uses: read-only after its time, never blank, awake again by the password alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from pytestqt.qtbot import QtBot

from app.actions import events
from app.console import Console, build
from app.idle import Idle
from app.session import RESTING
from backend_client.contract.auth import Person, Role, Tokens
from backend_client.contract.clock import ManualClock
from backend_client.errors import Refused
from tests.qt.people import NOW
from tests.qt.picture import event, gate

LIMIT_S = 900.0


@pytest.fixture
def console(qtbot: QtBot, tmp_path: Path) -> Iterator[Console]:
    made = build(tmp_path, ManualClock(NOW), url="http://127.0.0.1:9")
    yield made
    made.close()


@pytest.fixture
def idle(console: Console) -> Idle:
    clock = console.reach.clock
    return Idle(console.reach.session, clock, LIMIT_S, console.notices)


WHO = Person(
    person_id="operator", name="周敏", role=Role.OPERATOR, regions=("3206",), departments=("*",)
)


def sign_in(console: Console) -> None:
    tokens = Tokens(access="access-1", refresh="refresh-number-1", expires_in_s=600, person=WHO)
    console.reach.client.wire.take(tokens)
    console.reach.session.signed_in.emit(console.reach.session.person)


def press(idle: Idle) -> None:
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier)
    assert idle.eventFilter(QWindow(), key) is False  # the key goes on to whom it is for


def advance(console: Console, seconds: float) -> None:
    clock = console.reach.clock
    assert isinstance(clock, ManualClock)
    clock.advance(seconds)


def test_a_seat_rests_after_its_time_and_a_key_puts_it_off(console: Console, idle: Idle) -> None:
    session = console.reach.session
    sign_in(console)
    advance(console, LIMIT_S - 1)
    press(idle)
    advance(console, LIMIT_S - 1)
    idle.look()
    assert not session.is_resting
    advance(console, 1)
    idle.look()
    assert session.is_resting


def test_a_key_at_a_resting_seat_asks_and_wakes_nothing(console: Console, idle: Idle) -> None:
    sign_in(console)
    asked: list[bool] = []
    idle.woken.connect(lambda: asked.append(True))
    press(idle)
    assert asked == []
    advance(console, LIMIT_S)
    idle.look()
    press(idle)
    assert asked == [True]
    assert console.reach.session.is_resting


def test_a_resting_seat_sends_and_keeps_nothing_but_may_stop(console: Console, idle: Idle) -> None:
    sign_in(console)
    session = console.reach.session
    refused: list[Exception] = []
    session.rest()
    events.accept(console.reach, event(0), failed=refused.append)
    assert isinstance(refused[0], Refused)
    assert refused[0].problem.code == "resting"
    assert console.reach.wishes.unsent() == ()
    stopping = gate(0).model_copy(update={"allowed": ("stop", "request")})
    assert session.why_not("stop", stopping) is None
    assert session.why_not("request", stopping) == RESTING
    assert session.person is not None  # nobody is thrown out


def test_nobody_signed_in_has_nothing_to_rest(console: Console, idle: Idle) -> None:
    advance(console, LIMIT_S * 2)
    idle.look()
    assert not console.reach.session.is_resting
