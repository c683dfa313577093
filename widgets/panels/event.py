"""One event: what it is, how it stands, what was said, what became of it step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.i18n import Words
from app.order_table import asks_time
from backend_client.contract.base import Text
from backend_client.contract.events import Event, EventState
from backend_client.contract.orders import Order, OrderState
from widgets.button_bar import BAR, ButtonBar
from widgets.case_paths import SAID, offers, orders_of
from widgets.deeds import Deeds
from widgets.hold import claim_words
from widgets.paint import Board, Ink
from widgets.panel import Face, Panel, Room
from widgets.panels.events import CHANNELS, STATES, event_number
from widgets.panels.photos import PhotoStrip, Shot, shots_of
from widgets.panels.reading import EventReading, brief
from widgets.panels.timeline import Passed, Trail, draw_passed

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


VERBS: tuple[Verb, ...] = (
    Verb("accept", "S", Text("受理", "Accept"), primary=True),
    Verb("dispatch", "D", Text("派单", "Send")),
    Verb("locate", "P", Text("定位", "Locate")),
    Verb("close", "X", Text("办结", "Close")),
)


MORE = Verb("more", "M", Text("更多", "More"))
REST_MS = 250
"""How long an event is looked at before its whole trail is read: J and K pass by many."""


def is_supervised(event: Event, orders: Iterable[Order]) -> bool:
    """Tell whether somebody supervises an event, or an order of it that is not done yet."""
    return event.supervised is not None or any(o.is_open and o.supervised for o in orders)


def marks(event: Event, orders: tuple[Order, ...], words: Words) -> list[str]:
    """Say what stands on an event beside its state: what people put there, what it waits for."""
    urged = sum(order.urged for order in orders)
    children = event.reports - 1
    main = (event.main_id or "")[-6:]
    found = {
        words.pick("待审定", "to be decided"): event.state is EventState.RETURNED,
        words.pick(f"并入 {main}", f"with {main}"): event.main_id is not None,
        words.pick("督办", "supervised"): is_supervised(event, orders),
        words.pick("报领导", "before a leader"): any(o.is_open and o.led for o in orders),
        words.pick(f"催办 {urged}", f"urged {urged}"): urged,
        words.pick("申请延期", "more time asked"): any(asks_time(one) for one in orders),
        words.pick("挂起", "suspended"): any(o.state is OrderState.SUSPENDED for o in orders),
        words.pick(f"退单 {len(event.returned_by)}", f"returns {len(event.returned_by)}"): bool(
            event.returned_by
        ),
        words.pick("终审", "final"): any(one.is_final and one.is_open for one in orders),
        words.pick(f"并来 {children} 件", f"{children} merged"): children > 0,
        words.pick(f"重办 {event.redone}", f"done again {event.redone}"): event.redone,
        words.say(SAID[event.satisfaction]) if event.satisfaction else "": event.satisfaction,
        words.pick("待回访", "to call back"): event.call_back_at is not None,
        event.reason: event.reason,
    }
    return [text for text, stands in found.items() if stands]


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
        self._bar = ButtonBar(self)
        self._trail = Trail(room)
        self.read, self.photos = EventReading(room, self), PhotoStrip(room)
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._look)
        self.buttons = {verb.verb: QPushButton(self._bar) for verb in (*VERBS, MORE)}
        for verb in (*VERBS, MORE):
            button = self.buttons[verb.verb]
            if verb.primary:
                button.setProperty("kind", "primary")
            button.clicked.connect(self._asker(verb.verb))
        self._bar.hold(list(self.buttons.values()))
        room.stores.events.changed.connect(self._on_events)
        room.stores.claims.changed.connect(self._on_events)
        room.stores.orders.changed.connect(self._on_orders)
        room.stores.answers.changed.connect(self._on_answer)
        self.read.changed.connect(self.update)
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
        self._rest.start()
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
        for verb in (*VERBS, MORE):
            button = self.buttons[verb.verb]
            button.setText(f"{verb.key}   {self.say(verb.words)}")
            why = self._why_not(verb, event) if event else Text("", "")
            button.setEnabled(event is not None and why is None)
            button.setVisible(event is not None)
            button.setToolTip(self.say(why) if why else "")
        self.update()

    def _why_not(self, verb: Verb, event: Event) -> Text | None:
        if verb is not MORE:
            return self._deeds.why_not(verb.verb, event)
        if offers(event, orders_of(event, self.room.stores)):
            return None
        return Text("此状态下没有其他操作。", "Nothing else may be done in this state.")

    def _look(self) -> None:
        """Read the whole trail of the event that is looked at."""
        event = self.event_shown
        if event is not None:
            self._trail.look(event, orders_of(event, self.room.stores))
            self.read.look(event)
            self.photos.look(self._shots(event))
            self.update()

    def _shots(self, event: Event) -> tuple[Shot, ...]:
        return shots_of(event, orders_of(event, self.room.stores), self.room)

    def freshen(self) -> None:
        """Try again to read what could not be read, or what has moved on."""
        if self.isVisible() and not self._rest.isActive():
            self._look()
        super().freshen()

    def _on_answer(self, question: object) -> None:
        if self._trail.is_about(question):
            self._trail.take()
            self.update()
        elif self.photos.is_about(question):
            self.update()

    def _on_orders(self, ids: tuple[str, ...]) -> None:
        event = self.event_shown
        if event is not None and {event.order_id, *event.assist_ids} & {*ids}:
            self._rest.start()
            self.refresh()

    def _asker(self, verb: str) -> Callable[[], None]:
        return lambda: self.wanted.emit(verb)

    def _on_events(self, ids: tuple[str, ...]) -> None:
        if self._event_id in ids:
            self._rest.start()
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
        state = QRectF(area.x(), below.bottom(), area.width(), 26)
        taken = board.text(state, self.say(STATES[event.state]), Ink(bold=True))
        stands = marks(event, orders_of(event, self.room.stores), words)
        marked = state.adjusted(taken + 16, 0, 0, 0)
        board.text(marked, words.join(*stands), Ink(elide=True))
        y = self._draw_stages(board, QRectF(area.x(), state.bottom() + 8, area.width(), 52), event)
        shots = self._shots(event)
        wide = self.photos.width(shots)
        quote = QRectF(area.x(), y + 8, area.width() - (wide + 12 if wide else 0), 62)
        y = self._draw_quote(board, quote, event.text)
        if wide:
            strip = QRectF(quote.right() + 12, quote.y(), wide, quote.height())
            self.photos.draw(board, strip, shots, "Shift+P")
        said = QRectF(area.x(), y + 4, area.width(), 26)
        y = self._draw_brief(board, said, event)
        foot = self.height() - 84
        passed, why = self.passed()
        box = QRectF(area.x(), y + 4, area.width(), foot - y - 4)
        draw_passed(board, box, passed, why, self.room)
        self._draw_message(board, area)

    def _draw_brief(self, board: Board, line: QRectF, event: Event) -> float:
        """Say in one line what was understood, and which keys lead on from there."""
        keys = self.room.words.pick("Shift+C 定性 · Shift+V 研判", "Shift+C class · Shift+V more")
        taken = board.text(line, keys, Ink(tone="t3", align="right"))
        told = brief(event, self.read, self.room)
        board.text(line.adjusted(0, 0, -taken - 12, 0), told, Ink(elide=True))
        return line.bottom()

    def _draw_message(self, board: Board, area: QRectF) -> None:
        if not self.message:
            return
        last = self.buttons[MORE.verb].geometry()
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
        inner = box.adjusted(14, 8, -14, -8)
        board.paragraph(inner, text, Ink(elide=True))
        return box.bottom()

    def passed(self) -> tuple[list[Passed], str]:
        """Give what happened to the event shown, and why that is not all; empty when it is."""
        event = self.event_shown
        return self._trail.of(event, orders_of(event, self.room.stores)) if event else ([], "")
