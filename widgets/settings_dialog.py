"""The settings, drawn from the declared options: a new option needs no line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.i18n import Words
from app.settings import Option, Settings, Value
from app.theme import Theme
from widgets.commands import room_of
from widgets.number_field import NumberField
from widgets.passing import Passing

COLUMNS, WIDTH = 2, 1_180


@dataclass(frozen=True, slots=True)
class _Field:
    widget: QWidget
    value: Callable[[], Value]


class SettingsDialog(Passing):
    """Show every option and save those that were changed."""

    def __init__(
        self, settings: Settings, theme: Theme, words: Words, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings, self._words = settings, words
        self.setStyleSheet(theme.qss("desk"))
        self.setWindowTitle(words.pick("设置", "Settings"))
        page = QWidget(self)
        page.setObjectName("sheet")
        grid = QGridLayout(page)
        grid.setContentsMargins(20, 16, 20, 8)
        grid.setVerticalSpacing(10)
        grid.setHorizontalSpacing(16)
        rows = ceil(len(settings.options()) / COLUMNS)
        self.fields: dict[str, _Field] = {}
        for number, option in enumerate(settings.options()):
            column, row = divmod(number, rows)
            field = self._field(option)
            field.widget.setToolTip(words.say(option.help))
            self.fields[option.key] = field
            name = QLabel(words.say(option.title), self)
            name.setProperty("tone", "t2")
            grid.addWidget(name, row, 2 * column)
            grid.addWidget(field.widget, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        self.save_button = QPushButton(words.pick("保存", "Save"), self)
        self.save_button.setProperty("kind", "primary")
        self.save_button.clicked.connect(self.save)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        area.setWidgetResizable(True)
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 0, 20, 16)
        foot.addWidget(self.save_button)
        foot.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(area, 1)
        box.addLayout(foot)
        high = page.sizeHint().height() + self.save_button.sizeHint().height() + 40
        self.resize(QSize(WIDTH, high).boundedTo(room_of(parent)))

    def save(self) -> None:
        """Write what was changed and close."""
        for option in self._settings.options():
            value = self.fields[option.key].value()
            if option.accepts(value) and value != self._present(option):
                self._settings.set(option.key, value)
        self.accept()

    def _present(self, option: Option) -> Value:
        readers: Mapping[str, Callable[[str], Value]] = {
            "number": self._settings.number,
            "flag": self._settings.flag,
        }
        return readers.get(option.kind, self._settings.text)(option.key)

    def _field(self, option: Option) -> _Field:
        makers: Mapping[str, Callable[[Option], _Field]] = {
            "text": self._text,
            "number": self._number,
            "flag": self._flag,
            "choice": self._choice,
        }
        return makers[option.kind](option)

    def _text(self, option: Option) -> _Field:
        line = QLineEdit(self._settings.text(option.key), self)
        return _Field(line, line.text)

    def _number(self, option: Option) -> _Field:
        field = NumberField(self, decimals=3, fixed=False)
        field.set_range(
            -1e9 if option.least is None else option.least,
            1e9 if option.most is None else option.most,
        )
        field.set_value(self._settings.number(option.key))
        return _Field(field, field.value)

    def _flag(self, option: Option) -> _Field:
        box = QCheckBox(self)
        box.setChecked(self._settings.flag(option.key))
        return _Field(box, box.isChecked)

    def _choice(self, option: Option) -> _Field:
        combo = QComboBox(self)
        for value, text in option.choices:
            combo.addItem(self._words.say(text), value)
        combo.setCurrentIndex(max(0, combo.findData(self._settings.text(option.key))))
        return _Field(combo, lambda: str(combo.currentData()))
