"""Sending an event to a unit: which one, until when, with which words."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt, Signal
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
from widgets.unit_box import UnitBox

# Deadlines people give, in hours. Source: domain 1.2, reply limits in working time.
SPANS: tuple[tuple[float, Text], ...] = (
    (4, Text("4 时", "4 h")),
    (24, Text("1 天", "1 d")),
    (72, Text("3 天", "3 d")),
    (120, Text("5 天", "5 d")),
)


class DispatchForm(QWidget):
    """Unit, deadline and note; Enter sends.

    Signals:
        sent(Sending): the form was sent.
        left: the operator went back without sending.
    """

    sent = Signal(object)
    left = Signal()

    def __init__(self, room: Room, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        self._deeds = deeds
        self._event_id = ""
        self._span = 1
        self.setObjectName("form")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title, self.state, self.message = QLabel(self), QLabel(self), QLabel(self)
        self.unit, self.load = UnitBox(room, self), QLabel(self)
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
            button.setChecked(number == self._span)
        spans = QHBoxLayout()
        spans.setSpacing(8)
        for button in self.spans:
            spans.addWidget(button)
        spans.addStretch(1)
        grid = QGridLayout()
        grid.setVerticalSpacing(12)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        self.load.setProperty("tone", "t2")
        for row, name in zip((0, 2, 3), self._names, strict=True):
            name.setProperty("tone", "t2")
            grid.addWidget(name, row, 0)
        grid.addWidget(self.unit, 0, 1)
        grid.addWidget(self.load, 1, 1)
        grid.addLayout(spans, 2, 1)
        grid.addWidget(self.note, 3, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.state)
        column.addLayout(grid)
        column.addWidget(self.message)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.send)
        foot.addStretch(1)
        column.addLayout(foot)
        self.send.clicked.connect(self.submit)
        self.note.returnPressed.connect(self.submit)
        editor = self.unit.lineEdit()
        if editor is not None:
            editor.returnPressed.connect(self.note.setFocus)
        self.unit.currentIndexChanged.connect(self.refresh)

    def show_event(self, event_id: str) -> None:
        """Prepare for another event."""
        if event_id != self._event_id:
            self._event_id = event_id
            self.note.clear()
            self.say("")
            self._choose_unit()
        self.refresh()

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
        event = self._event()
        why = self._deeds.why_not("dispatch", event) if event else Text("未选事件", "no event")
        self.state.setText(self.room.words.say(why) if why else "")
        self.state.setVisible(why is not None)
        self.send.setEnabled(why is None and self.unit.unit_id is not None)
        self._weigh()

    def _weigh(self) -> None:
        """Say what the unit that stands there has in hand."""
        self.load.setText(self.unit.load)

    def submit(self) -> None:
        """Send the event when it may be sent."""
        unit = self.unit.unit_id
        if not self.send.isEnabled() or unit is None:
            return
        hours = next(
            hours
            for (hours, _), button in zip(SPANS, self.spans, strict=True)
            if button.isChecked()
        )
        due_at = self.room.stores.server_now() + timedelta(hours=hours)
        self.sent.emit(Sending(unit, due_at.replace(microsecond=0), self.note.text().strip()))

    def _event(self) -> Event | None:
        return self.room.stores.events.get(self._event_id)

    def _choose_unit(self) -> None:
        event = self._event()
        if event is not None:
            self.unit.choose(event.department)

    def _on_events(self, ids: tuple[str, ...]) -> None:
        if self._event_id in ids:
            self.refresh()

    def dress(self) -> None:
        """Say everything in the language in force."""
        words = self.room.words
        self.setStyleSheet(f"QWidget#form {{ background: {self.room.theme.color('panel')}; }}")
        self.title.setText(words.pick("派单", "Send to a unit"))
        names = (Text("责任单位", "Unit"), Text("时限", "Deadline"), Text("要求", "Note"))
        for label, name in zip(self._names, names, strict=True):
            label.setText(words.say(name))
        for button, (_, name) in zip(self.spans, SPANS, strict=True):
            button.setText(words.say(name))
        self.unit.dress()
        self.note.setPlaceholderText(words.pick("可不填", "optional"))
        self.send.setText(words.pick("D   派单", "D   Send"))
        self._choose_unit()
        self.refresh()
