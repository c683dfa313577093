"""What the door refused: why, what it said, mended and handed in again, or set aside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.repairs import Repair, RepairsPage
from widgets.deeds import RepairDeeds, failure_words
from widgets.panel import Room
from widgets.panels.events import CHANNELS

FIELDS: Final[Mapping[str, Text]] = {
    "title": Text("标题", "Title"),
    "place": Text("地点", "Place"),
    "lon": Text("经度", "Longitude"),
    "lat": Text("纬度", "Latitude"),
    "region": Text("区划", "Region"),
    "level": Text("级别 0–4", "Level 0–4"),
    "reported_at": Text("上报时间", "Reported at"),
    "channel": Text("渠道", "Channel"),
    "intake_id": Text("渠道编号", "Channel's id"),
}
"""What one line of the form holds; the report's text has a box of its own."""
_WHERE: Final = {**FIELDS, "text": Text("正文", "Text"), "body": Text("格式", "Format")}
_NUMBERS: Final = {"lon": float, "lat": float, "level": int}
_NO_CHANNEL: Final = Text("渠道不明", "no channel")
_LIST_PX: Final = 380


class RepairsDialog(QDialog):
    """List on the left, the chosen item's fields on the right.

    Down and Up choose, Enter goes to the field that was wrong, Ctrl+Enter hands in, Ctrl+D sets
    aside with the reason typed. What no parser reads is mended as text.
    """

    def __init__(self, room: Room, deeds: RepairDeeds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room, self._deeds = room, deeds
        words = room.words
        self.setStyleSheet(room.theme.qss("desk"))
        self.setWindowTitle(words.pick("待修清单", "Repair list"))
        self._rows: tuple[Repair, ...] = ()
        self._body: dict[str, object] | None = None
        self.head, self.why, self.message = QLabel(self), QLabel(self), QLabel(self)
        self.head.setProperty("role", "m")
        self.why.setProperty("strong", "true")
        for label in (self.why, self.message):
            label.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setFixedWidth(_LIST_PX)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.fields = {name: QLineEdit(self) for name in FIELDS}
        self.labels = {name: QLabel(words.say(text), self) for name, text in FIELDS.items()}
        self.text, self.reason = QPlainTextEdit(self), QLineEdit(self)
        self.text.setTabChangesFocus(True)
        self.hand_in = QPushButton(words.pick("改好提交 Ctrl+Enter", "Hand in Ctrl+Enter"), self)
        self.hand_in.setProperty("kind", "primary")
        self.drop = QPushButton(words.pick("作废 Ctrl+D", "Set aside Ctrl+D"), self)
        for button in (self.hand_in, self.drop):
            button.setAutoDefault(False)
        self.hand_in.setShortcut("Ctrl+Return")
        self.drop.setShortcut("Ctrl+D")
        self._build()
        self.list.currentRowChanged.connect(self._show)
        self.hand_in.clicked.connect(self.send)
        self.drop.clicked.connect(self.set_aside)
        self.resize(1180, 640)
        self.list.setFocus()
        self.read()

    def _build(self) -> None:
        words = self.room.words
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for at, name in enumerate(FIELDS):
            row, column = (at, 0) if at < 2 else (2 + (at - 2) // 2, (at - 2) % 2)
            label, field = self.labels[name], self.fields[name]
            label.setProperty("tone", "t2")
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(field, row, 2 * column + 1, 1, 3 if at < 2 else 1)
            grid.setColumnStretch(2 * column + 1, 1)
        self.reason.setPlaceholderText(words.pick("作废原因", "why it is set aside"))
        foot = QHBoxLayout()
        foot.addWidget(self.hand_in)
        foot.addSpacing(24)
        foot.addWidget(self.reason, 1)
        foot.addWidget(self.drop)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.why)
        right.addLayout(grid)
        right.addWidget(self.text, 1)
        right.addWidget(self.message)
        right.addLayout(foot)
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addWidget(self.list)
        both.addLayout(right, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(12)
        box.addWidget(self.head)
        box.addLayout(both, 1)

    @property
    def chosen(self) -> Repair | None:
        """Give the item selected."""
        at = self.list.currentRow()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def read(self) -> None:
        """Ask the service for the list."""
        self.head.setText(self.room.words.pick("待修清单 · 读取中", "Repair list · reading"))
        self._deeds.refused(self.take, self._on_failed)

    def take(self, page: RepairsPage) -> None:
        """Show what nobody has seen to; the row chosen stays about where it was."""
        words, at = self.room.words, max(0, self.list.currentRow())
        self._rows = page.rows
        count = len(page.rows)
        more = "+" if page.next is not None else ""
        self.head.setText(
            words.pick(f"待修清单 · {count}{more} 条", f"Repair list · {count}{more}")
            if count
            else words.pick("待修清单 · 没有待处理的", "Repair list · nothing to mend")
        )
        self.list.clear()
        for row in page.rows:
            times = f" ×{row.count}" if row.count > 1 else ""
            channel = next((name for one, name in CHANNELS.items() if one == row.channel), None)
            first = words.join(words.clock(row.at), words.say(channel or _NO_CHANNEL), row.by.name)
            self.list.addItem(f"{first}{times}\n{words.say(row.reason)}")
        self.list.setCurrentRow(min(at, count - 1))
        self._show()

    def send(self) -> None:
        """Hand the chosen item in as the form has it."""
        row = self.chosen
        if row is None:
            return
        report: str | dict[str, object] = self.text.toPlainText()
        if self._body is not None:
            report = self._mended(self._body)
        self.message.setText(self.room.words.pick("提交中", "handing in"))
        self._deeds.hand_in(row.repair_id, report, self._on_done, self._on_failed)

    def set_aside(self) -> None:
        """Set the chosen item aside; a reason must have been typed."""
        row, reason = self.chosen, self.reason.text().strip()
        if row is None:
            return
        if not reason:
            self.message.setText(self.room.words.pick("请写作废原因", "Say why it is set aside"))
            self.reason.setFocus()
            return
        self._deeds.set_aside(row.repair_id, reason[:200], self._on_done, self._on_failed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to what is wrong with Enter in the list; take the steps no shortcut has taken."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if is_enter and self.hand_in.isEnabled():
                self.send()
                return
            if event.key() == Qt.Key.Key_D and self.drop.isEnabled():
                self.set_aside()
                return
        if is_enter:
            if self.list.hasFocus():
                self._to_fault()
            return
        super().keyPressEvent(event)

    def _mended(self, body: Mapping[str, object]) -> dict[str, object]:
        """Give the report as the form has it; what the form has no field for goes as it came."""
        made = dict(body)
        for name, field in self.fields.items():
            said = field.text().strip()
            if said:
                made[name] = _read(name, said)
            else:
                made.pop(name, None)
        made["text"] = self.text.toPlainText()
        return made

    def _show(self, _at: int = 0) -> None:
        row = self.chosen
        self._body = None if row is None else _fields(row)
        for widget in (*self.fields.values(), *self.labels.values()):
            widget.setVisible(self._body is not None)
        for button in (self.hand_in, self.drop, self.reason, self.text):
            button.setEnabled(row is not None)
        self.reason.clear()
        self.why.setText("" if row is None else self._say_why(row))
        body = self._body or {}
        for name, field in self.fields.items():
            value = body.get(name)
            field.setText("" if value is None else str(value))
            field.setCursorPosition(0)
            self.labels[name].setProperty(
                "strong", str(row is not None and row.where == name).lower()
            )
            self.labels[name].style().polish(self.labels[name])
        plain = row is not None and self._body is None
        self.text.setPlainText(row.raw if row and plain else str(body.get("text") or ""))

    def _say_why(self, row: Repair) -> str:
        words = self.room.words
        where = words.say(_WHERE.get(row.where, Text(row.where, row.where)))
        cut = words.pick("（原文过长，只存开头）", " (too long, only its beginning is kept)")
        return f"{where}: {words.say(row.reason)}{cut if row.is_cut else ''}"

    def _to_fault(self) -> None:
        row = self.chosen
        field = self.fields.get(row.where) if row is not None and self._body is not None else None
        (field or self.text).setFocus()
        if field is not None:
            field.selectAll()

    def _on_done(self) -> None:
        self.message.setText(self.room.words.pick("已处理", "done"))
        self.list.setFocus()
        self.read()

    def _on_failed(self, error: Exception) -> None:
        self.message.setText(failure_words(error, self.room.words))


def _fields(row: Repair) -> dict[str, object] | None:
    """Read an item as the report it was meant to be; None when it is none."""
    if row.is_cut:
        return None
    try:
        told = json.loads(row.raw)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _read(name: str, said: str) -> object:
    """Give a field as the contract has it; what is no number goes as words for the door to name."""
    try:
        return _NUMBERS[name](said) if name in _NUMBERS else said
    except ValueError:
        return said
