"""Questions pass: none stays behind or comes up over hands that type; late answers do no harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.case_answers import LARGE, PhotoOf
from backend_client.contract.events import Event, EventState
from backend_client.contract.repairs import RepairsPage
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import event, make_picture
from tests.qt.test_case_work import VERBS, at_case, in_front, press
from tests.qt.test_reading_work import FILES, at_event
from tests.qt.test_repairs import rows
from tests.qt.test_stale_work import STALE
from widgets.case_question import MoreQuestion
from widgets.close_question import CloseQuestion
from widgets.commands import CommandPalette, KeySheet
from widgets.deeds import Failed
from widgets.desk import Desk
from widgets.panels.events import event_number
from widgets.panels.photos import PhotoViewer
from widgets.repairs import RepairsDialog

K, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


@dataclass
class Slow(FakeDeeds):
    """Keep the answers of some verbs until the test gives them."""

    slow: frozenset[str] = frozenset()
    held: list[tuple[Callable[[], None], Failed]] = field(default_factory=list)

    def _answer(self, verb: str, what: object, done: Callable[[], None], failed: Failed) -> None:
        if verb in self.slow:
            self.asked.append((verb, what))
            self.held.append((done, failed))
        else:
            super()._answer(verb, what, done, failed)


def bury() -> None:
    """Let go what waits to be deleted, as the next turn of a running loop would."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def back(desk: Desk) -> None:
    """Give the desk the keys again: no window manager does it when a question is gone."""
    desk.activateWindow()
    assert QTest.qWaitForWindowActive(desk, 3_000)
    desk.setFocus()


def dialogs(desk: Desk) -> list[QDialog]:
    bury()
    return desk.findChildren(QDialog)


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        (CloseQuestion, lambda desk: QTest.keyClick(desk, K.Key_X)),
        (MoreQuestion, lambda desk: QTest.keyClick(desk, K.Key_M)),
        (CommandPalette, lambda desk: desk.palette_open()),
        (KeySheet, lambda desk: desk.sheet_open()),
    ],
)
def test_a_question_answered_is_gone_for_good(
    qtbot: QtBot, kind: type[QDialog], ask: Callable[[Desk], None]
) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case, _order = at_case(qtbot, deeds, allowed=(*VERBS, "close"))
    seen: list[int] = []

    def leave() -> None:
        seen.append(len(desk.findChildren(kind)))
        press("Escape")

    for _ in range(3):
        in_front(kind, leave)
        ask(desk)
        bury()
        back(desk)
    assert seen == [1, 1, 1]
    assert dialogs(desk) == []


def close_typed(desk: Desk, words: str) -> None:
    """Close the selected event with some words."""

    def send() -> None:
        press(words)
        question = QApplication.activeModalWidget()
        assert isinstance(question, CloseQuestion)
        question.go.click()

    in_front(CloseQuestion, send)
    QTest.keyClick(desk, K.Key_X)
    back(desk)


def slow_close(qtbot: QtBot) -> tuple[Desk, Event, Slow]:
    deeds = Slow(make_picture(), slow=frozenset({"close"}))
    desk, case, _order = at_case(qtbot, deeds, allowed=(*VERBS, "close"))
    close_typed(desk, "swept")
    assert len(deeds.held) == 1
    return desk, case, deeds


def test_a_question_that_comes_back_waits_for_the_one_in_front(qtbot: QtBot) -> None:
    desk, _case, deeds = slow_close(qtbot)
    seen: list[str] = []

    def meanwhile() -> None:
        deeds.held[0][1](STALE)
        QTest.qWait(800)
        front = QApplication.activeModalWidget()
        seen.append(type(front).__name__)
        in_front(CloseQuestion, read)
        press("Escape")

    def read() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, CloseQuestion)
        seen.append(question.text)
        press("Escape")

    in_front(MoreQuestion, meanwhile)
    QTest.keyClick(desk, K.Key_M)
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=4_000)
    assert seen == ["MoreQuestion", "swept"]


def test_a_question_that_comes_back_waits_for_hands_that_type(qtbot: QtBot) -> None:
    desk, _case, deeds = slow_close(qtbot)
    desk.form.note.setFocus()
    qtbot.waitUntil(desk.form.note.hasFocus, timeout=3_000)
    deeds.held[0][1](STALE)
    QTest.qWait(800)
    assert QApplication.activeModalWidget() is None
    seen: list[str] = []

    def leave() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, CloseQuestion)
        seen.append(question.text)
        press("Escape")

    in_front(CloseQuestion, leave)
    desk.setFocus()
    qtbot.waitUntil(lambda: seen == ["swept"], timeout=3_000)
    now = deeds.picture.stores.events.all()[0]
    deeds.picture.put(now.model_copy(update={"version": 9}))  # nothing of the question listens
    assert dialogs(desk) == []


def test_what_came_of_a_step_is_told_with_its_number_beside_another_event(qtbot: QtBot) -> None:
    desk, case, deeds = slow_close(qtbot)
    other = event(61, item_id="NT-case-000902", state=EventState.DISPATCHED)
    deeds.picture.put(other)
    desk.queue.reveal(other.item_id)
    deeds.held[0][1](STALE)
    number = event_number(case, desk.room.words)
    assert desk.page.message.startswith(f"{number}: 已被修改。")
    assert desk.form.message.text() == ""  # the form is the other event's
    deeds.held[0][0]()
    assert desk.page.message == f"{number}：已记录"


def test_a_late_answer_finds_no_repair_list_and_does_no_harm(qtbot: QtBot) -> None:
    deeds = Slow(
        make_picture(),
        repairs=RepairsPage(rows=rows(), next=None, lost=0),
        slow=frozenset({"hand_in", "refused"}),
    )
    dialog = RepairsDialog(deeds.picture.room("desk"), deeds)
    dialog.take(deeds.repairs)
    dialog.send()
    assert [verb for verb, _ in deeds.asked] == ["refused", "hand_in"]
    dialog.deleteLater()
    bury()
    for done, failed in deeds.held[1:]:
        done()
        failed(STALE)


def test_large_photos_go_when_another_is_turned_to_and_nobody_asks_after_the_end(
    qtbot: QtBot,
) -> None:
    deeds = FakeDeeds(make_picture())
    deeds.picture.numbers.casework.files = FILES
    desk, _case = at_event(qtbot, deeds, attachments=("a", "b"))
    answers, seen = deeds.picture.stores.answers, list[bool]()

    def turn() -> None:
        seen.append(answers.get(PhotoOf("a", LARGE)) is not None)
        press("Right")
        seen.append(answers.get(PhotoOf("a", LARGE)) is not None)
        press("Return")

    in_front(PhotoViewer, turn)
    QTest.keyClick(desk, K.Key_P, SHIFT)
    assert seen == [True, False]
    bury()
    deeds.picture.pulse.beat()
    assert answers.get(PhotoOf("a", LARGE)) is None
    assert answers.get(PhotoOf("b", LARGE)) is None
