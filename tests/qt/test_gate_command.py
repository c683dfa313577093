"""The gate panel: six steps, another account, words for every end, STOP always ready."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Language, Text
from backend_client.contract.gates import TERMINAL, CommandStatus, Interlock
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import CHEN, command, make_picture
from tests.qt.test_panels import cut_words
from widgets.deeds import Ask, Second
from widgets.paint import VALUE, Board, Ink
from widgets.panels.gate_checks import MEANINGS, failed_first
from widgets.panels.gate_command import GatePanel


def make_panel(qtbot: QtBot) -> tuple[GatePanel, FakeDeeds]:
    picture = make_picture()
    deeds = FakeDeeds(picture)
    panel = GatePanel(picture.room("desk"), deeds, "NT-S03")
    qtbot.addWidget(panel)
    panel.show()
    return panel, deeds


def fill(panel: GatePanel) -> None:
    panel.ask_form.target.set_value(1.1)
    panel.ask_form.reason.setText("抢潮排涝")
    panel.ask_form.number.setText("DD-2026-118")


def test_a_command_by_keys_from_target_to_watch(qtbot: QtBot) -> None:
    panel, deeds = make_panel(qtbot)
    assert panel.step() == 1
    panel.ask_form.target.set_value(1.1)
    QTest.keyClicks(panel.ask_form.reason, "tide")
    QTest.keyClick(panel.ask_form.reason, Qt.Key.Key_Return)
    QTest.keyClicks(panel.ask_form.number, "DD-2026-118")
    QTest.keyClick(panel.ask_form.number, Qt.Key.Key_Return)
    verb, ask = deeds.asked[-1]
    assert verb == "request"
    assert ask == Ask((1, 2, 3, 5, 6), 1.1, "tide", "DD-2026-118")  # bay 4 is in maintenance
    assert panel.step() == 3
    form = panel.second_form
    QTest.keyClicks(form.account, "duty")
    QTest.keyClicks(form.password, "secret")
    QTest.keyClicks(form.code, "123456")
    QTest.keyClick(form.code, Qt.Key.Key_Return)
    assert deeds.asked[-1] == ("authorise", Second("duty", "secret", "123456"))
    assert form.password.text() == form.code.text() == ""
    assert panel.step() == 5


def test_execute_stays_shut_until_all_three_are_typed(qtbot: QtBot) -> None:
    panel, _ = make_panel(qtbot)
    fill(panel)
    panel.ask_form.submit()
    form = panel.second_form
    assert not form.execute.isEnabled()
    form.account.setText("duty")
    form.password.setText("secret")
    form.code.setText("12345")
    assert not form.execute.isEnabled()
    form.code.setText("123456")
    assert form.execute.isEnabled()


def test_a_failed_interlock_stands_first_and_bars_execution(qtbot: QtBot) -> None:
    panel, deeds = make_panel(qtbot)
    fill(panel)
    panel.ask_form.submit()
    bad = Interlock(
        key="v", name=Text("上下游无船", "No vessels"), value=Text("2 艘", "2 near"), ok=False
    )
    found = command(version=2)
    deeds.picture.put(found.model_copy(update={"interlocks": (*found.interlocks, bad)}))
    for field, text in (("account", "duty"), ("password", "x"), ("code", "123456")):
        getattr(panel.second_form, field).setText(text)
    assert failed_first(panel.command.interlocks if panel.command else ())[0] == bad
    assert not panel.second_form.execute.isEnabled()


@pytest.mark.parametrize(("language", "own"), [("zh", "通航中"), ("en", "open to traffic")])
def test_an_interlocks_value_is_said_in_the_readers_language(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, language: Language, own: str
) -> None:
    panel, deeds = make_panel(qtbot)
    deeds.picture.words.use(language)
    fill(panel)
    panel.ask_form.submit()
    value = Text("通航中", "open to traffic")
    bad = Interlock(key="v", name=Text("船闸已停航", "Traffic stopped"), value=value, ok=False)
    found = command(version=2)
    deeds.picture.put(found.model_copy(update={"interlocks": (bad,)}))
    said: list[str] = []
    real = Board.text

    def text(board: Board, box: QRectF, words: str, ink: Ink = VALUE) -> float:
        said.append(words)
        return real(board, box, words, ink)

    monkeypatch.setattr(Board, "text", text)
    panel.interlocks.grab()
    assert own in said
    assert {value.zh, value.en}.intersection(said) == {own}


def test_stop_is_always_ready_and_asks_nothing(qtbot: QtBot) -> None:
    panel, deeds = make_panel(qtbot)
    deeds.barred = {"request": Text("离线", "offline"), "stop": Text("无权", "no")}
    deeds.picture.pulse.beat()
    for status in CommandStatus:
        deeds.picture.put(command(status, version=deeds.picture.n + 1))
        panel.command_id = "cmd-1"
        panel._refresh()
        assert panel.stop_button.isEnabled()
        assert panel.stop_button.isVisibleTo(panel)
        assert panel.stop_button.height() >= 76
    QTest.mouseClick(panel.stop_button, Qt.MouseButton.LeftButton)
    assert deeds.asked[-1] == ("stop", "NT-S03")
    assert "设备已接受停止" in panel.message


def test_f12_held_for_a_second_stops(qtbot: QtBot) -> None:
    panel, deeds = make_panel(qtbot)
    QTest.keyPress(panel, Qt.Key.Key_F12)
    QTest.keyRelease(panel, Qt.Key.Key_F12)
    assert not panel._hold.isActive()
    assert deeds.asked == []
    QTest.keyPress(panel, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: bool(deeds.asked), timeout=3_000)
    assert deeds.asked == [("stop", "NT-S03")]


def test_a_bar_is_said_and_nothing_can_be_asked(qtbot: QtBot) -> None:
    panel, deeds = make_panel(qtbot)
    fill(panel)
    assert panel.ask_form.send.isEnabled()
    deeds.barred = {"request": Text("连接迟到,控制停用", "link late, control off")}
    deeds.picture.pulse.beat()
    assert not panel.ask_form.send.isEnabled()
    assert panel.ask_form.words.text() == "连接迟到,控制停用"


def test_a_refusal_is_said_and_the_form_is_ready_again(qtbot: QtBot) -> None:
    panel, deeds = make_panel(qtbot)
    fill(panel)
    panel.ask_form.submit()
    deeds.refuses = ValueError("code used")
    for field, text in (("account", "duty"), ("password", "x"), ("code", "123456")):
        getattr(panel.second_form, field).setText(text)
    panel.second_form.submit()
    assert "code used" in panel.second_form.words.text()
    panel.second_form.password.setText("x")
    panel.second_form.code.setText("654321")
    assert panel.second_form.execute.isEnabled()


def test_a_bay_is_taken_out_by_its_column(qtbot: QtBot) -> None:
    panel, _ = make_panel(qtbot)
    before = panel.ask_form.wish().bays
    panel.ask_form.toggle(2)
    panel.ask_form.toggle(4)  # in maintenance: stays out
    assert panel.ask_form.wish().bays == tuple(no for no in before if no != 2)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("status", list(CommandStatus))
def test_every_state_is_said_and_fits(
    qtbot: QtBot, status: CommandStatus, language: Language
) -> None:
    panel, deeds = make_panel(qtbot)
    deeds.picture.words.use(language)
    made = command(status, version=5, authorised_by=CHEN)
    deeds.picture.put(made)
    panel.command_id = made.item_id
    panel._refresh()
    assert cut_words(panel) == {}
    assert MEANINGS[status].zh
    assert panel.again_button.isEnabled() is (status in TERMINAL)


def test_closing_forgets_what_was_typed(qtbot: QtBot) -> None:
    panel, _ = make_panel(qtbot)
    panel.second_form.password.setText("secret")
    panel.close()
    assert panel.second_form.password.text() == ""
