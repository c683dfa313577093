"""Hazardous goods on the road: by county, and which of them are abnormal."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from app.figures import HAZMAT
from backend_client.contract.base import Text
from widgets.paint import Board
from widgets.panel import Age, Face, Panel
from widgets.tables import Cell, Head, draw_table


class Hazmat(Panel):
    """Vehicles by county: all, moving, abnormal."""

    title = Text("危化品车辆 · 县区", "Hazmat trucks by county")
    empty_words = Text("无车辆", "No trucks")
    empty_reason = Text("尚未收到位置", "no position received yet")

    def age(self) -> Age:
        """Give the age of the newest fix."""
        feed = self.room.figures.feed(HAZMAT)
        return Age(feed.age_s, feed.period_s)

    def face(self) -> Face:
        """Show an empty face while no fix is known."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and not self._rows() else known

    def _rows(self) -> tuple[tuple[Cell, ...], ...]:
        words, names = self.room.words, self.room.names
        return tuple(
            (
                Cell(self.say(names.county(row.code)), elide=True),
                Cell(words.number(row.count)),
                Cell(words.number(row.moving), "t2"),
                Cell(
                    words.number(row.abnormal),
                    "t1" if row.abnormal else "t3",
                    bold=bool(row.abnormal),
                ),
            )
            for row in self.room.figures.hazmat.by_county
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one row per county."""
        pick = self.room.words.pick
        heads = (
            Head(pick("县区", "County"), 2.2),
            Head(pick("在途", "All"), 1, "right"),
            Head(pick("行驶", "Moving"), 1.1, "right"),
            Head(pick("异常", "Abnormal"), 1.3, "right"),
        )
        draw_table(board, area, heads=heads, rows=self._rows())
