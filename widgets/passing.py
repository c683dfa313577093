"""Dialogs that pass: gone for good once they were answered, and never over hands that type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, ParamSpec

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
)
from shiboken6 import isValid

P = ParamSpec("P")
AGAIN_MS: Final = 250


class Passing(QDialog):
    """A dialog of one question: a desk asks hundreds a night, and none of them stays behind."""

    def exec(self) -> int:
        """Wait for the answer; what was typed may be read until the caller returns."""
        said = super().exec()
        self.deleteLater()
        return said

    def here(self, call: Callable[P, None]) -> Callable[P, None]:
        """Let a late answer through only while this dialog is there to show it."""

        def guarded(*args: P.args, **more: P.kwargs) -> None:
            if isValid(self):
                call(*args, **more)

        return guarded


def is_typing() -> bool:
    """Tell whether a question is in front or a field has the keys."""
    fields = (QLineEdit, QPlainTextEdit, QComboBox)
    in_field = isinstance(QApplication.focusWidget(), fields)
    return in_field or QApplication.activeModalWidget() is not None


def when_free(owner: QObject, call: Callable[[], object], wait_ms: int = 0) -> None:
    """Call once nobody types: a question that came up by itself would take their letters.

    Args:
        owner: nothing is called once it is gone.
        call: shows what has to be shown.
        wait_ms: at least so long from now.
    """

    def look() -> None:
        if is_typing():
            QTimer.singleShot(AGAIN_MS, owner, look)
        else:
            call()

    QTimer.singleShot(wait_ms, owner, look)
