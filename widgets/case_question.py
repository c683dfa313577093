"""The list of an event's side paths, and the form each of them asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.events import Event, EventState
from backend_client.contract.orders import Order, Task
from widgets.ask import Question
from widgets.case_paths import Field, Offer, Said
from widgets.commands import ENTER, room_of
from widgets.panel import Room
from widgets.panels.events import event_number
from widgets.unit_box import UnitBox

LEAST_REASON: Final = 2
LEAST_NUMBER: Final = 4
"""Signs of an event's number from which on it is looked for."""
SPANS: Final[tuple[tuple[timedelta, Text], ...]] = (
    (timedelta(days=1), Text("1 天", "1 day")),
    (timedelta(days=3), Text("3 天", "3 days")),
    (timedelta(days=5), Text("5 天", "5 days")),
    (timedelta(days=10), Text("10 天", "10 days")),
)
SENT_ANEW: Final = frozenset({"redo", "transfer", "assist"})
"""What makes a further order of an event."""
ROW, HEAD_AND_FOOT = 37, 150
_INTO: Final = frozenset(EventState) - {
    EventState.CLOSED,
    EventState.ARCHIVED,
    EventState.MERGED,
    EventState.REFUSED,
    EventState.WITHDRAWN,
}


def offer_words(offer: Offer, room: Room) -> str:
    """Name a side path; of an order also whose it is."""
    words, item = room.words, offer.item
    if not isinstance(item, Order):
        return words.say(offer.path.words)
    helps = words.pick("协办", "helping") if item.task is Task.ASSIST else ""
    unit = words.say(room.names.department(item.department))
    return words.join(words.say(offer.path.words), unit, helps)


def about_words(offer: Offer, room: Room) -> str:
    """Say what is decided: whose wish it is and why, what stands now and what would."""
    words, verb = room.words, offer.path.verb
    event = offer.item if isinstance(offer.item, Event) else None
    if event is not None and event.supervised is not None and verb in SENT_ANEW:
        why = event.supervised.reason
        return words.pick(
            f"督办件（{why}）：此后的工单一并督办", f"Supervised ({why}): so is every order to come"
        )
    item = offer.item if isinstance(offer.item, Order) else None
    if isinstance(offer.item, Event) and verb == "decide" and offer.item.order_id:
        item = room.stores.orders.get(offer.item.order_id)
    if item is None:
        return ""
    if verb == "decide" and (back := item.returned) is not None:
        whose = words.say(room.names.department(back.department)) if back.department else ""
        unit = words.pick(f"认为归{whose}", f"says it is {whose}'s") if whose else ""
        return words.join(words.say(room.names.department(item.department)), back.reason, unit)
    if verb == "grant" and (wish := item.extension) is not None:
        ends = [f"{words.day(at)} {words.minute(at)}" for at in (item.due_at, wish.until_at)]
        moved = words.pick(f"{ends[0]} 延至 {ends[1]}", f"{ends[0]} moves to {ends[1]}")
        return words.join(moved, wish.asked.by.name, wish.asked.reason)
    return ""


