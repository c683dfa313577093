"""The whole console with the city running: a ping of the main thread always comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from app.actions import resources
from app.console import build
from app.stores import Link
from backend_client.contract.clock import SystemClock
from backend_client.contract.resources import Circle
from tests.end2end.stack import Service
from widgets.program import compose
from widgets.wall import Windows

pytestmark = [pytest.mark.end2end, pytest.mark.display]
ROUNDS = 5
STAY_MS = 4_000  # a scene changed every four seconds: faster than anyone looks
SIZE = QRect(0, 0, 1920, 1080)
P999_S = 0.1
LEAST_PINGS = 1_000  # fewer, and p99.9 would be the one slowest


@pytest.mark.timeout(180)
def test_the_main_thread_answers_within_100_ms(qtbot: QtBot, tmp_path: Path) -> None:
    service = Service(tmp_path / "data", ("--city", "--scale", "0.1")).start()
    clock = SystemClock()
    console = build(tmp_path / "console", clock, url=service.url)
    parts = compose(console, clock, tmp_path / "exports")
    windows = Windows(parts, "general", every="desk")
    try:
        windows.place()
        for window in windows.all():
            window.setGeometry(SIZE)  # one seat of 1920 x 1080 that shows all three scenes
        console.start()
        row, code = service.account("dispatcher"), service.totp("dispatcher").now()
        session, stores = console.reach.session, console.reach.stores
        session.sign_in("dispatcher", row["password"], code, failed=lambda error: None)
        qtbot.waitUntil(lambda: stores.link is Link.ONLINE, timeout=20_000)
        qtbot.waitUntil(lambda: bool(stores.positions.latest("hazmat").oid.size), timeout=30_000)
        # A scene's first visit starts a renderer of its own for its map, in one piece inside
        # Qt WebEngine; that belongs to opening a window. From here on it is everyday work.
        for scene in ("desk", "water", "general"):
            windows.show_scene(scene)
            qtbot.wait(3000)
        console.watchdog.restart()
        for turn in range(ROUNDS):
            for scene in ("water", "desk", "general"):
                windows.show_scene(scene)
                qtbot.wait(STAY_MS)
            area = Circle(lon=120.9 + turn / 50, lat=32.0, radius_m=20_000.0)
            resources.within(console.reach, area)
        measured = console.watchdog.percentile_s(0.999)
        print(f"pings {console.watchdog.count}, p99.9 {measured * 1000:.0f} ms")
        assert console.watchdog.count > LEAST_PINGS
        assert measured <= P999_S, (tmp_path / "console" / "stalls.txt").read_text()[-6000:]
    finally:
        parts.room.pulse.stop()
        windows.close()
        parts.host.close()
        console.close()
        service.stop()
