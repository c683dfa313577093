"""Items of one kind as columns that follow their store, so that counting 60,000 is a few sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from app.stores import Store
from backend_client.contract.item import WorkItem

Column = npt.NDArray[Any]
T = TypeVar("T", bound=WorkItem)
_FIRST_ROOM: Final = 1_024


class Columns(QObject, Generic[T]):
    """Keep what is counted of every item; a change touches its own row only."""

    types: ClassVar[Mapping[str, type[np.generic]]]

    def __init__(self, store: Store[T], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._rows: dict[str, int] = {}
        self._ids: list[str] = []
        self._codes: dict[str, dict[str, int]] = {}
        kinds = {"alive": np.bool_, **self.types}
        self._columns: dict[str, Column] = {
            name: np.zeros(_FIRST_ROOM, kind) for name, kind in kinds.items()
        }
        store.changed.connect(self._on_changed)
        self._on_changed(tuple(store.ids()))

    def column(self, name: str) -> Column:
        """Give one column; rows that are not `alive` are gone.

        Shape: (n,), row i is the same item in every column.
        """
        return self._columns[name][: len(self._ids)]

    def at(self, row: int) -> T | None:
        """Give the item of a row."""
        return self._store.get(self._ids[row])

    def coded(self, name: str) -> tuple[str, ...]:
        """Give the words the codes of a column stand for."""
        return tuple(self._codes.get(name, ()))

    def ids(self, rows: Column) -> list[str]:
        """Name the items of some rows."""
        return [self._ids[row] for row in rows.tolist()]

    def _code(self, name: str, word: str) -> int:
        codes = self._codes.setdefault(name, {})
        return codes.setdefault(word, len(codes))

    def _on_changed(self, ids: tuple[str, ...]) -> None:
        found = {item_id: self._store.get(item_id) for item_id in ids}
        kept = {item_id: item for item_id, item in found.items() if item is not None}
        for item_id in found.keys() - kept.keys():
            if item_id in self._rows:
                self._columns["alive"][self._rows[item_id]] = False
        if not kept:
            return
        rows = np.array([self._row(item_id) for item_id in kept], np.intp)
        self._columns["alive"][rows] = True
        for name, values in self._values(list(kept.values())).items():
            self._columns[name][rows] = values

    def _row(self, item_id: str) -> int:
        row = self._rows.get(item_id)
        if row is None:
            row = self._rows[item_id] = len(self._ids)
            self._ids.append(item_id)
            self._grow()
        return row

    def _grow(self) -> None:
        room = len(self._columns["alive"])
        if len(self._ids) > room:
            for name, column in self._columns.items():
                self._columns[name] = np.concatenate([column, np.zeros_like(column)])

    def _values(self, items: Sequence[T]) -> dict[str, list[Any]]:
        """Give the columns' values of some items."""
        raise NotImplementedError


def seconds(at: datetime | None) -> float:
    """Give an instant as seconds since 1970 UTC, NaN for none."""
    return at.timestamp() if at is not None else float("nan")
