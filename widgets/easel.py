"""Long drawing in small pieces: pictures are made one per turn of the loop, then shown whole."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QWidget

Job = Callable[[], None]
Key = tuple[int, str]
AWAY_BYTES: Final = 128_000_000
"""What pictures of hidden widgets may hold: some eight scenes of a 4K wall, shown again at once."""


class Easel(QObject):
    """Do waiting jobs in their order, one per turn of the loop; not started, do each at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_running = False
        self._jobs: dict[Key, tuple[QObject, Job]] = {}
        self._away: dict[int, weakref.ref[Painted]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_turn)

    def start(self) -> None:
        """Begin to put jobs off."""
        self.is_running = True

    def stop(self) -> None:
        """Forget what waits."""
        self.is_running = False
        self._jobs.clear()

    @property
    def is_busy(self) -> bool:
        """Tell whether a picture is still to be made."""
        return bool(self._jobs)

    def soon(self, owner: QObject, what: str, job: Job) -> None:
        """Do a job in a later turn; the same wish of the same owner again is one job.

        Args:
            owner: a job whose owner is gone by then is left out.
            what: names the job among its owner's.
            job: a few milliseconds of work.
        """
        if not self.is_running:
            job()
            return
        self._jobs.setdefault((id(owner), what), (owner, job))
        if not self._timer.isActive():
            self._timer.start(0)

    def put_away(self, owner: Painted) -> None:
        """Keep a hidden widget's picture; those hidden longest go when all hold too much."""
        self._away.pop(id(owner), None)
        self._away[id(owner)] = weakref.ref(owner)
        known = {key: one for key, ref in self._away.items() if (one := ref()) is not None}
        held = sum(one.held_bytes for one in known.values())
        for key, one in list(known.items()):
            if held <= AWAY_BYTES:
                break
            held -= one.held_bytes
            one.drop_picture()
            del known[key]
        self._away = {key: self._away[key] for key in known}

    def take_out(self, owner: Painted) -> None:
        """Count a widget that is shown again no longer among the hidden ones."""
        self._away.pop(id(owner), None)

    def _on_turn(self) -> None:
        if not self._jobs:
            return
        owner, job = self._jobs.pop(next(iter(self._jobs)))
        if self._jobs:
            self._timer.start(0)
        if shiboken6.isValid(owner):
            job()


class Painted(QWidget):
    """A widget that shows a picture of itself; the picture is made anew in a turn of its own."""

    def __init__(self, easel: Easel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.easel = easel
        self._picture = QPixmap()
        self._is_fresh = False

    def paint(self, painter: QPainter) -> None:
        """Paint the whole widget."""
        raise NotImplementedError

    def ground(self) -> str:
        """Give the colour that stands where no picture is yet."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Make the picture anew soon, when somebody can see it."""
        if not self.isVisible():
            self._is_fresh = False
            return
        if self.easel.is_running:
            self.easel.soon(self, "picture", self.draw_picture)
        else:
            self.update()

    def draw_picture(self) -> None:
        """Make the picture now, also while the widget is hidden."""
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        if size.isEmpty():
            return
        if self._picture.size() != size:
            self._picture = QPixmap(size)
        self._picture.setDevicePixelRatio(ratio)
        painter = QPainter(self._picture)
        self.paint(painter)
        painter.end()
        self._is_fresh = True
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture there is; one that may be out of date is made anew soon."""
        painter = QPainter(self)
        if not self.easel.is_running:
            self.paint(painter)
        elif self._picture.size() == self.size() * self.devicePixelRatioF():
            painter.setClipRect(event.rect())
            painter.drawPixmap(0, 0, self._picture)
        else:
            painter.fillRect(self.rect(), QColor(self.ground()))
            self._is_fresh = False
        painter.end()
        if self.easel.is_running and not self._is_fresh:
            self.redraw()
        self._is_fresh = False

    @property
    def held_bytes(self) -> int:
        """Give what the picture takes."""
        return self._picture.width() * self._picture.height() * 4

    def drop_picture(self) -> None:
        """Forget the picture; it is made anew when the widget is shown."""
        self._picture = QPixmap()
        self._is_fresh = False

    def hideEvent(self, event: QHideEvent) -> None:
        """Look again when shown the next time."""
        self._is_fresh = False
        self.easel.put_away(self)
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Come back."""
        self.easel.take_out(self)
        super().showEvent(event)
