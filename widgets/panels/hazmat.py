"""Hazardous goods on the road: by county, and how many of them are abnormal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF

from app.figures import HAZMAT, CountyCount
from backend_client.contract.base import Text
from widgets.paint import Board
from widgets.panel import Age, Face, Panel
from widgets.tables import Cell, Head, draw_table

PER_COLUMN = 4


class Hazmat(Panel):
    """Vehicles by county in two columns, in the fact table's order: position is memory."""

    layer = HAZMAT
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
        empty = not self.room.figures.hazmat.by_county
        return Face.EMPTY if known is Face.READY and empty else known

    def counties(self) -> list[CountyCount]:
        """Give the counties in the table's order; what has no place of its own comes last."""
        found = {row.code: row for row in self.room.figures.hazmat.by_county}
        known = [found.pop(code) for code in self.room.names.counties if code in found]
        rows = known + list(found.values())
        most = 2 * PER_COLUMN
        if len(rows) <= most:
            return rows
        rest = rows[most - 1 :]
        others = CountyCount(
            code="",
            count=sum(row.count for row in rest),
            moving=sum(row.moving for row in rest),
            abnormal=sum(row.abnormal for row in rest),
        )
        return [*rows[: most - 1], others]

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint two columns of counties."""
        rows = self.counties()
        gap = board.u(30)
        wide = (area.width() - gap) / 2
        for column in range(2):
            part = rows[column * PER_COLUMN : (column + 1) * PER_COLUMN]
            box = QRectF(area.x() + column * (wide + gap), area.y(), wide, area.height())
            if part:
                self._draw_column(board, box, part)

    def _draw_column(self, board: Board, box: QRectF, rows: Sequence[CountyCount]) -> None:
        pick = self.room.words.pick
        heads = (
            Head(pick("县区", "County"), 1.9),
            Head(pick("在途", "All"), 0.95, "right"),
            Head(pick("异常", "Odd"), 1.05, "right"),
        )
        draw_table(board, box, heads=heads, rows=[self._row(row) for row in rows])

    def _row(self, row: CountyCount) -> tuple[Cell, ...]:
        words, names = self.room.words, self.room.names
        name = names.county(row.code) if row.code else Text("其他", "Others")
        odd = row.abnormal
        return (
            Cell(self.say(name), elide=True),
            Cell(words.number(row.count)),
            Cell(words.number(odd), "t1" if odd else "t3", bold=bool(odd)),
        )
