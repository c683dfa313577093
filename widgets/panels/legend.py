"""The legend, drawn from the specs: glyph, how each kind is drawn, what its levels mean."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen, QPolygonF

from backend_client.contract.base import Text
from maps.spec import Form, Kind, LayerSpec
from widgets.paint import Board, Ink
from widgets.panel import Face
from widgets.panels.theme import LayerPanel

FORMS: dict[Form, Text] = {
    "point": Text("点", "point"),
    "moving": Text("移动", "moving"),
    "line": Text("线", "line"),
    "area": Text("面", "area"),
}
ROW = 34


def draw_form(board: Board, box: QRectF, form: Form, token: str) -> None:
    """Paint the mark of a form: dot, arrow head, stroke, outline."""
    painter, color = board.painter, QColor(board.theme.color(token))
    painter.save()
    painter.setRenderHint(painter.RenderHint.Antialiasing)
    middle, half = box.center(), min(box.width(), box.height()) * 0.3
    painter.setPen(QPen(color, max(1.5, half / 3)))
    painter.setBrush(color if form in ("point", "moving") else Qt.BrushStyle.NoBrush)
    if form == "point":
        painter.drawEllipse(middle, half * 0.7, half * 0.7)
    elif form == "line":
        painter.drawLine(middle - QPointF(half, -half), middle + QPointF(half, -half))
    elif form == "area":
        painter.drawRect(QRectF(middle - QPointF(half, half), middle + QPointF(half, half)))
    else:
        tip = [QPointF(0, -1), QPointF(0.8, 0.9), QPointF(0, 0.5), QPointF(-0.8, 0.9)]
        painter.drawPolygon(QPolygonF([middle + corner * half for corner in tip]))
    painter.restore()


class Legend(LayerPanel):
    """Kinds with the mark they are drawn with, then what the levels mean."""

    title = Text("图例", "Legend")

    def age(self) -> None:
        """Give none: a legend does not grow old."""

    def face(self) -> Face:
        """Show the legend whether or not anything came yet."""
        return Face.READY if self.room.sees(self.layer) else Face.REFUSED

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the layer's glyph with its name, then kinds and levels as far as there is room."""
        spec, size = self.spec, board.u(28)
        group = f"g_{spec.group}"
        board.glyph(QPointF(area.x(), area.y() + board.u(3)), spec.glyph, group, size)
        line = QRectF(area.x(), area.y(), area.width(), board.u(ROW))
        name = line.adjusted(size + board.u(10), 0, 0, 0)
        board.text(name, self.say(spec.title), Ink(bold=True, tone="t2", elide=True))
        levels = level_words(spec)
        y, row = line.bottom() + board.u(4), board.u(ROW)
        fit = max(0, int((area.bottom() - y) // row))
        kinds = spec.kinds[: max(1, fit - min(len(levels), fit // 2))]
        for kind in kinds:
            self._draw_kind(board, QRectF(area.x(), y, area.width(), row), kind, group)
            y += row
        for level, words in levels[: fit - len(kinds)]:
            board.state(QPointF(area.x(), y + board.u(5)), level, board.u(24))
            box = QRectF(area.x() + board.u(36), y, area.width() - board.u(36), row)
            board.text(box, self.say(words), Ink(tone="t2", elide=True))
            y += row

    def _draw_kind(self, board: Board, box: QRectF, kind: Kind, group: str) -> None:
        mark = QRectF(box.x(), box.y(), board.u(26), box.height())
        draw_form(board, mark, kind.form, group)
        name, form = self.say(kind.title), self.say(FORMS[kind.form])
        room = box.adjusted(board.u(36), 0, 0, 0)
        board.text(room, name, Ink(tone="t2", elide=True))
        if board.width(name) + board.width(form) + board.u(12) <= room.width():
            board.text(box, form, Ink(tone="t3", align="right"))  # the mark says it too


def level_words(spec: LayerSpec) -> list[tuple[int, Text]]:
    """Give what the levels mean, the gravest first, each meaning once."""
    found = {(level, words) for kind in spec.kinds for level, words in kind.states.items()}
    return sorted(found, key=lambda one: (one[0], one[1].zh))
