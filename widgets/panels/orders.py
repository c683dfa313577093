"""Orders and their receipts on the wall: sent, signed, reported."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from app.i18n import Words
from backend_client.contract.base import Text
from backend_client.contract.orders import OrderState
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Panel

ORDER_STATES: dict[OrderState, Text] = {
    OrderState.SENT: Text("待签收", "to sign"),
    OrderState.RETURNED: Text("退单", "sent back"),
    OrderState.SIGNED: Text("已签收", "signed"),
    OrderState.SUSPENDED: Text("挂起", "suspended"),
    OrderState.REPORTED: Text("已反馈", "reported"),
    OrderState.WITHDRAWN: Text("已收回", "withdrawn"),
}


class Orders(Panel):
    """How many orders went out and came back."""

    title = Text("工单 · 签收反馈", "Orders")

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the number sent, then signed, reported and overdue with their bars."""
        now = self.room.figures.orders
        words = self.room.words
        high = board.u(70)
        line = QRectF(area.x(), area.y() - board.u(4), area.width(), high)
        taken = board.text(line, words.number(now.sent), Ink(role="l", bold=True)) + board.u(8)
        board.text(line.adjusted(taken, board.u(26), 0, 0), words.pick("件已派", "sent"), FAINT)
        rows = (
            (Text("签收", "Signed"), now.signed),
            (Text("反馈", "Reported"), now.reported),
            (Text("逾期", "Overdue"), now.overdue),
        )
        y = line.bottom() + board.u(4)
        for label, value in rows:
            if y + board.u(38) > area.bottom() + board.u(6):
                return
            box = QRectF(area.x(), y, area.width(), board.u(38))
            _draw_row(board, box, self.say(label), value=value, total=now.sent, words=words)
            y += board.u(38)


def _draw_row(
    board: Board, box: QRectF, label: str, *, value: int, total: int, words: Words
) -> None:
    number = words.number(value)
    wide = board.text(box, number, Ink(align="right"))
    name = board.text(box.adjusted(0, 0, -wide - board.u(8), 0), label, LABEL)
    left, right = name + board.u(12), max(wide, board.u(44)) + board.u(10)
    inset = box.height() * 0.34
    track = box.adjusted(left, inset, -right, -inset)
    if track.width() > board.u(20):
        board.bar(track, value / total if total else 0.0)
