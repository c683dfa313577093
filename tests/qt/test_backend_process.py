"""The child service: started, waited for, restarted at most so often, ended with us."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from app import first_passwords
from app.backend_process import BackendProcess, Ready, is_service, read_ready
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock, SystemClock
from tests.fakes import AT

WAIT_MS = 15_000
SERVE = """
import json, os, sys, time
from pathlib import Path
words = sys.argv[1:]
file = Path(words[words.index("--ready-file") + 1])
ready = {"url": "http://127.0.0.1:1", "pid": os.getpid(), "credentials": "p.json"}
file.with_suffix(".new").write_text(json.dumps(ready))
file.with_suffix(".new").rename(file)
while True:
    time.sleep(0.05)
"""


def command(tmp_path: Path, text: str) -> tuple[str, ...]:
    script = tmp_path / "service.py"
    script.write_text(text)
    return (sys.executable, str(script), "serve")


@pytest.fixture
def process(qtbot: QtBot, tmp_path: Path) -> Iterator[BackendProcess]:
    made = BackendProcess(tmp_path / "data", SystemClock(), command=command(tmp_path, SERVE))
    yield made
    made.stop()


def test_service_is_ready_and_ends_with_us(process: BackendProcess, qtbot: QtBot) -> None:
    with qtbot.waitSignal(process.ready, timeout=WAIT_MS) as caught:
        process.start()
    ready = caught.args[0] if caught.args else None
    assert isinstance(ready, Ready)
    assert ready.pid == process.pid()
    assert is_service(ready.pid)
    process.stop()
    assert not psutil.pid_exists(ready.pid)
    assert process.pid() is None


def test_service_that_dies_comes_back(process: BackendProcess, qtbot: QtBot) -> None:
    with qtbot.waitSignal(process.ready, timeout=WAIT_MS):
        process.start()
    first = process.pid()
    assert first is not None
    with qtbot.waitSignal(process.ready, timeout=WAIT_MS):
        os.kill(first, signal.SIGKILL)
    assert process.pid() != first


@pytest.mark.parametrize("text", ["raise SystemExit(3)", "import nonesuch"])
def test_service_that_keeps_dying_is_left_off_and_told(
    qtbot: QtBot, tmp_path: Path, text: str
) -> None:
    process = BackendProcess(tmp_path / "data", SystemClock(), command=command(tmp_path, text))
    with qtbot.waitSignal(process.failed, timeout=WAIT_MS) as caught:
        process.start()
    words = caught.args[0] if caught.args else None
    assert isinstance(words, Text)
    assert "service.log" in words.zh
    assert process.pid() is None
    process.stop()


def test_command_that_is_not_there_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    process = BackendProcess(tmp_path / "d", SystemClock(), command=("/no/such/program",))
    with qtbot.waitSignal(process.failed, timeout=WAIT_MS):
        process.start()
    process.stop()


def test_service_that_is_never_ready_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    clock = ManualClock(AT)
    sleep = "import time\nwhile True: time.sleep(0.05)"
    process = BackendProcess(tmp_path / "d", clock, command=command(tmp_path, sleep))
    with qtbot.waitSignal(process.failed, timeout=WAIT_MS):
        process.start()
        clock.advance(61)
    process.stop()


def test_service_left_by_a_killed_console_is_taken_over_and_ended(
    process: BackendProcess, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(process.ready, timeout=WAIT_MS):
        process.start()
    left = process.pid()
    assert left is not None
    other = BackendProcess(tmp_path / "data", SystemClock(), command=command(tmp_path, SERVE))
    with qtbot.waitSignal(other.ready, timeout=WAIT_MS) as caught:
        other.start()
    assert caught.args == [Ready("http://127.0.0.1:1", left, Path("p.json"))]
    assert other.pid() == left
    process.setParent(None)
    other.stop()
    qtbot.waitUntil(lambda: not is_service(left), timeout=WAIT_MS)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 1}', '{"url": "u", "pid": "x"}'])
def test_ready_file_in_other_words_is_no_ready_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ready.json"
    assert read_ready(path) is None
    path.write_text(text)
    assert read_ready(path) is None


def test_process_of_somebody_else_is_not_taken_for_ours() -> None:
    assert not is_service(os.getpid())
    assert not is_service(2**22 + 1)


def test_first_passwords_are_read_and_their_codes_made(tmp_path: Path) -> None:
    path = tmp_path / "first-passwords.json"
    assert first_passwords.read(path) == ()
    path.write_text(
        '[{"account": "a", "password": "p", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}]'
    )
    (one,) = first_passwords.read(path)
    assert one.account == "a"
    assert len(one.code(ManualClock(AT)) or "") == 6
    assert first_passwords.FirstPassword("feed", "p").code(ManualClock(AT)) is None
    path.write_text("{}")
    assert first_passwords.read(path) == ()
