"""What could not be sent: the operator's own wishes, sent again only when asked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout
from PySide6.QtWidgets import QWidget as Widget

from backend_client.contract.base import Text
from backend_client.draft import Draft
from widgets.case_paths import PATHS
from widgets.deeds import Deeds, failure_words
from widgets.panel import Room
from widgets.passing import Passing

VERB_WORDS: dict[str, Text] = {
    "event.accept": Text("受理", "accept"),
    "event.locate": Text("定位", "locate"),
    "event.classify": Text("定性", "classify"),
    "event.dispatch": Text("派单", "send to a unit"),
    "event.close": Text("办结", "close"),
    "order.sign": Text("签收", "sign"),
    "order.report": Text("反馈", "report"),
    "alarm.acknowledge": Text("确认告警", "acknowledge"),
    "alarm.shelve": Text("搁置告警", "shelve"),
    "instruction.issue": Text("下达指令", "issue"),
    "instruction.sign": Text("签收指令", "sign instruction"),
    **{path.action: path.words for path in PATHS},
}


class DraftsDialog(Passing):
    """List unsent wishes; Enter sends the chosen one, Delete drops it."""

    def __init__(self, room: Room, deeds: Deeds, parent: Widget | None = None) -> None:
        super().__init__(parent)
        self.room, self._deeds = room, deeds
        words = room.words
        self.setStyleSheet(room.theme.qss("desk"))
        self.setWindowTitle(words.pick("未发送", "Not sent"))
        self._shown: tuple[Draft, ...] = ()
        head = QLabel(words.pick("未发送", "Not sent"), self)
        head.setProperty("role", "m")
        self.list, self.message = QListWidget(self), QLabel(self)
        self.message.setWordWrap(True)
        self.send_button = QPushButton(words.pick("发送 Enter", "Send Enter"), self)
        self.send_button.setProperty("kind", "primary")
        self.drop_button = QPushButton(words.pick("丢弃 Delete", "Drop Delete"), self)
        foot = QHBoxLayout()
        foot.addWidget(self.send_button)
        foot.addWidget(self.drop_button)
        foot.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.addWidget(head)
        box.addWidget(self.list)
        box.addWidget(self.message)
        box.addLayout(foot)
        self.resize(600, 420)
        self.send_button.clicked.connect(self.send)
        self.drop_button.clicked.connect(self.drop)
        self.refresh()

    @property
    def chosen(self) -> Draft | None:
        """Give the wish selected."""
        at = self.list.currentRow()
        return self._shown[at] if 0 <= at < len(self._shown) else None

    def refresh(self) -> None:
        """List what is unsent now."""
        words, now = self.room.words, self.room.stores.server_now()
        self._shown = self._deeds.unsent()
        self.list.clear()
        for draft in self._shown:
            verb = words.say(VERB_WORDS.get(draft.kind, Text(draft.kind, draft.kind)))
            self.list.addItem(words.join(words.moment(draft.created_at, now), verb, draft.target))
        self.list.setCurrentRow(0)
        for button in (self.send_button, self.drop_button):
            button.setEnabled(bool(self._shown))

    def send(self) -> None:
        """Send the chosen wish again: same words, same key."""
        draft = self.chosen
        if draft is not None:
            self._deeds.send_again(draft, self.here(self._on_sent), self.here(self._on_failed))

    def drop(self) -> None:
        """Drop the chosen wish."""
        draft = self.chosen
        if draft is not None:
            self._deeds.discard(draft)
            self.refresh()

    def _on_sent(self) -> None:
        self.message.setText(self.room.words.pick("已发送", "sent"))
        self.refresh()

    def _on_failed(self, error: Exception) -> None:
        self.message.setText(failure_words(error, self.room.words))
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send with Enter, drop with Delete."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.send()
            return
        if event.key() == Qt.Key.Key_Delete:
            self.drop()
            return
        super().keyPressEvent(event)
