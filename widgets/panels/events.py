"""Citizens' events on the wall: by channel, by county, the newest ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRectF

from app.figures import REQUESTS
from app.i18n import Words
from backend_client.contract.base import Text
from backend_client.contract.events import Channel, Event, EventState
from widgets.paint import LABEL, Board, Ink
from widgets.panel import Age, Face, Panel
from widgets.tables import Cell, Head, draw_table

CHANNELS: dict[Channel, Text] = {
    Channel.HOTLINE: Text("12345", "12345"),
    Channel.POLICE: Text("110 分流", "110"),
    Channel.GRID: Text("网格", "Grid"),
    Channel.WEB: Text("网页", "Web"),
    Channel.APP: Text("随手拍", "App"),
    Channel.CAMERA: Text("视频", "Camera"),
    Channel.DEPARTMENT: Text("部门", "Depts"),
}
_MOST_LABEL: Final = 0.66
STATES: dict[EventState, Text] = {
    EventState.REGISTERED: Text("待受理", "new"),
    EventState.ACCEPTED: Text("已受理", "accepted"),
    EventState.DISPATCHED: Text("已派单", "sent"),
    EventState.RETURNED: Text("退单", "sent back"),
    EventState.SIGNED: Text("已签收", "signed"),
    EventState.REPORTED: Text("待核查", "to check"),
    EventState.CLOSED: Text("办结", "closed"),
    EventState.ARCHIVED: Text("归档", "archived"),
    EventState.MERGED: Text("并案", "merged"),
    EventState.REFUSED: Text("不受理", "refused"),
    EventState.WITHDRAWN: Text("撤销", "withdrawn"),
}


def event_number(event: Event, words: Words) -> str:
    """Give the number people call an event by: its day and the last six signs of its id."""
    return f"NT-{words.local(event.reported_at):%Y%m%d}-{event.item_id[-6:]}"


class _EventPanel(Panel):
    layer = REQUESTS
    empty_words = Text("无新事件", "No new events")
    empty_reason = Text("24 小时内未收到", "none in 24 h")

    def age(self) -> Age:
        """Give the age of the newest event."""
        feed = self.room.figures.feed(REQUESTS)
        return Age(feed.age_s, feed.period_s)

    def face(self) -> Face:
        """Show an empty face while nothing came in the day looked back on."""
        known = super().face()
        if known is Face.READY and not self.room.figures.requests.by_channel:
            return Face.EMPTY
        return known


def draw_bars(board: Board, area: QRectF, rows: Sequence[tuple[str, int]], words: Words) -> None:
    """Paint labelled straight bars; what does not fit is summed in the last one."""
    least = board.u(30)
    fit = max(1, int((area.height() + 1) // least))
    if len(rows) > fit:
        rest = sum(value for _, value in rows[fit - 1 :])
        rows = [*rows[: fit - 1], (words.pick("其他", "Others"), rest)]
    high = min(board.u(38), area.height() / max(len(rows), 1))
    widest = max((board.width(name) for name, _ in rows), default=0) + board.u(12)
    label = min(widest, area.width() * _MOST_LABEL)
    count = max((board.width(words.number(value)) for _, value in rows), default=0) + board.u(10)
    longest = max((value for _, value in rows), default=0) or 1
    y = area.y()
    for name, value in rows:
        room = QRectF(area.x(), y, label - board.u(8), high)
        board.text(room, name, replace(LABEL, elide=True))
        track = QRectF(area.x() + label, y + high * 0.34, area.width() - label - count, high * 0.32)
        board.bar(track, value / longest)
        number = QRectF(area.right() - count, y, count, high)
        board.text(number, words.number(value), Ink(align="right"))
        y += high


class Channels(_EventPanel):
    """The last day's events by the door they came in."""

    title = Text("24 时渠道", "Channels, 24 h")

    def age(self) -> None:  # type: ignore[override]  # the card beside it carries the age
        """Leave the age to the layer's card."""

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one bar per channel."""
        found = self.room.figures.requests.by_channel
        rows = [(self.say(CHANNELS[channel]), count) for channel, count in found]
        draw_bars(board, area, rows, self.room.words)


class Newest(_EventPanel):
    """The newest events, one line each."""

    title = Text("最新事件", "Newest events")

    def note(self) -> str:
        """Say how many came and were closed today."""
        now, number = self.room.figures.requests, self.room.words.number
        return self.room.words.pick(
            f"今日 {number(now.today)} · 已闭环 {number(now.closed_today)}",
            f"today {number(now.today)} · closed {number(now.closed_today)}",
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint time, matter, county, state."""
        events = self.room.figures.requests.newest
        english = self.room.words.language == "en"
        time, matter, county, state = (0.9, 3.1, 2.0, 1.6) if english else (0.9, 4.1, 1.2, 1.4)
        heads = (Head("", time), Head("", matter), Head("", county), Head("", state, "right"))
        draw_table(board, area, heads=heads, rows=[self._row(one) for one in events])

    def _row(self, event: Event) -> tuple[Cell, ...]:
        words, names = self.room.words, self.room.names
        return (
            Cell(words.minute(event.reported_at), "t3"),
            Cell(event.title, bold=bool(event.level), level=event.level, elide=True),
            Cell(self.say(names.county(event.region)), "t2", elide=True),
            Cell(self.say(STATES[event.state]), "t2"),
        )
