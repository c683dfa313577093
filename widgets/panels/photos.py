"""The photos of an event, a unit's proof and the citizen's own: small ones, and each in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.case_answers import LARGE, Photo, PhotoOf
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.orders import Order
from widgets.ask import Question
from widgets.commands import room_of
from widgets.paint import Board, Ink
from widgets.panel import Room

SHOWN: Final = 3
SIZE: Final = (1_100, 820)
"""Of the window that shows one in full, where the screen has room for it."""
SIDE: Final = 62.0
GAP: Final = 8.0
CAPTION: Final = 22.0
AGAIN_S: Final = 15.0
KEEP_S: Final = 3_600.0
FACES: Final[dict[str, tuple[Text, Text]]] = {
    "waits": (Text("读取中", "loading"), Text("正在读取照片", "The photo is being read")),
    "gone": (
        Text("已失效", "gone"),
        Text("附件已失效，或不在您的范围内", "The file is gone, or outside your scope"),
    ),
    "refused": (
        Text("无权", "barred"),
        Text("您的角色不能查看附件；值班长可开通", "Your role may not see it; ask the duty leader"),
    ),
    "other": (
        Text("文件", "file"),
        Text("此附件不是照片（文档或视频），请在网页端打开", "No photo; open it in the web page"),
    ),
    "missed": (
        Text("未读到", "missed"),
        Text("未读到，恢复连接后自动重试", "Not read; tried again once the link is back"),
    ),
}


def face_of(question: PhotoOf, room: Room) -> str:
    """Name the face of a photo that is asked for: a key of `FACES`, or `ready`."""
    answers = room.stores.answers
    photo: Photo | None = answers.get(question)
    if photo is not None:
        return photo.shown
    return "waits" if answers.is_out(question) else "missed"


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo and whose it is; `is_proof` of a unit that reported."""

    attachment_id: str
    whose: Text
    is_proof: bool = False


def shots_of(event: Event, orders: Iterable[Order], room: Room) -> tuple[Shot, ...]:
    """Give the photos of an event: what units prove comes first, it is what is decided by."""
    found = []
    for order in orders:
        unit = room.names.department(order.department)
        whose = Text(f"{unit.zh}反馈", f"proof of {unit.en}")
        found += [Shot(one, whose, is_proof=True) for one in order.proof]
    own = Text("来件所附", "with the report")
    return (*found, *(Shot(one, own) for one in event.attachments))


def ask_for(question: PhotoOf, room: Room) -> None:
    """Ask for a photo, again soon while it is not there."""
    answers = room.stores.answers
    answers.ask(question, KEEP_S if answers.get(question) is not None else AGAIN_S)


