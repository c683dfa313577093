"""A stalled main thread leaves its stacks in a file and a number behind."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.watchdog import Watchdog
from backend_client.contract.clock import SystemClock


def hold_the_main_thread(clock: SystemClock, seconds: float) -> None:
    end_s = clock.steady_s() + seconds
    while clock.steady_s() < end_s:
        pass


def test_stall_is_dumped_with_the_function_that_held_the_thread(
    qtbot: QtBot, tmp_path: Path
) -> None:
    clock, file = SystemClock(), tmp_path / "stalls.txt"
    watchdog = Watchdog(clock, file)
    assert watchdog.percentile_s(0.999) == 0.0
    watchdog.start()
    qtbot.waitUntil(lambda: watchdog.count >= 5)
    calm_s = watchdog.percentile_s(0.5)
    hold_the_main_thread(clock, 0.3)
    qtbot.waitUntil(lambda: watchdog.percentile_s(0.999) > 0.15)
    watchdog.close()
    assert calm_s < 0.05
    assert watchdog.stalls == 1
    assert "hold_the_main_thread" in file.read_text()
    watchdog.restart()
    assert watchdog.count == 0
