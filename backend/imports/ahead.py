"""Make the next batch while the last one is on its way."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 2


@dataclass(frozen=True, slots=True)
class _End:
    """The source is done, or failed."""

    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Way(Generic[T]):
    """Items between the one who makes them and the one who takes them."""

    items: queue.Queue[T | _End] = field(default_factory=lambda: queue.Queue(KEPT))
    left: threading.Event = field(default_factory=threading.Event)

    def put(self, item: T | _End) -> None:
        while not self.left.is_set():
            try:
                self.items.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    def make(self, source: Iterator[T]) -> None:
        try:
            for item in source:
                self.put(item)
                if self.left.is_set():
                    return
        except Exception as error:  # noqa: BLE001  # handed to the one who iterates
            self.put(_End(error))
        else:
            self.put(_End())


def ahead(source: Iterator[T]) -> Iterator[T]:
    """Iterate in a thread, at most two items ahead; what it raises is raised here."""
    way: _Way[T] = _Way()
    thread = threading.Thread(target=way.make, args=(source,), name="ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := way.items.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        way.left.set()
        thread.join()
