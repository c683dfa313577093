"""One start, timed from the birth of its process: `full DIR URL FILE`, `cached DIR URL` or `bare`.

`full` fills the cache against a living service and says nothing of time. `cached` starts the
console with nobody there until its map shows the last picture. `bare` starts an empty
QWebEngineView until its page is loaded.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication

import main as program
from app.console import build
from app.stores import Link
from backend_client.contract.clock import SystemClock
from maps import engine, scheme
from maps.view import MapView
from widgets.run import SignsIn
from widgets.wall import Windows

LAYERS = {"water", "hazmat", "requests"}
SAVE_MS = 6000


def age_s() -> float:
    """Give the seconds since this process was made."""
    return time.time() - psutil.Process().create_time()


def bare(app: QApplication) -> int:
    """Time an empty page of about:blank's size."""
    view = QWebEngineView()
    view.resize(1200, 800)

    def done(_: bool) -> None:
        print(f"{age_s():.3f}", flush=True)
        app.quit()

    view.loadFinished.connect(done)
    view.setHtml("<body>x</body>", QUrl("about:blank"))
    view.show()
    return app.exec()


def console(app: QApplication, folder: Path, url: str, credentials: Path | None) -> int:
    """Start the whole console on one desk; signed in when there are credentials."""
    clock = SystemClock()
    folder.mkdir(parents=True, exist_ok=True)
    built = build(folder, clock, url=url)
    parts = program.compose(built, clock, folder / "exports")
    windows = Windows(parts, "desk", every="desk")
    windows.place()
    stores = built.reach.stores
    shown: set[str] = set()
    look = QTimer()

    def on_shown(_channel: str, layer: str, _seq: int) -> None:
        if stores.blocks.get(layer).oid.size:
            shown.add(layer)

    for window in app.topLevelWidgets():
        for view in window.findChildren(MapView):
            view.shown.connect(on_shown)

    def on_look() -> None:
        if credentials is None and {"water", "requests"} <= shown and stores.events.all():
            look.stop()
            print(f"{age_s():.3f}", flush=True)
            app.quit()
        if (
            credentials is not None
            and stores.link is Link.ONLINE
            and shown >= {"water", "requests"}
        ):
            look.stop()
            QTimer.singleShot(SAVE_MS, app.quit)

    look.timeout.connect(on_look)
    look.start(10)
    built.start()
    if credentials is not None:
        SignsIn(built, windows, account="dispatcher", credentials=credentials).start()
    code = app.exec()
    parts.room.pulse.stop()
    windows.close()
    parts.host.close()
    built.close()
    return code


def main(mode: str, *rest: str) -> int:
    """Do one start."""
    engine.prepare()
    scheme.register()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    if mode == "bare":
        return bare(app)
    credentials = Path(rest[2]) if mode == "full" else None
    return console(app, Path(rest[0]), rest[1], credentials)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
