"""Panels with keys of their own: only bare letters are theirs, nothing unread is answered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Text
from backend_client.contract.problem import Problem
from backend_client.errors import Refused
from tests.qt.model_picture import Told
from tests.qt.picture import make_picture
from tests.qt.test_alarm_work import answer
from tests.qt.test_case_work import with_pairs
from tests.qt.test_models import on_models
from widgets.alarm_work import ReasonQuestion
from widgets.panel import Face

K, M = Qt.Key, Qt.KeyboardModifier


@pytest.mark.parametrize("held", [M.ShiftModifier, M.AltModifier])
@pytest.mark.parametrize("key", [K.Key_Y, K.Key_N, K.Key_L])
def test_a_letter_with_another_key_held_judges_no_pair(
    qtbot: QtBot, held: Qt.KeyboardModifier, key: Qt.Key
) -> None:
    desk, deeds, pairs = with_pairs(qtbot)
    QTest.keyClick(desk.review, key, held)
    assert (deeds.asked, pairs.said) == ([], [])


def test_shift_y_goes_from_the_pairs_to_the_models(qtbot: QtBot) -> None:
    desk, deeds, _pairs = with_pairs(qtbot)
    QTest.keyClick(desk.review, K.Key_Y, M.ShiftModifier)
    assert desk.under.currentWidget() is desk.models.panel
    assert deeds.asked == []


def test_shift_t_has_no_model_learn(qtbot: QtBot) -> None:
    registry = Told()
    desk = on_models(qtbot, registry)
    answer(lambda question: question.reject())  # the desk's own: to fold for a response
    QTest.keyClick(desk.models.panel, K.Key_T, M.ShiftModifier)
    assert [one[0] for one in registry.asked] == ["read"]


def test_a_pair_that_came_by_itself_is_not_answered_before_it_can_be_read(qtbot: QtBot) -> None:
    desk, deeds, pairs = with_pairs(qtbot)
    first, second = pairs.waiting
    pairs.waiting.remove(first)  # a colleague has said what it is
    pairs.changed()
    assert desk.review.pair == second
    QTest.keyClick(desk.review, K.Key_N)
    QTest.keyClick(desk.review, K.Key_Y)
    assert (deeds.asked, pairs.said) == ([], [])
    assert "他人处理" in desk.review.message
    assert not desk.review.buttons["Y"].isEnabled()
    qtbot.waitUntil(desk.review.buttons["N"].isEnabled, timeout=3_000)
    QTest.keyClick(desk.review, K.Key_N)
    assert pairs.said == [(second.key, "no")]


def test_after_an_answer_of_ones_own_the_next_pair_may_be_answered_at_once(qtbot: QtBot) -> None:
    desk, _deeds, pairs = with_pairs(qtbot)
    first, second = pairs.waiting
    QTest.keyClick(desk.review, K.Key_N)
    QTest.keyClick(desk.review, K.Key_N)
    assert pairs.said == [(first.key, "no"), (second.key, "no")]


def test_keys_stay_with_the_panel_when_a_button_may_no_longer_be_used(qtbot: QtBot) -> None:
    desk, _deeds, pairs = with_pairs(qtbot)
    desk.review.buttons["N"].setFocus()
    pairs.waiting.clear()
    pairs.changed()
    assert desk.review.hasFocus()


def test_models_of_somebody_who_left_are_not_shown_to_the_next(qtbot: QtBot) -> None:
    picture = make_picture()
    models, late = picture.stores.models, Told()
    held: list[object] = []
    late.read = lambda told, failed: held.append(lambda: told(late.given))  # type: ignore[method-assign]
    models.serve(late)
    models.want()
    models.forget()
    (answer,) = held
    assert callable(answer)
    answer()
    assert models.lines == ()


def test_a_busy_service_is_no_lack_of_rights(qtbot: QtBot) -> None:
    busy = Text("服务繁忙。", "The service is busy.")
    problem = Problem(status=503, code="busy", what=busy, todo=Text("稍后", "later"))
    registry = Told(refuses=Refused(problem))
    desk = on_models(qtbot, registry)
    panel = desk.models.panel
    assert panel.face() is Face.EMPTY
    assert panel.empty_reason == busy
    registry.refuses = None
    desk.room.stores.models.forget()
    desk.room.stores.models.want()
    assert panel.face() is Face.READY


def test_why_one_goes_back_is_not_typed_twice(qtbot: QtBot) -> None:
    registry = Told()
    desk = on_models(qtbot, registry)
    problem = Problem(status=409, code="busy", what=Text("正在学习。", "Busy."), todo=Text("", ""))
    registry.refuses = Refused(problem)
    seen: list[str] = []

    def again(question: ReasonQuestion) -> None:
        seen.append(question.text)
        question.reject()

    def fill(question: ReasonQuestion) -> None:
        answer(again)
        question.reason.setText("误并增多")
        question.accept()

    answer(fill)
    QTest.keyClick(desk.models.panel, K.Key_B)
    qtbot.waitUntil(lambda: seen == ["误并增多"], timeout=3_000)
    assert "正在学习" in desk.models.panel.message
