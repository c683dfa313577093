"""What the desk says of an event and keeps of what was typed for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.case_answers import MattersOf
from backend_client.contract.base import Text
from backend_client.contract.events import Classify, EventState
from backend_client.contract.orders import OrderState
from tests.qt.case_picture import case_order, mark
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import event, make_picture
from tests.qt.reading_picture import TREE
from tests.qt.test_case_work import at_case, in_front, press
from tests.qt.test_reading_work import at_event
from tests.qt.test_stale_work import OnceStale, again
from widgets.case_paths import PATHS, Offer
from widgets.case_question import about_words
from widgets.classify import ClassifyQuestion
from widgets.panels.event import marks
from widgets.stale import differences

K, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


# ---- supervised ----------------------------------------------------------------------------


def test_a_supervised_order_is_said_to_be_even_when_its_event_is_not(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, order = at_case(qtbot, deeds)
    words = desk.room.words
    assert not {"督办", "报领导"} & {*marks(case, (order,), words)}
    marked = order.model_copy(update={"supervised": mark("超时"), "led": mark("超时")})
    assert {"督办", "报领导"} <= {*marks(case, (marked,), words)}
    over = marked.model_copy(update={"state": OrderState.WITHDRAWN})
    assert not {"督办", "报领导"} & {*marks(case, (over,), words)}


def test_doing_it_again_says_that_it_stays_supervised(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, _order = at_case(qtbot, deeds)
    (redo,) = [one for one in PATHS if one.verb == "redo"]
    assert about_words(Offer(redo, case), desk.room) == ""
    marked = case.model_copy(update={"supervised": mark("市领导批示")})
    said = about_words(Offer(redo, marked), desk.room)
    assert said == "督办件（市领导批示）：此后的工单一并督办"


def test_the_form_that_sends_it_anew_says_so_too(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    assert desk.form.title.text() == "派单"
    deeds.picture.put(case.model_copy(update={"version": 2, "supervised": mark("批示")}))
    assert desk.form.title.text() == "派单 · 督办"


# ---- the form ------------------------------------------------------------------------------


def test_a_half_filled_form_waits_for_its_event_until_that_is_sent(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    other = event(61, item_id="NT-read-000802", state=EventState.ACCEPTED)
    deeds.picture.put(other)
    form = desk.form
    form.choose("应急局")
    form.note.setText("当日清运")
    form.hours.setText("6")
    desk.queue.reveal(other.item_id)
    assert (form.note.text(), form.hours.text()) == ("", "")
    desk.queue.reveal(case.item_id)
    assert (form.note.text(), form.hours.text(), form.unit.currentText()) == (
        *("当日清运", "6"),
        "应急局",
    )
    desk.queue.reveal(other.item_id)
    sent = case.model_copy(
        update={"version": 2, "state": EventState.DISPATCHED, "allowed": ("withdraw",)}
    )
    deeds.barred["dispatch"] = Text("已派", "sent")
    deeds.picture.put(sent)
    deeds.barred.clear()
    deeds.picture.put(case.model_copy(update={"version": 3}))
    desk.queue.reveal(case.item_id)
    assert form.note.text() == ""


def test_a_unit_of_the_reading_is_not_put_into_a_form_that_is_not_open(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case = at_event(qtbot, deeds)
    before = desk.form.unit.currentText()
    QTest.keyClick(desk, K.Key_V, SHIFT)
    desk.reading.select("unit:320613")
    deeds.barred["dispatch"] = Text("席位空闲", "the seat rests")
    QTest.keyClick(desk, K.Key_Return)
    assert desk.form.unit.currentText() == before
    assert desk.page.message == "席位空闲"


# ---- classes -------------------------------------------------------------------------------


def test_no_class_and_no_level_come_back_as_they_were_said(qtbot: QtBot) -> None:
    deeds = OnceStale(make_picture())
    desk, case = at_event(qtbot, deeds)
    seen: list[tuple[str, int]] = []

    def look(question: object) -> None:
        assert isinstance(question, ClassifyQuestion)
        seen.append((question.matter, question.level_said))
        question.go.click()

    def say() -> None:
        again(ClassifyQuestion, look)
        question = QApplication.activeModalWidget()
        assert isinstance(question, ClassifyQuestion)
        question.filter.setText("不定类别")
        press("Tab", "Up", "Up", "Up", "Return")

    in_front(ClassifyQuestion, say)
    QTest.keyClick(desk, K.Key_C, SHIFT)
    qtbot.waitUntil(lambda: len(seen) == 1, timeout=4_000)
    assert seen == [("", 0)]
    qtbot.waitUntil(
        lambda: (
            deeds.asked[-1] == ("classify", (case.item_id, Classify(version=1, matter="", level=0)))
        ),
        timeout=3_000,
    )


def test_classes_that_come_late_are_listed_and_until_then_it_is_said(qtbot: QtBot) -> None:
    picture = make_picture()
    question = ClassifyQuestion(picture.room("desk"), Text("定性", "Classify"), None)
    qtbot.addWidget(question)
    assert question.list.count() == 1
    assert question.about.text() == "类别表尚未读到，到后自动列出"
    picture.stores.answers.put(MattersOf(), TREE)
    assert question.list.count() == len(TREE.matters) + 1
    assert question.about.isHidden()
    assert QApplication.activeModalWidget() is None


# ---- what somebody else changed ------------------------------------------------------------


def test_changes_are_said_in_words_never_in_the_programs_own(qtbot: QtBot) -> None:
    picture = make_picture()
    picture.stores.answers.put(MattersOf(), TREE)
    room = picture.room("desk")
    order = case_order(1, "NT-case-000901", 5, state=OrderState.SENT)
    signed = order.model_copy(update={"state": OrderState.SIGNED})
    assert differences(order, signed, room) == "状态 待签收 → 已签收"
    case = event(0)
    classed = case.model_copy(update={"matter": "1101"})
    assert differences(case, classed, room) == "类别 – → 暴露垃圾"
    picture.words.use("en")
    assert differences(order, signed, room) == "state to sign → signed"
