"""The one object the page and Python share: orders in, reports out, everything checked here."""

from __future__ import annotations

import json
import math
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

_MOST_OIDS: Final = 2_000
_MOST_POINTS: Final = 20_000
_SHAPES: Final = ("rectangle", "polygon", "circle")


class Bridge(QObject):
    """Pass orders to the page as one JSON text each, and its reports on as typed signals.

    Signals:
        told(str): an order for the page, `{"verb": ..., "args": [...]}`.
        greeted(): the page's scripts run and it waits for its set-up.
        drawn(): the page was painted for the first time since it was loaded.
        camera_moved(float, float, float): lon, lat, zoom.
        window_moved(float, float, float, float, float): lon, lat, zoom, width, height.
        object_clicked(str, int): layer, oid.
        object_hovered(str, int): layer and oid now under the pointer.
        pointer_left(): nothing is under the pointer any more.
        area_drawn(str, object): shape and its points, a tuple of (lon, lat).
        drawing_cancelled(): the person left the lasso.
        words_wanted(str, object): layer and the oids that stand beside nothing yet.
        block_shown(str, str, int): channel, layer, sequence number now on the screen.
        page_failed(str): something went wrong inside the page.
    """

    told = Signal(str)
    greeted = Signal()
    drawn = Signal()
    camera_moved = Signal(float, float, float)
    window_moved = Signal(float, float, float, float, float)
    object_clicked = Signal(str, int)
    object_hovered = Signal(str, int)
    pointer_left = Signal()
    area_drawn = Signal(str, object)
    drawing_cancelled = Signal()
    words_wanted = Signal(str, object)
    block_shown = Signal(str, str, int)
    page_failed = Signal(str)

    def tell(self, verb: str, *args: object) -> None:
        """Send one order; JSON is the escaping."""
        self.told.emit(json.dumps({"verb": verb, "args": args}, ensure_ascii=False))

    @Slot()
    def hello(self) -> None:
        """Note that the page waits for its set-up."""
        self.greeted.emit()

    @Slot()
    def painted(self) -> None:
        """Note that the page was painted."""
        self.drawn.emit()

    @Slot(float, float, float)
    def camera(self, lon: float, lat: float, zoom: float) -> None:
        """Note where the page looks."""
        if all(math.isfinite(number) for number in (lon, lat, zoom)):
            self.camera_moved.emit(lon, lat, zoom)

    @Slot(float, float, float, float, float)
    def looking(self, lon: float, lat: float, zoom: float, width: float, height: float) -> None:
        """Note what the page's window shows, also while it is dragged."""
        numbers = (lon, lat, zoom, width, height)
        if all(math.isfinite(number) for number in numbers) and width > 0 and height > 0:
            self.window_moved.emit(*numbers)

    @Slot(str, float)
    def clicked(self, layer: str, oid: float) -> None:
        """Note a click on an object."""
        if math.isfinite(oid) and oid >= 0:
            self.object_clicked.emit(layer, int(oid))

    @Slot(str, float)
    def hovered(self, layer: str, oid: float) -> None:
        """Note what the pointer came to lie on."""
        if math.isfinite(oid) and oid >= 0:
            self.object_hovered.emit(layer, int(oid))

    @Slot()
    def left(self) -> None:
        """Note that the pointer lies on nothing."""
        self.pointer_left.emit()

    @Slot(str, str)
    def lasso(self, shape: str, points: str) -> None:
        """Note a finished drawing."""
        places = _places(points)
        if shape in _SHAPES and places:
            self.area_drawn.emit(shape, places)

    @Slot()
    def cancelled(self) -> None:
        """Note that the drawing was left."""
        self.drawing_cancelled.emit()

    @Slot(str, str)
    def wanted(self, layer: str, oids: str) -> None:
        """Note which objects need words."""
        numbers = json.loads(oids)
        if isinstance(numbers, list):
            kept = [int(oid) for oid in numbers[:_MOST_OIDS] if isinstance(oid, int) and oid >= 0]
            self.words_wanted.emit(layer, tuple(kept))

    @Slot(str, str, float)
    def shown(self, channel: str, layer: str, seq: float) -> None:
        """Note what is on the screen now."""
        self.block_shown.emit(channel, layer, int(seq))

    @Slot(str)
    def failed(self, text: str) -> None:
        """Note a fault inside the page."""
        self.page_failed.emit(text[:500])


def _places(text: str) -> tuple[tuple[float, float], ...]:
    points = json.loads(text)
    if not isinstance(points, list):
        return ()
    return tuple(
        (float(lon), float(lat))
        for lon, lat in points[:_MOST_POINTS]
        if math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
    )
