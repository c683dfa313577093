"""What says that maps show the past: a full border, the word on every zone, the time bar.

Control-room rule 23: live and replay cannot be confused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.i18n import Words
from app.replay import KEPT, Replay
from backend_client.contract.base import Text
from widgets.paint import FAINT, LABEL, STRONG, Board, Ink
from widgets.panel import Room

REPLAY: Final = Text("回放", "REPLAY")
STILL_LIVE: Final = Text("地图回放中 · 本区为实况", "map in replay · live here")
SPAN: Final = timedelta(hours=24)
BORDER: Final = 6
TAG: Final = 36
BAR: Final = 84


def instant_words(words: Words, at: datetime) -> str:
    """Write an instant of the past: its day is part of it."""
    return words.join(words.day(at), words.clock(at))


class Border(QWidget):
    """A frame with a tag; what it surrounds stays free.

    A map has its tag at the head; a zone of panels at the foot, where no heading stands.
    """

    def __init__(self, room: Room, parent: QWidget, *, at_foot: bool = False) -> None:
        super().__init__(parent)
        self._room, self._said, self._at_foot = room, "", at_foot
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @property
    def said(self) -> str:
        """Give the words of the tag."""
        return self._said

    def say(self, words: str) -> None:
        """Put words on the tag."""
        if words != self._said:
            self._said = words
            self._cut()
            self.update()

    def _board(self, painter: QPainter) -> Board:
        return Board(painter, self._room.theme, self._room.seat)

    def _tag(self) -> QRect:
        painter = QPainter()
        board = self._board(painter)
        wide = min(round(board.width(self._said, STRONG) + board.u(32)), self.width())
        high = round(board.u(TAG))
        top = self.height() - high if self._at_foot else 0
        return QRect((self.width() - wide) // 2, top, wide, high)

    def _cut(self) -> None:
        """Leave only the edge and the tag: a whole widget over a map costs every frame."""
        edge = max(round(BORDER * self._room.theme.scale(self._room.seat)), 3)
        inner = self.rect().adjusted(edge, edge, -edge, -edge)
        region = QRegion(self.rect()).subtracted(QRegion(inner))
        self.setMask(region.united(QRegion(self._tag())) if self._said else region)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Cut the middle out anew."""
        self._cut()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint edge and tag in the colour of text: the states keep theirs."""
        painter = QPainter(self)
        board = self._board(painter)
        board.fill(QRectF(self.rect()), "t1")
        board.text(QRectF(self._tag()), self._said, Ink(tone="bg", bold=True, align="center"))
        painter.end()


class TimeBar(QWidget):
    """The last day as a line: where the maps stand on it, and a hand on it moves them."""

    def __init__(self, room: Room, replay: Replay, parent: QWidget) -> None:
        super().__init__(parent)
        self._room, self._replay = room, replay
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        replay.moved.connect(self.update)
        replay.shown.connect(self.update)
        room.pulse.ticked.connect(self.update)

    def span(self) -> tuple[datetime, datetime]:
        """Give from when to when the line reaches: a day that holds the instant, up to now."""
        now = self._room.stores.server_now()
        at = self._replay.at or now
        end = now if now - at < SPAN * 0.9 else at + SPAN / 2
        return end - SPAN, end

    def track(self) -> QRectF:
        """Give where the line lies."""
        unit = self._room.theme.size("s", self._room.seat) / 24
        return QRectF(32 * unit, 44 * unit, max(self.width() - 64 * unit, 1.0), 6 * unit)

    def place(self, at: datetime) -> float:
        """Give where an instant lies on the line."""
        begin, end = self.span()
        track = self.track()
        return track.left() + track.width() * ((at - begin) / (end - begin))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the instant under the pointer."""
        self._take(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer while it is held."""
        self._take(event.position().x())

    def _take(self, x: float) -> None:
        begin, end = self.span()
        track = self.track()
        share = min(max((x - track.left()) / track.width(), 0.0), 1.0)
        oldest = self._room.stores.server_now() - KEPT
        self._replay.go(max(begin + (end - begin) * share, oldest))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint words, line, hours and the handle."""
        at = self._replay.at
        if at is None:
            return
        painter = QPainter(self)
        board = Board(painter, self._room.theme, self._room.seat)
        words = self._room.words
        board.fill(QRectF(self.rect()), "panel")
        track = self.track()
        head = QRectF(track.left(), board.u(6), track.width(), board.u(30))
        said = [words.say(REPLAY), instant_words(words, at)]
        if self._replay.speed:
            said.append(f"▶ ×{self._replay.speed}")
        if not self._replay.is_read:
            said.append(words.pick("读取中…", "reading…"))
        wide = board.text(head, words.join(*said), STRONG)
        hints = words.pick(
            "Alt+← → 1 分 · Alt+Shift 10 分 · Alt+P 播放 · Alt+End 实况",
            "Alt+← → 1 min · Alt+Shift 10 min · Alt+P play · Alt+End now",
        )
        rest = head.adjusted(wide + board.u(24), 0, 0, 0)
        if board.width(hints, FAINT) <= rest.width():
            board.text(rest, hints, Ink(tone="t3", align="right"))
        board.fill(track, "line2")
        self._hours(board, track)
        x = self.place(at)
        board.fill(QRectF(track.left(), track.top(), x - track.left(), track.height()), "t2")
        board.fill(QRectF(x - board.u(4), track.top() - board.u(9), board.u(8), board.u(24)), "t1")
        painter.end()

    def _hours(self, board: Board, track: QRectF) -> None:
        """Mark every third hour, or fewer where there is less room, with its time of day."""
        words = self._room.words
        begin, end = self.span()
        least = board.width("00:00", LABEL) * 1.6
        every = next((one for one in (3, 6, 12) if track.width() * one / 24 >= least), 24)
        local = words.local(begin).replace(minute=0, second=0, microsecond=0)
        for step in range(1, 26):
            hour = local + timedelta(hours=step)
            x = self.place(hour)
            if hour > end or hour.hour % every:
                continue
            board.painter.fillRect(
                QRectF(x, track.bottom(), board.u(2), board.u(6)),
                QColor(board.theme.color("line2")),
            )
            wide = board.width(f"{hour:%H:%M}", LABEL) + 2
            box = QRectF(x - wide / 2, track.bottom() + board.u(2), wide, board.u(26))
            if box.left() >= 0 and box.right() <= self.width():
                board.text(box, f"{hour:%H:%M}", Ink(tone="t3", align="center"))


class ReplayMarks(QObject):
    """Keep borders, tags and the time bar over the zones of one stage or desk."""

    def __init__(self, room: Room, replay: Replay, host: QWidget) -> None:
        super().__init__(host)
        self._room, self._replay, self._host = room, replay, host
        self._zones: Mapping[str, QRect] = {}
        self._borders: dict[str, Border] = {}
        self._bar: TimeBar | None = None
        self._is_on = False
        room.words.changed.connect(self._say)
        room.theme.changed.connect(self._put)
        replay.shown.connect(self._say)

    @property
    def borders(self) -> Mapping[str, Border]:
        """Give the borders by zone; none while now is shown."""
        return self._borders

    def cover(self, zones: Mapping[str, QRect]) -> None:
        """Say where the zones lie; `map` is the one that shows the instant."""
        self._zones = dict(zones)
        self._put()

    def show(self, *, on: bool) -> None:
        """Mark the zones, or take the marks away."""
        self._is_on = on
        self._put()

    def raise_(self) -> None:
        """Stand over everything else."""
        for border in self._borders.values():
            border.raise_()
        if self._bar is not None:
            self._bar.raise_()

    def _put(self) -> None:
        wanted = self._zones if self._is_on else {}
        for gone in set(self._borders) - set(wanted):
            self._borders.pop(gone).deleteLater()
        if (not self._is_on or "map" not in wanted) and self._bar is not None:
            self._bar.hide()
            self._bar.deleteLater()
            self._bar = None
        for name, box in wanted.items():
            if name not in self._borders:
                self._borders[name] = Border(self._room, self._host, at_foot=name != "map")
            self._borders[name].setGeometry(box)
            self._borders[name].show()
        self._put_bar(wanted.get("map"))
        self._say()
        self.raise_()

    def _put_bar(self, box: QRect | None) -> None:
        if box is None:
            return
        if self._bar is None:
            self._bar = TimeBar(self._room, self._replay, self._host)
        high = round(BAR * self._room.theme.scale(self._room.seat))
        edge = max(round(BORDER * self._room.theme.scale(self._room.seat)), 3)
        self._bar.setGeometry(
            box.x() + edge, box.bottom() + 1 - edge - high, box.width() - 2 * edge, high
        )
        self._bar.show()

    def _say(self) -> None:
        at, words = self._replay.at, self._room.words
        for name, border in self._borders.items():
            if name == "map" and at is not None:
                waits = "" if self._replay.is_read else " …"
                border.say(f"{words.say(REPLAY)} {instant_words(words, at)}{waits}")
            else:
                border.say(words.say(STILL_LIVE))
