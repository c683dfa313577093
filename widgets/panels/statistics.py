"""诉求统计: the day's intake by channel, class and county, open ones by state, answers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF

from app.cockpit import share_words
from backend_client.contract.base import Text
from backend_client.contract.requests import Requests
from widgets.paint import LABEL, Board, Ink
from widgets.panel import Face
from widgets.panels.events import CHANNELS, STATES, draw_bars
from widgets.panels.hot_spots import HotSpots, answer_face, answered

Bars = Sequence[tuple[str, int]]


class Statistics(HotSpots):
    """Four short tables of bars under one line of numbers."""

    title = Text("诉求统计", "Requests today")
    empty_words = Text("今日无来件", "Nothing today")
    empty_reason = Text("零时以来未收到", "none since midnight")

    def face(self) -> Face:
        """Say that nothing came yet and nothing is open."""
        known = answered(self.room)
        is_empty = known is not None and not known.intake and not known.states
        return answer_face(self.room, super(HotSpots, self).face(), empty=is_empty)

    def note(self) -> str:
        """Say as of when the numbers are."""
        known = answered(self.room)
        return self.room.words.as_of(known.at) if known else ""

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the numbers, then the tables as far as there is room."""
        known = answered(self.room)
        if known is None:
            return
        head = QRectF(area.x(), area.y(), area.width(), board.u(64))
        self._numbers(board, head, known)
        tables = self._tables(known)
        columns = 4 if area.width() > board.u(1_150) else 2
        gap = board.u(30)
        rows = -(-len(tables) // columns)
        wide = (area.width() - gap * (columns - 1)) / columns
        top = head.bottom() + board.u(6)
        high = (area.bottom() - top - gap * 0.4 * (rows - 1)) / rows
        for at, (title, bars) in enumerate(tables):
            row, column = divmod(at, columns)
            x, y = area.x() + column * (wide + gap), top + row * (high + gap * 0.4)
            self._table(board, QRectF(x, y, wide, high), self.say(title), bars)

    def _numbers(self, board: Board, box: QRectF, known: Requests) -> None:
        words = self.room.words
        share = share_words(known.satisfied.top, known.satisfied.bottom, words)
        told = (
            (Text("今日来件", "came today"), words.number(known.intake)),
            (Text("今日答复", "answered"), words.number(known.answered)),
            (Text("今日并案", "merged"), words.number(known.merged)),
            (Text("满意 % · 7 天", "content %, 7 d"), share),
        )
        wide = box.width() / len(told)
        for at, (name, number) in enumerate(told):
            cell = QRectF(box.x() + at * wide, box.y(), wide - board.u(10), box.height() / 2)
            board.text(cell, self.say(name), Ink(tone="t3", elide=True))
            board.text(cell.translated(0, box.height() / 2), number, Ink(bold=True))

    def _tables(self, known: Requests) -> tuple[tuple[Text, Bars], ...]:
        return (
            (
                Text("渠道", "Channel"),
                [(self.say(CHANNELS[one.channel]), one.count) for one in known.channels],
            ),
            (
                Text("类别 前十", "Class, top ten"),
                [(self.say(one.name), one.count) for one in known.matters],
            ),
            (
                Text("县区", "County"),
                [(self._region(one.region, known.region), one.count) for one in known.regions],
            ),
            (
                Text("在办 按状态", "Open by state"),
                [(self.say(STATES[one.state]), one.count) for one in known.states],
            ),
        )

    def _region(self, code: str, under: str) -> str:
        names = self.room.names
        return self.say(names.county(code) if len(under) < len(code) <= 6 else names.region(code))

    def _table(self, board: Board, box: QRectF, title: str, bars: Bars) -> None:
        high = board.u(32)
        board.text(QRectF(box.x(), box.y(), box.width(), high), title, LABEL)
        board.rule(box.x(), box.y() + high, box.width())
        body = box.adjusted(0, high + board.u(2), 0, 0)
        draw_bars(board, body, bars, self.room.words)
