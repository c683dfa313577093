"""A panel with buttons at its foot and a key for each: the keys are its own while it has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from backend_client.contract.base import Text
from widgets.button_bar import BAR, ButtonBar
from widgets.paint import Board, Ink
from widgets.panel import Panel, Room

HELD: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
    | Qt.KeyboardModifier.ShiftModifier
)
"""With one of these a letter is somebody else's: Shift+Y shows the models, it says no yes."""
NEAR: Final = 20.0


class KeyPanel(Panel):
    """Buttons side by side at the foot; beside them what came of the last step."""

    moves: Mapping[Qt.Key, int] = {}  # arrow keys of a subclass that has something to choose

    def __init__(
        self, room: Room, steps: Sequence[tuple[str, Text]], parent: QWidget | None = None
    ) -> None:
        """Make the buttons.

        Args:
            room: facts, words and looks.
            steps: key and words of each button, from the left.
            parent: Qt owner.
        """
        super().__init__(room, parent)
        self._steps = tuple(steps)
        self.message = ""
        self._bar = ButtonBar(self)
        self.buttons = {key: QPushButton(self._bar) for key, _ in self._steps}
        for key, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, step=key: self.press(step))
        self._bar.hold(list(self.buttons.values()))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        room.words.changed.connect(self.refresh)

    def press(self, key: str) -> None:
        """Take the step of a key or its button."""

    def go(self, by: int) -> None:
        """Choose another one by an arrow."""

    def refresh(self) -> None:
        """Say the buttons' words, and which of them may be used."""

    def say_result(self, words: str) -> None:
        """Say what came of a step."""
        self.message = words
        self.redraw()

    def dress(self, usable: Mapping[str, bool], *, shown: bool) -> None:
        """Say the buttons' words; one that may no longer be used leaves the keys to the panel."""
        for key, words in self._steps:
            button = self.buttons[key]
            button.setText(f"{key}   {self.say(words)}")
            if not usable[key] and button.hasFocus():
                self.setFocus()  # else the keys go on to the next field there is
            button.setVisible(shown)
            button.setEnabled(usable[key])

    # ---- keys ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Take the steps' keys from the desk while this panel has the keys."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self._is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def _is_ours(self, event: QKeyEvent) -> bool:
        is_key = event.text().upper() in self.buttons or event.key() in self.moves
        return is_key and not event.modifiers() & HELD

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a step by one key, or choose by an arrow."""
        if not self._is_ours(event):
            super().keyPressEvent(event)
        elif (by := self.moves.get(Qt.Key(event.key()))) is not None:
            self.go(by)
        else:
            self.press(event.text().upper())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are here."""
        super().focusInEvent(event)
        self.redraw()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they are not."""
        super().focusOutEvent(event)
        self.redraw()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the buttons at the foot."""
        self._bar.setGeometry(0, self.height() - BAR, self.width(), BAR)

    # ---- looks -----------------------------------------------------------------------------

    def draw_keys(self, board: Board) -> None:
        """Mark the edge while the keys are here."""
        if self.hasFocus():
            board.fill(QRectF(0, 0, 5, self.height()), "t1")

    def beside(self, area: QRectF) -> QRectF:
        """Give the room beside the last button."""
        last = self.buttons[self._steps[-1][0]].geometry()
        x = last.right() + NEAR
        return QRectF(x, self._bar.y() + last.y(), max(area.right() - x, 1), last.height())

    def draw_message(self, board: Board, area: QRectF) -> None:
        """Write what came of the last step beside the buttons."""
        ink = Ink(tone="t1", bold=True, align="right", elide=True)
        board.text(self.beside(area), self.message, ink)
