"""Choosing a unit: by typing a part of its name, with what each has in hand beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.order_table import Load
from backend_client.contract.base import Text
from widgets.panel import Room

Index = QModelIndex | QPersistentModelIndex
LOAD = int(Qt.ItemDataRole.UserRole) + 1
PAD = 12
_NOTHING = Load()
First = tuple[str, str, str]
"""A unit that stands first: its department, its name here, what is said beside it."""


def load_words(load: Load, room: Room) -> str:
    """Say how much a unit has in hand, and how much of it is late."""
    words = room.words
    in_hand = words.pick(f"在办 {load.open}", f"{load.open} open")
    late = words.pick(f"超期 {load.overdue}", f"{load.overdue} overdue")
    return words.join(in_hand, late if load.overdue else "")


class _Beside(QStyledItemDelegate):
    """Write a unit's load at the right end of its row."""

    def __init__(self, room: Room, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = room

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the name, then the load."""
        super().paint(painter, option, index)
        load = index.data(LOAD)
        if isinstance(load, str):
            painter.save()
            painter.setPen(QColor(self._room.theme.color("t2")))
            box = QRect(option.rect).adjusted(0, 0, -PAD, 0)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, int(flags), load)
            painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Leave room for both."""
        hint = super().sizeHint(option, index)
        metrics = option.fontMetrics
        return hint + QSize(metrics.horizontalAdvance(str(index.data(LOAD))) + 3 * PAD, 0)


class UnitBox(QComboBox):
    """Every unit by name; may offer to name none."""

    def __init__(self, room: Room, parent: QWidget, *, none: Text | None = None) -> None:
        super().__init__(parent)
        self._room, self._none = room, none
        self._first: tuple[First, ...] = ()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setItemDelegate(_Beside(room, self))
        editor = self.lineEdit()
        if editor is not None:
            editor.setPlaceholderText(room.words.pick("单位名称", "name of a unit"))
        self.dress()

    @property
    def unit_id(self) -> str | None:
        """Give the unit whose name stands there; empty where none is named, None for no unit's."""
        place = self.findText(self.currentText())
        return str(self.itemData(place)) if place >= 0 else None

    @property
    def load(self) -> str:
        """Say what the unit that stands there has in hand."""
        unit = self.unit_id
        if not unit:
            return ""
        loads = self._room.pulse.orders.loads(self._room.stores.server_now())
        return load_words(loads.get(unit, _NOTHING), self._room)

    def choose(self, unit: str) -> None:
        """Choose a unit, the first when it is not among them."""
        self.setCurrentIndex(max(0, self.findData(unit)))

    def propose(self, first: Sequence[First]) -> None:
        """Let some units stand first; what stands in the field stays."""
        if tuple(first) == self._first:
            return
        kept, self._first = self.currentText(), tuple(first)
        self.blockSignals(True)  # Qt's own
        self.dress()
        self.setCurrentIndex(self.findText(kept))
        self.setEditText(kept)
        self.blockSignals(False)  # Qt's own

    def weigh(self) -> None:
        """Write what each unit has in hand now."""
        loads = self._room.pulse.orders.loads(self._room.stores.server_now())
        for row in range(self.count()):
            unit = str(self.itemData(row))
            words = load_words(loads.get(unit, _NOTHING), self._room) if unit else ""
            said = self._first[row][2] if row < len(self._first) else ""
            self.setItemData(row, self._room.words.join(said, words), LOAD)

    def dress(self) -> None:
        """Say the names in the language in force; the choice stays."""
        kept, words = self.unit_id, self._room.words
        self.clear()
        for department, name_, _ in self._first:
            self.addItem(name_, department)
        named = {name_ for _, name_, _ in self._first}
        if self._none is not None:
            self.addItem(words.say(self._none), "")
        for department, name in self._room.names.departments.items():
            if words.say(name) not in named:
                self.addItem(words.say(name), department)
        self.choose(kept or "")
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        if (popup := completer.popup()) is not None:
            popup.setItemDelegate(self.itemDelegate())
        self.weigh()

    def showPopup(self) -> None:
        """Open the list with the loads of now."""
        self.weigh()
        super().showPopup()
