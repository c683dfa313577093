"""Rain and waterlogging: the wettest gauge, and where water stands."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from app.details import Details
from app.figures import WATER
from app.places import feature_name
from backend_client.contract.base import Text
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Age, Face, Panel, Room


class Rain(Panel):
    """The most rain measured anywhere, with its place."""

    layer = WATER
    title = Text("雨量 · 积涝", "Rain")
    empty_words = Text("无雨量站", "No gauges")
    empty_reason = Text("尚未收到雨量", "no rain reading yet")

    def __init__(self, room: Room, details: Details, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._details = details

    def age(self) -> Age:
        """Give the age of the newest reading."""
        feed = self.room.figures.feed(WATER)
        return Age(feed.age_s, feed.period_s)

    def face(self) -> Face:
        """Show an empty face while no gauge is known."""
        known = super().face()
        empty = self.room.figures.water.most_rain_mm is None
        return Face.EMPTY if known is Face.READY and empty else known

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the number, its place, and the waterlogged points."""
        now, words = self.room.figures.water, self.room.words
        high = board.u(70)
        line = QRectF(area.x(), area.y() - board.u(4), area.width(), high)
        taken = board.text(line, words.number(now.most_rain_mm, 1), Ink(role="l", bold=True))
        unit = line.adjusted(taken + board.u(8), board.u(26), 0, 0)
        board.text(unit, words.pick("mm 最大", "mm most"), FAINT)
        feature = self._details.feature(WATER, now.most_rain_oid)
        y, row = line.bottom() + board.u(4), board.u(38)
        known = feature if now.most_rain_mm else None
        place = self.say(feature_name(known) if known else Text("各站无雨", "no rain"))
        board.text(QRectF(area.x(), y, area.width(), row), place, Ink(tone="t2", elide=True))
        rows = (
            (Text("雨量站", "Gauges"), now.rain_gauges),
            (Text("积涝点", "Waterlogged"), now.waterlogged),
        )
        for label, value in rows:
            y += row
            if y + row > area.bottom() + board.u(6):
                return
            box = QRectF(area.x(), y, area.width(), row)
            wide = board.text(box, words.number(value), Ink(align="right"))
            board.text(box.adjusted(0, 0, -wide - board.u(8), 0), self.say(label), LABEL)
