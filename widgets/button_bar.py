"""The buttons at the foot of a panel: side by side, closer together where there is less room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

BAR: Final = 64
"""Height of the bar, with its foot."""
_SIDE: Final = 16
_GAP, _CLOSE_GAP = 12, 8
_PAD, _CLOSE_PAD = 16, 7  # beside a button's words, as the style sheet has them


class ButtonBar(QWidget):
    """Buttons from the left that never lose a letter while a smaller margin can help it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(_SIDE, 0, _SIDE, 12)
        self._row.setSpacing(_GAP)
        self._close = False

    def hold(self, buttons: Sequence[QPushButton]) -> None:
        """Take the buttons in, in this order."""
        for button in buttons:
            self._row.addWidget(button)
        self._row.addStretch(1)
        self.fit()

    def fit(self) -> None:
        """Choose the widest margins that have room; call after words have changed."""
        shown = [one for one in self.findChildren(QPushButton) if not one.isHidden()]
        spare = 2 * (_PAD - _CLOSE_PAD)
        wide = sum(one.sizeHint().width() + (spare if self._close else 0) for one in shown)
        gaps = max(len(shown) - 1, 0)
        close = wide + _GAP * gaps > self.width() - 2 * _SIDE
        if close == self._close:
            return
        self._close = close
        self._row.setSpacing(_CLOSE_GAP if close else _GAP)
        for button in self.findChildren(QPushButton):
            button.setProperty("close", "true" if close else "false")
            button.style().unpolish(button)
            button.style().polish(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose anew for another width."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Choose anew when a button's words or the letters' size changed."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.StyleChange):
            self.fit()
        return done
