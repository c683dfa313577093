"""A field for one number inside a range: typed, or stepped with Up and Down."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class NumberField(QLineEdit):
    """Hold a number; what is typed outside the range becomes the nearest inside it.

    Signals:
        valueChanged(float): another number.
    """

    valueChanged = Signal(float)  # noqa: N815  # Qt's own word

    def __init__(
        self, parent: QWidget | None = None, *, decimals: int = 2, fixed: bool = True
    ) -> None:
        """Begin at 0.

        Args:
            parent: Qt owner.
            decimals: digits that count.
            fixed: write all of them; otherwise those that say something.
        """
        super().__init__(parent)
        self._decimals, self._fixed = decimals, fixed
        self._least, self._most, self._step = -math.inf, math.inf, 1.0
        self._value = 0.0
        self.textEdited.connect(self._on_typed)
        self._write()

    def value(self) -> float:
        """Give the number."""
        return self._value

    def set_range(self, least: float, most: float, *, step: float = 1.0) -> None:
        """Say what is allowed and how far one step goes."""
        self._least, self._most, self._step = least, most, step
        self.set_value(self._value)

    def set_value(self, value: float) -> None:
        """Show a number, brought inside the range."""
        self._take(value)
        self._write()

    def _take(self, value: float) -> None:
        inside = round(min(self._most, max(self._least, value)), self._decimals)
        if inside != self._value:
            self._value = inside
            self.valueChanged.emit(inside)

    def _write(self) -> None:
        text = f"{self._value:.{self._decimals}f}"
        self.setText(text if self._fixed or "." not in text else text.rstrip("0").rstrip("."))

    def _on_typed(self, text: str) -> None:
        try:
            typed = float(text.replace("−", "-").replace(",", "."))
        except ValueError:
            return
        if math.isfinite(typed):
            self._take(typed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with Up and Down."""
        turns = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        step = turns.get(Qt.Key(event.key()), 0)
        if step:
            self.set_value(self._value + step * self._step)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the number that was understood."""
        super().focusOutEvent(event)
        self._write()
