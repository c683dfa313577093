"""诉求统计: the day's intake by channel, class and county, open ones by state, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRectF

from app.cockpit import share_words
from backend_client.contract.base import Text
from backend_client.contract.requests import Requests
from widgets.paint import LABEL, Board, Ink
from widgets.panel import Face
from widgets.panels.events import CHANNELS, STATES, draw_bars
from widgets.panels.hot_spots import HotSpots, answer_face, answered

_SHARES: Final[Mapping[int, tuple[float, ...]]] = {2: (1.0, 1.3), 4: (1.0, 1.5, 1.15, 1.0)}
"""Widths of the columns: names of classes are the longest."""
_NUMBERS: Final = (1.0, 1.0, 0.8, 1.3)
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
        shares = _SHARES[columns]
        room = (area.width() - gap * (columns - 1)) / sum(shares)
        top = head.bottom() + board.u(6)
        high = (area.bottom() - top - gap * 0.4 * (rows - 1)) / rows
        for at, (title, bars) in enumerate(tables):
            row, column = divmod(at, columns)
            x = area.x() + sum(shares[:column]) * room + column * gap
            box = QRectF(x, top + row * (high + gap * 0.4), shares[column] * room, high)
            self._table(board, box, self.say(title), bars)

    def _numbers(self, board: Board, box: QRectF, known: Requests) -> None:
        words = self.room.words
        share = share_words(known.satisfied.top, known.satisfied.bottom, words)
        told = (
            (Text("今日来件", "came in"), words.number(known.intake)),
            (Text("今日答复", "answered"), words.number(known.answered)),
            (Text("今日并案", "merged"), words.number(known.merged)),
            (Text("满意 % · 7 天", "content %, 7 d"), share),
        )
        one = box.width() / sum(_NUMBERS)
        for at, (name, number) in enumerate(told):
            x, wide = box.x() + sum(_NUMBERS[:at]) * one, _NUMBERS[at] * one - board.u(10)
            cell = QRectF(x, box.y(), wide, box.height() / 2)
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
