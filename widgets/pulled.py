"""A panel or a map pulled out of its scene into a window of its own, still fed and linked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.cameras import Hub
from app.theme import Seat, Theme
from app.wall import MARGIN, Box
from backend_client.contract.base import Text
from maps.view import MapView
from widgets.commands import Command, bind
from widgets.map_keys import map_commands
from widgets.panels.cockpit import KeyedPage

SIZE: Final = (960, 640)  # drawn lengths, before it is put on a screen of its own


class Pulled(QWidget):
    """Hold one panel; it may be sent from screen to screen and given back.

    Signals:
        gone(str): the name under which it was pulled; it is closed.
        turn_wanted: the keys are to go to the next window.
    """

    gone = Signal(str)
    turn_wanted = Signal()

    def __init__(
        self, name: str, seat: Seat, theme: Theme, content: Callable[[QWidget], QWidget]
    ) -> None:
        """Open nothing yet.

        Args:
            name: what it was pulled as; also the window's title.
            seat: how it is read: its letters are of this seat.
            theme: the colours.
            content: makes the panel or map, given its parent.
        """
        super().__init__(None, Qt.WindowType.FramelessWindowHint)
        self.name, self._theme = name, theme
        self.setWindowTitle(name)
        self.content = content(self)
        self._margin = round(MARGIN * theme.scale(seat))
        theme.changed.connect(self.update)
        wide, high = (round(length * theme.scale(seat)) for length in SIZE)
        self.resize(wide, high)
        self._bound = bind(
            (
                Command(("Esc",), Text("收回", "give back"), self._leave),
                Command(("Ctrl+Right",), Text("移到下一屏", "to the next screen"), self.go_on),
                Command(("Ctrl+Up",), Text("占满本屏", "fill this screen"), self.fill),
                Command(("Ctrl+Tab",), Text("换窗口", "other window"), self.turn_wanted.emit),
                *map_commands(lambda: self.content),
            ),
            self,
        )

    def go_on(self) -> None:
        """Move to the next screen, from left to right and round."""
        screens = sorted(QGuiApplication.screens(), key=lambda one: one.geometry().topLeft().x())
        at = screens.index(self.screen()) if self.screen() in screens else -1
        target = screens[(at + 1) % len(screens)]
        self.setScreen(target)
        area = target.geometry()
        self.setGeometry(
            area.x() + (area.width() - self.width()) // 2,
            area.y() + (area.height() - self.height()) // 2,
            min(self.width(), area.width()),
            min(self.height(), area.height()),
        )

    def fill(self) -> None:
        """Take the whole screen it stands on."""
        self.setGeometry(self.screen().geometry())

    def join(self, hub: Hub) -> None:
        """Look through the wall's camera: a pulled map moves with the wall's and moves it."""
        view = self.content
        if isinstance(view, MapView):
            whole = Box(0, 0, max(view.width(), 1), max(view.height(), 1))
            hub.join(self.name, view.fly, whole, whole)
            view.camera_changed.connect(lambda lon, lat, zoom: hub.moved(self.name, lon, lat, zoom))

    def _leave(self) -> None:
        """Go back a step in a page of its own keys, else give it back."""
        if not (isinstance(self.content, KeyedPage) and self.content.leave()):
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the panel back."""
        super().closeEvent(event)
        self.gone.emit(self.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the panel fill the window but for its margin."""
        super().resizeEvent(event)
        gap = self._margin
        self.content.setGeometry(
            gap, gap, max(self.width() - 2 * gap, 1), max(self.height() - 2 * gap, 1)
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.color("bg")))
        painter.end()
