"""The shift log: today's page on the wall, and as a list on the desk that reopens what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from backend_client.contract.shifts import TYPED, LineKind, ShiftLine, ShiftPage
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Face, Panel, Room
from widgets.row_list import RowList

KINDS: Mapping[LineKind, Text] = {
    LineKind.NOTE: Text("记事", "note"),
    LineKind.CORRECTION: Text("更正", "correction"),
    LineKind.SETTLED: Text("了结", "settled"),
    LineKind.ALARM: Text("报警", "alarm"),
    LineKind.SHELVED: Text("搁置", "shelved"),
    LineKind.GATE: Text("闸门", "gate"),
    LineKind.ORDER: Text("工单", "order"),
    LineKind.EVENT: Text("事件", "event"),
    LineKind.FEED: Text("数据源", "feed"),
    LineKind.SEAT: Text("席位", "seat"),
    LineKind.SHIFT: Text("交接", "shift"),
}
ROW = 38.0
TIME_WIDE, WHO_WIDE, NARROW = 76.0, 132.0, 520.0


def page_words(page: ShiftPage, room: Room) -> str:
    """Name a page: its seats, its number, its shift and hours."""
    words = room.words
    hours = f"{words.minute(page.from_at)}–{words.minute(page.to_at)}"
    return words.join(
        words.say(page.group_title),
        words.pick(f"第 {page.no} 页", f"page {page.no}"),
        f"{words.say(page.shift)} {hours}",
    )


def state_words(page: ShiftPage, room: Room) -> str:
    """Say whether a page is open, past its end, or locked."""
    words = room.words
    if page.state == "locked":
        return words.pick("已锁定", "locked")
    if page.overdue:
        return words.pick("已过班次 · 未交接", "past its end · not handed over")
    return words.pick("开放", "open")


def draw_line(board: Board, box: QRectF, line: ShiftLine, room: Room) -> None:
    """Paint when, who, and what; what wrote itself is quieter than what people wrote."""
    words = room.words
    typed = line.kind in TYPED
    time = QRectF(box.x(), box.y(), board.u(TIME_WIDE), box.height())
    board.text(time, words.minute(line.at), FAINT)
    rest = box.adjusted(time.width() + board.u(8), 0, 0, 0)
    is_narrow = box.width() < board.u(NARROW)  # then the words matter more than the name
    if not is_narrow:
        who = QRectF(rest.x(), box.y(), board.u(WHO_WIDE), box.height())
        name = line.by.name if line.by else words.say(KINDS[line.kind])
        board.text(who, name, Ink(tone="t2" if line.by else "t3", elide=True))
        rest.setLeft(who.right() + board.u(12))
    if line.carry and not is_narrow:
        mark = words.pick("续办", "carry on")
        taken = board.text(rest, mark, Ink(tone="t2", align="right", bold=True))
        rest.setRight(rest.right() - taken - board.u(12))
    text = words.say(line.text)
    if line.refers_to is not None:
        kind = words.say(KINDS[line.kind])
        text = words.pick(
            f"{kind}第 {line.refers_to.no} 行:{text}", f"{kind}, line {line.refers_to.no}: {text}"
        )
    board.text(rest, text, Ink(tone="t1" if typed else "t2", elide=True))


class OfPage(Panel):
    """A panel about the page this seat writes on."""

    empty_words = Text("未开页", "No page")
    empty_reason = Text("服务尚未开始本班日志", "the service has not begun this shift's log")

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        room.stores.log.changed.connect(self._on_log)
        room.stores.shift_pages.changed.connect(self._on_log)

    @property
    def page(self) -> ShiftPage | None:
        """Give the page shown."""
        return self.room.stores.log.page()

    def _on_log(self, _what: object) -> None:
        self.redraw()

    def freshen(self) -> None:
        """Keep the page up to date while it is looked at."""
        if self.page is not None and self.isVisible():
            self.room.stores.log.look(self.page.item_id)
        self.redraw()

    def face(self) -> Face:
        """Wait for the page's first line; say so when there is no page."""
        known, page = super().face(), self.page
        if known is not Face.READY:
            return known
        if page is None:
            return Face.EMPTY
        return Face.READY if self.room.stores.log.lines(page.item_id) else Face.LOADING


