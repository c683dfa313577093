"""The reading at the desk by keys: shown, taken over, proposed in the form; photos; their faces."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.case_answers import LARGE, PhotoOf, ReadingOf, SimilarOf
from app.stores import Link
from backend_client.contract.base import Text
from backend_client.contract.events import Classify, Event, EventState
from backend_client.contract.problem import Problem
from backend_client.errors import Refused, Unreachable
from tests.qt.case_picture import case_order
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import NOW, event, make_picture
from tests.qt.test_case_work import in_front, press
from tests.qt.test_desk import shown
from widgets.ask import PlaceQuestion
from widgets.classify import ClassifyQuestion
from widgets.close_question import CloseQuestion
from widgets.deeds import Sending
from widgets.desk import Desk
from widgets.panels.photos import PhotoViewer, face_of
from widgets.panels.reading import brief, lines_of

K, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


def at_event(qtbot: QtBot, deeds: FakeDeeds, **more: object) -> tuple[Desk, Event]:
    """Choose an accepted event and wait until it was read."""
    fields: dict[str, object] = {
        "item_id": "NT-read-000801",
        "state": EventState.ACCEPTED,
        "due_at": None,
        "allowed": ("dispatch", "classify", "locate", "close"),
        **more,
    }
    case = event(0, **fields)
    deeds.picture.put(case)
    desk = shown(qtbot, deeds)
    desk.queue.reveal(case.item_id)
    qtbot.waitUntil(lambda: not desk.page._rest.isActive(), timeout=3_000)
    return desk, case


def test_the_page_says_in_one_line_what_it_is_and_who_should_take_it(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    assert brief(case, desk.page.read, desk.room) == "疑为 暴露垃圾 62% · 建议城管局主办"
    said = case.model_copy(update={"version": 2, "matter": "1102"})
    assert brief(said, desk.page.read, desk.room).startswith("积存渣土 · ")


def test_every_part_of_the_reading_is_a_row_and_cases_follow(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    QTest.keyClick(desk, K.Key_V, SHIFT)
    assert desk.under.currentWidget() is desk.reading
    kinds = [key.partition(":")[0] for key in desk.reading.keys]
    assert kinds == [
        *("class", "class", "unit", "unit", "level", "place", "remark", "case", "case")
    ]
    told = {one.key: one for one in lines_of(case, desk.page.read, desk.room)}
    assert told["class:1101"].why == "文中有“生活垃圾、垃圾”"
    assert told["unit:320613"].what == "崇川区中心 · 协办"
    assert "用时 5" in told["case:NT-20260610-000"].what
    assert "已清运 3 车" in told["case:NT-20260610-000"].why


def test_its_key_and_enter_classify_with_what_is_proposed(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    in_front(ClassifyQuestion, lambda: press("Return"))
    QTest.keyClick(desk, K.Key_C, SHIFT)
    body = Classify(version=1, matter="1101", level=3)
    assert deeds.asked[-1] == ("classify", (case.item_id, body))


def test_another_class_and_level_are_chosen_by_typing(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    in_front(ClassifyQuestion, lambda: press("0101", "Tab", "Up", "Up", "Return"))
    QTest.keyClick(desk, K.Key_C, SHIFT)
    body = Classify(version=1, matter="0101", level=1)
    assert deeds.asked[-1] == ("classify", (case.item_id, body))


def test_nothing_is_classified_by_leaving(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case = at_event(qtbot, deeds)
    in_front(ClassifyQuestion, lambda: press("Escape"))
    QTest.keyClick(desk, K.Key_C, SHIFT)
    assert "classify" not in {verb for verb, _ in deeds.asked}


def test_rows_are_taken_over_as_what_they_are(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    QTest.keyClick(desk, K.Key_V, SHIFT)
    desk.reading.select("class:1102")
    in_front(ClassifyQuestion, lambda: press("Return"))
    QTest.keyClick(desk, K.Key_Return)
    assert deeds.asked[-1] == (
        "classify",
        (case.item_id, Classify(version=1, matter="1102", level=3)),
    )
    desk.reading.select("place:0")
    in_front(PlaceQuestion, lambda: press("Return"))
    QTest.keyClick(desk, K.Key_Return)
    assert ("locate", (120.871, 32.012)) in deeds.asked
    desk.reading.select("case:NT-20260610-000")

    def send_draft() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, CloseQuestion)
        press("!")
        question.go.click()

    in_front(CloseQuestion, send_draft)
    QTest.keyClick(desk, K.Key_Return)
    assert ("close", "已清运 3 车，责成物业每日巡查!") in deeds.asked
    desk.reading.select("unit:320613")
    QTest.keyClick(desk, K.Key_Return)
    assert (desk.form.unit.currentText(), desk.form.unit.unit_id) == ("崇川区中心", "D41")


def test_enter_confirms_the_proposed_unit_and_the_tables_time_is_sent(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case = at_event(qtbot, deeds)
    form = desk.form
    assert form.unit.currentText() == "城管局"
    assert "建议主办 · 62%" in form.reason.text()
    assert form.until.text().startswith("5 工作日，至 7月25日")
    QTest.keyClick(desk, K.Key_D)
    editor = form.unit.lineEdit()
    assert editor is not None
    QTest.keyClick(editor, K.Key_Return)
    QTest.keyClicks(form.note, "today")
    QTest.keyClick(form.note, K.Key_Return)
    assert deeds.asked[-1] == ("dispatch", Sending("D25", None, "today"))


def test_hours_typed_stand_instead_of_the_table(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case = at_event(qtbot, deeds)
    QTest.keyClicks(desk.form.hours, "6")
    assert desk.form.until.text().startswith("自定，至 7月18日 15:41")
    desk.form.note.setFocus()
    QTest.keyClick(desk.form.note, K.Key_Return)
    sending = cast("Sending", deeds.asked[-1][1])
    assert sending.due_at is not None
    assert abs(sending.due_at - NOW - timedelta(hours=6)) < timedelta(seconds=2)
    desk.form.spans[0].click()  # chosen already: it takes the typed hours away all the same
    assert desk.form.hours.text() == ""
    assert desk.form.until.text().startswith("5 工作日")


def test_a_hand_is_not_overruled_by_a_reading_that_comes_later(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case = at_event(qtbot, deeds)
    editor = desk.form.unit.lineEdit()
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "water")
    desk.page.read.changed.emit()
    assert desk.form.unit.currentText() == "water"


def test_the_units_suggested_stand_first_with_load_and_a_county_is_its_centre(
    qtbot: QtBot,
) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds, region="320681")
    deeds.picture.put(case_order(1, case.item_id, -8))
    unit = desk.form.unit
    unit.weigh()
    assert [unit.itemText(row) for row in range(2)] == ["城管局", "崇川区中心"]
    assert unit.itemData(0, 257) == "建议主办 · 62% · 在办 3 · 超期 1"
    desk.form.choose("崇川区中心")
    assert "由启东市中心接单" in desk.form.reason.text()
    assert "文中指向崇川区，工单仍归登记的启东市" in desk.form.reason.text()
    names = [unit.itemText(row) for row in range(unit.count())]
    assert len(names) == len(set(names))


def test_without_a_reading_nothing_is_proposed_and_it_says_why(qtbot: QtBot) -> None:
    picture = make_picture()
    picture.numbers.casework.unread = Refused(
        Problem(status=403, code="no", what=Text("无权研判。", "No."), todo=Text("。", "."))
    )
    deeds = FakeDeeds(picture)
    desk, case = at_event(qtbot, deeds)
    qtbot.waitUntil(lambda: "无权研判" in desk.page.read.why(case), timeout=2_000)
    assert desk.form.unit.unit_id is None
    assert not desk.form.send.isEnabled()
    assert "无权研判" in desk.form.reason.text()


def test_a_lost_link_says_that_the_reading_is_old(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    assert desk.page.read.why(case) == ""
    deeds.picture.numbers.casework.unread = Unreachable(Text("无应答。", "no answer"))
    deeds.picture.stores.set_link(Link.OFFLINE)
    deeds.picture.put(case.model_copy(update={"version": 2, "text": "再报"}))
    now = case.model_copy(update={"version": 2})
    qtbot.waitUntil(lambda: "未更新" in desk.page.read.why(now), timeout=2_000)
    assert desk.page.read.reading(now) is not None  # the old one stays


# ---- photos --------------------------------------------------------------------------------


def png(color: str) -> bytes:
    image = QImage(2_400, 1_200, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub asks for bytes
    return bytes(data.data())


def no(status: int) -> Refused:
    return Refused(Problem(status=status, code="no", what=Text("无", "no"), todo=Text("", "")))


FILES: dict[str, bytes | Exception] = {
    "a": png("#336699"),
    "b": no(404),
    "c": no(403),
    "d": b"%PDF-1.4 no picture",
    "e": Unreachable(Text("无应答。", "no answer")),
}


@pytest.mark.parametrize(
    ("name", "face"),
    [("a", "ready"), ("b", "gone"), ("c", "refused"), ("d", "other"), ("e", "missed")],
)
def test_each_photo_shows_its_face(qtbot: QtBot, name: str, face: str) -> None:
    deeds = FakeDeeds(make_picture())
    deeds.picture.numbers.casework.files = FILES
    desk, _case = at_event(qtbot, deeds, attachments=(name,))
    assert face_of(PhotoOf(name), desk.room) == face


def test_photos_are_opened_large_and_turned_by_keys(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    deeds.picture.numbers.casework.files = FILES
    desk, _case = at_event(qtbot, deeds, attachments=("a", "b"))
    answers, seen = deeds.picture.stores.answers, list[str]()

    def look() -> None:
        viewer = QApplication.activeModalWidget()
        assert isinstance(viewer, PhotoViewer)
        seen.append(viewer.shown)
        large = answers.get(PhotoOf("a", LARGE))
        assert large is not None
        assert large.image is not None
        assert large.image.width() == LARGE
        grabbed = viewer.sheet.grab().toImage()
        middle = grabbed.pixelColor(grabbed.width() // 2, grabbed.height() // 2)
        assert middle.name() == "#336699"
        press("Right")
        seen.append(viewer.shown)
        press("Return")

    in_front(PhotoViewer, look)
    QTest.keyClick(desk, K.Key_P, SHIFT)
    assert seen == ["ready", "gone"]
    assert answers.get(PhotoOf("a", LARGE)) is None  # only the small one is kept
    assert answers.get(PhotoOf("a")) is not None


def test_an_event_without_files_says_so(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case = at_event(qtbot, deeds)
    QTest.keyClick(desk, K.Key_P, SHIFT)
    assert desk.page.message == "此件没有附件"


def test_what_is_read_of_a_version_is_not_asked_again_every_few_seconds(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case = at_event(qtbot, deeds)
    answers, asked = deeds.picture.stores.answers, list[object]()
    answers.wanted.connect(asked.append)
    deeds.picture.clock.advance(60)
    desk.page._look()
    assert ReadingOf(case.item_id, case.version) not in asked
    assert SimilarOf(case.item_id, case.version) not in asked
    like = SimilarOf(case.item_id, case.version)
    told = answers.get(like)
    assert told is not None
    answers.put(like, told.model_copy(update={"ready": False}))  # old cases are still being read
    desk.page._look()
    assert like in asked
