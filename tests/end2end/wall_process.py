"""The whole console on a virtual wall, told what to do on its standard input.

`python packaging/display.py --size WxH -- python -m tests.end2end.wall_process FOLDER URL
CREDENTIALS WALL_FILE [MONITOR ...]`, a monitor as `NAME=WxH+X+Y`; `-` for no wall file. Each
line told is a verb and its words; each is answered by one JSON line.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication

from app.console import Console, build
from app.stores import Link
from app.wall_file import find_wall
from backend_client.contract.clock import SystemClock
from backend_client.memory import used_bytes
from maps import engine, scheme
from maps.view import MapView
from tests.end2end.seat import colours_near
from widgets.easel import Painted
from widgets.program import compose
from widgets.run import SignsIn
from widgets.wall import Windows
from widgets.window import Window

OUTPUT = "screen"  # the one output of a virtual X server
SEEN_S = 5.0
HEAP_KINDS = 400


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def box_of(widget: Any) -> list[int]:
    corner = widget.mapToGlobal(widget.rect().topLeft())
    return [corner.x(), corner.y(), widget.width(), widget.height()]


def rectangle(screen: QScreen) -> list[int]:
    box = screen.geometry()
    return [box.x(), box.y(), box.width(), box.height()]


def xrandr(*words: str) -> None:
    subprocess.run(["xrandr", *words], check=True, capture_output=True)


def plug(monitor: str) -> None:
    """Add a monitor `NAME=WxH+X+Y`; one with a star before its name owns the output."""
    name, place = monitor.split("=")
    size, x, y = place.split("+")
    width, height = size.split("x")
    millimetres = f"{width}/{int(width) // 4}x{height}/{int(height) // 4}+{x}+{y}"
    xrandr("--setmonitor", name, millimetres, OUTPUT if name[0] == "*" else "none")


def renderers() -> int:
    """Count the web engine's processes: a page each, and a few that all share."""
    children = psutil.Process().children(recursive=True)
    return sum("QtWebEngineProc" in _name(child) for child in children)


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _map(window: Window) -> MapView | None:
    view = window.stage.map_view if window.stage else None
    return view if isinstance(view, MapView) else None


