"""数据健康: which feeds are live, how old each is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from app.figures import HAZMAT, REQUESTS, WATER
from backend_client.contract.base import Text
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Age, Panel, draw_age

FEED_NAMES: dict[str, tuple[Text, str, str]] = {
    REQUESTS: (Text("诉求", "Requests"), "requests", "g_society"),
    HAZMAT: (Text("危化品", "Hazmat"), "hazmat", "g_safety"),
    WATER: (Text("水利", "Water"), "water", "g_city"),
}


class Feeds(Panel):
    """Count live feeds and name each one's age."""

    title = Text("数据健康", "Feed health")

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint live over all, then one row per feed."""
        feeds = self.room.figures.feeds
        live = sum(not feed.is_late for feed in feeds)
        high = board.u(70)
        line = QRectF(area.x(), area.y() - board.u(4), area.width(), high)
        taken = board.text(line, str(live), Ink(role="l", bold=True)) + board.u(8)
        rest = line.adjusted(taken, board.u(26), 0, 0)
        unit = self.room.words.pick(f"/{len(feeds)} 在线", f"/{len(feeds)} live")
        board.text(rest, unit, FAINT)
        y, row = line.bottom() + board.u(4), board.u(38)
        for feed in feeds:
            if y + row > area.bottom() + board.u(6):
                return
            name, glyph, group = FEED_NAMES[feed.layer]
            size = board.u(24)
            board.glyph(QPointF(area.x(), y + (row - size) / 2), glyph, group, size)
            box = QRectF(area.x() + size + board.u(10), y, area.width() - size - board.u(10), row)
            taken = draw_age(board, box, Age(feed.age_s, feed.period_s), self.room)
            board.text(box.adjusted(0, 0, -taken - board.u(6), 0), self.say(name), LABEL)
            y += row
