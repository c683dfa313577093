"""What every layer's own scene shows, drawn from its spec: kinds, counties, what is abnormal."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from app.details import Details
from app.places import feature_name
from app.tally import CountyFigures, Hot, KindFigures
from backend_client.contract.base import Text
from maps.spec import Kind, LayerSpec
from widgets.paint import Board
from widgets.panel import Age, Face, Panel, Room, age_words
from widgets.tables import ROW, Cell, Head, draw_table, more_note, rows_that_fit

COLUMN_ROWS, LEAST_ROW = 5, 33
OTHERS = Text("其他", "Others")
NOT_NAMED = "…"


class LayerPanel(Panel):
    """A panel about one layer; its age is the age of the layer's newest value."""

    empty_words = Text("无数据", "No data")
    empty_reason = Text("尚未收到，或不在权限内", "none received yet, or outside your scope")

    def __init__(
        self, room: Room, details: Details, spec: LayerSpec, parent: QWidget | None = None
    ) -> None:
        super().__init__(room, parent)
        self.details, self.spec = details, spec
        self.layer = spec.layer_id

    def age(self) -> Age | None:
        """Give the age of the layer's newest value."""
        feed = self.room.figures.feed(self.layer)
        return Age(feed.age_s, feed.period_s)

    def face(self) -> Face:
        """Show an empty face while the layer has no object."""
        known = super().face()
        empty = not self.room.figures.layer(self.layer).count
        return Face.EMPTY if known is Face.READY and empty else known


def value_words(room: Room, kind: Kind, value: float) -> str:
    """Write one object's number with its unit; a flag as yes or no."""
    if kind.value is None or not math.isfinite(value):
        return ""
    if kind.value.is_flag:
        return room.words.pick("是", "yes") if value else room.words.pick("否", "no")
    number = room.words.number(value, kind.value.digits)
    return f"{number} {room.words.say(kind.value.unit)}".strip()


