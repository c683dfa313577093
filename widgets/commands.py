"""Every command once: its key, its words, what it does; key bar, palette and sheet come from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from widgets.panel import Room
from widgets.passing import Passing
from widgets.shell import Hint


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the operator can do, by key or by name.

    Args:
        keys: key sequences; the first is the one shown. Without any it is run out of the palette.
        words: what it does.
        run: do it.
        cap: what the key cap reads, the first key when empty.
        in_bar: whether the key bar names it.
    """

    keys: tuple[str, ...]
    words: Text
    run: Callable[[], None]
    cap: str = ""
    in_bar: bool = False

    @property
    def hint(self) -> Hint:
        """Give the cap and the words."""
        return Hint(self.cap or next(iter(self.keys), ""), self.words)


ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
# Keys that fields, tables and lists use themselves: the desk takes them only when those do not.
SOFT: frozenset[str] = frozenset({"Return", "Enter", "Up", "Down"})


def bind(commands: Sequence[Command], window: QWidget, *, soft: bool = False) -> list[QShortcut]:
    """Let the keys work while the window is in front; fields being typed in keep theirs.

    Args:
        commands: what the keys do.
        window: where; while it is hidden they do nothing.
        soft: also keys that fields and lists use, where there are none.
    """
    made = []
    for command in commands:
        for key in set(command.keys) - (frozenset() if soft else SOFT):
            shortcut = QShortcut(QKeySequence(key), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(command.run)
            made.append(shortcut)
    return made


class ButtonKeys(QObject):
    """Let Space and Enter press the button Tab has come to, whatever they do elsewhere here.

    A click gives a button no keys: Space then still goes to what the operator had before.
    """

    def __init__(self, place: QWidget) -> None:
        super().__init__(place)
        for button in place.findChildren(QPushButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep Space from being a shortcut; press by Enter."""
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QPushButton):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Space:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() in ENTER:
            watched.click()
            return True
        return False


def bar_hints(commands: Sequence[Command]) -> list[Hint]:
    """Give what the key bar names."""
    return [command.hint for command in commands if command.in_bar]


def walk(rows: QListWidget, event: QKeyEvent) -> bool:
    """Move a list's row by an arrow key that came to the field above it; tell whether it was one.

    The keys stay with the field, so a person goes on typing.
    """
    step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
    if step:
        rows.setCurrentRow(max(0, min(rows.count() - 1, rows.currentRow() + step)))
    return bool(step)


KEY = int(Qt.ItemDataRole.UserRole) + 1
KEY_PAD = 12


class KeyBeside(QStyledItemDelegate):
    """Write a row's key at its right end, under the keys of the other rows."""

    def __init__(self, room: Room, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = room

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the words, then the key."""
        super().paint(painter, option, index)
        painter.save()
        painter.setPen(QColor(self._room.theme.color("t2")))
        box = QRect(option.rect).adjusted(0, 0, -KEY_PAD, 0)
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, int(flags), str(index.data(KEY) or ""))
        painter.restore()


class CommandPalette(Passing):
    """Find a command by its words, run it with Enter."""

    def __init__(
        self, room: Room, commands: Sequence[Command], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.room = room
        self._commands = tuple(commands)
        self._shown: list[Command] = []
        self.query, self.list = QLineEdit(self), QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(KeyBeside(room, self.list))
        self.setStyleSheet(room.theme.qss("desk"))
        self.setWindowTitle(room.words.pick("命令", "Commands"))
        self.query.setPlaceholderText(room.words.pick("输入命令", "type a command"))
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 16, 16, 16)
        box.addWidget(self.query)
        box.addWidget(self.list)
        self.resize(560, 520)
        self.query.textChanged.connect(self._fill)
        self.query.returnPressed.connect(self._run)
        self.list.itemClicked.connect(self._run)
        self._fill("")

    def _fill(self, query: str) -> None:
        wanted = query.strip().lower()
        self._shown = [
            one
            for one in self._commands
            if wanted in one.words.zh.lower() or wanted in one.words.en.lower()
        ]
        self.list.clear()
        for one in self._shown:
            item = QListWidgetItem(self.room.words.sentence(one.words))
            item.setData(KEY, one.hint.key)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self) -> None:
        at = self.list.currentRow()
        if 0 <= at < len(self._shown):
            self.accept()
            self._shown[at].run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move through the list while typing."""
        if not walk(self.list, event):
            super().keyPressEvent(event)


# Keys of windows of their own, which no desk or wall binds; the sheet names them all the same.
ELSEWHERE: tuple[Hint, ...] = (
    Hint(
        "Enter",
        Text("圈选：在十字处取点，原地再按闭合", "lasso: corner at the cross, again closes"),
    ),
    Hint("Backspace", Text("圈选：退一点", "lasso: one corner back")),
    Hint("F12", Text("闸门指令：长按 1 秒停止", "gate command: hold for 1 s to STOP")),
    Hint("Y N L", Text("并案审核：是 / 否 / 稍后", "merge review: yes / no / later")),
    Hint("B T", Text("模型：退回 / 立即学习", "models: roll back / learn now")),
    Hint("Left Right", Text("照片：换张", "photos: turn")),
    Hint("Alt+1 2 3", Text("办结：取旧案答复", "close: take a like case's answer")),
    Hint("Alt+P", Text("办结：看照片", "close: the photos")),
    Hint("Ctrl+Enter", Text("待修清单：改好提交", "repair list: hand in")),
    Hint("Ctrl+D", Text("待修清单：作废", "repair list: set aside")),
    Hint("Delete", Text("未发送：丢弃", "not sent: drop")),
    Hint("Esc", Text("拉出的窗口：收回", "pulled out: give back")),
    Hint("Ctrl+Right", Text("拉出的窗口：移到下一屏", "pulled out: to the next screen")),
    Hint("Ctrl+Up", Text("拉出的窗口：占满本屏", "pulled out: fill this screen")),
)
PALETTE_KEY = "Ctrl+K"
SHEET_ROWS = 27
"""Rows of one column of the sheet on a screen of 1080 lines."""


TALL = 940
"""The height from which the sheet's rows stand apart."""
EDGE, QWIDTH = 24, 16_777_215


class KeySheet(Passing):
    """Every key on one page; what has none is named with the palette's."""

    def __init__(
        self, room: Room, commands: Sequence[Command], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setStyleSheet(room.theme.qss("desk"))
        self.setWindowTitle(room.words.pick("全部快捷键", "All keys"))
        self.hints = (*(command.hint for command in commands), *ELSEWHERE)
        most, bar = room_of(parent), self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        columns = -(-len(self.hints) // SHEET_ROWS)
        page = self._page(room, columns, tall=most.height() > TALL)
        while columns > 1 and page.sizeHint().width() + bar > most.width():
            columns -= 1
            page = self._page(room, columns, tall=most.height() > TALL)
        area = QScrollArea(self)  # what a small screen has no room for is reached by the arrows
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFocus()
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)
        self.resize((page.sizeHint() + QSize(bar, 2)).boundedTo(most))

    def _page(self, room: Room, columns: int, *, tall: bool) -> QWidget:
        """Set the keys in so many columns."""
        page = QWidget()
        page.setStyleSheet(room.theme.qss("desk"))  # measured as it will be shown
        page.setObjectName("sheet")
        box = QHBoxLayout(page)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(24)
        pad, high = (3 if tall else 0), -(-len(self.hints) // columns)
        for first in range(0, len(self.hints), high):
            rows = "".join(
                f"<tr><td style='padding:{pad}px 14px {pad}px 0'><b>{hint.key or PALETTE_KEY}</b>"
                f"</td><td style='padding:{pad}px 0'>{escape(room.words.sentence(hint.words))}"
                "</td></tr>"
                for hint in self.hints[first : first + high]
            )
            label = QLabel(f"<table>{rows}</table>", page)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            box.addWidget(label)
        page.ensurePolished()
        for label in page.findChildren(QLabel):
            label.ensurePolished()
        return page


def room_of(parent: QWidget | None) -> QSize:
    """Give how large a dialog may be: its window's size, less an edge that shows what it covers."""
    window = parent.window() if parent is not None else None
    return window.size() - QSize(EDGE, EDGE) if window is not None else QSize(QWIDTH, QWIDTH)
