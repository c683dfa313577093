"""One event: what it is, how far it has come, what was said, what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from backend_client.contract.base import Text
from backend_client.contract.events import Event, EventState
from backend_client.contract.orders import Order
from widgets.deeds import Deeds
from widgets.hold import claim_words
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Face, Panel, Room
from widgets.panels.events import CHANNELS, STATES, event_number

STAGES: tuple[tuple[EventState, Text], ...] = (
    (EventState.REGISTERED, Text("登记", "Registered")),
    (EventState.ACCEPTED, Text("受理", "Accepted")),
    (EventState.DISPATCHED, Text("派单", "Sent")),
    (EventState.SIGNED, Text("签收", "Signed")),
    (EventState.REPORTED, Text("反馈", "Reported")),
    (EventState.CLOSED, Text("办结", "Closed")),
)


_ASIDE: dict[EventState, EventState] = {
    EventState.RETURNED: EventState.DISPATCHED,
    EventState.ARCHIVED: EventState.CLOSED,
    EventState.REFUSED: EventState.REGISTERED,
    EventState.WITHDRAWN: EventState.ACCEPTED,
}


def stage_of(event: Event) -> EventState:
    """Give the stage of the straight line an event has reached, wherever it is now."""
    state = event.was or event.state if event.state is EventState.MERGED else event.state
    return _ASIDE.get(state, state)


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing an operator may do with an event: its key and its words."""

    verb: str
    key: str
    words: Text
    primary: bool = False


BAR = 64
VERBS: tuple[Verb, ...] = (
    Verb("accept", "S", Text("受理", "Accept"), primary=True),
    Verb("dispatch", "D", Text("派单", "Send")),
    Verb("locate", "P", Text("定位", "Locate")),
    Verb("close", "X", Text("办结", "Close")),
)


@dataclass(frozen=True, slots=True)
class Passed:
    """One thing that happened to an event."""

    at: datetime
    what: Text
    note: str


def history(event: Event, orders: tuple[Order, ...], unit: Callable[[str], str]) -> list[Passed]:
    """Tell what happened, from the event and its orders, oldest first."""
    passed = [Passed(event.reported_at, Text("登记", "Registered"), "")]
    for order in orders:
        passed.append(Passed(order.created_at, Text("派单", "Sent"), _sent(order, unit)))
        if order.signed_at is not None:
            by = order.signed_by.name if order.signed_by else ""
            passed.append(Passed(order.signed_at, Text("签收", "Signed"), by))
        if order.report:
            passed.append(Passed(order.updated_at, Text("反馈", "Reported"), order.report))
    passed.sort(key=lambda one: one.at)
    if event.updated_at > passed[-1].at and event.state is not EventState.REGISTERED:
        words = STATES[event.state]
        passed.append(Passed(event.updated_at, words, ""))
    return passed


def _sent(order: Order, unit: Callable[[str], str]) -> str:
    parts = (unit(order.department), order.sent_by.name, order.note)
    return " · ".join(part for part in parts if part)


