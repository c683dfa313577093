"""What the door refused: why, what it said, mended and handed in again, or set aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
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
from backend_client.errors import Unreachable
from widgets.commands import ENTER
from widgets.deeds import RepairDeeds, failure_words
from widgets.panel import Room
from widgets.panels.events import CHANNELS
from widgets.passing import Passing

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
RETRY_S: Final = 15
Form = tuple[str, ...]
"""What stands in the fields, the text and the reason."""


class RepairsDialog(Passing):
    """List on the left, the chosen item's fields on the right.

    Down and Up choose, Enter goes to the field that was wrong, Ctrl+Enter hands in, Ctrl+D sets
    aside with the reason typed. What no parser reads is mended as text. What was typed on an item
    stays with it while the list is open, whichever item is looked at.
    """

    def __init__(self, room: Room, deeds: RepairDeeds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room, self._deeds = room, deeds
        words = room.words
        self.setStyleSheet(room.theme.qss("desk"))
        self.setWindowTitle(words.pick("待修清单", "Repair list"))
        self._rows: tuple[Repair, ...] = ()
        self._body: dict[str, object] | None = None
        self._is_out = False
        self._shown, self._as_came = "", Form()
        self._typed: dict[str, Form] = {}
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
        self._deeds.refused(self.here(self.take), self.here(self._on_unread))

    def take(self, page: RepairsPage) -> None:
        """Show what nobody has seen to; the item chosen stays, or who came in its place."""
        at, chosen = max(0, self.list.currentRow()), self.chosen
        ids = [row.repair_id for row in page.rows]
        if chosen is not None and chosen.repair_id in ids:
            at = ids.index(chosen.repair_id)
        self._rows = page.rows
        self.head.setText(self._head(page))
        with QSignalBlocker(self.list):
            self.list.clear()
            self.list.addItems([self._line(row) for row in page.rows])
            self.list.setCurrentRow(min(at, len(ids) - 1))
        self._show()

    def _head(self, page: RepairsPage) -> str:
        """Say how many there are, how many a flood has cost, and as of when."""
        words, count = self.room.words, len(page.rows)
        more = "+" if page.next is not None else ""
        told = (
            words.pick(f"{count}{more} 条", f"{count}{more}")
            if count
            else words.pick("没有待处理的", "nothing to mend")
        )
        lost = words.pick(f"另有 {page.lost} 条过多未存", f"{page.lost} more came too fast to keep")
        return words.join(
            words.pick("待修清单", "Repair list"),
            lost if page.lost else "",
            words.as_of(self.room.stores.server_now()),
            told,
        )

    def _line(self, row: Repair) -> str:
        words = self.room.words
        times = f" ×{row.count}" if row.count > 1 else ""
        channel = next((name for one, name in CHANNELS.items() if one == row.channel), None)
        when = words.moment(row.at, self.room.stores.server_now())
        first = words.join(when, words.say(channel or _NO_CHANNEL), row.by.name)
        return f"{first}{times}\n{words.say(row.reason)}"

    def send(self) -> None:
        """Hand the chosen item in as the form has it, once."""
        row = self.chosen
        if row is None or self._is_out:
            return
        report: str | dict[str, object] = self.text.toPlainText()
        if self._body is not None:
            report = self._mended(self._body)
        done = self._begin(row, Text("提交中", "handing in"))
        self._deeds.hand_in(row.repair_id, report, done, self.here(self._on_failed))

    def set_aside(self) -> None:
        """Set the chosen item aside; a reason must have been typed."""
        row, reason = self.chosen, self.reason.text().strip()
        if row is None or self._is_out:
            return
        if not reason:
            self.message.setText(self.room.words.pick("请写作废原因", "Say why it is set aside"))
            self.reason.setFocus()
            return
        done = self._begin(row, Text("作废中", "setting aside"))
        self._deeds.set_aside(row.repair_id, reason[:200], done, self.here(self._on_failed))

    def _begin(self, row: Repair, words: Text) -> Callable[[], None]:
        """Let nothing more be sent before the answer; give who hears it."""
        self._is_out = True
        self.message.setText(self.room.words.say(words))
        self._offer()
        return self.here(partial(self._on_done, row.repair_id))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to what is wrong with Enter in the list; take the steps no shortcut has taken."""
        is_enter = event.key() in ENTER
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
        self._keep()
        row = self.chosen
        self._body = None if row is None else _fields(row)
        for widget in (*self.fields.values(), *self.labels.values()):
            widget.setVisible(self._body is not None)
        self._offer()
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
        self._shown, self._as_came = (row.repair_id if row else ""), self._form()
        if typed := self._typed.get(self._shown):
            *fields, text, reason = typed
            for field, said in zip(self.fields.values(), fields, strict=True):
                field.setText(said)
            self.text.setPlainText(text)
            self.reason.setText(reason)

    def _form(self) -> Form:
        fields = (field.text() for field in self.fields.values())
        return (*fields, self.text.toPlainText(), self.reason.text())

    def _keep(self) -> None:
        """Keep what was typed on the item that is shown."""
        if self._shown and self._form() != self._as_came:
            self._typed[self._shown] = self._form()

    def _offer(self) -> None:
        row = self.chosen
        for widget in (self.hand_in, self.drop):
            widget.setEnabled(row is not None and not self._is_out)
        for field in (self.reason, self.text):
            field.setEnabled(row is not None)

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

    def _on_done(self, repair_id: str) -> None:
        self._is_out = False
        self._typed.pop(repair_id, None)
        if self._shown == repair_id:
            self._shown = ""  # what stands in the form has been said
        self._offer()
        self.message.setText(self.room.words.pick("已处理", "done"))
        self.list.setFocus()
        self.read()

    def _on_failed(self, error: Exception) -> None:
        self._is_out = False
        self._offer()
        self.message.setText(failure_words(error, self.room.words))

    def _on_unread(self, error: Exception) -> None:
        """Say that the list shown is not the newest, and try again where that may help."""
        words = self.room.words
        self.head.setText(words.pick("待修清单 · 未能读取", "Repair list · it could not be read"))
        self.message.setText(failure_words(error, words))
        if isinstance(error, Unreachable):
            QTimer.singleShot(RETRY_S * 1000, self, self.read)


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
