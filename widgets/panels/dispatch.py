"""Sending an event to a unit: which one, until when, with which words.

What the reading suggests stands first and is only proposed: Enter in the unit's field confirms it.
The deadline is the table's unless the operator chooses or types another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIntValidator, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.events import Event
from widgets.deeds import Deeds, Sending
from widgets.panel import Room
from widgets.panels.reading import EventReading
from widgets.panels.unit_proposal import Proposed, proposals, table_words
from widgets.unit_box import UnitBox

MOST_HOURS: Final = 2_000
HOURS_PAD: Final = 30
MOST_KEPT: Final = 32
"""Events whose half-filled forms are kept."""
ROOMY: Final = 340
"""From this height on the reason has lines of its own; in a lower form it follows the load."""
# Deadlines people give instead, in hours by the clock; None is the table's own.
SPANS: tuple[tuple[float | None, Text], ...] = (
    (None, Text("按表", "table")),
    (4, Text("4 时", "4 h")),
    (24, Text("1 天", "1 d")),
    (120, Text("5 天", "5 d")),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What hands have put into the form of one event: J and K may pass on and come back."""

    unit: str = ""
    span: int = 0
    hours: str = ""
    note: str = ""


class Elided(QLabel):
    """One line that ends in an ellipsis where it has no room; the whole is told on hovering."""

    def minimumSizeHint(self) -> QSize:
        """Ask for no width of its own."""
        return QSize(0, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        """Take the words, and tell them whole."""
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        mode = Qt.TextElideMode.ElideRight
        shown = self.fontMetrics().elidedText(self.text(), mode, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()


class DispatchForm(QWidget):
    """Unit, deadline and note; Enter sends.

    Signals:
        sent(Sending): the form was sent.
        left: the operator went back without sending.
    """

    sent = Signal(object)
    left = Signal()

    def __init__(
        self, room: Room, deeds: Deeds, read: EventReading, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.room = room
        self._deeds, self._read = deeds, read
        self._event_id = ""
        self._proposed: list[Proposed] = []
        self._chosen_by_hand = False
        self._kept: dict[str, Typed] = {}
        self.setObjectName("form")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title, self.state, self.message = QLabel(self), QLabel(self), QLabel(self)
        self.unit, self.load = UnitBox(room, self), Elided(self)
        self.reason, self.until = QLabel(self), Elided(self)
        self.hours = QLineEdit(self)
        self.note = QLineEdit(self)
        self.note.setMaxLength(200)
        self.spans = [QPushButton(self) for _ in SPANS]
        self.send = QPushButton(self)
        self._names = [QLabel(self) for _ in range(3)]
        self._build()
        room.words.changed.connect(self.dress)
        room.theme.changed.connect(self.dress)
        room.stores.events.changed.connect(self._on_events)
        room.stores.link_changed.connect(self.refresh)
        room.pulse.ticked.connect(self._weigh)
        read.changed.connect(self._on_read)
        self.dress()

    def _build(self) -> None:
        self.title.setProperty("tone", "t2")
        self.title.setProperty("strong", "true")
        self.state.setProperty("tone", "t3")
        self.state.setWordWrap(True)
        self.message.setWordWrap(True)
        self.send.setProperty("kind", "primary")
        for number, button in enumerate(self.spans):
            button.setProperty("kind", "chip")
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setChecked(number == 0)
            button.toggled.connect(self._on_span)
            button.clicked.connect(self._on_span)  # the one that stands already, over typed hours
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 16)
        column.setSpacing(6)
        head, foot = QHBoxLayout(), QHBoxLayout()
        for row, widget, beside in (
            (head, self.title, self.state),
            (foot, self.send, self.message),
        ):
            row.setSpacing(12)
            row.addWidget(widget)
            row.addWidget(beside, 1)
            column.addLayout(row)
        column.insertLayout(1, self._grid())
        column.insertStretch(2, 1)
        self._connect()

    def _grid(self) -> QGridLayout:
        spans = QHBoxLayout()
        spans.setSpacing(8)
        for button in self.spans:
            spans.addWidget(button)
        spans.addWidget(self.hours, 1)
        self.hours.setValidator(QIntValidator(1, MOST_HOURS, self.hours))
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        for told in (self.load, self.reason, self.until):
            told.setProperty("tone", "t2")
        self.reason.setWordWrap(True)
        for row, name in zip((0, 3, 5), self._names, strict=True):
            name.setProperty("tone", "t2")
            grid.addWidget(name, row, 0)
        grid.addWidget(self.unit, 0, 1)
        grid.addWidget(self.load, 1, 1)
        grid.addWidget(self.reason, 2, 1)
        grid.addLayout(spans, 3, 1)
        grid.addWidget(self.until, 4, 1)
        grid.addWidget(self.note, 5, 1)
        return grid

    def _connect(self) -> None:
        self.hours.textEdited.connect(self._say_until)
        self.send.clicked.connect(self.submit)
        self.note.returnPressed.connect(self.submit)
        self.hours.returnPressed.connect(self.note.setFocus)
        editor = self.unit.lineEdit()
        if editor is not None:
            editor.returnPressed.connect(self.note.setFocus)
            editor.textEdited.connect(self._on_hand)
        self.unit.activated.connect(self._on_hand)
        self.unit.currentTextChanged.connect(self.refresh)

    def show_event(self, event_id: str) -> None:
        """Prepare for another event."""
        if event_id != self._event_id:
            self._keep()
            self._event_id = event_id
            typed = self._kept.pop(event_id, Typed())
            self.spans[typed.span].setChecked(True)
            self.hours.setText(typed.hours)
            self.note.setText(typed.note)
            self.say("")
            self._chosen_by_hand = bool(typed.unit)
            self._propose()
            if typed.unit:
                self.unit.setCurrentIndex(self.unit.findText(typed.unit))
                self.unit.setEditText(typed.unit)
        self.refresh()

    def _keep(self) -> None:
        """Keep what was typed for the event that is left, while it may still be sent."""
        event = self._event()
        span = next(at for at, button in enumerate(self.spans) if button.isChecked())
        unit = self.unit.currentText() if self._chosen_by_hand else ""
        typed = Typed(unit, span, self.hours.text(), self.note.text())
        if event is None or typed == Typed() or self._deeds.why_not("dispatch", event) is not None:
            return
        self._kept[event.item_id] = typed
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def choose(self, unit: str) -> None:
        """Put a unit in the field, as somebody picked it out of the reading."""
        at = self.unit.findText(unit)
        if at >= 0:
            self._chosen_by_hand = True
            self.unit.setCurrentIndex(at)

    def begin(self) -> None:
        """Put the hands on the form."""
        self.unit.setFocus()
        editor = self.unit.lineEdit()
        if editor is not None:
            editor.selectAll()

    def say(self, words: str) -> None:
        """Show what came of the last try."""
        self.message.setText(words)
        self.message.setVisible(bool(words))

    def refresh(self) -> None:
        """Say whether this event can be sent now."""
        event, words = self._event(), self.room.words
        why = self._deeds.why_not("dispatch", event) if event else Text("未选事件", "no event")
        marked = words.pick("督办", "supervised") if event and event.supervised else ""
        self.title.setText(words.join(words.pick("派单", "Send to a unit"), marked))
        self.state.setText(self.room.words.say(why) if why else "")
        self.state.setVisible(why is not None)
        self.send.setEnabled(why is None and bool(self.unit.unit_id))
        self._weigh()

    def _weigh(self) -> None:
        """Say what the unit that stands there has in hand, and why it is proposed."""
        typed = self.unit.currentText()
        found = next((one for one in self._proposed if one.name == typed), None)
        why = found.why if found is not None else ""
        event = self._event()
        if not why and not typed and event is not None:
            none = self.room.words.pick("没有建议，请选择单位", "nothing is suggested; choose one")
            why = self._read.why(event) or none
        is_roomy = self.height() >= ROOMY
        beside = found.part if found is not None else why
        low = self.room.words.join(self.unit.load, beside)
        self.load.setText(self.unit.load if is_roomy else low)
        self.load.setToolTip(self.room.words.join(self.unit.load, why))
        self.reason.setText(why)
        self.reason.setVisible(bool(why) and is_roomy)
        self._say_until()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the reason where there is room for it."""
        super().resizeEvent(event)
        self._weigh()

    def _say_until(self) -> None:
        event, due_at = self._event(), self._due_at()
        words = self.room.words
        if event is None:
            self.until.setText("")
        elif due_at is None:
            self.until.setText(table_words(event, self._read, self.room))
        else:
            until = f"{words.day(due_at)} {words.minute(due_at)}"
            self.until.setText(words.pick(f"自定，至 {until}", f"not the table's: until {until}"))

    def _due_at(self) -> datetime | None:
        """Give the deadline the operator chose or typed; None leaves it to the table."""
        typed = self.hours.text().strip()
        chosen = next(
            hours
            for (hours, _), button in zip(SPANS, self.spans, strict=True)
            if button.isChecked()
        )
        hours = float(typed) if typed.isdigit() and int(typed) else chosen
        if hours is None:
            return None
        return (self.room.stores.server_now() + timedelta(hours=hours)).replace(microsecond=0)

    def submit(self) -> None:
        """Send the event when it may be sent."""
        unit = self.unit.unit_id
        if not self.send.isEnabled() or not unit:
            return
        self.sent.emit(Sending(unit, self._due_at(), self.note.text().strip()))

    def _event(self) -> Event | None:
        return self.room.stores.events.get(self._event_id)

    def _propose(self) -> None:
        """Let what the reading suggests stand first; preselect its lead while no hand has."""
        event = self._event()
        self._proposed = proposals(event, self._read, self.room) if event is not None else []
        first = {one.name: (one.department, one.name, one.part) for one in self._proposed}
        self.unit.propose(tuple(first.values()))
        if not self._chosen_by_hand:
            lead = next((one for one in self._proposed if one.leads), None)
            self.unit.setCurrentIndex(self.unit.findText(lead.name) if lead else -1)
            if lead is None:
                self.unit.setEditText("")
            elif self.unit.hasFocus() and (editor := self.unit.lineEdit()) is not None:
                editor.selectAll()  # typing another name replaces what is only proposed

    def _on_read(self) -> None:
        self._propose()
        self.refresh()

    def _on_hand(self) -> None:
        self._chosen_by_hand = True

    def _on_span(self, is_checked: bool) -> None:  # noqa: FBT001  # Qt's own
        if is_checked:
            self.hours.clear()
            self._say_until()

    def _on_events(self, ids: tuple[str, ...]) -> None:
        for event_id in self._kept.keys() & {*ids}:
            event = self.room.stores.events.get(event_id)
            if event is None or self._deeds.why_not("dispatch", event) is not None:
                del self._kept[event_id]  # sent, or somebody else has seen to it
        if self._event_id in ids:
            self.refresh()

    def dress(self) -> None:
        """Say everything in the language in force."""
        words = self.room.words
        self.setStyleSheet(f"QWidget#form {{ background: {self.room.theme.color('panel')}; }}")
        names = (Text("责任单位", "Unit"), Text("时限", "Deadline"), Text("要求", "Note"))
        for label, name in zip(self._names, names, strict=True):
            label.setText(words.say(name))
        for button, (_, name) in zip(self.spans, SPANS, strict=True):
            button.setText(words.say(name))
        self.unit.dress()
        self.note.setPlaceholderText(words.pick("可不填", "optional"))
        hours = words.pick("小时", "hours")
        self.hours.setPlaceholderText(hours)
        self.hours.setMinimumWidth(self.hours.fontMetrics().horizontalAdvance(hours) + HOURS_PAD)
        self.send.setText(words.pick("D   派单", "D   Send"))
        self._propose()
        self.refresh()
