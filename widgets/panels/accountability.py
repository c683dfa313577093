"""行政问效: the rates with their courses, and the units ranked with the numbers behind the rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF

from app.answers import UnitsOf
from app.cockpit import GROUPS, Tile, held_first, unit_cells, unit_heads, unit_name
from backend_client.contract.base import Text
from backend_client.contract.indicators import Group, Units
from widgets.paint import FAINT, Board, Ink
from widgets.panel import Face
from widgets.panels.tiles import SPARK_HIGH, TILE_HIGH, CockpitPanel

UNITS_EVERY_S: Final = 60.0
_ROW: Final = 38
_LEAST_ROWS: Final = 2
_BARE: Final = 84  # a row of rates without a source


class UnitTable(CockpitPanel):
    """The units ranked, the worst first, as many as there is room for."""

    title = Text("行政问效 · 单位", "Accountability by unit")
    empty_words = Text("尚无工单", "No orders yet")
    empty_reason = Text("派单后开始计算", "counted once orders are sent")

    def ask(self) -> None:
        """Ask for the units too."""
        super().ask()
        self.room.stores.answers.ask(UnitsOf(), UNITS_EVERY_S)

    def units(self) -> Units | None:
        """Give the units there are."""
        return self.room.stores.answers.get(UnitsOf())

    def face(self) -> Face:
        """Say that no unit was given an order."""
        known = super().face()
        if known is not Face.READY:
            return known
        if self.units() is None:
            return Face.LOADING
        return known if held_first(self.units()) else Face.EMPTY

    def note(self) -> str:
        """Say the period."""
        units = self.units()
        return self.room.words.pick(f"近 {units.days} 天", f"{units.days} days") if units else ""

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the table."""
        self.draw_units(board, area)

    def draw_units(self, board: Board, area: QRectF) -> None:
        """Paint heads and rows; the last columns go when it is narrow."""
        words, units = self.room.words, self.units()
        held = held_first(units)
        high, gap = board.u(_ROW), board.u(14)
        heads = unit_heads(words)
        widths = [max(board.width(head), board.width("100.0")) + gap for head in heads]
        while widths and sum(widths) > area.width() * 0.78:
            widths.pop()
        first = area.width() - sum(widths)
        title = words.pick("单位 · 74 个中差者在前", "Unit, worst first of 74")
        if board.width(title, FAINT) > first - gap:
            title = words.pick("单位", "Unit")
        self._row(board, area, area.y(), [title, *heads[: len(widths)]], [first, *widths], "t3")
        y = area.y() + high
        board.rule(area.x(), y - 1, area.width())
        for one in held:
            if y + high > area.bottom() + board.u(2):
                return
            box = QRectF(area.x(), y, area.width(), high)
            self.mark(board, box, f"unit:{one.unit}")
            cells = unit_cells(one, words)[: len(widths)]
            rank = f"{one.rank}  " if one.rank is not None else "–  "
            name = rank + words.say(unit_name(one.unit, self.room.names))
            self._row(board, area, y, [name, *cells], [first, *widths], "t1")
            board.rule(area.x(), y + high - 1, area.width())
            y += high

    @staticmethod
    def _row(
        board: Board,
        area: QRectF,
        y: float,
        cells: Sequence[str],
        widths: Sequence[float],
        tone: str,
    ) -> None:
        x, high = area.x(), board.u(_ROW)
        for at, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
            ink = Ink(tone=tone, align="right" if at else "left", elide=not at)
            room = QRectF(x, y, wide - (0 if at else board.u(14)), high)
            board.text(room, cell, ink)
            x += wide


class Accountability(UnitTable):
    """The rates of the whole above the units that pull them down."""

    def heading(self) -> str:
        """Name the group."""
        return self.say(GROUPS[Group.ACCOUNTABILITY])

    def note(self) -> str:
        """Say how to read the charts."""
        words = self.room.words
        return words.join(
            super().note(),
            words.pick("虚点=目标", "dotted = target"),
            words.pick("灰=上周", "grey = week before"),
        )

    def face(self) -> Face:
        """Show the rates also while no unit has orders."""
        return CockpitPanel.face(self)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint rates with their courses, then units; rows leave before rates do."""
        shown = self.cockpit()
        if shown is None:
            return
        tiles = sorted(shown.of(Group.ACCOUNTABILITY), key=lambda tile: not tile.value)
        columns = 4 if area.width() > board.u(1_000) else 3
        rows = [tiles[at : at + columns] for at in range(0, len(tiles), columns)]
        least = area.bottom() - board.u(_ROW) * (1 + _LEAST_ROWS)
        y = area.y()
        for place, row in enumerate(rows):
            later = board.u(TILE_HIGH) * (len(rows) - 1 - place)
            high = self._row_high(board, row, least - y, later)
            if not high:
                break
            self._draw_rates(board, QRectF(area.x(), y, area.width(), high), row, columns)
            y += high
        below = QRectF(area.x(), y + board.u(8), area.width(), area.bottom() - y - board.u(8))
        if held_first(self.units()) and below.height() >= board.u(_ROW) * 2:
            self.draw_units(board, below)
        elif below.height() >= board.u(34):
            words = QRectF(below.x(), below.y(), below.width(), board.u(34))
            told = self.room.words.pick("尚无工单，单位未排名", "No orders yet, no unit is ranked")
            board.text(words, told, Ink(tone="t3", elide=True))

    @staticmethod
    def _row_high(board: Board, row: Sequence[Tile], room: float, later: float) -> float:
        """Give how high a row of rates is: with courses, without, or 0 where it does not fit.

        Courses leave before the rates of later rows do.
        """
        if not any(tile.value for tile in row):
            wanted: tuple[int, ...] = (_BARE,)
        else:
            wanted = (TILE_HIGH + SPARK_HIGH, TILE_HIGH)
        fitting = [board.u(high) for high in wanted if board.u(high) <= room]
        return next((high for high in fitting if high <= room - later), min(fitting, default=0.0))

    def _draw_rates(self, board: Board, area: QRectF, row: Sequence[Tile], columns: int) -> None:
        gap = board.u(22)
        wide = (area.width() - gap * (columns - 1)) / columns
        high = min(area.height(), board.u(TILE_HIGH))
        for at, tile in enumerate(row):
            box = QRectF(area.x() + at * (wide + gap), area.y(), wide, high)
            self.draw_tile(board, box, tile)
            if tile.value and area.height() > board.u(TILE_HIGH):
                spark = QRectF(box.x(), box.bottom(), wide, area.height() - high - board.u(8))
                self.draw_spark(board, spark, tile.indicator)
