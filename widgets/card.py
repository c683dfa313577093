"""The layer card: glyph, name, one number, trend, two rows, owner, age."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from app.tally import NOTHING, Abnormal
from backend_client.contract.base import Text
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Age, Face, Panel, Room, draw_age

_TREND = {1: "▲", -1: "▼", 0: "–"}
_NUMBER = Ink(role="l", bold=True)


@dataclass(frozen=True, slots=True)
class CardFigures:
    """What a card shows: one number, two rows, how much is abnormal."""

    number: str
    unit: Text
    rows: tuple[tuple[Text, str], ...]
    abnormal: Abnormal = NOTHING
    trend: int | None = 0


class Card(Panel):
    """One layer on the wall; position is memory, so it never moves and never grows."""

    glyph = ""
    group = ""
    owner = Text("", "")

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)

    def figures(self) -> CardFigures:
        """Give what to show."""
        raise NotImplementedError

    def owner_words(self) -> str:
        """Say whose numbers these are."""
        return self.say(self.owner)

    def level(self) -> int:
        """Mark the card with the gravest level in it."""
        return self.figures().abnormal.level if self.face() is Face.READY else 0

    def paint_head(self, board: Board, whole: QRectF) -> QRectF:
        """Paint glyph, name and what is abnormal; give the room that is left."""
        pad, size = board.u(20), board.u(32)
        top = board.u(16)
        x = pad
        if self.glyph:
            board.glyph(QPointF(pad, top), self.glyph, self.group, size)
            x += size + board.u(12)
        right = whole.width() - pad
        found = self.figures().abnormal if self.face() is Face.READY else NOTHING
        if found.level:
            count = Ink(role="m", bold=True, tone="t2", align="right")
            words = self.room.words.short(found.count)
            wide = board.width(words, count)
            board.text(QRectF(right - wide - 1, top, wide + 1, size), words, count)
            shape = board.u(34)
            right -= wide + board.u(8) + shape
            board.state(QPointF(right, top - board.u(1)), found.level, shape)
            right -= board.u(6)
        name = QRectF(x, top, right - x, size)
        board.text(name, self.heading(), Ink(tone="t2", bold=True, elide=bool(found.level)))
        y = board.u(58)
        return QRectF(pad, y, whole.width() - 2 * pad, whole.height() - y - board.u(10))

    def draw_face(self, board: Board, area: QRectF) -> None:
        """Paint the body above a foot that stays in every face."""
        foot = board.u(46)
        body = QRectF(area.x(), area.y(), area.width(), area.height() - foot)
        super().draw_face(board, body)
        board.dim = False
        board.rule(area.x(), area.bottom() - foot, area.width())
        line = QRectF(area.x(), area.bottom() - foot + board.u(6), area.width(), foot - board.u(6))
        age = self.age() or Age(float("inf"), 1.0)
        taken = draw_age(board, line, age, self.room) + board.u(8)
        owner = Ink(tone="t3", elide=True)
        room = line.adjusted(0, 0, -taken, 0)
        board.text(room, board.whole_words(self.owner_words(), room.width(), owner), owner)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the number and two rows; the rows go first when there is no room."""
        shown = self.figures()
        high = board.u(78)
        line = QRectF(area.x(), area.y(), area.width(), high)
        taken = board.text(line, shown.number, _NUMBER) + board.u(8)
        unit, words = line.adjusted(taken, board.u(26), -board.u(30), 0), self.say(shown.unit)
        trend = shown.trend
        if board.width(words) > unit.width() and not trend:  # nothing moves: the unit has its room
            unit, trend = unit.adjusted(0, 0, board.u(30), 0), None
        if board.width(words) > unit.width():  # a long number: its unit stands over the trend mark
            near = taken - board.u(6)
            unit = QRectF(line.x() + near, line.y(), line.width() - near, board.u(36))
        board.text(unit, words, FAINT)
        if trend is not None:
            mark = Ink(tone="t3", align="right")
            board.text(line.adjusted(0, board.u(26), 0, 0), _TREND[trend], mark)
        y, row = area.y() + high + board.u(6), board.u(35)
        for label, value in shown.rows:
            if y + row > area.bottom() + board.u(4):
                return
            box = QRectF(area.x(), y, area.width(), row)
            wide = board.text(box, value, Ink(align="right"))
            board.text(box.adjusted(0, 0, -wide - board.u(8), 0), self.say(label), LABEL)
            y += row