class ShiftLogPanel(OfPage):
    """The newest lines of the open page, oldest of them first."""

    title = Text("值班日志", "Shift log")

    def note(self) -> str:
        """Name the page."""
        return page_words(self.page, self.room) if self.page else ""

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint as many of the newest lines as there is room for."""
        if self.page is None:
            return
        lines = self.room.stores.log.lines(self.page.item_id)
        high = board.u(ROW)
        fit = max(1, int((area.height() + board.u(6)) // high))
        for index, line in enumerate(lines[-fit:]):
            y = area.y() + index * high
            draw_line(board, QRectF(area.x(), y, area.width(), high), line, self.room)
            board.rule(area.x(), y + high - 1, area.width())


class ShiftFigures(OfPage):
    """What happened in this shift, counted from the page's own lines."""

    title = Text("本班统计", "This shift")
    counted = (
        LineKind.ALARM,
        LineKind.GATE,
        LineKind.ORDER,
        LineKind.SHELVED,
        LineKind.FEED,
        LineKind.EVENT,
        LineKind.NOTE,
    )

    def note(self) -> str:
        """Say since when."""
        page, words = self.page, self.room.words
        if page is None:
            return ""
        at = words.minute(page.began_at)
        return words.pick(f"{at} 起", f"since {at}")

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint one column per kind of line: how many, of what."""
        if self.page is None:
            return
        lines, words = self.room.stores.log.lines(self.page.item_id), self.room.words
        counts = Counter(line.kind for line in lines)
        number, high = board.u(54), board.u(96)
        wide = max(board.width(words.say(KINDS[kind])) for kind in self.counted) + board.u(24)
        columns = max(1, int(area.width() // wide))
        for index, kind in enumerate(self.counted):
            row, column = divmod(index, columns)
            y = area.y() + row * high
            if y + high > area.bottom() + board.u(16):
                return
            step = area.width() / columns
            box = QRectF(area.x() + column * step, y, step - board.u(12), number)
            board.text(box, words.number(counts[kind]), Ink(role="m", bold=True))
            below = QRectF(box.x(), box.bottom(), box.width(), board.u(34))
            board.text(below, words.say(KINDS[kind]), LABEL)


class LogList(RowList):
    """The open page on the desk; Enter on a line reopens scene and place."""

    title = Text("值班日志", "Shift log")
    empty_words = Text("未开页", "No page yet")
    row_height = 31.0

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._page_id = ""
        room.stores.log.changed.connect(self._on_log)
        room.stores.shift_pages.changed.connect(self._on_log)
        self._on_log("")

    @property
    def line(self) -> ShiftLine | None:
        """Give the selected line."""
        lines = self.room.stores.log.lines(self._page_id)
        return next((line for line in lines if str(line.no) == self.key), None)

    def heading(self) -> str:
        """Name the page."""
        page = self.room.stores.log.page()
        return page_words(page, self.room) if page else self.say(self.title)

    def note(self) -> str:
        """Say how the page stands, and the keys."""
        page = self.room.stores.log.page()
        keys = self.room.words.pick("; 记一行 · H 交接", "; write · H hand over")
        return self.room.words.join(state_words(page, self.room) if page else "", keys)

    def freshen(self) -> None:
        """Keep the page up to date while it is looked at."""
        page = self.room.stores.log.page()
        if page is not None and self.isVisible():
            self.room.stores.log.look(page.item_id)
        self.redraw()

    def _on_log(self, _what: object) -> None:
        page = self.room.stores.log.page()
        page_id = page.item_id if page else ""
        lines = self.room.stores.log.lines(page_id)
        at_end = not self.keys or self.key == self.keys[-1] or page_id != self._page_id
        self._page_id = page_id
        self.put([str(line.no) for line in lines])
        if at_end and self.keys:
            self.select(self.keys[-1])

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the lines, or say that there is no page."""
        super().draw(board, area)
        if not self.keys:
            line = QRectF(area.x(), area.y() + 12, area.width(), 28)
            board.text(line, self.say(self.empty_words), LABEL)

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint one line."""
        lines = self.room.stores.log.lines(self._page_id)
        at = int(key) - 1
        line = lines[at] if at < len(lines) and str(lines[at].no) == key else None
        if line is not None:
            draw_line(board, box, line, self.room)
