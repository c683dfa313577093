"""Hold an answer back until the change it promises has come down the stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot

from app.stores import Stores
from backend_client.contract.change import ItemKind
from backend_client.contract.item import Head


@dataclass(frozen=True, slots=True)
class _Wait:
    kind: ItemKind
    head: Head
    done: Callable[[Head], None]


class Waits(QObject):
    """End a waiting face only when the store stands at the answered version or beyond."""

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stores = stores
        self._waiting: list[_Wait] = []
        stores.moved.connect(self._on_moved)

    def until(self, kind: ItemKind, head: Head, done: Callable[[Head], None]) -> None:
        """Call `done` when the change is on the screen, at once when it already is."""
        if self._stores.has_reached(kind, head):
            done(head)
            return
        self._waiting.append(_Wait(kind, head, done))

    def count(self) -> int:
        """Give the number of answers still held back."""
        return len(self._waiting)

    @Slot(int)
    def _on_moved(self, _n: int) -> None:
        over = [one for one in self._waiting if self._stores.has_reached(one.kind, one.head)]
        self._waiting = [one for one in self._waiting if one not in over]
        for one in over:
            one.done(one.head)
