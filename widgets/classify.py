"""Saying what an event is about and how grave it is: proposed by the reading, said by a person."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QListWidget, QWidget

from app.case_answers import MattersOf
from backend_client.contract.base import Text
from backend_client.contract.readings import Matters, Reading
from widgets.ask import Question
from widgets.panel import Room
from widgets.panels.reading import share_words

NONE: Final = ""
LEVELS: Final = range(5)
KEPT: Final = -1
"""Of many events each keeps its own level."""
NO_TREE: Final = Text(
    "类别表尚未读到，到后自动列出", "The classes are not read yet; they will come"
)
_STEP: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class ClassifyQuestion(Question):
    """A class out of the tree and a level; what is proposed stands first and is only proposed."""

    def __init__(
        self,
        room: Room,
        title: Text,
        tree: Matters | None,
        parent: QWidget | None = None,
        *,
        reading: Reading | None = None,
        matter: str | None = None,
        level: int | None = None,
        many: bool = False,
        told: str = "",
    ) -> None:
        """Propose a class and a level.

        Args:
            room: words and looks.
            title: what is classified.
            tree: every class; None while it is not told.
            parent: stands behind.
            reading: what is understood: its classes come first, its level is proposed.
            matter: the class that stands on it, or that was chosen before; None proposes one.
            level: the level that stands on it, or that was chosen before; None proposes one.
            many: of several events each keeps its level unless another is chosen.
            told: who changed what since it was opened.
        """
        super().__init__(room, title, Text("定性 Enter", "Classify Enter"), parent)
        self._reading, self._rows = reading, _rows(room, tree, reading)
        self.filter, self.list = QLineEdit(self), QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.level = QComboBox(self)
        if many:
            self.level.addItem(room.words.pick("各件级别不变", "each keeps its level"), KEPT)
        for one in LEVELS:
            name = room.words.level(one) if one else room.words.pick("未定级", "no level")
            self.level.addItem(name, one)
        self._codes: list[str] = []
        self._lay_out(told or ("" if tree else room.words.say(NO_TREE)))
        hint = "首行为系统建议，按 Enter 才生效" if reading else "输入代码或名称筛选"
        hint_en = "The first is proposed; only Enter says it" if reading else "Type code or name"
        self.finish(Text(hint, hint_en))
        proposed = reading.classes[0].code if reading and reading.classes else None
        self._fill()
        self._choose(proposed if matter is None else matter)
        first = KEPT if many else reading.level if reading else 0
        self.level.setCurrentIndex(self.level.findData(first if level is None else level))
        if tree is None:
            room.stores.answers.changed.connect(self._on_answer)
        self.filter.textChanged.connect(self._on_typed)
        self.list.itemClicked.connect(lambda _item: self._tell())
        self.list.currentRowChanged.connect(self._tell)
        self.filter.setFocus()
        self.resize(620, 520)

    def _lay_out(self, told: str) -> None:
        words = self.room.words
        self.about = QLabel(told, self)
        self.about.setWordWrap(True)
        self.about.setVisible(bool(told))
        self.column.addWidget(self.about)
        grid = QGridLayout()
        grid.setVerticalSpacing(12)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        rows = ((Text("类别", "Class"), self.filter), (Text("级别", "Level"), self.level))
        for row, (name, field) in enumerate(rows):
            label = QLabel(words.say(name), self)
            label.setProperty("tone", "t2")
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        self.filter.setPlaceholderText(
            words.pick("代码或名称；上下键选择", "code or name; arrows choose")
        )
        self.column.addLayout(grid)
        self.column.addWidget(self.list, 1)

    @property
    def matter(self) -> str:
        """Give the class chosen, empty for none."""
        row = self.list.currentRow()
        return self._codes[row] if 0 <= row < len(self._codes) else NONE

    @property
    def level_said(self) -> int:
        """Give the level chosen, 0 for none, `KEPT` for each event's own."""
        return int(self.level.currentData())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move in the list by the arrows while the words are typed."""
        step = _STEP.get(Qt.Key(event.key()), 0)
        if step and self.list.count():
            at = self.list.currentRow() + step
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, at)))
            return
        super().keyPressEvent(event)

    def _on_typed(self) -> None:
        kept = self.matter if self.list.currentRow() >= 0 else None
        self._fill()
        self._choose(kept)

    def _on_answer(self, question: object) -> None:
        """Take the tree in when it comes while the question is open; what is chosen stays."""
        tree = self.room.stores.answers.get(MattersOf())
        if question != MattersOf() or tree is None:
            return
        self._rows = _rows(self.room, tree, self._reading)
        self.about.setVisible(self.about.text() != self.room.words.say(NO_TREE))
        self._on_typed()

    def _fill(self) -> None:
        typed = self.filter.text().strip().lower()
        found = [(code, words) for code, words in self._rows if typed in words.lower()]
        self._codes = [code for code, _ in found]
        self.list.clear()
        self.list.addItems([words for _, words in found])

    def _choose(self, code: str | None) -> None:
        """Choose a class; what was typed chooses the first it finds, nothing said chooses none."""
        first = 0 if self.filter.text().strip() and self._codes else -1
        self.list.setCurrentRow(self._codes.index(code) if code in self._codes else first)
        self._tell()

    def _tell(self) -> None:
        self.go.setEnabled(self.list.currentRow() >= 0)


def _rows(room: Room, tree: Matters | None, reading: Reading | None) -> list[tuple[str, str]]:
    """Give code and words of every class, the proposed ones first, each once."""
    words, found = room.words, dict[str, str]()
    for one in reading.classes if reading else ():
        share = words.pick(f"建议 {share_words(one.share)}", f"proposed {share_words(one.share)}")
        found[one.code] = f"{one.code}   " + words.join(words.say(one.name), share)
    for each in tree.matters if tree else ():
        name = words.join(words.say(each.name), words.say(each.group))
        found.setdefault(each.code, f"{each.code}   {name}")
    found.setdefault(NONE, words.pick("–      不定类别", "–      no class"))
    return list(found.items())
