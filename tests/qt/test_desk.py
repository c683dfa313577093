"""The desk by keyboard: from intake to dispatch, lasso, gate, alarm, with no mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from backend_client.contract.alarms import AlarmState
from backend_client.contract.base import Text
from backend_client.contract.drawings import DrawingIn
from backend_client.contract.events import EventState
from maps.spec import load_overlays
from tests.qt.fakes import AREA, FakeDeeds
from tests.qt.picture import alarm, event, make_picture
from tests.qt.test_panels import make_desk
from widgets.commands import CommandPalette, bind
from widgets.deeds import Sending
from widgets.desk import Desk
from widgets.drawing import DrawingQuestion

K = Qt.Key


def shown(qtbot: QtBot, deeds: FakeDeeds) -> Desk:
    desk = make_desk(deeds.picture, qtbot, deeds)
    bind(desk.commands, desk)
    desk.resize(1920, 1080)
    desk.show()
    desk.activateWindow()
    qtbot.waitUntil(desk.isActiveWindow, timeout=3_000)
    desk.setFocus()
    return desk


def test_j_and_k_move_through_the_queue(qtbot: QtBot) -> None:
    desk = shown(qtbot, FakeDeeds(make_picture()))
    first, second = desk.queue.keys[:2]
    assert desk.queue.key == first
    QTest.keyClick(desk, K.Key_J)
    assert desk.queue.key == second
    chosen = desk.page.event_shown
    assert chosen is not None
    assert chosen.item_id == second
    QTest.keyClick(desk, K.Key_K)
    QTest.keyClick(desk, K.Key_K)
    assert desk.queue.key == first


def test_an_event_goes_from_accept_to_dispatch_without_a_mouse(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_S)
    assert deeds.asked[-1] == ("accept", desk.queue.key)
    QTest.keyClick(desk, K.Key_D)
    editor = desk.form.unit.lineEdit()
    assert editor is not None
    editor.clear()
    editor.setText("城管局")
    desk.form.unit.setCurrentIndex(desk.form.unit.findText("城管局"))
    desk.form.note.setFocus()
    QTest.keyClicks(desk.form.note, "clear it")
    QTest.keyClick(desk.form.note, K.Key_Return)
    verb, sending = deeds.asked[-1]
    assert verb == "dispatch"
    assert isinstance(sending, Sending)
    assert (sending.department, sending.note) == ("D25", "clear it")


def test_a_step_that_is_not_open_says_why(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture(), barred={"accept": Text("已被受理", "taken already")})
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_S)
    assert deeds.asked == []
    assert desk.page.message == "已被受理"
    assert not desk.page.buttons["accept"].isEnabled()


def test_fresh_events_never_reorder_under_the_cursor(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    desk.queue.go(2)
    before, chosen = desk.queue.keys, desk.queue.key
    urgent = event(90, state=EventState.REGISTERED, due_at=None, level=1)
    sooner = event(91, state=EventState.REGISTERED, due_at=event(0).due_at, level=1)
    deeds.picture.put(urgent, sooner)
    assert desk.queue.keys[: len(before)] == before
    assert desk.queue.key == chosen
    QTest.keyClick(desk, K.Key_O)
    assert desk.queue.keys != (*before, urgent.item_id, sooner.item_id)
    assert desk.queue.keys[0] == sooner.item_id
    assert desk.queue.key == chosen


def test_lasso_turns_through_shapes_and_esc_leaves(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    seen = []
    for _ in range(4):
        QTest.keyClick(desk, K.Key_L)
        seen.append(desk._shape)
    assert seen == ["rectangle", "polygon", "circle", "rectangle"]
    QTest.keyClick(desk, K.Key_Escape)
    assert desk._shape is None


def test_a_drawn_area_shows_totals_rows_and_exports(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    desk.take_area(AREA)
    assert desk.resources.model.rowCount() == 2
    assert "62.4" in desk.resources.heading()
    desk.resources.csv.click()
    desk.resources.geojson.click()
    paths = [what for verb, what in deeds.asked if verb == "export"]
    assert [str(path).rsplit(".", 1)[1] for path in paths] == ["csv", "geojson"]
    assert "geojson" in desk.resources.message


def test_keys_export_what_lies_inside_and_nothing_before_there_is_any(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert "export" not in [verb for verb, _ in deeds.asked]
    desk.take_area(AREA)
    QTest.keyClick(desk, K.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert desk.resources.table.hasFocus()
    assert desk.resources.table.currentIndex().row() == 0
    QTest.keyClick(desk, K.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert [verb for verb, _ in deeds.asked][-1] == "export"


def test_space_presses_the_button_tab_came_to_and_acknowledges_nothing(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_A)
    button = desk.page.buttons["accept"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, K.Key_Space)
    QTest.keyClick(button, K.Key_Return)
    verbs = [verb for verb, _ in deeds.asked if verb != "claim"]
    assert verbs == ["accept", "accept"]
    assert button.focusPolicy() is Qt.FocusPolicy.TabFocus  # a click leaves the keys where they are


def test_a_drawn_area_gets_a_name_and_goes_onto_everybodys_map(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    desk.take_area(AREA)

    def fill() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, DrawingQuestion)
        assert list(question.sorts) == ["area", "line", "mark"]
        QTest.keyClicks(question.name, "section one")
        QTest.keyClick(question, K.Key_Return)

    QTimer.singleShot(200, fill)
    QTest.keyClick(desk, K.Key_N)
    verb, drawing = deeds.asked[-1]
    assert verb == "draw"
    assert isinstance(drawing, DrawingIn)
    assert (drawing.title, drawing.kind, drawing.region) == ("section one", "area", "320613")
    assert desk.side.currentWidget() is desk.object


def test_delete_takes_no_object_off_but_a_drawing(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    desk.show_object("water", 1)
    QTest.keyClick(desk, K.Key_Delete)
    assert "erase" not in [verb for verb, _ in deeds.asked]


def test_g_then_enter_opens_the_gate_panel(qtbot: QtBot) -> None:
    desk = shown(qtbot, FakeDeeds(make_picture()))
    QTest.keyClick(desk, K.Key_G)
    QTest.keyClick(desk, K.Key_J)
    QTest.keyClick(desk, K.Key_Return)
    assert desk.gate_panel is not None
    assert desk.gate_panel.gate_id == desk.gates.key
    desk.gate_panel.close()


def test_enter_on_a_sluices_alarm_opens_the_command_that_waits(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    deeds.picture.put(alarm(50, 1, source_kind="gate_command", source_id="cmd-1"))
    deeds.picture.put(alarm(51, 1, source_kind="gate", source_id="NT-S02"))
    QTest.keyClick(desk, K.Key_A)
    for alarm_id, gate_id, command_id in (
        ("alarm-50", "NT-S03", "cmd-1"),
        ("alarm-51", "NT-S02", ""),
    ):
        desk.alarms.select(alarm_id)
        QTest.keyClick(desk, K.Key_Return)
        assert desk.gate_panel is not None
        assert (desk.gate_panel.gate_id, desk.gate_panel.command_id) == (gate_id, command_id)
        desk.gate_panel.close()
        desk.activateWindow()
        qtbot.waitUntil(desk.isActiveWindow)


def test_space_acknowledges_the_selected_alarm_and_no_other(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_A)
    QTest.keyClick(desk, K.Key_J)
    chosen = desk.alarms.key
    QTest.keyClick(desk, K.Key_Space)
    assert deeds.asked == [("acknowledge", chosen)]
    deeds.picture.put(alarm(1, 2, AlarmState.CLOSED, version=3))
    assert "alarm-1" not in desk.alarms.keys


def test_typing_does_not_trigger_commands(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    desk.form.note.setFocus()
    QTest.keyClicks(desk.form.note, "sjkldgx")
    assert deeds.asked == []
    assert desk.form.note.text() == "sjkldgx"


def test_the_palette_finds_a_command_by_its_words(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    palette = CommandPalette(desk.room, desk.commands, desk)
    qtbot.addWidget(palette)
    QTest.keyClicks(palette.query, "sluices")
    QTest.keyClick(palette.query, K.Key_Return)
    assert desk.under.currentWidget() is desk.gates


def test_every_command_has_a_key_and_both_languages(qtbot: QtBot) -> None:
    desk = make_desk(make_picture(), qtbot)
    keys = [key for command in desk.commands for key in command.keys]
    keys += [overlay.key for overlay in load_overlays()]
    assert len(set(keys)) == len(keys)
    assert all(command.words.zh and command.words.en for command in desk.commands)
