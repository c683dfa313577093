"""How a layer's number has moved while this console watched."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from backend_client.contract.base import Text
from widgets.paint import FAINT, Board, Ink
from widgets.panel import PAST_EVERY_S, Face, Past
from widgets.panels.theme import LayerPanel

LEAST_POINTS = 3


class Trend(LayerPanel):
    """A line of the card's number, with its least and most; nothing is made up before the start."""

    title = Text("走势", "Trend")
    empty_words = Text("尚无走势", "No trend yet")
    empty_reason = Text("约 30 秒后", "in about 30 s")

    def age(self) -> None:
        """Leave the age to the layer's card."""

    def past(self) -> tuple[Past, ...]:
        """Give what was seen."""
        return self.room.pulse.past(self.layer)

    def face(self) -> Face:
        """Wait for enough points to make a line."""
        known = super().face()
        few = len(self.past()) < LEAST_POINTS
        return Face.EMPTY if known is Face.READY and few else known

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint what is measured, the line, its least and most, and since when."""
        past, card = self.past(), self.spec.cards[0]
        numbers = [one.number for one in past]
        least, most = min(numbers), max(numbers)
        high = board.u(32)
        unit = self.say(card.unit)
        title = self.say(card.title)
        what = title if unit.lower() in title.lower() else f"{title} {unit}"
        board.text(QRectF(area.x(), area.y(), area.width(), high), what, Ink(tone="t2", elide=True))
        since = datetime.fromtimestamp(past[0].at_s, UTC)
        foot = QRectF(area.x(), area.bottom() - high, area.width(), high)
        board.text(foot, self.room.words.since(since), FAINT)
        plot = area.adjusted(0, high + board.u(8), 0, -high - board.u(8))
        right = max(self._label(board, plot, least, low=True), self._label(board, plot, most))
        _draw_line(board, plot.adjusted(0, 0, -right - board.u(10), 0), past, (least, most))

    def _label(self, board: Board, plot: QRectF, number: float, *, low: bool = False) -> float:
        card, high = self.spec.cards[0], board.u(30)
        words = self.room.words
        text = words.minute(datetime.fromtimestamp(number, UTC)) if card.kind == "instant" else ""
        text = text or words.number(number, card.digits)
        y = plot.bottom() - high if low else plot.y()
        return board.text(
            QRectF(plot.x(), y, plot.width(), high), text, Ink(tone="t3", align="right")
        )


def _draw_line(
    board: Board, plot: QRectF, past: tuple[Past, ...], span: tuple[float, float]
) -> None:
    least, most = span
    first_s, last_s = past[0].at_s, max(past[-1].at_s, past[0].at_s + PAST_EVERY_S)
    reach = (most - least) or 1.0
    flat = most == least
    points = [
        QPointF(
            plot.x() + plot.width() * (one.at_s - first_s) / (last_s - first_s),
            plot.center().y()
            if flat
            else plot.bottom() - plot.height() * (one.number - least) / reach,
        )
        for one in past
    ]
    painter = board.painter
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(board.theme.color("t1")), max(2.0, board.u(4))))
    painter.drawPolyline(QPolygonF(points))
    painter.restore()
    board.dot(points[-1], board.u(12), hollow=False, tone="t1")
