"""Alarms on the desk by keyboard: fold, comment, acknowledge one cause, shelve, take out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from backend_client.contract.alarms import AlarmState, Chatter, Loads, SeatLoad, Suppress
from backend_client.contract.base import Language, Text
from backend_client.contract.item import PersonRef
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import NOW, Picture, alarm, make_picture
from tests.qt.test_alarm_board import suppression
from tests.qt.test_desk import shown
from widgets.alarm_work import ReasonQuestion
from widgets.desk import Desk
from widgets.panel import Face
from widgets.panels.alarm_kpis import AlarmKpis
from widgets.panels.alarm_list import FAMILY

K, M = Qt.Key, Qt.KeyboardModifier
GAS: dict[str, Any] = {"family": "gas.pressure", "group": "alarm-20"}


def flooded(count: int = 5) -> Picture:
    picture = make_picture()
    for number in (1, 2, 3, 4):
        picture.put(alarm(number, 4, AlarmState.CLOSED, version=9))
    picture.put(*(alarm(20 + turn, 3, first_out=turn == 0, **GAS) for turn in range(count)))
    picture.put(alarm(90, 4))
    return picture


def back_at(qtbot: QtBot, desk: Desk) -> None:
    """Give the keys back to the desk: a bare X server has no window manager that would."""
    desk.activateWindow()
    qtbot.waitUntil(desk.isActiveWindow)


def on_alarms(qtbot: QtBot, deeds: FakeDeeds) -> Desk:
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_A)
    return desk


def answer(fill: Callable[[ReasonQuestion], None], tries: int = 100) -> None:
    """Fill the question in as soon as it stands."""

    def now() -> None:
        question = QApplication.activeModalWidget()
        if isinstance(question, ReasonQuestion) and question.isActiveWindow():
            fill(question)
        elif tries:
            answer(fill, tries - 1)

    QTimer.singleShot(50, now)


def type_reason(words: str, *, span: int | None = None) -> Callable[[ReasonQuestion], None]:
    def fill(question: ReasonQuestion) -> None:
        assert not question.go.isEnabled()
        QTest.keyClicks(question.reason, words)
        if span is not None:
            assert not question.span.isHidden()
            question.span.setCurrentIndex(span)
        QTest.keyClick(question.reason, K.Key_Return)

    return fill


def test_one_cause_is_one_row_until_g_unfolds_it(qtbot: QtBot) -> None:
    desk = on_alarms(qtbot, FakeDeeds(flooded()))
    assert desk.alarms.keys == (f"{FAMILY}gas.pressure", "alarm-90")
    assert "6 → 2" in desk.alarms.note()
    desk.alarms.select(f"{FAMILY}gas.pressure")
    head = desk.alarms.alarm
    assert head is not None
    assert head.item_id == "alarm-20"  # the first-out
    QTest.keyClick(desk, K.Key_G)
    assert len(desk.alarms.keys) == 6
    QTest.keyClick(desk, K.Key_G)
    assert len(desk.alarms.keys) == 2
    assert desk.under.currentWidget() is desk.alarms


def test_a_row_that_becomes_a_familys_stays_under_the_cursor(qtbot: QtBot) -> None:
    deeds = FakeDeeds(flooded(1))
    desk = on_alarms(qtbot, deeds)
    desk.alarms.select("alarm-20")
    at = desk.alarms.keys.index("alarm-20")
    deeds.picture.put(alarm(21, 3, **GAS))
    assert desk.alarms.key == f"{FAMILY}gas.pressure"
    assert desk.alarms.keys.index(desk.alarms.key) == at


def test_a_folded_cause_is_acknowledged_together_only_with_a_comment(qtbot: QtBot) -> None:
    deeds = FakeDeeds(flooded())
    desk = on_alarms(qtbot, deeds)
    desk.alarms.select(f"{FAMILY}gas.pressure")
    answer(type_reason("one crew sent"))
    QTest.keyClick(desk, K.Key_Space)
    verb, what = deeds.asked[-1]
    assert verb == "together"
    assert isinstance(what, tuple)
    assert (sorted(what[0]), what[1]) == ([f"alarm-{20 + n}" for n in range(5)], "one crew sent")
    back_at(qtbot, desk)
    answer(lambda question: question.reject())
    QTest.keyClick(desk, K.Key_Space)
    assert len(deeds.asked) == 1


def test_i_acknowledges_one_with_a_comment(qtbot: QtBot) -> None:
    deeds = FakeDeeds(flooded())
    desk = on_alarms(qtbot, deeds)
    desk.alarms.select("alarm-90")
    answer(type_reason("seen"))
    QTest.keyClick(desk, K.Key_I)
    assert deeds.asked == [("acknowledge", ("alarm-90", "seen"))]


def test_f_shelves_with_reason_and_end(qtbot: QtBot) -> None:
    deeds = FakeDeeds(flooded())
    desk = on_alarms(qtbot, deeds)
    desk.alarms.select("alarm-90")
    answer(type_reason("repair", span=5))
    QTest.keyClick(desk, K.Key_F)
    verb, what = deeds.asked[-1]
    assert verb == "shelve"
    assert isinstance(what, tuple)
    item_id, reason, until = what
    assert (item_id, reason) == ("alarm-90", "repair")
    assert isinstance(until, datetime)
    span = until - deeds.picture.stores.server_now()
    assert timedelta(hours=11.9) < span <= timedelta(hours=12)
    desk.alarms.select(f"{FAMILY}gas.pressure")
    back_at(qtbot, desk)
    QTest.keyClick(desk, K.Key_F)
    assert len(deeds.asked) == 1
    assert "G" in desk.page.message


def test_shift_f_takes_out_and_puts_back_what_t_lists(qtbot: QtBot) -> None:
    deeds = FakeDeeds(flooded())
    desk = on_alarms(qtbot, deeds)
    desk.alarms.select("alarm-90")
    answer(type_reason("sensor"))
    QTest.keyClick(desk, K.Key_F, M.ShiftModifier)
    withdrawn = ("withdraw", ("alarm-90", "sensor"))
    assert deeds.asked == [withdrawn]
    back_at(qtbot, desk)
    deeds.picture.put(alarm(90, 4, AlarmState.OUT_OF_SERVICE, version=2, note="sensor"))
    deeds.picture.put(alarm(91, 4, AlarmState.SHELVED, shelved_until=NOW, note="repair"))
    QTest.keyClick(desk, K.Key_T)
    assert desk.alarms.keys == ("alarm-91",)
    QTest.keyClick(desk, K.Key_T)
    assert desk.alarms.keys == ("alarm-90",)
    desk.alarms.select("alarm-90")
    QTest.keyClick(desk, K.Key_F, M.ShiftModifier)
    assert deeds.asked == [withdrawn, ("restore", "alarm-90")]
    QTest.keyClick(desk, K.Key_T)
    assert desk.alarms.view is None


def test_a_response_keeps_the_layers_on_the_map_and_folds_the_rest(qtbot: QtBot) -> None:
    deeds = FakeDeeds(flooded())
    desk = on_alarms(qtbot, deeds)
    answer(type_reason("flood level III"))
    QTest.keyClick(desk, K.Key_T, M.ShiftModifier)
    verb, wish = deeds.asked[-1]
    assert verb == "suppress"
    assert isinstance(wish, Suppress)
    assert (wish.active, wish.region, wish.reason) == (True, "320613", "flood level III")
    assert set(wish.layers) == set(desk.layers.offered())
    deeds.picture.put(suppression("water", region="320613"))
    back_at(qtbot, desk)
    answer(type_reason("over"))
    QTest.keyClick(desk, K.Key_T, M.ShiftModifier)
    _, wish = deeds.asked[-1]
    assert isinstance(wish, Suppress)
    assert (wish.active, wish.layers) == (False, ("water",))


def test_a_step_that_is_barred_says_why(qtbot: QtBot) -> None:
    deeds = FakeDeeds(flooded(), barred={"shelve": Text("无权搁置", "may not shelve")})
    desk = on_alarms(qtbot, deeds)
    desk.alarms.select("alarm-90")
    QTest.keyClick(desk, K.Key_F)
    assert deeds.asked == []
    assert desk.page.message == "无权搁置"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_marks_are_written_and_nothing_is_cut(qtbot: QtBot, language: Language) -> None:
    deeds = FakeDeeds(flooded())
    deeds.picture.words.use(language)
    deeds.picture.put(alarm(92, 2, chatter=Chatter.CHATTERING, raises=7))
    desk = on_alarms(qtbot, deeds)
    chattering = deeds.picture.stores.alarms.get("alarm-92")
    assert chattering is not None
    assert "7" in desk.alarms._doing(chattering)
    desk.grab()
    assert desk.alarms.cut == ()
    assert desk.strip.cut == ()


def seat(number: int, **more: object) -> SeatLoad:
    fields: dict[str, object] = {
        "person": PersonRef(person_id=f"p{number}", name=f"坐席{number}"),
        "role": "operator",
        "region": "3206",
        "is_signed_in": True,
        "per_10_min": 0.5,
        "last_10_min": 1,
        "last_hour": 3,
        "last_day": 40 + number,
        "peak_10_min": 4,
        "peak_minute": 1,
        "levels": (2, 6, 12, 20),
        "standing": 9,
        "unacknowledged": 2,
        "shelved": 1,
        "out_of_service": 0,
        "acknowledged": 30,
        "seen_s": 41.0,
        **more,
    }
    return SeatLoad.model_validate(fields)


def test_a_desk_says_its_own_load_against_the_limit(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    deeds.picture.stores.loads.put(Loads(at=NOW, seats=(seat(1), seat(2, last_hour=9))), "p1")
    from widgets.shell import load_words

    assert load_words(desk.room) == "本席告警 3 / 时（上限 5）"
    deeds.picture.stores.loads.put(None, "")
    assert load_words(desk.room) == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_supervisor_sees_seats_over_their_limits_bold(qtbot: QtBot, language: Language) -> None:
    picture = make_picture()
    picture.words.use(language)
    panel = AlarmKpis(picture.room("desk"))
    qtbot.addWidget(panel)
    panel.resize(900, 420)
    assert panel.face() is Face.EMPTY
    loads = Loads(at=NOW, seats=(seat(1), seat(2, last_hour=9, muted_until=NOW)))
    picture.stores.loads.put(loads, "p1")
    assert panel.face() is Face.READY
    busy, calm = (panel.row(one) for one in panel.seats())
    assert [cell.bold for cell in busy[1:4]] == [True, False, False]
    assert not any(cell.bold for cell in calm)
    picture.stores.loads.put(Loads(at=NOW, seats=()), "p1")
    assert panel.face() is Face.REFUSED