class PhotoStrip:
    """Small photos of the event that is looked at, fetched in the background."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._asked: tuple[PhotoOf, ...] = ()

    def look(self, shots: Sequence[Shot]) -> None:
        """Ask for the first photos of an event."""
        self._asked = tuple(PhotoOf(one.attachment_id) for one in shots[:SHOWN])
        for one in self._asked:
            ask_for(one, self._room)

    def is_about(self, question: object) -> bool:
        """Tell whether an answer is one of the photos asked for."""
        return question in self._asked

    @staticmethod
    def width(shots: Sequence[Shot]) -> float:
        """Give the room the strip needs; 0 where there is no photo."""
        count = min(len(shots), SHOWN)
        return count * (SIDE + GAP) + SIDE if count else 0.0

    def draw(self, board: Board, box: QRectF, shots: Sequence[Shot], key: str) -> None:
        """Paint each photo, or the word for why it is not there; then the key that opens them."""
        x = box.x()
        for one in shots[:SHOWN]:
            _draw_one(board, QRectF(x, box.y(), SIDE, box.height()), one, self._room)
            x += SIDE + GAP
        count = len(shots)
        words = self._room.words
        last = QRectF(x, box.y(), SIDE, box.height() / 2)
        board.text(last, words.pick(f"{count} 张", f"{count}"), Ink(tone="t2", align="center"))
        below = last.translated(0, box.height() / 2)
        board.text(below, key, Ink(tone="t3", align="center", elide=True))


def _draw_one(board: Board, box: QRectF, shot: Shot, room: Room) -> None:
    board.fill(box, "raise")
    question = PhotoOf(shot.attachment_id)
    photo: Photo | None = room.stores.answers.get(question)
    if photo is not None and photo.image is not None:
        _fit(board.painter, box.adjusted(1, 1, -1, -1), photo.image)
    else:
        words = room.words.say(FACES[face_of(question, room)][0])
        board.text(box, words, Ink(tone="t2", align="center", elide=True))
    if shot.is_proof:
        plate = QRectF(box.x(), box.bottom() - CAPTION, box.width(), CAPTION)
        board.fill(plate, "panel")
        board.text(plate, room.words.pick("反馈", "proof"), Ink(align="center", elide=True))
    board.outline(box.adjusted(0.5, 0.5, -0.5, -0.5), "line2")


def _fit(painter: QPainter, box: QRectF, image: QImage) -> None:
    """Draw a picture whole and undistorted in the middle of a box."""
    share = min(box.width() / image.width(), box.height() / image.height())
    wide, high = image.width() * share, image.height() * share
    at = QRectF(box.center().x() - wide / 2, box.center().y() - high / 2, wide, high)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(at, image)


class _Sheet(QWidget):
    """Where one photo is painted in full."""

    def __init__(self, room: Room, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = room
        self.question = PhotoOf("", LARGE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the photo, or why it is not there."""
        painter = QPainter(self)
        board = Board(painter, self._room.theme, self._room.seat)
        box = QRectF(self.rect())
        board.fill(box, "bg")
        photo: Photo | None = self._room.stores.answers.get(self.question)
        if photo is not None and photo.image is not None:
            _fit(painter, box, photo.image)
        else:
            words = self._room.words.say(FACES[face_of(self.question, self._room)][1])
            board.text(box, words, Ink(tone="t2", align="center", elide=True))
        painter.end()


class PhotoViewer(Question):
    """The photos of an event one at a time; the arrows turn, Enter or Esc closes."""

    def __init__(
        self, room: Room, event: Event, shots: Sequence[Shot], parent: QWidget | None = None
    ) -> None:
        title = Text(f"照片 · {event.title}", f"Photos · {event.title}")
        super().__init__(room, title, Text("关闭 Enter", "Close Enter"), parent)
        self._shots, self._at = tuple(shots), 0
        self.sheet, self.whose = _Sheet(room, self), QLabel(self)
        self.column.addWidget(self.sheet, 1)
        self.column.addWidget(self.whose)
        self.back.hide()
        self.finish(Text("左右键换张", "Left and right turn"))
        room.stores.answers.changed.connect(self._on_answer)
        room.pulse.ticked.connect(self._ask)
        self.finished.connect(self._on_finished)
        self.sheet.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a button would take the arrows
        self.sheet.setFocus()
        self.resize(QSize(*SIZE).boundedTo(room_of(parent)))
        self._ask()

    @property
    def shown(self) -> str:
        """Name the face of the photo that is open."""
        return face_of(self.sheet.question, self.room)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn to the next or the last photo."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self._at = (self._at + step) % len(self._shots)
            self._forget(but=self._at)
            self._ask()
            return
        super().keyPressEvent(event)

    def _ask(self) -> None:
        shot, words = self._shots[self._at], self.room.words
        self.sheet.question = PhotoOf(shot.attachment_id, LARGE)
        ask_for(self.sheet.question, self.room)
        count = f"{self._at + 1} / {len(self._shots)}"
        self.whose.setText(words.join(count, words.say(shot.whose)))
        self.sheet.update()

    def _on_answer(self, question: object) -> None:
        if question == self.sheet.question:
            self.sheet.update()

    def _forget(self, *, but: int = -1) -> None:
        """Let the large ones go, some 8 MB each; the small ones stay."""
        for at, one in enumerate(self._shots):
            if at != but:
                self.room.stores.answers.forget(PhotoOf(one.attachment_id, LARGE))

    def _on_finished(self, _result: int) -> None:
        self._forget()