class EventPage(Panel):
    """The selected event in full, with the verbs it allows.

    Signals:
        wanted(str): a verb was asked for.
    """

    wanted = Signal(str)
    title = Text("事件", "Event")
    empty_words = Text("未选事件", "No event selected")
    empty_reason = Text("用 J K 在队列中选择", "choose one in the queue with J and K")

    def __init__(self, room: Room, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._deeds = deeds
        self._event_id = ""
        self.message = ""
        self._bar = QWidget(self)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(16, 0, 16, 12)
        row.setSpacing(12)
        self.buttons = {verb.verb: QPushButton(self._bar) for verb in VERBS}
        for verb in VERBS:
            button = self.buttons[verb.verb]
            row.addWidget(button)
            if verb.primary:
                button.setProperty("kind", "primary")
            button.clicked.connect(self._asker(verb.verb))
        row.addStretch(1)
        room.stores.events.changed.connect(self._on_events)
        room.stores.claims.changed.connect(self._on_events)
        room.words.changed.connect(self.refresh)
        room.stores.link_changed.connect(self.refresh)
        self.refresh()

    @property
    def event_shown(self) -> Event | None:
        """Give the event shown."""
        return self.room.stores.events.get(self._event_id)

    def show_event(self, event_id: str) -> None:
        """Show another event."""
        self._event_id = event_id
        self.message = ""
        self.refresh()

    def say_result(self, words: str) -> None:
        """Write what came of a step beside the buttons."""
        self.message = words
        self.update()

    def face(self) -> Face:
        """Show an empty face while nothing is selected."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and self.event_shown is None else known

    def note(self) -> str:
        """Give who has the event in hand, and the number it goes by."""
        event = self.event_shown
        if event is None:
            return ""
        held = claim_words(event.item_id, self.room, self._deeds.person_id())
        return self.room.words.join(held, event_number(event, self.room.words))

    def refresh(self) -> None:
        """Say the buttons' words and which of them may be used."""
        event = self.event_shown
        for verb in VERBS:
            button = self.buttons[verb.verb]
            button.setText(f"{verb.key}   {self.say(verb.words)}")
            why = self._deeds.why_not(verb.verb, event) if event else Text("", "")
            button.setEnabled(event is not None and why is None)
            button.setVisible(event is not None)
            button.setToolTip(self.say(why) if why else "")
        self.update()

    def _asker(self, verb: str) -> Callable[[], None]:
        return lambda: self.wanted.emit(verb)

    def _on_events(self, ids: tuple[str, ...]) -> None:
        if self._event_id in ids:
            self.refresh()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the buttons at the foot."""
        self._bar.setGeometry(0, self.height() - BAR, self.width(), BAR)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint matter, meta line, stages, the words said, the history."""
        event = self.event_shown
        if event is None:
            return
        words = self.room.words
        line = QRectF(area.x(), area.y() - 4, area.width(), 40)
        taken = 0.0
        if event.due_at is not None and event.is_open:
            left = words.left(event.due_at, self.room.stores.server_now())
            taken = board.text(line, left, Ink(role="l", bold=True, align="right")) + 10
            label = words.pick("处置时限", "time left")
            rest = line.adjusted(0, 0, -taken, 0)
            taken += board.text(rest, label, Ink(tone="t2", align="right")) + 16
        if event.level:
            board.state(QPointF(line.x(), line.y() + 5), event.level, 30)
        start = line.adjusted(40 if event.level else 0, 0, -taken, 0)
        board.text(start, event.title, Ink(role="l", bold=True, elide=True))
        meta = words.join(
            words.say(CHANNELS[event.channel]),
            words.pick(
                f"{words.minute(event.reported_at)} 登记",
                f"registered {words.minute(event.reported_at)}",
            ),
            words.say(self.room.names.address(event.region, event.place)),
        )
        below = QRectF(area.x(), line.bottom() - 2, area.width(), 26)
        board.text(below, meta, Ink(tone="t2", elide=True))
        y = self._draw_stages(board, QRectF(area.x(), below.bottom() + 14, area.width(), 52), event)
        y = self._draw_quote(board, QRectF(area.x(), y + 10, area.width(), 72), event.text)
        foot = self.height() - 84
        self._draw_history(board, QRectF(area.x(), y + 14, area.width(), foot - y - 14), event)
        self._draw_message(board, area)

    def _draw_message(self, board: Board, area: QRectF) -> None:
        if not self.message:
            return
        last = self.buttons[VERBS[-1].verb].geometry()
        x = last.right() + 20.0
        box = QRectF(x, self._bar.y() + last.y(), max(area.right() - x, 1), last.height())
        board.text(box, self.message, Ink(tone="t1", bold=True, align="right", elide=True))

    def _draw_stages(self, board: Board, box: QRectF, event: Event) -> float:
        present = [state for state, _ in STAGES].index(stage_of(event))
        inset = board.width(self.say(STAGES[0][1]), Ink(bold=True)) / 2 + 4
        step = (box.width() - 2 * inset) / (len(STAGES) - 1)
        y = box.y() + 10
        painter = board.painter
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        for index, (_, words) in enumerate(STAGES):
            x = box.x() + inset + index * step
            if index + 1 < len(STAGES):
                tone = "t2" if index < present else "line2"
                painter.setPen(QPen(QColor(board.theme.color(tone)), 2))
                painter.drawLine(QPointF(x + 9, y), QPointF(x + step - 9, y))
            size = 17 if index == present else 12
            done = index <= present
            tone = "t1" if index == present else "t3"
            board.dot(QPointF(x, y), size, hollow=not done, tone=tone)
            label = QRectF(x - step / 2, y + 12, step, 26)
            ink = Ink(align="center", bold=index == present, tone="t1" if done else "t3")
            board.text(label, self.say(words), ink)
        return y + 40

    @staticmethod
    def _draw_quote(board: Board, box: QRectF, text: str) -> float:
        board.fill(box, "raise")
        inner = box.adjusted(14, 10, -14, -10)
        board.paragraph(inner, text, Ink(elide=True))
        return box.bottom()

    def _draw_history(self, board: Board, box: QRectF, event: Event) -> None:
        words = self.room.words

        def unit(department: str) -> str:
            return words.say(self.room.names.department(department))

        orders = tuple(
            one for one in self.room.stores.orders.all() if one.event_id == event.item_id
        )
        passed = history(event, orders, unit)
        high = 29.0
        fit = max(0, int(box.height() // high))
        shown = passed[len(passed) - min(fit, len(passed)) :]
        for index, one in enumerate(shown):
            y = box.y() + index * high
            board.text(QRectF(box.x(), y, 80, high), words.clock(one.at), FAINT)
            last = index == len(shown) - 1
            centre = QPointF(box.x() + 96, y + high / 2)
            if not last:
                board.fill(QRectF(centre.x() - 1, centre.y() + 6, 2, high - 12), "line2")
            board.dot(centre, 10, hollow=False, tone="t1" if last else "t3")
            x = box.x() + 116
            taken = board.text(QRectF(x, y, 110, high), self.say(one.what), Ink(bold=last))
            rest = QRectF(x + max(taken, 36) + 16, y, box.right() - x - max(taken, 36) - 16, high)
            board.text(rest, one.note, Ink(tone=LABEL.tone, elide=True))
