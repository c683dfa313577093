"""What short questions before a step have in common, and the one for the place of an event."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.events import Event
from widgets.number_field import NumberField
from widgets.panel import Room
from widgets.passing import Passing

LON = (118.0, 123.0)
LAT = (30.0, 34.0)
MAP_MIDDLE = Text("初值为地图中心 · WGS-84", "Starts from the middle of the map · WGS-84")


class Question(Passing):
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
        self._told, self._told_line = told, QLabel(told(), self)
        self._told_line.setObjectName("told")
        self._told_line.setWordWrap(True)
        self.column.addWidget(self._told_line)
        stores = self.room.stores
        for store in (stores.events, stores.orders):
            store.changed.connect(self._tell_anew)

    def _tell_anew(self, _ids: object) -> None:
        self._told_line.setText(self._told())

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
