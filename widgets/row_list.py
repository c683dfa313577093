"""A list with one selected row: keys and wheel move it, fresh data never reorder it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.paint import Board
from widgets.panel import Panel, Room


class RowList(Panel):
    """Paint rows by key; a subclass says how high a row is and how it looks.

    Signals:
        selected(str): another row is selected; empty for none.
        opened(str): the selected row was double-clicked or entered.
    """

    selected = Signal(str)
    opened = Signal(str)
    row_height = 57.0
    top_space = 0.0
    active = True

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._keys: list[str] = []
        self._key = ""
        self._first = 0
        self._area = QRectF()

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the rows' keys in their order."""
        return tuple(self._keys)

    @property
    def key(self) -> str:
        """Give the selected row's key, empty for none."""
        return self._key

    def take(self, keys: Sequence[str]) -> None:
        """Take rows in: known ones keep their places, new ones follow, gone ones leave."""
        fresh = set(keys)
        kept = [key for key in self._keys if key in fresh]
        known = set(kept)
        self.put(kept + [key for key in keys if key not in known])

    def put(self, keys: Sequence[str]) -> None:
        """Show exactly these rows in this order; the selection stays on its row."""
        at = self._keys.index(self._key) if self._key in self._keys else 0
        self._keys = list(keys)
        if self._key not in self._keys:
            self.select(self._keys[min(at, len(self._keys) - 1)] if self._keys else "")
        self._keep_visible()
        self.update()

    def select(self, key: str) -> None:
        """Select a row."""
        if key == self._key:
            return
        self._key = key
        self._keep_visible()
        self.update()
        self.selected.emit(key)

    def go(self, step: int) -> None:
        """Select the next or an earlier row."""
        if not self._keys:
            return
        at = self._keys.index(self._key) if self._key in self._keys else -step
        self.select(self._keys[max(0, min(len(self._keys) - 1, at + step))])

    def open(self) -> None:
        """Open the selected row."""
        if self._key:
            self.opened.emit(self._key)

    def activate(self, *, active: bool) -> None:
        """Say whether the keys move this list."""
        self.active = active
        self.update()

    def page(self) -> int:
        """Give how many rows fit."""
        return max(1, int(self._area.height() // self._high()))

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the rows in sight."""
        self._area = area.adjusted(0, self.top_space, 0, 0)
        high = self._high()
        self._first = max(0, min(self._first, len(self._keys) - self.page()))  # it may have grown
        board.rule(0, self._area.y(), self.width())
        for place, key in enumerate(self._keys[self._first : self._first + self.page()]):
            y = self._area.y() + place * high
            row = QRectF(0, y, self.width(), high)
            if key == self._key:
                board.fill(row, "raise")
                board.fill(QRectF(0, y, 5, high), "t1" if self.active else "line2")
            inner = QRectF(area.x(), y, area.width(), high)
            self.draw_row(board, inner, key)
            board.rule(0, y + high - 1, self.width())

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint one row."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the row under the pointer."""
        key = self._at(event.position().y())
        if key:
            self.select(key)
        self.setFocus()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the row under the pointer."""
        if self._at(event.position().y()):
            self.open()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the list without selecting."""
        step = -1 if event.angleDelta().y() > 0 else 1
        most = max(0, len(self._keys) - self.page())
        self._first = max(0, min(most, self._first + step))
        self.update()

    def _high(self) -> float:
        return self.row_height * self.room.theme.size("s", self.room.seat) / 16

    def _at(self, y: float) -> str:
        if y < self._area.y():
            return ""
        place = self._first + int((y - self._area.y()) // self._high())
        return self._keys[place] if place < len(self._keys) else ""

    def _keep_visible(self) -> None:
        if self._key not in self._keys:
            self._first = max(0, min(self._first, len(self._keys) - 1))
            return
        at = self._keys.index(self._key)
        self._first = min(self._first, at)
        self._first = max(self._first, at - self.page() + 1, 0)