class MoreQuestion(Question):
    """What else may be done with an event: a letter or Enter chooses, Esc leaves."""

    def __init__(
        self, room: Room, event: Event, offered: Sequence[Offer], parent: QWidget | None = None
    ) -> None:
        title = Text(f"更多 · {event.title}", f"More · {event.title}")
        super().__init__(room, title, Text("继续 Enter", "Go on Enter"), parent)
        self._offered = tuple(offered)
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._keys: dict[str, int] = {}
        for row, offer in enumerate(self._offered):
            taken = offer.path.key in self._keys  # a further order's: by the arrows
            self._keys.setdefault(offer.path.key, row)
            key = "    " if taken else f"{offer.path.key}   "
            self.list.addItem(f"{key}{offer_words(offer, room)}")
        self.list.setCurrentRow(0)
        self.list.itemClicked.connect(lambda _item: self.accept())
        self.column.addWidget(self.list)
        self.finish(Text("按字母选择，或上下键与 Enter", "A letter, or the arrows and Enter"))
        wanted = QSize(460, HEAD_AND_FOOT + ROW * (len(self._offered) + 1))
        self.resize(wanted.boundedTo(room_of(parent)))
        self.setFocus()

    @property
    def chosen(self) -> Offer:
        """Give the side path chosen."""
        return self._offered[self.list.currentRow()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by letter, move by the arrows."""
        letter = event.text().upper()
        if letter in self._keys:
            self.list.setCurrentRow(self._keys[letter])
            self.accept()
            return
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step:
            at = self.list.currentRow() + step
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, at)))
            return
        super().keyPressEvent(event)


class CaseQuestion(Question):
    """What one side path asks for; Enter sends once everything needed is there."""

    def __init__(
        self,
        room: Room,
        offer: Offer,
        parent: QWidget | None = None,
        *,
        said: Said | None = None,
        told: Callable[[], str] | None = None,
    ) -> None:
        """Ask for it.

        Args:
            room: words and looks.
            offer: the side path.
            parent: stands behind.
            said: what was typed before, when it is asked once more.
            told: why it is asked once more.
        """
        words, title = offer.path.words, offer.item.title
        super().__init__(
            room,
            Text(f"{words.zh} · {title}", f"{words.en} · {title}"),
            Text(f"{words.zh} Enter", f"{words.en} Enter"),
            parent,
        )
        self.tell(told)
        self._offer, fields = offer, offer.path.fields
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(12)
        self._grid.setHorizontalSpacing(16)
        self._grid.setColumnStretch(1, 1)
        self.choices = self._chips()
        self.unit = self._unit_field()
        self.span = self._span_field()
        self.main, self.found = QLineEdit(self), QLabel(self)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(200)
        self._lay_out()
        self.about = QLabel(about_words(offer, room), self)
        self.about.setProperty("tone", "t2")
        self.about.setWordWrap(True)
        self.about.setVisible(bool(self.about.text()))
        self.column.addWidget(self.about)
        self.column.addLayout(self._grid)
        if "main" in fields:
            self.column.addWidget(self.found)
        self.column.addStretch(1)
        self.finish(offer.path.last)
        self.resize(600, 260)
        for signal in (self.reason.textChanged, self.main.textChanged, self.unit.editTextChanged):
            signal.connect(self._on_changed)
        if said is not None:
            self._restore(said)
        self._on_changed()
        self._first().setFocus()

    @property
    def said(self) -> Said:
        """Give what is typed and chosen so far."""
        chosen = next((at for at, one in enumerate(self.choices) if one.isChecked()), -1)
        main = self._main()
        return Said(
            words=self.reason.text().strip(),
            choice=chosen,
            unit=self.unit.unit_id or "",
            until_at=self._until(),
            main_id=main.item_id if main else "",
            span=self.span.currentIndex(),
            main=self.main.text(),
        )

    def _restore(self, said: Said) -> None:
        """Put back what was typed and chosen."""
        if 0 <= said.choice < len(self.choices):
            self.choices[said.choice].setChecked(True)
        if said.unit:
            self.unit.choose(said.unit)
        self.span.setCurrentIndex(said.span)
        self.main.setText(said.main)
        self.reason.setText(said.words)

    def is_complete(self) -> bool:
        """Tell whether everything needed is there."""
        said, fields = self.said, self._offer.path.fields
        return (
            (said.choice >= 0 or not self.choices)
            and (bool(said.unit) or "unit" not in fields)
            and (self.unit.unit_id is not None or "any_unit" not in fields)
            and (bool(said.main_id) or "main" not in fields)
            and (len(said.words) >= LEAST_REASON or "reason" not in fields)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose an answer by its key; then the reason is typed."""
        keys = [key for key, _ in self._offer.path.choices]
        letter = event.text().upper()
        if letter in keys and not isinstance(self.focusWidget(), QLineEdit):
            self.choices[keys.index(letter)].click()
            self.reason.setFocus()
            return
        if event.key() in ENTER and not self.go.isEnabled():
            self._first_missing().setFocus()
            return
        super().keyPressEvent(event)

    # ---- fields ----------------------------------------------------------------------------

    def _chips(self) -> list[QPushButton]:
        group, made = QButtonGroup(self), []
        for key, words in self._offer.path.choices:
            chip = QPushButton(f"{key}   {self.room.words.say(words)}", self)
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            chip.setAutoDefault(False)
            chip.toggled.connect(self._on_changed)
            group.addButton(chip)
            made.append(chip)
        return made

    def _unit_field(self) -> UnitBox:
        offer = self._offer
        none = Text("不清楚", "not known") if "any_unit" in offer.path.fields else None
        box = UnitBox(self.room, self, none=none)
        if "unit" in offer.path.fields:
            box.setCurrentIndex(-1)  # nothing goes to a unit nobody has chosen
        return box

    def _span_field(self) -> QComboBox:
        box = QComboBox(self)
        for _, words in SPANS:
            box.addItem(self.room.words.say(words))
        return box

    def _lay_out(self) -> None:
        fields, words = self._offer.path.fields, self.room.words
        chips = QHBoxLayout()
        chips.setSpacing(8)
        for chip in self.choices:
            chips.addWidget(chip)
        chips.addStretch(1)
        if self.choices:
            self._row(Text("决定", "Answer"), chips)
        has_unit = bool({"unit", "any_unit"} & {*fields})
        rows: tuple[tuple[bool, Text, QWidget], ...] = (
            (has_unit, Text("单位", "Unit"), self.unit),
            ("span" in fields, Text("延长", "Longer by"), self.span),
            ("main" in fields, Text("主事件编号", "Main event"), self.main),
            (True, Text("原因", "Reason"), self.reason),
        )
        for shown, name, widget in rows:
            widget.setVisible(shown)
            if shown:
                self._row(name, widget)
        self.found.setVisible("main" in fields)
        self.found.setProperty("tone", "t2")
        is_needed = "reason" in fields
        hint = words.pick("至少 2 字", "at least 2 letters")
        self.reason.setPlaceholderText(hint if is_needed else words.pick("可不填", "optional"))
        self.main.setPlaceholderText(words.pick("编号末 6 位", "the last 6 signs of its number"))

    def _row(self, name: Text, field: QWidget | QHBoxLayout) -> None:
        label, row = QLabel(self.room.words.say(name), self), self._grid.rowCount()
        label.setProperty("tone", "t2")
        self._grid.addWidget(label, row, 0)
        if isinstance(field, QWidget):
            self._grid.addWidget(field, row, 1)
        else:
            self._grid.addLayout(field, row, 1)

    def _first(self) -> QWidget:
        named: dict[Field, QWidget] = {
            "unit": self.unit,
            "any_unit": self.unit,
            "span": self.span,
            "main": self.main,
        }
        asked = (named[one] for one in self._offer.path.fields if one in named)
        return self.choices[0] if self.choices else next(asked, self.reason)

    def _until(self) -> datetime | None:
        """Give the deadline wished for: longer than the old one, and not past."""
        item = self._offer.item
        if not isinstance(item, Order) or "span" not in self._offer.path.fields:
            return None
        until_at = max(item.due_at, self.room.stores.server_now())
        return until_at.replace(microsecond=0) + SPANS[self.span.currentIndex()][0]

    def _first_missing(self) -> QWidget:
        if self.choices and self.said.choice < 0:
            return self.choices[0]
        if "main" in self._offer.path.fields and not self.said.main_id:
            return self.main
        if "unit" in self._offer.path.fields and not self.said.unit:
            return self.unit
        return self.reason

    # ---- what is typed ---------------------------------------------------------------------

    def _main(self) -> Event | None:
        """Give the event whose number ends as typed; None for none or several."""
        typed = self.main.text().strip().lower()
        if len(typed) < LEAST_NUMBER:
            return None
        events = self.room.stores.events
        ids = [one for one in events.ids() if one.lower().endswith(typed)]
        found = events.get(ids[0]) if len(ids) == 1 else None
        is_other = found is not None and found.item_id != self._offer.item.item_id
        return found if found is not None and is_other and found.state in _INTO else None

    def _on_changed(self) -> None:
        if "main" in self._offer.path.fields:
            main, words = self._main(), self.room.words
            none = words.pick("没有这一件可并入", "no such event to merge with")
            told = words.join(event_number(main, words), main.title) if main else none
            self.found.setText(told)
        self.go.setEnabled(self.is_complete())
