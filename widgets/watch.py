"""What a watch asks for: a line of the log, the handover, the password of a resting seat."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QWidget

from app.session import Session
from backend_client.contract.base import Text
from backend_client.contract.shifts import (
    LineKind,
    LineRef,
    OpenItem,
    Ref,
    ShiftLine,
    ShiftPage,
    Sight,
)
from widgets.ask import Question
from widgets.deeds import Deeds, Noted, Second, failure_words
from widgets.paint import Board
from widgets.panel import Room
from widgets.panels.handover import counted_words, draw_item
from widgets.panels.shift_log import page_words

MOST_CHARS = 500
ROWS = 8
ROW_HIGH = 31


class LineQuestion(Question):
    """Ask for one line of the log; with a line selected it may correct or settle that one."""

    def __init__(
        self,
        room: Room,
        page: ShiftPage,
        *,
        about: Ref | None,
        sight: Sight | None,
        corrects: ShiftLine | None = None,
        parent: QWidget | None = None,
    ) -> None:
        words = room.words
        title = Text(f"记一行 · 第 {page.no} 页", f"Write · page {page.no}")
        if corrects is not None:
            title = Text(f"更正第 {corrects.no} 行", f"Correct line {corrects.no}")
        super().__init__(room, title, Text("记入 Enter", "Write Enter"), parent)
        self._about, self._sight, self._corrects = about, sight, corrects
        self.text, self.carry = QLineEdit(self), QCheckBox(self)
        self.text.setMaxLength(MOST_CHARS)
        self.text.setPlaceholderText(words.pick("事由,不超过 500 字", "what happened, 500 at most"))
        self.carry.setText(
            words.pick("续办:交给下一班 Alt+&C", "&carry on to the next shift Alt+C")
        )
        self.carry.setVisible(corrects is None)
        self.column.addWidget(self.text)
        self.column.addWidget(self.carry)
        self.finish(Text("记入后不可改动,只能更正", "A line is never changed, only corrected"))
        self.go.setEnabled(False)
        self.text.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.text.setFocus()
        self.resize(640, 200)

    def noted(self) -> Noted:
        """Give what was typed."""
        text = self.text.text().strip()
        if self._corrects is not None:
            refers = LineRef(page_id=self._corrects.page_id, no=self._corrects.no)
            return Noted(text, sight=self._sight, kind=LineKind.CORRECTION, refers_to=refers)
        return Noted(text, carry=self.carry.isChecked(), ref=self._about, sight=self._sight)


class Items(QWidget):
    """The first open items of a handover, painted as on the wall."""

    def __init__(self, room: Room, items: tuple[OpenItem, ...], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._room, self._items = room, items[:ROWS]
        self.setFixedHeight(ROW_HIGH * max(1, len(self._items)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        board = Board(painter, self._room.theme, "desk")
        for index, item in enumerate(self._items):
            y = index * float(ROW_HIGH)
            draw_item(board, QRectF(0, y, self.width(), ROW_HIGH), item, self._room)
            board.rule(0, y + ROW_HIGH - 1, self.width())
        painter.end()


class HandoverQuestion(Question):
    """Ask the incoming person to sign; what is left is listed above the signature."""

    def __init__(
        self, room: Room, deeds: Deeds, page: ShiftPage, parent: QWidget | None = None
    ) -> None:
        title = Text("交接班", "Handover")
        super().__init__(room, title, Text("双方签字锁页", "Sign and lock"), parent)
        self._deeds, self._page = deeds, page
        self.lines = room.stores.log.last(page.item_id)
        self.account, self.password, self.code = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.note, self.message = QLineEdit(self), QLabel(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.code.setMaxLength(6)
        self.note.setMaxLength(MOST_CHARS)
        self.message.setWordWrap(True)
        self._build()
        self.go.clicked.disconnect()
        self.go.clicked.connect(self.sign)
        self.account.setFocus()
        self.resize(720, 420)

    def _build(self) -> None:
        words = self.room.words
        found = self.room.stores.log.open_items(self._page.item_id)
        read = words.pick(f"已阅至第 {self.lines} 行", f"read to line {self.lines}")
        head = QLabel(words.join(page_words(self._page, self.room), read), self)
        self.column.addWidget(head)
        count = found.count if found else 0
        left = words.pick(f"未了事项 {count} 项", f"{count} open items")
        kinds = counted_words(found, self.room) if found else ""
        label = QLabel(words.join(left, kinds), self)
        label.setProperty("tone", "t2")
        self.column.addWidget(label)
        if found and found.items:
            self.column.addWidget(Items(self.room, found.items, self))
        grid = QGridLayout()
        rows = (
            (Text("交班嘱托", "Parting words"), self.note),
            (Text("接班人账号", "Incoming account"), self.account),
            (Text("口令", "Password"), self.password),
            (Text("动态码", "Code"), self.code),
        )
        for row, (name, field) in enumerate(rows):
            title = QLabel(words.say(name), self)
            title.setProperty("tone", "t2")
            grid.addWidget(title, row, 0)
            grid.addWidget(field, row, 1)
        self.column.addLayout(grid)
        self.column.addWidget(self.message)
        self.finish(
            Text("锁页后不可改动,不可撤销", "A locked page never changes; it cannot be undone")
        )

    def sign(self) -> None:
        """Send both signatures; the dialog stays until they are accepted."""
        second = Second(self.account.text().strip(), self.password.text(), self.code.text())
        self.go.setEnabled(False)
        self._deeds.hand_over(
            self._page,
            second,
            lines=self.lines,
            note=self.note.text().strip(),
            done=self.here(self.accept),
            failed=self.here(self._on_failed),
        )

    def _on_failed(self, error: Exception) -> None:
        self.go.setEnabled(True)
        self.password.clear()
        self.code.clear()
        self.message.setText(failure_words(error, self.room.words))
        self.account.setFocus()


class WakeQuestion(Question):
    """Ask for the password of the person signed in; STOP needs none."""

    def __init__(self, room: Room, session: Session, parent: QWidget | None = None) -> None:
        name = session.person.name if session.person else ""
        title = Text(f"席位空闲 · {name}", f"The seat rests · {name}")
        super().__init__(room, title, Text("恢复 Enter", "Go on Enter"), parent)
        self._session = session
        self.password, self.message = QLineEdit(self), QLabel(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(room.words.pick("口令", "password"))
        self.column.addWidget(self.password)
        self.column.addWidget(self.message)
        self.finish(
            Text("画面照常更新,紧急停止不受限", "The picture goes on, and STOP always works")
        )
        self.go.clicked.disconnect()
        self.go.clicked.connect(self.wake)
        session.rested.connect(self._on_rested)
        self.password.setFocus()
        self.resize(480, 200)

    def wake(self) -> None:
        """Send the password."""
        self.go.setEnabled(False)
        self._session.wake(self.password.text(), failed=self._on_failed)

    def _on_rested(self, rests: bool) -> None:  # noqa: FBT001  a signal's argument
        if not rests:
            self.accept()

    def _on_failed(self, error: Exception) -> None:
        self.go.setEnabled(True)
        self.password.clear()
        self.message.setText(failure_words(error, self.room.words))
