"""Make the next batches while two are on their way."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

KEPT = 2
TOGETHER = 2


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


def together(work: Callable[[T], R], source: Iterator[T]) -> Iterator[R]:
    """Do work on items two at a time while the next are made; what came of them in their order.

    One batch is received and checked while the other is written. What work or source raise is
    raised here, after what is under way has ended.
    """
    with ThreadPoolExecutor(TOGETHER, "together") as pool:
        under_way: deque[Future[R]] = deque()
        for begun in _begun(pool, work, source):
            under_way.append(begun)
            if len(under_way) == TOGETHER:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _begun(
    pool: ThreadPoolExecutor, work: Callable[[T], R], source: Iterator[T]
) -> Iterator[Future[R]]:
    """Begin work on one item after the other; where the source breaks is the last one's end."""
    try:
        for item in ahead(source):
            yield pool.submit(work, item)
    except Exception as error:  # noqa: BLE001  # raised in its turn, after what came before it
        broken: Future[R] = Future()
        broken.set_exception(error)
        yield broken
