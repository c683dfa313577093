"""The console's start as `start_probe` times it: first window, map, every layer on it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.console import Console, build
from app.launch import Launched
from app.stores import Link, Stores
from backend_client.contract.clock import SystemClock
from maps.scenes import scene
from maps.view import MapView
from tests.bench.start_probe import age_s
from widgets.program import compose
from widgets.run import SignsIn
from widgets.wall import Windows
from widgets.window import Window

SAVE_MS = 6000
GIVE_UP_MS = 60_000
LAYERS = 16  # a hand-drawn one may be empty


class Times(QObject):
    """Note when the first window was painted and when each layer stood on the map."""

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores = stores
        self.seconds: dict[str, float] = {}
        self.shown: set[str] = set()

    def note(self, what: str) -> None:
        self.seconds.setdefault(what, age_s())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and "window" not in self.seconds:
            self.seconds["window"] = 0.0
            QTimer.singleShot(0, lambda: self.seconds.update(window=age_s()))
        return False

    def watch(self, app: QApplication) -> None:
        for window in app.topLevelWidgets():
            if isinstance(window, Window):
                window.installEventFilter(self)
            for view in window.findChildren(MapView):
                view.shown.connect(self._on_shown)
                view.ready.connect(lambda: self.note("map"))

    def _on_shown(self, _channel: str, layer: str, _seq: int) -> None:
        if self.stores.blocks.get(layer).oid.size:
            self.shown.add(layer)


def is_over(mode: str, times: Times, built: Console, layers: tuple[str, ...]) -> bool:
    """Tell whether what this start waits for has come: all layers of the general scene."""
    stores = built.reach.stores
    wanted = {one for one in layers if stores.blocks.get(one).oid.size}
    drawn = len(wanted) >= LAYERS and wanted <= times.shown
    if mode == "cached":
        return drawn and bool(stores.events.all())
    return drawn and stores.link is Link.ONLINE


def run(app: QApplication, mode: str, folder: Path, launched: Launched, *rest: str) -> int:
    """Start the whole console on the screen there is."""
    built = build(folder, SystemClock(), launched=launched)
    parts = compose(built, SystemClock(), folder / "exports")
    windows = Windows(parts, "general")
    windows.place()
    times = Times(built.reach.stores)
    times.watch(app)
    look, layers = QTimer(), scene("general").layers

    def on_look() -> None:
        if is_over(mode, times, built, layers):
            look.stop()
            times.note("layers")
            QTimer.singleShot(0 if mode == "cached" else SAVE_MS, app.quit)

    look.timeout.connect(on_look)
    look.start(10)
    QTimer.singleShot(GIVE_UP_MS, app.quit)
    built.start()
    credentials = Path(rest[1]) if len(rest) > 1 else None
    account = "operator" if mode != "cached" else ""  # the city's desk uses up the other codes
    signs_in = SignsIn(built, windows, account=account, credentials=credentials)
    signs_in.start()
    app.exec()
    print(json.dumps(times.seconds | {"count": len(times.shown)}), flush=True)
    print("not shown:", set(scene("general").layers) - times.shown, file=sys.stderr)
    parts.room.pulse.stop()
    windows.close()
    parts.host.close()
    built.close()
    return 0 if "layers" in times.seconds else 1
