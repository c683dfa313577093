"""One start, timed from the birth of its process; the last line printed is JSON of seconds.

`full DIR URL FILE` fills the cache against a living service. `cached DIR URL` starts the console
with nobody there until its map shows the last picture. `whole DIR` starts it as `make run` does,
with a service and a city of its own, until every layer of the city is live on the map; again with
the same folder it is a warm start. `bare` starts an empty QWebEngineView until its page is loaded.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QUrl
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication

import app.early  # noqa: F401  as main.py does
from app.launch import launch
from backend_client.contract.clock import SystemClock
from maps import engine, scheme


def age_s() -> float:
    """Give the seconds since this process was made."""
    return time.time() - psutil.Process().create_time()


def bare(app: QApplication) -> int:
    """Time an empty page of about:blank's size."""
    view = QWebEngineView()
    view.resize(1200, 800)

    def done(_: bool) -> None:
        print(json.dumps({"page": age_s()}), flush=True)
        app.quit()

    view.loadFinished.connect(done)
    view.setHtml("<body>x</body>", QUrl("about:blank"))
    view.show()
    return app.exec()


def main(mode: str, *rest: str) -> int:
    """Do one start."""
    engine.prepare()
    scheme.register()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    if mode == "bare":
        return bare(app)
    folder = Path(rest[0])
    launched = launch(folder, SystemClock(), url=rest[1] if rest[1:] else None)
    console = importlib.import_module("tests.bench.start_console")  # as main.py: after the launch
    status: int = console.run(app, mode, folder, launched, *rest[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
