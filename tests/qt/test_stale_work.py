"""Refused steps at the desk: the question comes back with the words and says who changed what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Text
from backend_client.contract.events import Event, EventState, Reasoned
from backend_client.contract.problem import Problem
from backend_client.errors import Refused, Unreachable
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import make_picture
from tests.qt.test_case_work import VERBS, at_case, in_front, press
from widgets.case_question import CaseQuestion, MoreQuestion
from widgets.close_question import CloseQuestion
from widgets.deeds import Failed
from widgets.stale import differences

K = Qt.Key
STALE = Refused(
    Problem(
        status=409,
        code="stale_version",
        what=Text("已被修改。", "It was changed."),
        todo=Text("看过再办。", "Look first."),
        holder="王强",
    )
)


class OnceStale(FakeDeeds):
    """Refuse the first close and step as stale, after somebody else's change came down."""

    change: Callable[[], None] = staticmethod(lambda: None)
    left: int = 1

    def _answer(self, verb: str, what: object, done: Callable[[], None], failed: Failed) -> None:
        if verb in ("claim", "release") or not self.left:
            super()._answer(verb, what, done, failed)
            return
        self.left -= 1
        self.asked.append((verb, what))
        self.change()
        failed(STALE)


def again(kind: type[QDialog], deed: Callable[[QDialog], None]) -> None:
    """Do something with the question of this kind that comes after the one in front is gone."""
    first = QApplication.activeModalWidget()

    def look(left: int) -> None:
        question = QApplication.activeModalWidget()
        if isinstance(question, kind) and question is not first and question.isActiveWindow():
            deed(question)
        elif left:
            QTimer.singleShot(20, lambda: look(left - 1))

    QTimer.singleShot(20, lambda: look(150))


def told_in(question: QDialog) -> str:
    label = question.findChild(QLabel, "told")
    assert label is not None
    return label.text()


def test_an_answer_typed_comes_back_and_goes_out_on_the_new_version(qtbot: QtBot) -> None:
    deeds = OnceStale(make_picture())
    desk, case, _order = at_case(qtbot, deeds, allowed=(*VERBS, "close"))
    other = {"version": 2, "level": 2, "state": EventState.REPORTED}
    deeds.change = lambda: deeds.picture.put(case.model_copy(update=other))
    told: list[str] = []

    def send_again(question: QDialog) -> None:
        assert isinstance(question, CloseQuestion)
        told.append(told_in(question))
        assert question.text == "swept and washed"
        question.go.click()

    def type_first() -> None:
        again(CloseQuestion, send_again)
        press("swept and washed")
        question = QApplication.activeModalWidget()
        assert isinstance(question, CloseQuestion)
        question.go.click()

    in_front(CloseQuestion, type_first)
    QTest.keyClick(desk, K.Key_X)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=4_000)
    qtbot.waitUntil(
        lambda: [v for v, _ in deeds.asked if v == "close"] == ["close"] * 2, timeout=4_000
    )
    assert told[0].startswith("王强 已修改此件")
    assert "状态" in told[0]
    assert "→" in told[0]


def test_a_reason_typed_comes_back_with_the_version_of_now(qtbot: QtBot) -> None:
    deeds = OnceStale(make_picture())
    desk, case, _order = at_case(qtbot, deeds)
    deeds.change = lambda: deeds.picture.put(case.model_copy(update={"version": 5}))
    words: list[str] = []

    def send_again(question: QDialog) -> None:
        assert isinstance(question, CaseQuestion)
        words.append(question.reason.text())
        question.go.click()

    def fill() -> None:
        again(CaseQuestion, send_again)
        press("by the caller", "Return")

    def choose() -> None:
        in_front(CaseQuestion, fill)
        press("w")

    in_front(MoreQuestion, choose)
    QTest.keyClick(desk, K.Key_M)
    qtbot.waitUntil(lambda: len(words) == 1, timeout=4_000)
    qtbot.waitUntil(lambda: len([v for v, _ in deeds.asked if v == "withdraw"]) == 2, timeout=4_000)
    sent = [what for verb, what in deeds.asked if verb == "withdraw"]
    assert words == ["by the caller"]
    assert sent == [
        (case.item_id, Reasoned(version=1, reason="by the caller")),
        (case.item_id, Reasoned(version=5, reason="by the caller")),
    ]


def test_what_could_not_be_sent_is_a_draft_and_does_not_come_back(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widgets.event_work.STREAM_MS", 0)
    deeds = FakeDeeds(make_picture(), refuses=Unreachable(Text("无应答。", "no answer")))
    desk, _case, _order = at_case(qtbot, deeds, allowed=(*VERBS, "close"))

    def send() -> None:
        press("swept")
        question = QApplication.activeModalWidget()
        assert isinstance(question, CloseQuestion)
        question.go.click()

    in_front(CloseQuestion, send)
    QTest.keyClick(desk, K.Key_X)
    assert [verb for verb, _ in deeds.asked if verb == "close"] == ["close"]
    QTest.qWait(50)  # a refused one would be back by now
    assert QApplication.activeModalWidget() is None


def test_differences_name_what_changed_and_nothing_else(qtbot: QtBot) -> None:
    picture = make_picture()
    deeds = FakeDeeds(picture)
    desk, case, order = at_case(qtbot, deeds)
    now = case.model_copy(update={"level": 1, "matter": "1101"})
    assert differences(case, now, desk.room) == "类别 – → 1101 · 级别 – → Ⅰ级"
    assert differences(case, case, desk.room) == ""
    moved = order.model_copy(update={"department": "D33"})
    assert differences(order, moved, desk.room).startswith("单位 ")
    assert isinstance(case, Event)
