"""What must be seen to next: a table for the walls, a list for the desk; the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from app.due_list import LATE, Due, Wait, count_waits, due_list
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from widgets.paint import Board, Ink
from widgets.panel import Face, Panel, Room
from widgets.panels.events import STATES
from widgets.row_list import RowList
from widgets.tables import Cell, Head, draw_table

WAITS: Final[Mapping[Wait, Text]] = {
    Wait.LED: Text("超期 报领导", "late, to leader"),
    Wait.SUPERVISED: Text("超期 报督办", "late, to supervisor"),
    Wait.OVERDUE: Text("超期", "late"),
    Wait.UNHEARD: Text("首次答复超时", "no first word yet"),
    Wait.UNSIGNED: Text("逾期未签收", "not signed"),
    Wait.YELLOW: Text("临期", "nearly due"),
    Wait.REDO: Text("不满意 待重办", "not content, to redo"),
    Wait.RETURNED: Text("退单待审定", "return to decide"),
    Wait.EXTENSION: Text("延期待审批", "extension to grant"),
    Wait.SOON: Text("24 时内到期", "within 24 h"),
    Wait.CALL_BACK: Text("待回访", "to call back"),
}
_GROUPS: Final[tuple[tuple[Text, frozenset[Wait]], ...]] = (
    (Text("超期", "overdue"), LATE),
    (Text("24 时内", "in 24 h"), frozenset({Wait.YELLOW, Wait.SOON})),
    (Text("未首复", "unheard"), frozenset({Wait.UNHEARD})),
    (Text("未签收", "unsigned"), frozenset({Wait.UNSIGNED})),
    (Text("审定", "returns"), frozenset({Wait.RETURNED})),
    (Text("延期", "extensions"), frozenset({Wait.EXTENSION})),
    (Text("回访", "calls"), frozenset({Wait.CALL_BACK})),
    (Text("不满意", "not content"), frozenset({Wait.REDO})),
)
_SINCE: Final = frozenset({Wait.RETURNED, Wait.EXTENSION, Wait.REDO})
"""What has waited since an instant; everything else is due by one."""


def rows_of(room: Room) -> list[Due]:
    """List what must be seen to next."""
    return due_list(room.stores, room.pulse.events, room.pulse.orders)


def time_words(due: Due, room: Room) -> str:
    """Say the time left, by how much it is over, or how long it has waited."""
    words, now = room.words, room.stores.server_now()
    if due.at is None:
        return ""
    if due.waits[0] not in _SINCE:
        return words.left(due.at, now)
    waited = words.age((now - due.at).total_seconds())
    return words.pick(f"已等 {waited}", f"waits {waited}")


def wait_words(due: Due, room: Room) -> str:
    """Say what it waits for."""
    return room.words.join(*(room.words.say(WAITS[wait]) for wait in due.waits))


def count_words(rows: Iterable[Due], room: Room) -> str:
    """Say how many there are of each kind."""
    counts = count_waits(rows)
    told = ((name, sum(counts[wait] for wait in group)) for name, group in _GROUPS)
    words = room.words
    return words.join(*(f"{words.say(name)} {words.short(count)}" for name, count in told if count))


class DueList(Panel):
    """The most urgent of them, one line each."""

    title = Text("到期与待定", "Due and to decide")
    empty_words = Text("无到期事项", "Nothing is due")
    empty_reason = Text("24 小时内无时限到期、待签收、退单、延期与回访", "no deadline within 24 h")

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._rows: list[Due] = []
        self.catch_up()

    def note(self) -> str:
        """Say how many there are of each kind."""
        return count_words(self._rows, self.room)

    def face(self) -> Face:
        """Show an empty face while nothing is due."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and not self._rows else known

    def catch_up(self) -> None:
        """Take in what is due now."""
        self._rows = rows_of(self.room)

    def freshen(self) -> None:
        """Show what is due now."""
        if self.isVisible():
            self.catch_up()
        self.redraw()

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint lamp and time, matter, what it waits for first."""
        events = self.room.stores.events
        known = ((due, events.get(due.event_id)) for due in self._rows[:64])
        rows = [self._row(due, event) for due, event in known if event is not None]
        heads = (Head("", 1.5), Head("", 3.0), Head("", 2.0, "right"))
        draw_table(board, area, heads=heads, rows=rows)

    def _row(self, due: Due, event: Event) -> tuple[Cell, ...]:
        return (
            Cell(time_words(due, self.room), bold=bool(LATE & {*due.waits}), level=due.level),
            Cell(event.title, elide=True),
            Cell(self.say(WAITS[due.waits[0]]), "t2"),
        )


class DueRows(RowList):
    """The same at the desk: J and K move, Enter opens the event, O puts them in order again."""

    title = DueList.title
    empty_words = DueList.empty_words
    empty_reason = DueList.empty_reason
    row_height = 56.0

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._rows: dict[str, Due] = {}

    def note(self) -> str:
        """Say how many there are of each kind."""
        return count_words(self._rows.values(), self.room)

    def face(self) -> Face:
        """Show an empty face while nothing is due."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and not self.keys else known

    def catch_up(self) -> None:
        """Begin in order."""
        self.sort()

    def sort(self) -> None:
        """Put every row where its urgency says."""
        self._look()
        self.put(list(self._rows))

    def freshen(self) -> None:
        """Take in what is due now; rows that stay keep their places."""
        if self.isVisible():
            self._look()
            self.take(list(self._rows))
        super().freshen()

    def _look(self) -> None:
        self._rows = {due.event_id: due for due in rows_of(self.room)}

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint lamp, matter and time; below, where it is and what it waits for."""
        due, event = self._rows.get(key), self.room.stores.events.get(key)
        if due is None or event is None:
            return
        words = self.room.words
        if due.level:
            board.state(QPointF(box.x() + 4, box.center().y() - 14), due.level, 28)
        x = box.x() + 46
        upper = QRectF(x, box.y() + 4, box.right() - x, 25)
        late = bool(LATE & {*due.waits})
        taken = board.text(upper, time_words(due, self.room), Ink(bold=late, align="right"))
        title = upper.adjusted(0, 0, -taken - 12, 0)
        board.text(title, event.title, Ink(bold=True, elide=True))
        lower = upper.translated(0, 25)
        state = words.say(STATES[event.state])
        taken = board.text(lower, state, Ink(tone="t3", align="right"))
        where = words.say(self.room.names.address(event.region, event.place))
        told = words.join(wait_words(due, self.room), where)
        board.text(lower.adjusted(0, 0, -taken - 12, 0), told, Ink(tone="t2", elide=True))
