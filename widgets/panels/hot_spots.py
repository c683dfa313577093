"""诉求热点: where many reports of one class have come together, the most unusual first."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from app.answers import RequestsOf
from backend_client.contract.base import Text
from backend_client.contract.requests import HotSpot, Requests
from widgets.paint import Board, Ink
from widgets.panel import Age, Face, Panel, Room, age_words, unanswered
from widgets.row_list import RowList
from widgets.tables import Cell, Head, draw_table, more_note

EVERY_S: Final = 30.0
TITLE: Final = Text("诉求热点", "Hot spots")
EMPTY: Final = Text("无热点", "No hot spot")
REASON: Final = Text("24 小时内无同类来件聚集", "no class comes together within 24 h")


def ask(room: Room) -> Requests | None:
    """Give the newest answer, and ask for a newer one now and then."""
    return room.stores.answers.ask(RequestsOf(), EVERY_S)


def answered(room: Room) -> Requests | None:
    """Give the newest answer there is."""
    return room.stores.answers.get(RequestsOf())


def answer_age(room: Room) -> Age | None:
    """Give how old the answer is."""
    if answered(room) is None:
        return None
    return Age(room.stores.answers.age_s(RequestsOf()), EVERY_S * 2)


def answer_face(room: Room, known: Face, *, empty: bool) -> Face:
    """Wait for the first answer; a refused one says so."""
    if known is not Face.READY:
        return known
    if answered(room) is None:
        return unanswered(room, RequestsOf())
    return Face.EMPTY if empty else known


def change_mark(one: HotSpot, room: Room) -> str:
    """Mark how many more or fewer than in the same hours a week before."""
    words, change = room.words, one.count - one.before
    if not one.before:
        return words.pick("新", "new")
    mark = "▲" if change > 0 else "▼"
    return f"{mark} {words.number(abs(change))}" if change else "="


def change_words(one: HotSpot, room: Room) -> str:
    """Say the same where there is no head above it."""
    words = room.words
    if not one.before:
        return words.pick("上周同时段无", "none the week before")
    return f"{change_mark(one, room)} " + words.pick("较上周同时段", "vs the week before")


def age_of(one: HotSpot, room: Room) -> str:
    """Say how long ago the newest of its reports came."""
    now_s = room.stores.server_now().timestamp()
    age = Age(max(0.0, now_s - one.last_at.timestamp()), float("inf"))
    return age_words(age, room)[0]


class HotSpots(Panel):
    """The hot spots on a wall: class, place, count, change, age."""

    title = TITLE
    empty_words, empty_reason = EMPTY, REASON

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        room.stores.answers.changed.connect(self._on_answer)

    def _on_answer(self, _question: object) -> None:
        self.redraw()

    def freshen(self) -> None:
        """Ask now and then while somebody looks."""
        if self.isVisible():
            ask(self.room)
        super().freshen()

    def catch_up(self) -> None:
        """Ask before the panel is shown."""
        ask(self.room)

    def spots(self) -> tuple[HotSpot, ...]:
        """Give the hot spots there are."""
        known = answered(self.room)
        return known.spots if known else ()

    def note(self) -> str:
        """Say how many there are and what is looked back on."""
        known, words = answered(self.room), self.room.words
        if known is None or not known.spots:
            return ""
        count = len(known.spots)
        return words.join(
            words.pick(f"{count} 处", f"{count}"), words.pick("近 24 时", "last 24 h")
        )

    def age(self) -> Age | None:
        """Give how old the answer is."""
        return answer_age(self.room)

    def face(self) -> Face:
        """Say that nothing comes together."""
        return answer_face(self.room, super().face(), empty=not self.spots())

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one line each, and how many are not shown."""
        spots, words = self.spots(), self.room.words
        pick = words.pick
        room = area.adjusted(0, 0, 0, -board.u(34))
        heads = (
            Head(pick("类别", "Class"), 2.5 if words.language == "zh" else 2.7),
            Head(pick("地点", "Place"), 2.8 if words.language == "zh" else 2.3),
            Head(pick("件", "No."), 0.7, "right"),
            Head(pick("较上周", "Week"), 1.3, "right"),
            Head(pick("最近", "Last"), 1.5, "right"),
        )
        shown = draw_table(board, room, heads=heads, rows=[self._row(one) for one in spots])
        if len(spots) > shown:
            rest = len(spots) - shown
            more_note(board, area, pick(f"另有 {rest} 处", f"{rest} more"))

    def _row(self, one: HotSpot) -> tuple[Cell, ...]:
        words, names = self.room.words, self.room.names
        return (
            Cell(self.say(one.name), bold=True, elide=True),
            Cell(words.say(names.where(one.region)), "t2", elide=True),
            Cell(words.number(one.count)),
            Cell(change_mark(one, self.room), "t2"),
            Cell(age_of(one, self.room), "t3"),
        )


class HotRows(RowList):
    """The same at the desk: J and K move, Enter flies to the place."""

    title = TITLE
    empty_words, empty_reason = EMPTY, REASON
    row_height = 56.0

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._spots: dict[str, HotSpot] = {}
        room.stores.answers.changed.connect(self._on_answer)

    @property
    def spot(self) -> HotSpot | None:
        """Give the selected one."""
        return self._spots.get(self.key)

    def _on_answer(self, question: object) -> None:
        if question == RequestsOf() or question is None:
            self._look()
            self.take(list(self._spots))
            self.redraw()

    def freshen(self) -> None:
        """Ask now and then while somebody looks."""
        if self.isVisible():
            ask(self.room)
        super().freshen()

    def catch_up(self) -> None:
        """Begin in order."""
        ask(self.room)
        self._look()
        self.put(list(self._spots))

    def _look(self) -> None:
        known = answered(self.room)
        self._spots = {one.spot_id: one for one in known.spots} if known else {}

    def note(self) -> str:
        """Say what Enter does."""
        words = self.room.words
        return words.pick("Enter 飞到地图", "Enter: fly there") if self._spots else ""

    def age(self) -> Age | None:
        """Give how old the answer is."""
        return answer_age(self.room)

    def face(self) -> Face:
        """Say that nothing comes together."""
        return answer_face(self.room, super().face(), empty=not self.keys)

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint class and count; below, where it is, the change and its age."""
        one, words = self._spots.get(key), self.room.words
        if one is None:
            return
        x = box.x() + 12
        upper = QRectF(x, box.y() + 4, box.right() - x, 25)
        count = words.pick(f"{one.count} 件 · 在办 {one.open}", f"{one.count}, open {one.open}")
        taken = board.text(upper, count, Ink(bold=True, align="right"))
        title = upper.adjusted(0, 0, -taken - 12, 0)
        board.text(title, words.say(one.name), Ink(bold=True, elide=True))
        lower = upper.translated(0, 25)
        told = words.join(change_words(one, self.room), age_of(one, self.room))
        taken = board.text(lower, told, Ink(tone="t3", align="right"))
        where = words.say(self.room.names.where(one.region))
        board.text(lower.adjusted(0, 0, -taken - 12, 0), where, Ink(tone="t2", elide=True))
