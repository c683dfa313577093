"""Up to three matters that wait for a decision; none says so in plain words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from app.cockpit import MOST_DECISIONS, NOTHING_TO_DECIDE, Decision, decisions
from backend_client.contract.base import Text
from widgets.paint import Board, Ink
from widgets.panel import Age, Face, Panel
from widgets.panels.tiles import CockpitPanel

_OPEN = Text("查看", "View")


class Decisions(CockpitPanel):
    """Grave alarms, commands that await a second person, what is overdue."""

    title = Text("待决事项", "To decide")

    def decisions(self) -> tuple[Decision, ...]:
        """Give them."""
        shown = self.cockpit()
        overdue = shown.tiles.get("overdue") if shown else None
        return decisions(self.room.alarms, self.room.stores, self.room.words, overdue)

    def face(self) -> Face:
        """Alarms are there before the first board is."""
        return Panel.face(self)

    def age(self) -> Age | None:
        """Leave ages to the groups: this is as live as the stream."""
        return None

    def paint_head(self, _board: Board, whole: QRectF) -> QRectF:
        """Give the whole room to the cards: they need no title."""
        return whole

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint a card for each, side by side; the gap shows the page."""
        found = self.decisions()
        gap = board.u(48 if self.room.seat == "wall" else 16)
        count = MOST_DECISIONS if area.width() > board.u(1_500) else 2
        wide = (area.width() - gap * (count - 1)) / count
        board.fill(area, "bg")
        if not found:
            board.fill(area, "panel")
            words = area.adjusted(board.u(24), 0, -board.u(24), 0)
            board.text(words, self.say(NOTHING_TO_DECIDE), Ink(role="m", tone="t2"))
            return
        for at, one in enumerate(found[:count]):
            self._draw_card(board, QRectF(at * (wide + gap), 0, wide, area.height()), one)

    @staticmethod
    def _title_ink(board: Board, title: str, most: float) -> Ink:
        """Set a title smaller that would lose words: a whole one says more than a large one."""
        large = Ink(role="m", bold=True, elide=True)
        return large if board.width(title, large) <= most else Ink(bold=True, elide=True)

    def _draw_card(self, board: Board, box: QRectF, one: Decision) -> None:
        board.fill(box, "panel")
        edge = max(5, board.u(8))
        if one.level:
            bar = QRectF(box.x(), box.y(), edge, box.height())
            board.painter.fillRect(bar, self.room.theme.state_color(one.level))
        inner = box.adjusted(board.u(28), board.u(12), -board.u(20), -board.u(8))
        self.mark(
            board, box.adjusted(board.u(10) + edge, 0, -board.u(10), 0), f"decision:{one.key}"
        )
        x = inner.x()
        if one.level:
            size = board.u(46)
            board.state(QPointF(x, inner.y() + board.u(2)), one.level, size)
            x += size + board.u(18)
        y, right = inner.y(), inner.right()
        for words, ink in (
            (one.title, self._title_ink(board, one.title, right - x)),
            (one.facts, Ink(tone="t2", elide=True)),
            (one.action, Ink(tone="t1", elide=True)),
        ):
            high = board.line_height(ink)
            if y + high > inner.bottom() + board.u(6):
                return
            board.text(QRectF(x, y, right - x, high), words, ink)
            y += high
        cap = board.u(36)
        if y + cap > inner.bottom() + board.u(6):
            return
        enter = self.room.words.pick("回车", "Enter")
        room = QRectF(x, y + board.u(2), board.width(enter) + board.u(24), cap)
        board.cap(room, enter)
        beside = QRectF(room.right() + board.u(12), room.y(), right - room.right(), cap)
        board.text(beside, self.say(_OPEN), Ink(tone="t2", elide=True))
