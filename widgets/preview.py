"""A whole wall in one window, drawn at its real size and shown at a fraction, seams marked."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.theme import Theme
from app.wall import Screen, bounds
from app.wall_file import WallFile, place_screens
from backend_client.programs import own_command

USUAL: Final = (1920, 1080)  # of a screen whose size the file leaves open
EDGE: Final = 72  # around the wall, room for the screens' names
SEAM: Final = 6  # drawn between screens that touch
LETTERS: Final = 40
FACTOR: Final = "QT_SCALE_FACTOR"
"""Qt draws everything so many times its size: the wall itself knows nothing of being small."""


@dataclass(frozen=True, slots=True)
class Small:
    """A wall's screens as one window shows them, in the wall's own pixels.

    Args:
        wall: the file without its desks.
        screens: where they stand in the window.
    """

    wall: WallFile
    screens: tuple[Screen, ...]

    @property
    def size(self) -> QSize:
        """Give what the window needs."""
        whole = bounds(one.box for one in self.screens)
        return QSize(whole.right + EDGE, whole.bottom + EDGE)

    def factor(self, room: QSize) -> float:
        """Give the fraction at which it fits a screen, 1 at most."""
        need = self.size
        return min(room.width() / need.width(), room.height() / need.height(), 1.0)


def lay_out(wall: WallFile) -> Small | None:
    """Put a wall's screens side by side; None when the file has only desks."""
    specs = tuple(one for one in wall.screens if one.seat == "wall")
    if not specs:
        return None
    boxes = place_screens(list(specs), {one.name: one.size or USUAL for one in specs})
    columns = sorted({box.x for box in boxes.values()})
    rows = sorted({box.y for box in boxes.values()})
    screens = tuple(
        Screen(
            name,
            box.moved(EDGE + SEAM * columns.index(box.x), EDGE + SEAM * rows.index(box.y)),
        )
        for name, box in boxes.items()
    )
    return Small(replace(wall, screens=specs), screens)


def start_small(small: Small, room: QSize) -> None:
    """Start this program again with everything drawn small enough for a screen.

    Qt reads the factor once, before it opens its first window. The wall's own factors are
    for its real screens and are left out.
    """
    kept = {key: value for key, value in os.environ.items() if key != "QT_SCREEN_SCALE_FACTORS"}
    environment = {**kept, FACTOR: f"{small.factor(room):.4f}"}
    command = own_command()
    os.execve(command[0], command, environment)  # noqa: S606  # ourselves


def is_small() -> bool:
    """Tell whether this program draws small already."""
    return FACTOR in os.environ


class Preview(QWidget):
    """The window the small screens stand in.

    Signals:
        gone: a person closed it.
    """

    gone = Signal()

    def __init__(self, small: Small, theme: Theme) -> None:
        super().__init__()
        self._small, self._theme = small, theme
        self.setWindowTitle(" · ".join(one.name for one in small.screens))
        self.setFixedSize(small.size)
        theme.changed.connect(self.update)

    def take(self, window: QWidget, screen: Screen) -> None:
        """Let a screen's window stand in its place."""
        window.setParent(self)
        window.setWindowFlags(Qt.WindowType.Widget)
        box = screen.box
        window.setGeometry(QRect(box.x, box.y, box.width, box.height))
        window.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the program with its only window."""
        super().closeEvent(event)
        if event.spontaneous():
            self.gone.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the seams as what lies between the screens, and their names above them."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.color("ctl")))
        font = QFont(self.font())
        font.setPixelSize(LETTERS)
        painter.setFont(font)
        painter.setPen(QPen(QColor(self._theme.color("bg"))))
        for screen in self._small.screens:
            box = screen.box
            words = f"{screen.name}  {box.width}×{box.height}"
            painter.drawText(box.x, box.y - EDGE + LETTERS + 8, words)
        painter.end()
