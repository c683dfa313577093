"""Closing an event: what it is decided by stands beside the answer, and goes into it by a key."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.answers import Answers
from app.case_answers import PhotoOf, SimilarOf
from backend_client.contract.base import Language
from backend_client.contract.events import Event, EventState
from backend_client.contract.orders import OrderState, Task
from tests.qt.case_picture import case_order
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import Picture, event, make_picture
from tests.qt.reading_picture import alike
from tests.qt.test_case_work import in_front
from tests.qt.test_panels import cut_words
from tests.qt.test_reading_work import FILES, at_event, no
from widgets.close_question import CloseQuestion
from widgets.panels.photos import PhotoViewer, shots_of

K, ALT = Qt.Key, Qt.KeyboardModifier.AltModifier


def reported(picture: Picture, **more: object) -> Event:
    """Put an event two units have reported on, one with a photo as proof."""
    done = {"state": OrderState.REPORTED}
    lead = case_order(1, "NT-close-000001", 5, report="已清运 3 车", proof=("a",), **done)
    helper = case_order(
        2, "NT-close-000001", 5, report="已检查", task=Task.ASSIST, department="D33", **done
    )
    case = event(
        60,
        item_id="NT-close-000001",
        state=EventState.REPORTED,
        order_id=lead.item_id,
        assist_ids=(helper.item_id,),
        allowed=("close", "redo"),
        attachments=("d",),
    ).model_copy(update=more)
    picture.numbers.casework.files = FILES
    picture.put(lead, helper, case)
    return case


def opened(qtbot: QtBot, picture: Picture, case: Event) -> CloseQuestion:
    question = CloseQuestion(picture.room("desk"), case)
    qtbot.addWidget(question)
    question.show()
    question.activateWindow()
    qtbot.waitUntil(question.isActiveWindow)
    return question


def test_reports_and_proof_stand_beside_the_answer(qtbot: QtBot) -> None:
    picture = make_picture()
    case = reported(picture)
    question = opened(qtbot, picture, case)
    told = question.ground.report.toPlainText()
    assert told == "城管局\n已清运 3 车\n\n应急局 · 协办\n已检查"
    shots = question.ground.photos.shots
    assert [(one.attachment_id, one.is_proof) for one in shots] == [("a", True), ("d", False)]
    assert shots[0].whose.zh == "城管局反馈"
    photo = picture.stores.answers.get(PhotoOf("a"))
    assert photo is not None
    assert photo.shown == "ready"
    grabbed = question.ground.photos.grab().toImage()
    assert grabbed.pixelColor(31, 25).name() == "#336699"
    assert question.answer.hasFocus()


def test_a_report_that_comes_while_it_is_open_is_shown(qtbot: QtBot) -> None:
    picture = make_picture()
    case = reported(picture)
    question = opened(qtbot, picture, case)
    lead = picture.stores.orders.get("case-1")
    assert lead is not None
    picture.put(lead.model_copy(update={"version": 2, "report": "再清 2 车", "proof": ("a", "b")}))
    assert "再清 2 车" in question.ground.report.toPlainText()
    assert len(question.ground.photos.shots) == 3


def test_a_like_cases_answer_goes_into_the_draft_by_a_key(qtbot: QtBot) -> None:
    picture = make_picture()
    case = reported(picture)
    question = opened(qtbot, picture, case)
    assert question.ground.cases.count() == 2
    assert "81%" in question.ground.cases.item(0).text()
    question.answer.insertPlainText("您好，")
    QTest.keyClick(question.answer, K.Key_1, ALT)
    QTest.keyClick(question.answer, K.Key_3, ALT)  # there is no third
    assert question.text == "您好，已清运 3 车，责成物业每日巡查"
    assert question.answer.hasFocus()


def test_the_photos_open_over_the_question_with_the_proof_first(qtbot: QtBot) -> None:
    picture = make_picture()
    case = reported(picture)
    question = opened(qtbot, picture, case)
    said: list[str] = []

    def look() -> None:
        viewer = QApplication.activeModalWidget()
        assert isinstance(viewer, PhotoViewer)
        said.append(viewer.whose.text())
        QTest.keyClick(viewer.sheet, K.Key_Right)
        said.append(viewer.whose.text())
        QTest.keyClick(viewer.sheet, K.Key_Escape)

    in_front(PhotoViewer, look)
    QTest.keyClick(question.answer, K.Key_P, ALT)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=3_000)
    assert said == ["1 / 2 · 城管局反馈", "2 / 2 · 来件所附"]


def test_the_desk_shows_the_proof_before_the_citizens_photo(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    deeds.picture.numbers.casework.files = FILES
    order = case_order(1, "NT-read-000801", 5, state=OrderState.REPORTED, proof=("a",))
    deeds.picture.put(order)
    desk, case = at_event(
        qtbot, deeds, state=EventState.REPORTED, order_id=order.item_id, attachments=("b",)
    )
    assert desk.page.photos.is_about(PhotoOf("a"))
    assert [one.attachment_id for one in shots_of(case, (order,), desk.room)] == ["a", "b"]


def test_why_no_like_case_is_shown_is_said(qtbot: QtBot) -> None:
    picture = make_picture()
    case = reported(picture)
    answers: Answers = picture.stores.answers
    question = opened(qtbot, picture, case)
    like = SimilarOf(case.item_id, case.version)
    none = alike(case.item_id).model_copy(update={"cases": ()})
    answers.put(like, none)
    assert question.ground.head.text() == "没有相似旧案"
    assert question.ground.cases.isHidden()
    answers.put(like, none.model_copy(update={"ready": False}))
    assert question.ground.head.text() == "旧案库读取中"
    answers.miss(like, no(403).what)
    assert question.ground.head.text() == "旧案未读到：无"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_it_is_cut(qtbot: QtBot, language: Language) -> None:
    picture = make_picture()
    picture.words.use(language)
    question = opened(qtbot, picture, reported(picture))
    assert cut_words(question) == {}