class Wall:
    """Answer each verb from the living console."""

    def __init__(self, console: Console, windows: Windows, app: QApplication) -> None:
        self.console, self.windows, self.app = console, windows, app
        self.painted: dict[str, int] = {}  # name of a window and which one it was
        windows.placed.connect(self._on_placed)

    def _on_placed(self) -> None:
        for window in self.windows.all():
            for view in window.findChildren(MapView):
                view.ready.connect(partial(self._on_painted, window))

    def _on_painted(self, window: Window) -> None:
        self.painted[window.name] = id(window)

    def told(self) -> None:
        verb, *words = sys.stdin.readline().split() or ["quit"]
        self.verbs()[verb](*words)

    def verbs(self) -> dict[str, Callable[..., None]]:
        return {
            "look": self.look,
            "scene": self.scene,
            "select": self.select,
            "plug": self.plug,
            "unplug": self.unplug,
            "save": self.save,
            "pan": self.pan,
            "pin": self.pin,
            "replay": self.replay,
            "spot": self.spot,
            "measure": self.measure,
            "heap": self.heap,
            "alarms": self.alarms,
            "quit": self.app.quit,
        }

    def plug(self, *monitors: str) -> None:
        for monitor in monitors:
            plug(monitor)
        say(plugged=monitors)

    def unplug(self, *names: str) -> None:
        """Take monitors away and let Qt see it.

        Qt 6.11 keeps the old size of a monitor that went and came back, larger, between two of
        its looks; no hand is that quick, so a test must not be either.
        """
        for name in names:
            xrandr("--delmonitor", name)
        began_s = time.monotonic()
        while time.monotonic() - began_s < SEEN_S and self._has_any(names):
            self.app.processEvents()
            time.sleep(0.01)
        say(unplugged=names)

    def _has_any(self, names: tuple[str, ...]) -> bool:
        return any(screen.name() in names for screen in self.app.screens())

    def heap(self) -> None:
        """Say what the process holds: the allocator's view, pictures, Python objects by kind."""
        gc.collect()
        pictures = [one.held_bytes for w in self.windows.all() for one in w.findChildren(Painted)]
        kinds = Counter(type(one).__qualname__ for one in gc.get_objects())
        say(
            used_mb=used_bytes() / 1e6,
            pictures_mb=sum(pictures) / 1e6,
            kinds=dict(kinds.most_common(HEAP_KINDS)),
        )

    def scene(self, scene_id: str) -> None:
        self.windows.show_scene(scene_id)
        say(scene=scene_id)

    def select(self) -> None:
        """Choose the queue's second event and begin a note on it."""
        desk = next(one.desk for one in self.windows.all() if one.desk is not None)
        desk.queue.go(1)
        say(selected=desk.queue.key)

    def pan(self, name: str, lon: str, lat: str, zoom: str) -> None:
        """Move one screen's map as a hand would."""
        window = next(one for one in self.windows.all() if one.name == name)
        view = window.stage.map_view if window.stage else None
        assert isinstance(view, MapView)
        view.fly(float(lon), float(lat), float(zoom))
        say(panned=name)

    def pin(self, name: str) -> None:
        """Link one screen's map to the others, or let it go its own way."""
        next(one for one in self.windows.all() if one.name == name).turn_pin()
        say(pinned=name)

    def replay(self, seconds: str) -> None:
        """Move the instant all maps show; `live` is now."""
        replay = self.windows.all()[0].parts.replay
        if seconds == "live":
            replay.go_live()
        else:
            replay.step(float(seconds))
        say(replay=seconds)

    def spot(self, name: str, lon: str, lat: str, colour: str) -> None:
        """Say whether a colour stands at a place of one window's map, read off the X screen."""
        window = next(one for one in self.windows.all() if one.name == name)
        view = window.desk.map_view if window.desk is not None else window.stage and _map(window)
        assert isinstance(view, MapView)
        say(here=QColor(colour).rgb() in colours_near(view, (float(lon), float(lat))))

    def measure(self) -> None:
        """Forget how long the main thread took until now."""
        self.console.watchdog.restart()
        say(measuring=True)

    def alarms(self) -> None:
        """Say how many alarms stand, what each strip was last painted with, and the stalls."""
        strips = [one.stage.strip for one in self.windows.all() if one.stage is not None]
        strips += [one.desk.strip for one in self.windows.all() if one.desk is not None]
        watchdog = self.console.watchdog
        say(
            count=sum(
                one.source_kind == "system" for one in self.console.reach.stores.alarms.all()
            ),
            strips=[strip.named for strip in strips if strip.isVisible()],
            pings=watchdog.count,
            most_ms=watchdog.percentile_s(1.0) * 1000,
            stall_ms=watchdog.percentile_s(0.999) * 1000,
        )

    def save(self, folder: str) -> None:
        """Write a picture of each window."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        for window in self.windows.all():
            window.grab().save(str(Path(folder) / f"{window.name}.png"))
        say(saved=folder)

    def look(self) -> None:
        stores = self.console.reach.stores
        desk = next((one.desk for one in self.windows.all() if one.desk is not None), None)
        say(
            screens=[
                [one.name(), *rectangle(one), one.devicePixelRatio()]
                for one in QGuiApplication.screens()
            ],
            windows={one.name: self._window(one) for one in self.windows.all()},
            selected=desk.queue.key if desk else None,
            online=stores.link is Link.ONLINE,
            events=len(stores.events.all()),
            notices=[[one.key, one.text.en] for one in self.console.notices.kept()],
            renderers=renderers(),
            is_read=self.windows.all()[0].parts.replay.is_read,
            pings=self.console.watchdog.count,
            stall_ms=self.console.watchdog.percentile_s(0.999) * 1000,
            longest_ms=self.console.watchdog.percentile_s(1.0) * 1000,
            visible=sum(w.isVisible() for w in QApplication.topLevelWidgets() if w.isWindow()),
            top=sum(isinstance(w, Window) for w in QApplication.topLevelWidgets()),
        )

    def _window(self, window: Window) -> dict[str, object]:
        stage = window.stage if window.stage and window.stage.isVisible() else None
        view = stage.map_view if stage and isinstance(stage.map_view, MapView) else None
        parts = {"header": stage.header, "strip": stage.strip, "map": view} if stage else {}
        return {
            "seat": window.seat,
            "box": box_of(window),
            "scene": stage.scene.scene_id if stage else "desk",
            "zones": {name: box_of(one) for name, one in parts.items() if one and one.isVisible()},
            "panels": sum(one.isVisible() for one in stage.panels()) if stage else 0,
            "camera": view.camera() if view else None,
            "past": {
                zone: border.said
                for past in window.past
                for zone, border in past.marks.borders.items()
                if border.isVisible()
            },
            "painted": self.painted.get(window.name) == id(window),
            "off": None if window.screen() is None else window.screen().name(),
        }


def run(
    kind: type[Wall], folder: str, url: str, credentials: str, wall_file: str, *monitors: str
) -> int:
    """Run until told to quit."""
    for monitor in monitors:
        plug(monitor)
    engine.prepare()
    scheme.register()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    console = build(Path(folder), SystemClock(), url=url)
    wall, fault = find_wall(None if wall_file == "-" else Path(wall_file), "")
    viewings = wall.viewings if wall else None
    parts = compose(console, SystemClock(), Path(folder) / "exports", viewings)
    windows = Windows(parts, "general", wall=wall)
    told = kind(console, windows, app)
    windows.place()
    console.start()
    if fault is not None:
        console.notices.say(fault.text, todo=fault.todo, weight="fault", key="wall")
    signs_in = SignsIn(console, windows, account="operator", credentials=Path(credentials))
    signs_in.start()
    listener = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    listener.activated.connect(told.told)
    QTimer.singleShot(0, lambda: say(started=True))
    code = app.exec()
    parts.room.pulse.stop()
    windows.close()
    parts.host.close()
    console.close()
    return code


if __name__ == "__main__":
    sys.exit(run(Wall, *sys.argv[1:]))
