"""Short questions before a step: the answer a citizen gets, the place of an event."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.events import Event
from widgets.number_field import NumberField
from widgets.panel import Room

LON = (118.0, 123.0)
LAT = (30.0, 34.0)
MAP_MIDDLE = Text("初值为地图中心 · WGS-84", "Starts from the middle of the map · WGS-84")


class Question(QDialog):
    """A title line, a body, one primary button and the way back."""

    def __init__(self, room: Room, title: Text, go: Text, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = room
        words = room.words
        self.setStyleSheet(room.theme.qss("desk"))
        self.setWindowTitle(words.say(title))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 16)
        self.column.setSpacing(12)
        head = QLabel(words.say(title), self)
        head.setProperty("role", "m")
        self.column.addWidget(head)
        self.go, self.back = QPushButton(words.say(go), self), QPushButton(self)
        self.go.setProperty("kind", "primary")
        self.go.setDefault(True)
        self.back.setAutoDefault(False)
        self.back.setText(words.pick("返回", "Back"))
        self.go.clicked.connect(self.accept)
        self.back.clicked.connect(self.reject)

    def tell(self, told: Callable[[], str] | None) -> None:
        """Say above the body why it is asked once more, and again whenever that changes.

        Args:
            told: gives the words, e.g. who changed what; None where it is asked the first time.
        """
        if told is None:
            return
        line = QLabel(told(), self)
        line.setObjectName("told")
        line.setWordWrap(True)
        self.column.addWidget(line)
        stores = self.room.stores
        for store in (stores.events, stores.orders):
            store.changed.connect(lambda _ids: line.setText(told()))

    def finish(self, last_line: Text) -> None:
        """Put consequence and buttons under the body."""
        line = QLabel(self.room.words.say(last_line), self)
        line.setProperty("tone", "t3")
        self.column.addWidget(line)
        foot = QHBoxLayout()
        foot.addWidget(self.go)
        foot.addWidget(self.back)
        foot.addStretch(1)
        self.column.addLayout(foot)


class CloseQuestion(Question):
    """Ask for the answer that closes an event."""

    def __init__(
        self,
        room: Room,
        event: Event,
        parent: QWidget | None = None,
        *,
        draft: str = "",
        told: Callable[[], str] | None = None,
    ) -> None:
        """Ask for it.

        Args:
            room: words and looks.
            event: what is closed.
            parent: stands behind.
            draft: words to begin with: a like case's, or what was typed before.
            told: why it is asked once more.
        """
        title = Text(f"办结 · {event.title}", f"Close · {event.title}")
        super().__init__(room, title, Text("办结 Ctrl+Enter", "Close Ctrl+Enter"), parent)
        self.tell(told)
        self.answer = QPlainTextEdit(draft, self)
        self.answer.setTabChangesFocus(True)
        hint = room.words.pick("给来电人的答复", "the answer the citizen gets")
        self.answer.setPlaceholderText(hint)
        self.column.addWidget(self.answer)
        self.finish(Text("办结后 10 秒内可按 Z 撤销", "Z takes it back for 10 s after closing"))
        self.go.setShortcut("Ctrl+Return")
        self._on_text()
        self.answer.moveCursor(QTextCursor.MoveOperation.End)
        self.answer.textChanged.connect(self._on_text)
        self.answer.setFocus()
        self.resize(560, 320)

    @property
    def text(self) -> str:
        """Give the answer typed."""
        return self.answer.toPlainText().strip()

    def _on_text(self) -> None:
        self.go.setEnabled(bool(self.text))


class PlaceQuestion(Question):
    """Ask for a place; starts from the middle of the map."""

    def __init__(
        self,
        room: Room,
        event: Event,
        start: tuple[float, float],
        parent: QWidget | None = None,
        *,
        source: Text = MAP_MIDDLE,
        told: Callable[[], str] | None = None,
    ) -> None:
        title = Text(f"定位 · {event.title}", f"Locate · {event.title}")
        super().__init__(room, title, Text("定位", "Locate"), parent)
        self.tell(told)
        grid = QGridLayout()
        self.lon, self.lat = NumberField(self, decimals=6), NumberField(self, decimals=6)
        rows = (
            (self.lon, Text("经度", "Longitude"), LON, start[0]),
            (self.lat, Text("纬度", "Latitude"), LAT, start[1]),
        )
        for row, (field, name, limits, value) in enumerate(rows):
            field.set_range(*limits, step=0.001)
            field.set_value(value)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            label = QLabel(room.words.say(name), self)
            label.setProperty("tone", "t2")
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        self.column.addLayout(grid)
        self.lon.setFocus()
        self.lon.selectAll()
        self.finish(source)
        self.resize(480, 260)

    @property
    def lonlat(self) -> tuple[float, float]:
        """Give the place typed."""
        return self.lon.value(), self.lat.value()
