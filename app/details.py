"""Fields and measured series of single objects, fetched by id when a panel wants to show them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.tasks import Tasks
from backend_client.contract.clock import Clock
from backend_client.contract.feature import Feature, Series

AT_ONCE = 3
FEATURE_LASTS_S = 600.0
SERIES_LASTS_S = 60.0
FAILED_LASTS_S = 15.0
SERIES_HOURS = 12

Key = tuple[str, str, int]  # what, layer, oid


class Reader(Protocol):
    """The part of the client this needs."""

    def feature(self, layer: str, oid: int) -> Feature:
        """Give one object's own fields."""
        ...

    def series(self, layer: str, oid: int, *, hours: int = 24) -> Series:
        """Give one object's measured values."""
        ...


@dataclass(slots=True)
class _Kept:
    value: Feature | Series | None
    until_s: float


class Details(QObject):
    """Keep what was fetched for a while; a question returns what is known and asks for more.

    Signals:
        changed(str, int): layer and oid of the object that is newly known.
    """

    changed = Signal(str, int)

    def __init__(
        self, reader: Reader, tasks: Tasks, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._tasks = tasks
        self._clock = clock
        self._kept: dict[Key, _Kept] = {}
        self._wanted: deque[Key] = deque()
        self._busy: set[Key] = set()

    def feature(self, layer: str, oid: int) -> Feature | None:
        """Give an object's own fields as last fetched."""
        found = self._look("feature", layer, oid)
        return found if isinstance(found, Feature) else None

    def series(self, layer: str, oid: int) -> Series | None:
        """Give an object's measured values as last fetched."""
        found = self._look("series", layer, oid)
        return found if isinstance(found, Series) else None

    def is_missing(self, layer: str, oid: int) -> bool:
        """Tell whether an object's fields were asked for and did not come."""
        kept = self._kept.get(("feature", layer, oid))
        return kept is not None and kept.value is None

    def _look(self, what: str, layer: str, oid: int) -> Feature | Series | None:
        key = (what, layer, oid)
        kept = self._kept.get(key)
        if kept is None or kept.until_s <= self._clock.steady_s():
            self._want(key)
        return kept.value if kept else None

    def _want(self, key: Key) -> None:
        if key not in self._busy and key not in self._wanted:
            self._wanted.append(key)
            self._start()

    def _start(self) -> None:
        while self._wanted and len(self._busy) < AT_ONCE:
            key = self._wanted.popleft()
            self._busy.add(key)
            self._tasks.run(
                self._job(key),
                partial(self._take, key),
                partial(self._fail, key),
            )

    def _job(self, key: Key) -> Callable[[], Feature | Series]:
        what, layer, oid = key
        if what == "feature":
            return lambda: self._reader.feature(layer, oid)
        return lambda: self._reader.series(layer, oid, hours=SERIES_HOURS)

    def _take(self, key: Key, value: Feature | Series) -> None:
        lasts_s = FEATURE_LASTS_S if key[0] == "feature" else SERIES_LASTS_S
        self._kept[key] = _Kept(value, self._clock.steady_s() + lasts_s)
        self._busy.discard(key)
        self.changed.emit(key[1], key[2])
        self._start()

    def _fail(self, key: Key, _error: Exception) -> None:
        kept = self._kept.get(key)
        value = kept.value if kept else None
        self._kept[key] = _Kept(value, self._clock.steady_s() + FAILED_LASTS_S)
        self._busy.discard(key)
        self._start()
