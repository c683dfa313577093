"""The handover: what is left for the next shift, who signed the last page, how this one stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF

from backend_client.contract.base import Text
from backend_client.contract.shifts import OpenItem, OpenItems, ShiftPage
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Room
from widgets.panels.shift_log import OfPage, page_words, state_words

ITEM_KINDS: Mapping[str, Text] = {
    "gate_command": Text("闸门", "gate"),
    "alarm": Text("报警", "alarm"),
    "event": Text("逾期", "overdue"),
    "instruction": Text("待签收", "unsigned"),
    "note": Text("续办", "carry on"),
}
ROW = 38.0
HEAD_CHARS = 12


def signed_words(page: ShiftPage, room: Room) -> str:
    """Say who signed a page and when; empty while nobody has."""
    words = room.words
    gives, takes = page.handed_by, page.taken_by
    if gives is None or takes is None:
        return ""
    return words.join(
        words.pick(f"交班 {gives.person.name}", f"given by {gives.person.name}"),
        words.pick(f"接班 {takes.person.name}", f"taken by {takes.person.name}"),
        words.minute(takes.at),
        words.pick(f"链 {page.head[:HEAD_CHARS]}", f"chain {page.head[:HEAD_CHARS]}"),
    )


def counted_words(found: OpenItems, room: Room) -> str:
    """Count open items by kind, those listed; more are counted as more."""
    words = room.words
    counts: Counter[str] = Counter(one.kind for one in found.items)
    parts = [f"{words.say(ITEM_KINDS[kind])} {counts[kind]}" for kind in ITEM_KINDS if counts[kind]]
    more = found.count - len(found.items)
    return words.join(*parts, words.pick(f"另 {more}", f"{more} more") if more else "")


def draw_item(board: Board, box: QRectF, item: OpenItem, room: Room) -> None:
    """Paint one open item: state shape, since when, of which kind, what."""
    words, size = room.words, board.u(26)
    if item.level:
        board.state(QPointF(box.x(), box.center().y() - size / 2), item.level, size)
    time = QRectF(box.x() + board.u(36), box.y(), board.u(76), box.height())
    board.text(time, words.minute(item.since_at), FAINT)
    kind = QRectF(time.right() + board.u(8), box.y(), board.u(110), box.height())
    board.text(kind, words.say(ITEM_KINDS[item.kind]), Ink(tone="t2", elide=True))
    rest = QRectF(kind.right() + board.u(8), box.y(), 1, box.height())
    rest.setRight(box.right())
    board.text(rest, words.say(item.text), Ink(elide=True))


class HandoverPanel(OfPage):
    """Open items left, the last signatures, the state of the page."""

    title = Text("交接班", "Handover")

    def note(self) -> str:
        """Say how the page stands."""
        return state_words(self.page, self.room) if self.page else ""

    def level(self) -> int:
        """Mark a page past its end: somebody has to hand it over."""
        return 4 if self.page is not None and self.page.overdue else 0

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the page, what it leaves by number and kind, the rows, the signatures."""
        page, words, high = self.page, self.room.words, board.u(ROW)
        if page is None:
            return
        log = self.room.stores.log
        line = QRectF(area.x(), area.y(), area.width(), high)
        board.text(line, page_words(page, self.room), Ink(bold=True, elide=True))
        found = log.open_items(page.item_id)
        y = self._draw_left(board, line.translated(0, high), found) + board.u(8)
        foot = area.bottom() - 2 * high
        board.rule(area.x(), foot, area.width())
        before = log.before(page)
        signed = signed_words(before, self.room) if before else ""
        last = words.pick("上一页 ", "Last page: ") + signed if signed else ""
        none = words.pick("首页,无上一班签字", "the first page, no signatures before it")
        box = QRectF(area.x(), foot, area.width(), high)
        board.text(box, last or none, Ink(tone="t2", elide=True))
        keys = words.pick(
            "坐席 H 签字交接:双方签字后锁页", "H at a desk: both sign, the page locks"
        )
        board.text(box.translated(0, high), keys, Ink(tone="t3", elide=True))
        items = found.items if found else ()
        for item in items:
            if y + high > foot:
                return
            draw_item(board, QRectF(area.x(), y, area.width(), high), item, self.room)
            board.rule(area.x(), y + high - 1, area.width())
            y += high

    def _draw_left(self, board: Board, box: QRectF, found: OpenItems | None) -> float:
        words = self.room.words
        high = board.u(78)
        line = QRectF(box.x(), box.y(), box.width(), high)
        if found is None:
            board.text(line, words.pick("未了事项 读取中", "reading open items"), LABEL)
            return line.bottom()
        number = words.number(found.count)
        taken = board.text(line, number, Ink(role="l", bold=True)) + board.u(12)
        side = line.adjusted(taken, board.u(22), 0, 0)
        kinds = counted_words(found, self.room)
        label = words.pick("项未了", "open items")
        board.text(side, words.join(label, kinds), Ink(tone="t2", elide=True))
        return line.bottom()
