"""The map's place on the desk: a title line with the keys that work on it, the map below."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from widgets.paint import Board
from widgets.panel import Face, Panel, Room

HEAD = 44


class MapFrame(Panel):
    """Hold the map; while drawing, the title line says which shape and how to leave."""

    title = Text("位置", "Place")

    def __init__(self, room: Room, map_view: QWidget | None, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._shape: Text | None = None
        self._under = ""
        self._map = map_view
        if map_view is not None:
            map_view.setParent(self)
            map_view.show()

    def draw_with(self, shape: Text | None) -> None:
        """Say which shape is being drawn; None when none is."""
        self._shape = shape
        self.update()

    def tell(self, line: str) -> None:
        """Say in the title line what lies under the pointer; nothing names the panel again."""
        if line != self._under:
            self._under = line
            self.redraw()

    def heading(self) -> str:
        """Give what lies under the pointer, else the panel's name."""
        return self._under or super().heading()

    def face(self) -> Face:
        """Leave the map's own faces to the map."""
        return Face.READY

    def note(self) -> str:
        """Name the keys that work here."""
        words = self.room.words
        if self._under:
            return ""
        if self._shape is None:
            return words.pick("L 圈选 · 数字 图层", "L lasso · digits layers")
        shape = words.say(self._shape)
        return words.pick(
            f"圈选 {shape} · L 换形 · Esc 退出", f"{shape} · L next shape · Esc leave"
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Leave the place to the map."""

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Give the map everything under the title line."""
        if self._map is not None:
            self._map.setGeometry(0, HEAD, self.width(), self.height() - HEAD)
