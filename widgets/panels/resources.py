"""What lies inside the drawn area: totals per kind, rows with contact and distance, export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from backend_client.contract.base import Text
from backend_client.contract.resources import Inside, Resource, Total
from maps.spec import LayerSpec
from widgets.paint import Board, Ink
from widgets.panel import Age, Face, Panel, Room
from widgets.tables import Column, RowsModel, live_table

FRESH_S = 300.0
GAP, NAME = 20.0, 120.0
MOST_TOTALS = 7
PHONE_WIDTH = 136  # a number is never cut off: 0513-81234567 and the cell's padding


def kind_words(specs: Mapping[str, LayerSpec], layer: str, kind: str) -> Text:
    """Name a sort of object; an unknown one keeps its word on the wire."""
    spec = specs.get(layer)
    found = spec.kind(kind) if spec else None
    return found.title if found else Text(kind, kind)


def metres_words(metres: float) -> str:
    """Write a distance: metres under a kilometre, then kilometres."""
    return f"{metres:.0f} m" if metres < 1_000 else f"{metres / 1_000:.1f} km"


class ResourcesPanel(Panel):
    """The answer to a lasso.

    Signals:
        export_wanted(str): csv or geojson.
        row_chosen(str, int, float, float): layer, oid, lon, lat of a row.
    """

    export_wanted = Signal(str)
    row_chosen = Signal(str, int, float, float)
    title = Text("圈选", "Lasso")
    empty_words = Text("未圈选", "Nothing drawn")
    empty_reason = Text(
        "L 画矩形、多边形或圆,统计范围内资源", "L draws a rectangle, polygon or circle"
    )

    def __init__(
        self, room: Room, specs: Mapping[str, LayerSpec], parent: QWidget | None = None
    ) -> None:
        super().__init__(room, parent)
        self._specs = specs
        self.message = ""
        columns: tuple[Column[Resource], ...] = (
            Column(Text("名称", "Name"), lambda row: row.name),
            Column(Text("类别", "Kind"), self._kind_of, width=98),
            Column(Text("距离", "Far"), lambda row: metres_words(row.distance_m), "right", 78),
            Column(Text("电话", "Phone"), lambda row: row.phone or "–", width=PHONE_WIDTH),
            Column(Text("联系人", "Contact"), lambda row: row.contact or "–", width=126),
        )
        self.model: RowsModel[Resource] = RowsModel(
            columns, lambda row: f"{row.layer}:{row.oid}", say=room.words.say, parent=self
        )
        self.table = live_table(self.model, columns, self)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.csv, self.geojson = QPushButton("CSV", self), QPushButton("GeoJSON", self)
        for button in (self.csv, self.geojson):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.csv.clicked.connect(lambda: self.export_wanted.emit("csv"))
        self.geojson.clicked.connect(lambda: self.export_wanted.emit("geojson"))
        room.stores.resources.changed.connect(self.refresh)
        room.words.changed.connect(self.model.retitle)
        self.refresh()

    @property
    def inside(self) -> Inside | None:
        """Give the answer shown."""
        return self.room.stores.resources.inside

    def heading(self) -> str:
        """Give the area's number and size."""
        inside, words = self.inside, self.room.words
        if inside is None:
            return super().heading()
        size = words.number(inside.area_km2, 1)
        return words.pick(f"圈选 01 · {size} km²", f"Lasso 01 · {size} km²")

    def note(self) -> str:
        """Give how many kinds and objects."""
        inside, words = self.inside, self.room.words
        if inside is None:
            return ""
        kinds, count = len(inside.totals), words.number(inside.count)
        return words.pick(f"{kinds} 类 {count} 项", f"{count} of {kinds} kinds")

    def age(self) -> Age | None:
        """Give the age of the answer."""
        if self.inside is None:
            return None
        return Age(self.room.stores.resources.age_s(), FRESH_S)

    def face(self) -> Face:
        """Ask for a drawing while there is none."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and self.inside is None else known

    def begin(self) -> None:
        """Put the keys into the rows."""
        self.table.setFocus()
        if not self.table.currentIndex().isValid() and self.model.rows:
            self.table.selectRow(0)

    def say_result(self, words: str) -> None:
        """Write what came of an export."""
        self.message = words
        self.update()

    def refresh(self) -> None:
        """Take the newest answer in."""
        inside = self.inside
        self.model.reset(inside.rows if inside else ())
        for widget in (self.table, self.csv, self.geojson):
            widget.setVisible(inside is not None)
        self.message = ""
        self._arrange()
        self.update()

    def _kind_of(self, row: Resource) -> str:
        return self.say(kind_words(self._specs, row.layer, row.kind))

    def _on_row(self) -> None:
        at = self.table.currentIndex().row()
        if 0 <= at < len(self.model.rows):
            row = self.model.rows[at]
            self.row_chosen.emit(row.layer, row.oid, row.lon, row.lat)

    def _totals(self) -> list[Total]:
        inside = self.inside
        found = list(inside.totals) if inside else []
        return sorted(found, key=lambda one: (-one.abnormal, -one.count))

    def _lines(self) -> int:
        return min(len(self._totals()), MOST_TOTALS)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep table and buttons under the totals."""
        self._arrange()

    def _arrange(self) -> None:
        top = 46 + self._lines() * 28 + 8
        foot = 60
        height = max(self.height() - top - foot, 1)
        self.table.setGeometry(8, top, self.width() - 16, height)
        x = 16
        for button in (self.csv, self.geojson):
            size = button.sizeHint()
            button.setGeometry(x, self.height() - size.height() - 10, size.width(), size.height())
            x += size.width() + 12

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one row per kind: glyph, what, how many, how many abnormal, how near."""
        words, totals = self.room.words, self._totals()
        shown = totals if len(totals) <= MOST_TOTALS else totals[: MOST_TOTALS - 1]
        hidden = totals[len(shown) :]
        if hidden:
            kinds, left = len(hidden), sum(one.count for one in hidden)
            more = words.pick(f"其余 {kinds} 类 {left} 项", f"{left} of {kinds} more kinds")
            line = QRectF(area.x() + 28, area.y() + len(shown) * 28, area.width() - 28, 28)
            board.text(line, more, Ink(tone="t3"))
        self._draw_totals(board, area, shown)
        if self.message:
            x = self.geojson.geometry().right() + 16.0
            line = QRectF(x, self.geojson.y(), area.right() - x, self.geojson.height())
            board.text(line, self.message, Ink(tone="t2", elide=True))

    def _draw_totals(self, board: Board, area: QRectF, shown: Sequence[Total]) -> None:
        """Paint a row for each kind; columns are as wide as what stands in them."""
        words, bold = self.room.words, Ink(bold=True, align="right")
        counts = [words.number(one.count) for one in shown]
        odd = [
            words.pick(f"异常 {one.abnormal}", f"{one.abnormal} abnormal") if one.abnormal else ""
            for one in shown
        ]
        near = [metres_words(one.nearest_m) for one in shown]
        wide = [
            max((board.width(text, ink) for text in column), default=0.0) + GAP
            for column, ink in ((counts, bold), (odd, Ink()), (near, Ink()))
        ]
        nearest = words.pick("最近 ", "nearest ")
        if area.width() - 28 - sum(wide) - board.width(nearest) > NAME:
            near = [nearest + one for one in near]
            wide[2] += board.width(nearest)
        for index, total in enumerate(shown):
            box = QRectF(area.x(), area.y() + index * 28, area.width(), 28)
            spec = self._specs.get(total.layer)
            if spec is not None:
                at = QPointF(box.x(), box.y() + 5)
                board.glyph(at, spec.glyph, f"g_{spec.group}", 18)
            board.text(box, near[index], Ink(tone="t2", align="right"))
            x = box.right() - wide[2] - wide[1] + GAP
            board.text(QRectF(x, box.y(), wide[1], 28), odd[index])
            x -= GAP + wide[0]
            board.text(QRectF(x, box.y(), wide[0], 28), counts[index], bold)
            name = self.say(kind_words(self._specs, total.layer, total.kind))
            board.text(QRectF(box.x() + 28, box.y(), x - box.x() - 28, 28), name, Ink(elide=True))
