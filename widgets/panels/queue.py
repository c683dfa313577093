"""The operator's queue: what waits, in the order of the time that is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from backend_client.contract.events import Event, EventState
from widgets.hold import holder_of
from widgets.paint import Board, Ink
from widgets.panel import Room
from widgets.panels.events import CHANNELS
from widgets.row_list import RowList

FILTERS: tuple[tuple[Text, frozenset[EventState]], ...] = (
    (Text("待受理", "New"), frozenset({EventState.REGISTERED})),
    (Text("待派", "To send"), frozenset({EventState.ACCEPTED, EventState.RETURNED})),
    (Text("在办", "In hand"), frozenset({EventState.DISPATCHED, EventState.SIGNED})),
    (Text("待核", "Check"), frozenset({EventState.REPORTED})),
    (
        Text("已结", "Over"),
        frozenset(
            {
                EventState.CLOSED,
                EventState.ARCHIVED,
                EventState.MERGED,
                EventState.REFUSED,
                EventState.WITHDRAWN,
            }
        ),
    ),
)
MOST_ROWS = 2_000
FEW = 64


def time_words(event: Event, room: Room) -> tuple[str, str]:
    """Give the time left and its tone; how long it has waited while no deadline runs."""
    now = room.stores.server_now()
    if not event.is_open:
        return "", "t3"
    if event.due_at is not None:
        return room.words.left(event.due_at, now), "t1"
    waited = room.words.age((now - event.reported_at).total_seconds())
    return room.words.pick(f"已等 {waited}", f"waits {waited}"), "t2"


class Queue(RowList):
    """Events of one state; J and K move, Tab changes the state, O puts new ones in order."""

    title = Text("受理队列", "Queue")
    empty_words = Text("队列为空", "Nothing waits")
    empty_reason = Text("此状态下没有事件", "no event in this state")
    row_height = 76.0
    top_space = 36.0

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._filter = 0
        self._counts = [0] * len(FILTERS)
        self._stale = False
        self._marked: dict[str, None] = {}
        room.stores.events.changed.connect(self._on_events)
        room.stores.claims.changed.connect(self._on_claims)
        self.sort()

    @property
    def chosen(self) -> Event | None:
        """Give the selected event."""
        return self.room.stores.events.get(self.key)

    @property
    def marked(self) -> tuple[Event, ...]:
        """Give the events marked for one deed, in the order they stand in."""
        found = (self.room.stores.events.get(key) for key in self.keys if key in self._marked)
        return tuple(event for event in found if event is not None)

    def mark(self, step: int = 0) -> None:
        """Mark or unmark the selected row; with a step, mark the rows from here to the next."""
        if not self.key:
            return
        if not step:
            if self.key in self._marked:
                del self._marked[self.key]
            else:
                self._marked[self.key] = None
        else:
            self._marked[self.key] = None
            self.go(step)
            self._marked[self.key] = None
        self.redraw()

    def unmark(self, done: Collection[str] | None = None) -> None:
        """Unmark what is done, or everything."""
        for key in list(self._marked) if done is None else done:
            self._marked.pop(key, None)
        self.redraw()

    def mark_again(self, keys: Iterable[str]) -> None:
        """Mark what could not be done."""
        self._marked |= dict.fromkeys(keys)
        self.redraw()

    def note(self) -> str:
        """Name the keys that move, or how many are marked and which key goes on with them."""
        if marked := len(self.marked):
            return self.room.words.pick(
                f"已选 {marked} · Shift+B 批量", f"{marked} marked · Shift+B"
            )
        return self.room.words.pick("J K · 按剩余时间", "J K · by time left")

    def turn(self, step: int = 1) -> None:
        """Show another state."""
        self._filter = (self._filter + step) % len(FILTERS)
        self._marked.clear()
        self.sort()

    def reveal(self, event_id: str) -> None:
        """Show the state an event is in, and select it."""
        event = self.room.stores.events.get(event_id)
        if event is None:
            return
        states = [group for _, group in FILTERS]
        self._filter = next(at for at, group in enumerate(states) if event.state in group)
        self.sort()
        self.select(event_id)

    def sort(self) -> None:
        """Put every row where its time left says."""
        self._count()
        self.put(self._wanted())

    def put(self, keys: Sequence[str]) -> None:
        """Show these; what left the queue is marked no more, even if it comes back."""
        super().put(keys)
        shown = set(keys)
        self._marked = {key: None for key in self._marked if key in shown}

    def _wanted(self) -> list[str]:
        return self.room.pulse.events.due_first(FILTERS[self._filter][1], MOST_ROWS)

    def _count(self) -> None:
        states = self.room.pulse.events.by_state()
        self._counts = [sum(states[state] for state in group) for _, group in FILTERS]

    def _on_events(self, ids: tuple[str, ...]) -> None:
        if len(ids) > FEW:
            self._stale = True
            return
        wanted = FILTERS[self._filter][1]
        keys = dict.fromkeys(self.keys)
        for event_id in ids:
            event = self.room.stores.events.get(event_id)
            if event is not None and event.state in wanted:
                keys.setdefault(event_id)
            else:
                keys.pop(event_id, None)
        self.take(list(keys))

    def _on_claims(self, _ids: tuple[str, ...]) -> None:
        self.update()

    def freshen(self) -> None:
        """Count the states again; take many changes in at once."""
        self._count()
        if self._stale:
            self._stale = False
            self.take(self._wanted())
        self.update()

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the states, then the rows."""
        self._draw_states(board, QRectF(area.x(), area.y(), area.width(), 28))
        super().draw(board, area)
        if not self.keys:
            box = area.adjusted(0, self.top_space + 16, 0, 0)
            words = self.room.words.join(self.say(self.empty_words), self.say(self.empty_reason))
            board.text(QRectF(box.x(), box.y(), box.width(), 28), words, Ink(tone="t2"))

    def _draw_states(self, board: Board, line: QRectF) -> None:
        """Name the states in their order; those beside the chosen one where not all have room."""
        said = []
        for number, (name, _) in enumerate(FILTERS):
            chosen = number == self._filter
            ink = Ink(bold=chosen, tone="t1" if chosen else "t3")
            said.append((f"{self.say(name)} {self.room.words.short(self._counts[number])}", ink))
        wide = [board.width(text, ink) + 18 for text, ink in said]
        more = board.width("+9")
        whole = sum(wide) - 18 <= line.width()
        first = 0
        while first < self._filter and sum(wide[first : self._filter + 1]) + more > line.width():
            first += 1
        x, end, shown = line.x(), line.right() - (0 if whole else more), 0
        for (text, ink), length in zip(said[first:], wide[first:], strict=True):
            if x + length - 18 > end:
                break
            board.text(QRectF(x, line.y(), length, line.height()), text, ink)
            x, shown = x + length, shown + 1
        if not whole:  # so many more states: Q turns to them
            board.text(line, f"+{len(said) - shown}", Ink(tone="t2", align="right"))

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint matter and place, time left and channel."""
        event = self.room.stores.events.get(key)
        if event is None:
            return
        words = self.room.words
        if key in self._marked:
            tick = QRectF(box.x() + 4, box.y() + 38, 20, 24)
            board.text(tick, "✓", Ink(bold=True, align="center"))
        if event.level:
            board.state(QPointF(box.x() + 2, box.y() + 7), event.level, 24)
        x = box.x() + 38
        upper = QRectF(x, box.y() + 5, box.right() - x, 26)
        lower = upper.translated(0, 25)
        left, tone = time_words(event, self.room)
        taken = board.text(upper, left, Ink(bold=tone == "t1", align="right", tone=tone))
        title = upper.adjusted(0, 0, -taken - 10, 0)
        board.text(title, event.title, Ink(role="m", bold=True, elide=True))
        note = f"{words.say(CHANNELS[event.channel])} {words.minute(event.reported_at)}"
        if (claim := holder_of(key, self.room)) is not None:  # whose it is matters more
            name = claim.holder.name
            note = words.pick(f"{name} 处理中", f"{name} on it")
        taken = board.text(lower, note, Ink(tone="t3", align="right"))
        where = words.say(self.room.names.address(event.region, event.place))
        board.text(lower.adjusted(0, 0, -taken - 10, 0), where, Ink(tone="t2", elide=True))
