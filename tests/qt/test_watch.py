"""The watch at a desk: hands on events, undo, the log, the handover, the seat that rests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.session import RESTING
from backend_client.contract.base import Text
from backend_client.contract.events import EventState, Undoable
from backend_client.contract.problem import Problem
from backend_client.contract.shifts import LineKind, Sight
from backend_client.errors import Refused
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import CHEN, NOW, ZHOU, Picture, make_picture
from tests.qt.shift_picture import LOG, claim, shift_pages
from tests.qt.test_panels import make_desk
from widgets.desk import Desk
from widgets.panels.queue import Queue
from widgets.watch import HandoverQuestion, LineQuestion


@pytest.fixture
def picture(qapp: object) -> Picture:
    return make_picture()


@pytest.fixture
def deeds(picture: Picture) -> FakeDeeds:
    return FakeDeeds(picture)


@pytest.fixture
def desk(picture: Picture, deeds: FakeDeeds, qtbot: QtBot) -> Desk:
    return make_desk(picture, qtbot, deeds)


def verbs(deeds: FakeDeeds) -> list[str]:
    return [verb for verb, _ in deeds.asked]


def chosen(desk: Desk) -> str:
    found = desk.queue.chosen
    assert found is not None
    return found.item_id


def test_enter_takes_an_event_in_hand_and_moving_on_lets_it_go(
    desk: Desk, deeds: FakeDeeds
) -> None:
    first = chosen(desk)
    desk.queue.open()
    desk.queue.go(1)
    assert deeds.asked == [("claim", first), ("release", first)]


def test_what_somebody_else_has_is_named_and_no_step_begins(
    desk: Desk, deeds: FakeDeeds, picture: Picture
) -> None:
    picture.put(claim(chosen(desk), CHEN))
    assert "陈晓 锁定" in desk.page.note()
    desk.work.do("accept")
    assert "陈晓 正在处理" in desk.page.message
    assert "accept" not in verbs(deeds)
    picture.clock.advance(301)
    desk.work.do("accept")
    assert "accept" in verbs(deeds)


def test_a_lease_is_renewed_only_in_its_last_four_minutes(
    desk: Desk, deeds: FakeDeeds, picture: Picture
) -> None:
    desk.queue.open()
    picture.put(claim(chosen(desk), ZHOU))
    desk.watch.hold.touch()
    assert verbs(deeds) == ["claim"]
    picture.clock.advance(61)
    desk.watch.hold.touch()
    assert verbs(deeds) == ["claim", "claim"]


@pytest.mark.parametrize(
    ("code", "take_over", "told"),
    [("claimed", False, True), ("forbidden", False, False), ("forbidden", True, True)],
)
def test_only_what_concerns_the_hand_is_told(
    desk: Desk,
    deeds: FakeDeeds,
    code: str,
    take_over: bool,
    told: bool,
) -> None:
    words = Text("陈晓 正在处理。", "busy")
    deeds.refuses = Refused(Problem(status=409, code=code, what=words, todo=words))
    if take_over:
        desk.watch.take_over()
    else:
        desk.watch.hold.take(chosen(desk))
    assert (words.zh in desk.page.message) is told


def test_an_event_taken_over_is_told_and_not_released(
    desk: Desk, deeds: FakeDeeds, picture: Picture
) -> None:
    event_id = chosen(desk)
    desk.queue.open()
    picture.put(claim(event_id, CHEN))
    assert "陈晓 接管了" in desk.page.message
    desk.leave()
    assert verbs(deeds) == ["claim"]


def closed(picture: Picture, event_id: str, by: object = ZHOU) -> None:
    present = picture.stores.events.get(event_id)
    assert present is not None
    undo = Undoable(verb="close", by=by, until_at=NOW + timedelta(seconds=10))  # type: ignore[arg-type]
    fields = {"state": EventState.CLOSED, "version": present.version + 1, "undo": undo}
    picture.put(present.model_copy(update=fields))


def test_undo_counts_down_and_ends(desk: Desk, deeds: FakeDeeds, picture: Picture) -> None:
    event_id = chosen(desk)
    closed(picture, event_id)
    assert desk.page.message == "Z 撤销 · 10 秒"
    picture.clock.advance(4)
    picture.pulse.beat()
    assert desk.page.message == "Z 撤销 · 6 秒"
    desk.watch.undo()
    assert ("undo", event_id) in deeds.asked


@pytest.mark.parametrize(("by", "wait_s"), [(CHEN, 0), (ZHOU, 11)])
def test_nothing_to_undo_of_somebody_else_or_too_late(
    desk: Desk, deeds: FakeDeeds, picture: Picture, by: object, wait_s: int
) -> None:
    closed(picture, chosen(desk), by)
    picture.clock.advance(wait_s)
    picture.pulse.beat()
    desk.watch.undo()
    assert "undo" not in verbs(deeds)


def test_a_line_is_typed_about_the_selected_event(desk: Desk, deeds: FakeDeeds) -> None:
    page = desk.room.stores.log.page()
    assert page is not None
    question = LineQuestion(desk.room, page, about=None, sight=desk.watch.sight(), parent=desk)
    assert not question.go.isEnabled()
    QTest.keyClicks(question.text, "check pump")
    question.carry.setChecked(True)
    assert question.go.isEnabled()
    noted = question.noted()
    assert (noted.text, noted.carry, noted.sight and noted.sight.scene) == (
        "check pump",
        True,
        "desk",
    )
    QTest.keyClicks(question.text, "x" * 600)
    assert len(question.noted().text) == 500


def test_the_log_follows_its_end_and_corrects_only_typed_lines(
    desk: Desk, deeds: FakeDeeds
) -> None:
    log = desk.watch.log
    assert log.key == str(len(LOG))
    line = log.line
    assert line is not None
    assert line.kind is LineKind.NOTE
    log.select("3")
    desk.watch.correct()
    assert "手记" in desk.page.message
    page = desk.room.stores.log.page()
    assert page is not None
    question = LineQuestion(desk.room, page, about=None, sight=None, corrects=line, parent=desk)
    question.text.setText("更正")
    noted = question.noted()
    assert noted.kind is LineKind.CORRECTION
    assert noted.refers_to is not None
    assert noted.refers_to.no == line.no


def test_enter_on_a_line_reopens_scene_and_camera(desk: Desk) -> None:
    scenes: list[str] = []
    sights: list[Sight] = []
    desk.watch.scene_wanted.connect(scenes.append)
    desk.room.stores.log.reopened.connect(sights.append)
    desk.watch.log.open()
    assert scenes == ["water"]
    assert [(one.lon, one.lat, one.at) for one in sights] == [(121.03, 32.55, NOW)]


def test_both_sign_and_a_refusal_keeps_the_dialog(desk: Desk, deeds: FakeDeeds) -> None:
    page = desk.room.stores.log.page()
    assert page is not None
    question = HandoverQuestion(desk.room, deeds, page, desk)
    deeds.refuses = Refused(
        Problem(
            status=403, code="same_person", what=Text("须为两人", "two"), todo=Text("换人", "x")
        )
    )
    for field, words in (
        (question.account, "dispatcher"),
        (question.password, "secret"),
        (question.code, "123456"),
    ):
        QTest.keyClicks(field, words)
    question.show()
    QTest.mouseClick(question.go, Qt.MouseButton.LeftButton)
    assert question.isVisible()
    assert "须为两人" in question.message.text()
    assert question.password.text() == ""
    deeds.refuses = None
    question.sign()
    assert not question.isVisible()
    assert deeds.asked[-1][1][0:1] == (page.item_id,)  # type: ignore[index]
    assert deeds.asked[-1][1][2] == len(LOG)  # type: ignore[index]


def test_a_page_past_its_end_says_so(picture: Picture, desk: Desk) -> None:
    present = shift_pages()[1].model_copy(update={"overdue": True, "version": 2})
    picture.put(present)
    assert "未交接" in desk.watch.log.note()


def test_rows_name_who_has_them(picture: Picture) -> None:
    queue = Queue(picture.room("desk"))
    queue.resize(440, 400)
    picture.put(claim(queue.key, CHEN))
    held = queue.grab().toImage()
    picture.clock.advance(301)
    queue.update()
    assert queue.grab().toImage() != held


def test_a_resting_seat_sends_nothing(desk: Desk, deeds: FakeDeeds) -> None:
    deeds.barred = {"accept": RESTING}
    desk.work.do("accept")
    assert verbs(deeds) == []
    assert "只读" in desk.page.message
