"""The page of 一屏联动 with its keys: arrows move among units, Enter lists a unit's feeds."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from widgets.easel import Painted
from widgets.paint import Board
from widgets.panel import Room
from widgets.panels.cockpit import KeyedPage, PageKey, nearest
from widgets.panels.linkage import TITLE, Linkage, UnitFeedList, feeds_key
from widgets.panels.tiles import Focus, Shared
from widgets.spark import Sparks


class LinkagePage(KeyedPage):
    """All units; one of them opened lists its feeds."""

    title = TITLE

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self.shared = Shared(Focus(), Sparks(room, self))
        self.grid = Linkage(room, self.shared, self)
        self.list = UnitFeedList(room, self)
        self.list.hide()

    def commands(self) -> tuple[PageKey, ...]:
        """Give the keys: arrows move, Enter opens."""
        return (
            *self.arrows(Text("单位", "unit")),
            PageKey(("Return", "Enter"), Text("数据来源", "its feeds"), self.enter),
        )

    def pieces(self) -> tuple[Painted, ...]:
        """Give the page and the grid."""
        return (self, self.grid)

    def ground(self) -> str:
        """Give the page's colour."""
        return self.room.theme.color("bg")

    def paint(self, painter: QPainter) -> None:
        """Paint the ground."""
        Board(painter, self.room.theme, self.room.seat).fill(QRectF(self.rect()), "bg")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the grid everything, the list its right half."""
        super().resizeEvent(event)
        self.grid.setGeometry(self.rect())
        half = self.width() // 2
        self.list.setGeometry(half, 0, self.width() - half, self.height())

    def go(self, x: int, y: int) -> None:
        """Move to the next unit; an open list follows."""
        focus = self.shared.focus
        spots = {
            key: box.translated(QPointF(owner.pos())) for key, (owner, box) in focus.spots.items()
        }
        if focus.key not in spots:
            focus.key = min(spots, key=lambda key: (spots[key].x(), spots[key].y()), default="")
        else:
            focus.key = nearest(spots, focus.key, x, y)
        if not self.list.isHidden():
            self.enter()
        self.grid.redraw()

    def enter(self) -> None:
        """List the feeds of the unit the keys are on."""
        unit = feeds_key(self.shared.focus.key)
        if unit:
            self.list.unit = unit
            self.list.show()
            self.list.raise_()
            self.list.redraw()

    def leave(self) -> bool:
        """Close the list; False when it is not open."""
        if self.list.isHidden():
            return False
        self.list.hide()
        return True
