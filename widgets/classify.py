"""Saying what an event is about and how grave it is: proposed by the reading, said by a person."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QListWidget, QWidget

from backend_client.contract.base import Text
from backend_client.contract.readings import Matters, Reading
from widgets.ask import Question
from widgets.panel import Room
from widgets.panels.reading import share_words

NONE: Final = ""
LEVELS: Final = range(5)
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
        matter: str = NONE,
        level: int = 0,
        told: str = "",
    ) -> None:
        """Propose a class and a level.

        Args:
            room: words and looks.
            title: what is classified.
            tree: every class; None while it is not told.
            parent: stands behind.
            reading: what is understood: its classes come first, its level is proposed.
            matter: the class that stands on it, or that was chosen before.
            level: the level that stands on it, or that was chosen before.
            told: who changed what since it was opened.
        """
        super().__init__(room, title, Text("定性 Enter", "Classify Enter"), parent)
        self._rows = _rows(room, tree, reading)
        self.filter, self.list = QLineEdit(self), QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.level = QComboBox(self)
        for one in LEVELS:
            self.level.addItem(
                room.words.level(one) if one else room.words.pick("未定级", "no level")
            )
        self._codes: list[str] = []
        self._lay_out(told)
        hint = "首行为系统建议，按 Enter 才生效" if reading else "输入代码或名称筛选"
        hint_en = "The first is proposed; only Enter says it" if reading else "Type code or name"
        self.finish(Text(hint, hint_en))
        proposed = reading.classes[0].code if reading and reading.classes else NONE
        self._fill()
        self._choose(matter or proposed)
        self.level.setCurrentIndex(level or (reading.level if reading else 0))
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
        """Give the level chosen, 0 for none."""
        return self.level.currentIndex()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move in the list by the arrows while the words are typed."""
        step = _STEP.get(Qt.Key(event.key()), 0)
        if step and self.list.count():
            at = self.list.currentRow() + step
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, at)))
            return
        super().keyPressEvent(event)

    def _on_typed(self) -> None:
        kept = self.matter
        self._fill()
        self._choose(kept)

    def _fill(self) -> None:
        typed = self.filter.text().strip().lower()
        found = [(code, words) for code, words in self._rows if typed in words.lower()]
        self._codes = [code for code, _ in found]
        self.list.clear()
        self.list.addItems([words for _, words in found])

    def _choose(self, code: str) -> None:
        self.list.setCurrentRow(self._codes.index(code) if code in self._codes else 0)
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
