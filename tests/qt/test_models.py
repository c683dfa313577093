"""The models' page on the desk: figures, learn now, back in one step after a question."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Language, Text
from backend_client.contract.problem import Problem
from backend_client.errors import Refused, Unreachable
from tests.qt.fakes import FakeDeeds
from tests.qt.model_picture import Told
from tests.qt.picture import make_picture
from tests.qt.test_alarm_work import answer
from tests.qt.test_desk import shown
from widgets.alarm_work import ReasonQuestion
from widgets.desk import Desk
from widgets.panel import Face
from widgets.panels.models import Models

K, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


def on_models(qtbot: QtBot, registry: Told) -> Desk:
    deeds = FakeDeeds(make_picture())
    deeds.picture.stores.models.serve(registry)
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_Y, SHIFT)
    assert desk.under.currentWidget() is desk.models.panel
    return desk


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_model_says_its_versions_and_what_the_rules_reach(
    qtbot: QtBot, language: Language
) -> None:
    picture = make_picture()
    picture.words.use(language)
    panel = Models(picture.room("desk"))
    qtbot.addWidget(panel)
    panel.resize(900, 560)
    assert panel.face() is Face.EMPTY
    picture.stores.models.serve(Told())
    picture.stores.models.want()
    assert panel.face() is Face.READY
    merge, matter, _unit = picture.stores.models.lines
    cells = panel.row(merge, merge.versions[1])
    assert [cells[2].text, cells[3].text, cells[4].text] == ["880", "93.8%", "93.0% / 143"]
    assert cells[0].bold
    assert [cell.text for cell in panel.rules_row(merge)][3] == "86.1%"
    assert panel.rules_row(matter)[0].bold  # nothing was learned: the rules answer
    panel.grab()
    assert panel.cut == ()


def test_going_back_asks_why_and_is_sent_once(qtbot: QtBot) -> None:
    registry = Told()
    desk = on_models(qtbot, registry)
    panel = desk.models.panel

    def fill(question: ReasonQuestion) -> None:
        assert not question.go.isEnabled()
        question.reason.setText("误并增多")
        QTest.keyClick(question, K.Key_Return)

    answer(fill)
    QTest.keyClick(panel, K.Key_B)
    assert registry.asked[-1] == ("roll_back", "merge", "误并增多")
    assert panel.chosen is not None
    assert (panel.chosen.in_use, panel.chosen.held) == (1, True)
    answer(lambda question: question.reject())
    QTest.keyClick(panel, K.Key_B)
    assert len([one for one in registry.asked if one[0] == "roll_back"]) == 1


def test_the_chosen_model_learns_and_one_on_its_rules_cannot_go_back(qtbot: QtBot) -> None:
    registry = Told()
    desk = on_models(qtbot, registry)
    panel = desk.models.panel
    QTest.keyClick(panel, K.Key_Down)
    assert not panel.buttons["B"].isEnabled()
    QTest.keyClick(panel, K.Key_B)
    QTest.keyClick(panel, K.Key_T)
    assert registry.asked[-1] == ("learn", "matter")
    assert not panel.buttons["T"].isEnabled()  # it learns already


def test_a_refusal_is_said(qtbot: QtBot) -> None:
    registry = Told()
    desk = on_models(qtbot, registry)
    registry.refuses = Unreachable(Text("无应答。", "no answer"))
    QTest.keyClick(desk.models.panel, K.Key_T)
    assert "无应答" in desk.models.panel.message


def test_who_may_not_see_models_is_told_so(qtbot: QtBot) -> None:
    problem = Problem(status=403, code="forbidden", what=Text("无权。", "no"), todo=Text("", ""))
    registry = Told(refuses=Refused(problem))
    desk = on_models(qtbot, registry)
    assert desk.models.panel.face() is Face.REFUSED
    assert not desk.models.panel.buttons["B"].isVisible()
