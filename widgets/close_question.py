"""Closing an event: the answer, and beside it what is decided by: reports, proof, like cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QMouseEvent, QPainter, QPaintEvent, QShortcut, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.case_answers import SimilarOf
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.orders import Order, Task
from backend_client.contract.readings import SimilarCase
from widgets.ask import Question
from widgets.case_paths import orders_of
from widgets.commands import room_of
from widgets.paint import Board
from widgets.panel import Room
from widgets.panels.photos import AGAIN_S, KEEP_S, SIDE, PhotoStrip, PhotoViewer, Shot, shots_of
from widgets.panels.reading import case_line, share_words

MOST: Final = 3
"""Like cases offered, one key each."""
SIZE: Final = QSize(1_040, 640)
GROUND: Final = 470


class PhotoRow(QWidget):
    """The first photos of an event; a click opens them.

    Signals:
        opened: somebody wants to see them large.
    """

    opened = Signal()

    def __init__(self, room: Room, parent: QWidget) -> None:
        super().__init__(parent)
        self._room, self._strip = room, PhotoStrip(room)
        self.shots: tuple[Shot, ...] = ()
        self.setFixedHeight(round(SIDE))
        room.stores.answers.changed.connect(self._on_answer)

    def look(self, shots: Sequence[Shot]) -> None:
        """Show these."""
        self.shots = tuple(shots)
        self._strip.look(self.shots)
        self.setVisible(bool(self.shots))
        self.update()

    def _on_answer(self, question: object) -> None:
        if self._strip.is_about(question):
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint them, and the key that opens them."""
        painter = QPainter(self)
        board = Board(painter, self._room.theme, self._room.seat)
        self._strip.draw(board, QRectF(self.rect()), self.shots, "Alt+P")
        painter.end()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Open them."""
        self.opened.emit()


class Ground(QWidget):
    """What the units reported, their proof, and what was answered in like cases.

    Signals:
        taken(str): a like case's answer is wanted as a draft.
    """

    taken = Signal(str)

    def __init__(self, room: Room, event: Event, parent: QWidget) -> None:
        super().__init__(parent)
        self._room, self._event = room, event
        self._like = SimilarOf(event.item_id, event.version)
        self.report, self.photos = QPlainTextEdit(self), PhotoRow(room, self)
        self.head, self.cases = QLabel(self), QListWidget(self)
        self._found: tuple[SimilarCase, ...] = ()
        self.report.setReadOnly(True)
        for quiet in (self.report, self.cases):
            quiet.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys stay with the answer
        self.cases.setWordWrap(True)
        self.cases.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cases.itemDoubleClicked.connect(lambda _item: self.take(self.cases.currentRow()))
        self.photos.opened.connect(self.open_photos)
        self._build()
        room.stores.orders.changed.connect(self._on_orders)
        room.stores.answers.changed.connect(self._on_answer)
        room.pulse.ticked.connect(self.look)
        self._tell()
        self.look()

    def _build(self) -> None:
        self.setFixedWidth(GROUND)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        title = QLabel(self._room.words.pick("承办反馈", "What the units reported"), self)
        for label in (title, self.head):
            label.setProperty("tone", "t2")
            label.setWordWrap(True)
        column.addWidget(title)
        column.addWidget(self.report, 3)
        column.addWidget(self.photos)
        column.addWidget(self.head)
        column.addWidget(self.cases, 3)

    @property
    def orders(self) -> tuple[Order, ...]:
        """Give the orders of the event as they are known now."""
        event = self._room.stores.events.get(self._event.item_id) or self._event
        return orders_of(event, self._room.stores)

    def look(self) -> None:
        """Ask for what is not there yet."""
        answers = self._room.stores.answers
        told = answers.get(self._like)
        answers.ask(self._like, KEEP_S if told is not None and told.ready else AGAIN_S)
        self.photos.look(shots_of(self._event, self.orders, self._room))
        self._fill()

    def take(self, row: int) -> None:
        """Want a like case's answer."""
        if 0 <= row < len(self._found):
            self.taken.emit(self._found[row].answer)

    def open_photos(self) -> None:
        """Show the photos large."""
        if self.photos.shots:
            PhotoViewer(self._room, self._event, self.photos.shots, self).exec()

    def _on_orders(self, _ids: object) -> None:
        self._tell()
        self.look()

    def _on_answer(self, question: object) -> None:
        if question == self._like:
            self._fill()

    def _tell(self) -> None:
        words = self._room.words
        told = []
        for one in self.orders:
            if not one.report:
                continue
            helps = words.pick("协办", "helping") if one.task is Task.ASSIST else ""
            unit = words.say(self._room.names.department(one.department))
            told.append(f"{words.join(unit, helps)}\n{one.report}")
        none = words.pick("没有单位反馈", "no unit has reported")
        said = "\n\n".join(told) or none
        if said != self.report.toPlainText():  # else it would leave the line that is read
            self.report.setPlainText(said)

    def _fill(self) -> None:
        words, answers = self._room.words, self._room.stores.answers
        told = answers.get(self._like)
        found = told.cases[:MOST] if told is not None else ()
        self.head.setText(self._why(is_ready=told is not None and told.ready, count=len(found)))
        self.cases.setVisible(bool(found))
        if found == self._found:
            return
        self._found = found
        self.cases.clear()
        for at, one in enumerate(found, start=1):
            line = case_line(one, self._room)
            self.cases.addItem(
                f"{at}  {words.join(line.what, share_words(one.share))}\n{one.answer}"
            )

    def _why(self, *, is_ready: bool, count: int) -> str:
        """Name the keys that take an answer over, or say why there is none."""
        words, answers = self._room.words, self._room.stores.answers
        if count:
            keys = f"Alt+1–{count}" if count > 1 else "Alt+1"
            return words.pick(
                f"相似旧案 · {keys} 取其答复", f"Like cases · {keys} takes its answer"
            )
        fault = answers.fault(self._like) or answers.trouble(self._like)
        if fault is not None:
            return words.pick(f"旧案未读到：{fault.zh}", f"Like cases not read: {fault.en}")
        if is_ready:
            return words.pick("没有相似旧案", "No like case")
        if answers.get(self._like) is not None:
            return words.pick("旧案库读取中", "Old cases are being read")
        if answers.is_out(self._like):
            return words.pick("正在查找旧案", "looking for like cases")
        return words.pick("旧案未读到，稍后重试", "Like cases not read; tried again soon")


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
        self.answer, self.ground = QPlainTextEdit(draft, self), Ground(room, event, self)
        self.answer.setTabChangesFocus(True)
        hint = room.words.pick("给来电人的答复", "the answer the citizen gets")
        self.answer.setPlaceholderText(hint)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(self.ground)
        both.addWidget(self.answer, 1)
        self.column.addLayout(both, 1)
        self.finish(Text("办结后 10 秒内可按 Z 撤销", "Z takes it back for 10 s after closing"))
        self.go.setShortcut("Ctrl+Return")
        self.ground.taken.connect(self.answer.insertPlainText)
        for at in range(MOST):
            QShortcut(QKeySequence(f"Alt+{at + 1}"), self).activated.connect(
                partial(self.ground.take, at)
            )
        QShortcut(QKeySequence("Alt+P"), self).activated.connect(self.ground.open_photos)
        self._on_text()
        self.answer.moveCursor(QTextCursor.MoveOperation.End)
        self.answer.textChanged.connect(self._on_text)
        self.answer.setFocus()
        self.resize(SIZE.boundedTo(room_of(parent)))

    @property
    def text(self) -> str:
        """Give the answer typed."""
        return self.answer.toPlainText().strip()

    def _on_text(self) -> None:
        self.go.setEnabled(bool(self.text))
