"""Every failure reaches the one notice centre, and a loss is told once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qCritical, qWarning
from pytestqt.qtbot import QtBot

from app.notices import Notice, Notices
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock
from backend_client.errors import Refused, Unreachable
from tests.fakes import AT
from tests.small_service import problem

WORDS = Text("断了", "lost")
BACK = Text("回来", "back")


@pytest.fixture
def notices(qtbot: QtBot, tmp_path: Path) -> Iterator[Notices]:
    made = Notices(ManualClock(AT), tmp_path / "crash.txt")
    yield made
    made.uninstall()


def test_loss_is_told_once_and_its_end_once(notices: Notices) -> None:
    ended: list[str] = []
    notices.recovered.connect(ended.append)
    for _ in range(3):
        notices.lose("link", WORDS, meaning=WORDS, todo=WORDS)
    assert notices.is_lost("link")
    for _ in range(3):
        notices.recover("link", BACK)
    assert [one.text for one in notices.kept()] == [WORDS, BACK]
    assert ended == ["link"]


def test_refusal_is_shown_in_its_own_words(notices: Notices) -> None:
    notices.fail(Refused(problem(403)))
    shown = notices.kept()[-1]
    assert (shown.text.zh, shown.todo.en) == ("不行。", "Try again.")
    assert shown.weight == "warning"


def test_unreachable_is_a_state_not_a_notice(notices: Notices) -> None:
    notices.fail(Unreachable(WORDS))
    assert notices.kept() == ()


def test_bug_leaves_its_trace_in_the_crash_file(notices: Notices, tmp_path: Path) -> None:
    notices.fail(KeyError("bug"))
    assert notices.kept()[-1].weight == "fault"
    text = (tmp_path / "crash.txt").read_text()
    assert "KeyError: 'bug'" in text
    assert AT.isoformat() in text


def test_crash_file_that_cannot_be_written_is_survived(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    notices = Notices(ManualClock(AT), tmp_path / "file" / "crash.txt")
    notices.fail(KeyError("bug"))
    assert len(notices.kept()) == 1


def test_crash_file_is_turned_over_when_large(
    notices: Notices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.notices.MAX_CRASH_BYTES", 10)
    notices.fail(KeyError("first"))
    notices.fail(KeyError("second"))
    assert "first" in (tmp_path / "crash.old").read_text()
    assert "first" not in (tmp_path / "crash.txt").read_text()


def test_hooks_catch_python_threads_and_qt_and_go_back(notices: Notices, qtbot: QtBot) -> None:
    before = sys.excepthook
    notices.install()
    shown: list[Notice] = []
    notices.raised.connect(shown.append)

    def fall() -> None:
        raise ValueError("thread")

    thread = threading.Thread(target=fall)
    thread.start()
    thread.join()
    sys.excepthook(KeyError, KeyError("main"), None)
    qWarning("only logged")
    qCritical("told")
    qtbot.waitUntil(lambda: len(shown) == 3)
    assert {one.weight for one in shown} == {"fault"}
    notices.uninstall()
    assert sys.excepthook is before


def test_only_the_last_two_hundred_are_kept(notices: Notices) -> None:
    for index in range(250):
        notices.say(Text(str(index), str(index)))
    assert len(notices.kept()) == 200
    assert notices.kept()[0].text.zh == "50"
