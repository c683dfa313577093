"""Show one map with objects on it and leave: the subject of the test that watches its sockets."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from app.scenes import CITY
from maps.view import MapView
from tests.bench.stage import scatter, stage, start, until

LINGER_MS = 700


def main() -> None:
    """Show, wait a moment, close."""
    application = start()
    stage_ = stage()
    stage_.blocks.put(scatter(2_000))
    view = MapView(stage_.host, extent=CITY, layers=("requests",), seat="desk")
    ready: list[int] = []
    view.ready.connect(lambda: ready.append(1))
    view.resize(600, 400)
    view.show()
    until(lambda: bool(ready), stage_.clock)
    QTimer.singleShot(LINGER_MS, application.quit)
    application.exec()
    view.close_page()
    stage_.close()


if __name__ == "__main__":
    main()
