"""The repair list at the desk: by keys, a field mended, handed in again, or set aside."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Text
from backend_client.contract.item import PersonRef
from backend_client.contract.repairs import Repair, RepairsPage, RepairState
from backend_client.errors import Unreachable
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import NOW, make_picture
from tests.qt.test_panels import cut_words
from widgets.repairs import RepairsDialog

K = Qt.Key
SWAPPED = Text(
    "经度和纬度似乎颠倒了：经度 32.01，纬度 120.86。",
    "Longitude and latitude look swapped: longitude 32.01, latitude 120.86.",
)
BODY: dict[str, object] = {
    "intake_id": "110-J2",
    "channel": "police",
    "title": "路面玻璃碴",
    "text": "人民中路路口满地玻璃碴，骑车的人已经摔倒两个",
    "place": "人民中路与濠东路路口",
    "lon": 32.01,
    "lat": 120.86,
    "region": "320613",
    "level": 4,
    "reported_at": "2026-07-20T01:40:00+00:00",
    "reporter": {"name": "王**", "contact": "13*******78"},
    "attachments": ["file-1"],
}


def repair(number: int, **changed: object) -> Repair:
    fields: dict[str, object] = {
        "repair_id": f"repair-{number}",
        "no": number,
        "channel": "police",
        "region": "320613",
        "department": "D41",
        "raw": json.dumps(BODY, ensure_ascii=False),
        "is_cut": False,
        "code": "unfit",
        "where": "lon",
        "reason": SWAPPED,
        "by": PersonRef(person_id="channel_police", name="渠道 110"),
        "at": NOW,
        "count": 1,
        "state": RepairState.OPEN,
        **changed,
    }
    return Repair.model_validate(fields)


def rows() -> tuple[Repair, ...]:
    no_json = Text("正文不是有效的 JSON。", "The body is not valid JSON.")
    future = Text("上报时间在未来。", "It was reported in the future.")
    return (
        repair(3),
        repair(2, where="body", reason=no_json, raw='{"title": "积水', count=3),
        repair(1, where="reported_at", reason=future, channel="hotline"),
    )


def opened(qtbot: QtBot, *, language: str = "zh") -> tuple[RepairsDialog, FakeDeeds]:
    picture = make_picture()
    if language == "en":
        picture.words.use("en")
    deeds = FakeDeeds(picture, repairs=RepairsPage(rows=rows(), next=None, lost=0))
    dialog = RepairsDialog(picture.room("desk"), deeds)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog, deeds


def test_an_item_is_mended_by_keys_and_all_else_goes_as_it_came(qtbot: QtBot) -> None:
    dialog, deeds = opened(qtbot)
    assert dialog.list.count() == 3
    assert "颠倒" in dialog.why.text()
    QTest.keyClick(dialog.list, K.Key_Return)
    qtbot.waitUntil(lambda: dialog.focusWidget() is dialog.fields["lon"])
    QTest.keyClicks(dialog.fields["lon"], "120.86")
    dialog.fields["lat"].selectAll()
    QTest.keyClicks(dialog.fields["lat"], "32.01")
    QTest.keyClick(dialog.fields["lat"], K.Key_Return, Qt.KeyboardModifier.ControlModifier)
    mended = {**BODY, "lon": 120.86, "lat": 32.01}
    qtbot.waitUntil(lambda: len(deeds.asked) == 3)  # a shortcut shows its button pressed first
    assert deeds.asked[-2] == ("hand_in", ("repair-3", mended))
    assert deeds.asked[-1][0] == "refused", "the list is read anew"


def test_what_no_parser_reads_is_mended_as_text(qtbot: QtBot) -> None:
    dialog, deeds = opened(qtbot)
    QTest.keyClick(dialog.list, K.Key_Down)
    assert dialog.text.toPlainText() == '{"title": "积水'
    assert not dialog.fields["title"].isVisible()
    QTest.keyClick(dialog.list, K.Key_Return)
    qtbot.waitUntil(lambda: dialog.focusWidget() is dialog.text)
    dialog.text.setPlainText('{"title": "积水"}')
    dialog.hand_in.click()
    assert ("hand_in", ("repair-2", '{"title": "积水"}')) in deeds.asked


def test_it_is_set_aside_only_with_a_reason(qtbot: QtBot) -> None:
    dialog, deeds = opened(qtbot)
    QTest.keyClick(dialog.list, K.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(dialog.message.text()))
    assert not [one for one in deeds.asked if one[0] == "set_aside"]
    qtbot.waitUntil(lambda: dialog.focusWidget() is dialog.reason)
    QTest.keyClicks(dialog.reason, "test call")
    QTest.keyClick(dialog.reason, K.Key_D, Qt.KeyboardModifier.ControlModifier)
    aside = ("set_aside", ("repair-3", "test call"))
    qtbot.waitUntil(lambda: aside in deeds.asked)


def test_a_refusal_is_shown_and_the_form_kept(qtbot: QtBot) -> None:
    dialog, deeds = opened(qtbot)
    deeds.refuses = ValueError("no")
    dialog.fields["lon"].setText("120.9")
    dialog.hand_in.click()
    assert dialog.message.text()
    assert dialog.fields["lon"].text() == "120.9"
    dialog.fields["level"].setText("high")
    dialog.hand_in.click()
    sent = {**BODY, "lon": 120.9, "level": "high"}
    assert deeds.asked[-1] == ("hand_in", ("repair-3", sent)), "for the door to name"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_and_an_empty_list_says_so(qtbot: QtBot, language: str) -> None:
    dialog, _ = opened(qtbot, language=language)
    assert cut_words(dialog) == {}
    dialog.take(RepairsPage(rows=(), next=None, lost=0))
    assert dialog.head.text().endswith("没有待处理的" if language == "zh" else "nothing to mend")
    assert not dialog.hand_in.isEnabled()
    assert dialog.why.text() == ""


def test_what_was_typed_on_an_item_stays_with_it(qtbot: QtBot) -> None:
    dialog, deeds = opened(qtbot)
    dialog.fields["lon"].setText("120.86")
    dialog.reason.setText("a test call")
    QTest.keyClick(dialog.list, K.Key_Down)
    assert dialog.reason.text() == ""
    dialog.take(deeds.repairs)  # the list is read anew meanwhile
    QTest.keyClick(dialog.list, K.Key_Up)
    assert (dialog.fields["lon"].text(), dialog.reason.text()) == ("120.86", "a test call")
    dialog.hand_in.click()
    assert dialog.fields["lon"].text() == "32.01"  # handed in: nothing of it is left over


def test_nothing_is_handed_in_twice_while_the_answer_is_out(qtbot: QtBot) -> None:
    dialog, deeds = opened(qtbot)
    held: list[str] = []
    deeds.hand_in = lambda repair_id, *_rest: held.append(repair_id)  # type: ignore[method-assign]
    dialog.send()
    assert not dialog.hand_in.isEnabled()
    dialog.send()
    QTest.keyClick(dialog.list, K.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert held == ["repair-3"]


def test_a_list_that_could_not_be_read_says_so(qtbot: QtBot) -> None:
    picture = make_picture()
    lost = Unreachable(Text("无应答。", "no answer"))
    deeds = FakeDeeds(picture, repairs=RepairsPage(rows=(), next=None, lost=7), refuses=lost)
    dialog = RepairsDialog(picture.room("desk"), deeds)
    qtbot.addWidget(dialog)
    assert dialog.head.text() == "待修清单 · 未能读取"
    assert "无应答" in dialog.message.text()
    deeds.refuses = None
    dialog.read()
    assert "另有 7 条过多未存" in dialog.head.text()
    assert "截至 09:41" in dialog.head.text()


def test_an_item_of_another_day_says_its_day(qtbot: QtBot) -> None:
    dialog, _ = opened(qtbot)
    old = repair(1, at=NOW - timedelta(days=2))
    dialog.take(RepairsPage(rows=(old,), next=None, lost=0))
    assert dialog.list.item(0).text().startswith("7月16日 09:41")
