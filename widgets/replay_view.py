"""One map that follows the replayed instant, with the zones around it marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QWidget

from app.replay import Replay
from maps.view import MapView
from widgets.desk import Desk
from widgets.panel import Room
from widgets.replay_marks import ReplayMarks
from widgets.stage import Stage

BARS = frozenset({"header", "strip"})


def _always() -> bool:
    return True


class ReplayView(QObject):
    """Turn a map back with the others; one that goes its own way stays with now."""

    def __init__(
        self,
        room: Room,
        replay: Replay,
        host: QWidget,
        view: MapView,
        *,
        zones: Callable[[], Mapping[str, QRect]] | None = None,
        joined: Callable[[], bool] = _always,
    ) -> None:
        """Follow from now on.

        Args:
            room: facts, words and looks.
            replay: the instant.
            host: what the marks lie in.
            view: the map.
            zones: the zones by name, in the host; the map's own place when left out.
            joined: whether the map goes with the others.
        """
        super().__init__(host)
        self._replay, self._view = replay, view
        self._zones = zones or (lambda: {"map": view.geometry()})
        self._joined = joined
        self.marks = ReplayMarks(room, replay, host)
        replay.moved.connect(self.refresh)
        view.installEventFilter(self)
        self.refresh()

    def refresh(self) -> None:
        """Show what is due: now or the instant, marked or not."""
        back = self._replay.at is not None and self._joined()
        self._view.look_back(back=back)
        self.marks.cover(self._zones() if back else {})
        self.marks.show(on=back)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Keep the marks where the map lies."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self._replay.at is not None:
            self.refresh()
        return False


def stage_zones(stage: Stage) -> dict[str, QRect]:
    """Give where the zones of a stage lie in it; the bars go on with what is now."""
    found = stage.layout_now().zones
    boxes = {name: box for name, box in found.items() if name not in BARS}
    rects = {name: QRect(box.x, box.y, box.width, box.height) for name, box in boxes.items()}
    seen = {str(name): rect.intersected(stage.rect()) for name, rect in rects.items()}
    return {name: rect for name, rect in seen.items() if not rect.isEmpty()}


def desk_zones(desk: Desk) -> dict[str, QRect]:
    """Give where the map and the lists of a desk lie in it: lists, forms and gates go on live."""
    view = desk.map_view
    found = {
        "queue": desk.queue.geometry(),
        "event": desk.page.geometry(),
        "list": desk.under.geometry(),
        "form": desk.side.geometry(),
    }
    if isinstance(view, QWidget):
        found["map"] = QRect(view.mapTo(desk, QPoint(0, 0)), view.size())
    return found