class Kinds(LayerPanel):
    """How many there are of each sort, how many of them need someone, what they measure."""

    title = Text("分类统计", "By kind")

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one row per kind of the spec, those not there as a dash."""
        pick = self.room.words.pick
        heads = (
            Head(pick("类别", "Kind"), 2.1),
            Head(pick("数量", "Count"), 1.15, "right"),
            Head(pick("异常", "Odd"), 1.0, "right"),
            Head(pick("均值", "Mean"), 1.75, "right"),
        )
        now = self.room.figures.layer(self.layer)
        rows = [self._row(kind, now.kind(kind.kind)) for kind in self.spec.kinds]
        fit = int((area.height() + 2) // board.u(38)) - 1
        room = area if len(rows) <= fit else area.adjusted(0, 0, 0, -board.u(34))
        rest = len(rows) - draw_table(board, room, heads=heads, rows=rows)
        if rest > 0:
            more_note(board, area, self.room.words.pick(f"另有 {rest} 类", f"{rest} more kinds"))

    def _row(self, kind: Kind, found: KindFigures) -> tuple[Cell, ...]:
        words, odd = self.room.words, kind.bad(found)
        tone = "t2" if found.count else "t3"
        mean = found.positive_pct if kind.value and kind.value.is_flag else found.mean
        shown = "" if mean is None else value_words(self.room, kind, mean)
        if mean is not None and kind.value and kind.value.is_flag:
            shown = f"{words.number(mean, 1)} %"
        return (
            Cell(self.say(kind.title), tone, elide=True),
            Cell(words.number(found.count) if found.count else "–", "t1" if found.count else "t3"),
            Cell(words.number(odd.count) if odd.count else "", bold=True, level=odd.level),
            Cell(shown, "t2", elide=True),
        )


class ByCounty(LayerPanel):
    """How many there are in each county, in the fact table's order: position is memory."""

    title = Text("县区分布", "By county")

    def age(self) -> None:
        """Leave the age to the layer's card."""

    def counties(self) -> list[CountyFigures]:
        """Give the counties in the table's order; what has no place of its own comes last."""
        found = {row.code: row for row in self.room.figures.layer(self.layer).counties}
        known = [found.pop(code) for code in self.room.names.counties if code in found]
        return known + sorted(found.values(), key=lambda row: row.code)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint two columns of counties, three when two would leave one out."""
        rows = self.counties()
        row = min(max(area.height() / board.u(COLUMN_ROWS + 1), LEAST_ROW), ROW)
        fit = min(COLUMN_ROWS, rows_that_fit(board, area, row))
        columns = max(2, -(-len(rows) // fit))
        gap = board.u(36 if columns == 2 else 24)
        wide = (area.width() - gap * (columns - 1)) / columns
        for column in range(columns):
            part = rows[column * fit : (column + 1) * fit]
            box = QRectF(area.x() + column * (wide + gap), area.y(), wide, area.height())
            if part:
                self._draw_column(board, box, part, row)

    def _draw_column(
        self, board: Board, box: QRectF, rows: list[CountyFigures], row: float
    ) -> None:
        pick = self.room.words.pick
        moves = any(row.mobile for row in rows)
        heads = [Head(pick("县区", "County"), 1.6), Head(pick("数量", "Count"), 1.1, "right")]
        heads += [Head(pick("行驶", "Moving"), 1.1, "right")] if moves else []
        heads += [Head(pick("异常", "Odd"), 1.0, "right")]
        cells = [self._row(one, moves=moves) for one in rows]
        draw_table(board, box, heads=heads, rows=cells, row=row)

    def _row(self, row: CountyFigures, *, moves: bool) -> list[Cell]:
        words, odd = self.room.words, row.abnormal
        cells = [
            Cell(self.say(self.room.names.county(row.code)), "t2", elide=True),
            Cell(words.number(row.count)),
        ]
        cells += [Cell(words.number(row.moving), "t2")] if moves else []
        return [*cells, Cell(words.number(odd.count), bold=bool(odd.count), level=odd.level)]


class HotList(LayerPanel):
    """What is abnormal now: how bad, which object, where, what its level means, since when."""

    title = Text("异常", "Abnormal")
    empty_words = Text("无异常", "Nothing abnormal")
    empty_reason = Text("全部正常", "everything is normal")

    def note(self) -> str:
        """Say how many there are in all."""
        count = self.room.figures.layer(self.layer).abnormal.count
        return self.room.words.number(count) if count else ""

    def face(self) -> Face:
        """Say that nothing is abnormal when the layer is there and calm."""
        known = super().face()
        calm = known is Face.READY and not self.room.figures.layer(self.layer).hot
        return Face.EMPTY if calm else known

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the gravest, one line each, and how many are not shown."""
        found = self.room.figures.layer(self.layer)
        room = area.adjusted(0, 0, 0, -board.u(34))
        heads = (Head("", 3.0), Head("", 1.45), Head("", 2.5), Head("", 1.4, "right"))
        fit = max(1, int((room.height() + 2) // board.u(38)))  # names are fetched: no more of them
        rows = [self._row(one) for one in found.hot[:fit]]
        shown = draw_table(board, room, heads=heads, rows=rows)
        rest = found.abnormal.count - shown
        if rest > 0:
            more_note(board, area, self.room.words.pick(f"另有 {rest} 个", f"{rest} more"))

    def _row(self, one: Hot) -> tuple[Cell, ...]:
        words, kind = self.room.words, self.spec.kind(one.kind)
        feature = self.details.feature(self.layer, one.oid)
        name = self.say(feature_name(feature)) if feature else NOT_NAMED
        means = kind.states.get(one.state) if kind else None
        what = self.say(means) if means else words.level(one.state)
        age = Age(self.room.stores.server_now().timestamp() - one.observed_s, float("inf"))
        return (
            Cell(name, bold=True, level=one.state, elide=True),
            Cell(self.say(self.room.names.county(one.region)), "t2", elide=True),
            Cell(what, "t2", elide=True),
            Cell(age_words(age, self.room)[0], "t3"),
        )
