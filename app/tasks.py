"""The only file with threads: pools for HTTP and reckoning, the cache, followers, one way home."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from app.collector import Collector
from backend_client.contract.clock import Clock

T = TypeVar("T")
Failed = Callable[[Exception], None]

HTTP_WORKERS: Final = 6
RECKON_WORKERS: Final = 2
SLICE_S: Final = 0.008
PENDING_PER_FOLLOW: Final = 64
POLL_S: Final = 0.2
PING_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One call to make on the main thread."""

    owner: object | None
    call: Callable[[], None]


class _Pool:
    """Run jobs on a few daemon threads in the order they came."""

    def __init__(self, name: str, size: int) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{index}", daemon=True)
            for index in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)

    def close(self) -> None:
        for _ in self._threads:
            self._jobs.put(None)

    def join(self, limit_s: float) -> bool:
        for thread in self._threads:
            thread.join(max(0.0, limit_s) / len(self._threads))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # else what it was given would be kept until the next one comes


class Lane:
    """A way to one pool, for those who only run jobs."""

    def __init__(self, tasks: Tasks, pool: _Pool) -> None:
        self._tasks, self._pool = tasks, pool

    def run(
        self, job: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None
    ) -> None:
        """Run a job on the pool; `done` or `failed` follows on the main thread."""
        self._tasks.submit(self._pool, job, done, failed)


class Follow:
    """A running follower; `stop` asks it to end after the item it is on."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._room = threading.Semaphore(PENDING_PER_FOLLOW)
        self._thread: threading.Thread | None = None

    def stop(self) -> None:
        """Ask the source to end; nothing is delivered afterwards."""
        self._stop.set()

    def stopped(self) -> bool:
        """Tell whether the end was asked for."""
        return self._stop.is_set()

    def is_running(self) -> bool:
        """Tell whether the worker still lives."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Sleep in the worker until stopped or the time is over; True when stopped."""
        return self._stop.wait(seconds)

    def begin(self, body: Callable[[], None]) -> None:
        """Start the worker; `Tasks.follow` does it."""
        self._thread = threading.Thread(target=body, name="follow", daemon=True)
        self._thread.start()

    def take_room(self) -> bool:
        """Wait in the worker for room among the undelivered; False when stopped."""
        while not self._stop.is_set():
            if self._room.acquire(timeout=POLL_S):
                return True
        return False

    def give_room(self) -> None:
        """Note one item delivered."""
        self._room.release()

    def join(self, limit_s: float) -> bool:
        """Wait for the worker's end; True when it came inside the limit."""
        if self._thread is not None:
            self._thread.join(max(0.0, limit_s))
        return not self.is_running()


class Runner(Protocol):
    """The part of `Tasks` that most need: one job done elsewhere."""

    def run(
        self, job: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None
    ) -> None:
        """Run a job elsewhere and bring the result home."""
        ...


class Tasks(QObject):
    """Run work off the main thread and bring results home in slices of at most 8 ms.

    Signals:
        unhandled(Exception): a job failed and its caller gave no `failed`, or a callback raised.
    """

    unhandled = Signal(object)
    _arrived = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._inbox: deque[_Delivery] = deque()
        self._collector = Collector(self)
        self._http = _Pool("http", HTTP_WORKERS)
        self._cache = _Pool("cache", 1)
        self._reckon = _Pool("reckon", RECKON_WORKERS)
        self.reckon = Lane(self, self._reckon)
        """Drawing and counting: it never waits behind requests to a slow service."""
        self._follows: list[Follow] = []
        self._closed = threading.Event()
        self._is_called = False
        self._slice = QTimer(self, interval=0, singleShot=True)
        self._slice.timeout.connect(self._on_slice)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def run(
        self, job: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None
    ) -> None:
        """Run a job on the HTTP pool; `done` or `failed` follows on the main thread."""
        self.submit(self._http, job, done, failed)

    def store(
        self,
        job: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Run a job on the serial cache worker, after all jobs given before."""
        self.submit(self._cache, job, done, failed)

    def follow(
        self,
        source: Callable[[Callable[[], bool]], Iterator[T]],
        each: Callable[[T], None],
        failed: Failed | None = None,
    ) -> Follow:
        """Iterate `source(stopped)` on a thread of its own; `each` gets items on the main thread.

        A follower waits while 64 of its items are undelivered, so a busy main thread slows
        the source instead of filling the memory.
        """
        follow = Follow()
        self._follows = [one for one in self._follows if one.is_running()]
        self._follows.append(follow)
        follow.begin(lambda: self._iterate(follow, source, each, failed))
        return follow

    def close(self, limit_s: float = 3.0) -> bool:
        """Stop followers, then the workers; deliver nothing more.

        Returns:
            True when every thread ended inside the limit; the rest are daemons.
        """
        end_s = self._clock.steady_s() + limit_s
        self._closed.set()
        for follow in self._follows:
            follow.stop()
        self._http.close()
        self._cache.close()
        self._reckon.close()
        ended = [one.join(end_s - self._clock.steady_s()) for one in self._follows]
        ended += [
            pool.join(end_s - self._clock.steady_s())
            for pool in (self._cache, self._http, self._reckon)
        ]
        self._inbox.clear()
        self._collector.close()
        return all(ended)

    def submit(
        self,
        pool: _Pool,
        job: Callable[[], T],
        done: Callable[[T], None] | None,
        failed: Failed | None,
    ) -> None:
        """Run a job on one of the pools; `run`, `store` and the lanes do it."""
        if self._closed.is_set():
            return

        def work() -> None:
            try:
                result = job()
            except Exception as error:  # noqa: BLE001  # the edge that turns it into a state
                self._fail(error, failed)
                return
            if done is not None:
                self._post(done, lambda: done(result))

        pool.submit(work)

    def _iterate(
        self,
        follow: Follow,
        source: Callable[[Callable[[], bool]], Iterator[T]],
        each: Callable[[T], None],
        failed: Failed | None,
    ) -> None:
        try:
            for item in source(follow.stopped):
                if not follow.take_room():
                    return
                self._post(each, partial(_deliver, follow, each, item))
        except Exception as error:  # noqa: BLE001  # the edge that turns it into a state
            if not follow.stopped():
                self._fail(error, failed)

    def _fail(self, error: Exception, failed: Failed | None) -> None:
        handler: Failed = failed or self.unhandled.emit
        self._post(handler, lambda: handler(error))

    def _post(self, callback: object, call: Callable[[], None]) -> None:
        if self._closed.is_set():
            return
        self._inbox.append(_Delivery(getattr(callback, "__self__", None), call))
        if not self._is_called:
            self._is_called = True
            self._arrived.emit()

    @Slot()
    def _on_arrived(self) -> None:
        """Wait for the loop's next turn: calls drained here would come before input and paint."""
        self._slice.start()

    @Slot()
    def _on_slice(self) -> None:
        self._is_called = False  # before the inbox is looked at, so that no call goes unheard
        end_s = self._clock.steady_s() + SLICE_S
        while self._inbox and not self._closed.is_set():
            self._call(self._inbox.popleft())
            if self._clock.steady_s() >= end_s:
                break
        if self._inbox:
            self._slice.start()

    def _call(self, delivery: _Delivery) -> None:
        owner = delivery.owner
        if isinstance(owner, QObject) and not isValid(owner):
            return  # the widget that asked is gone
        try:
            delivery.call()
        except Exception as error:  # noqa: BLE001  # a faulty callback must not stop the others
            self.unhandled.emit(error)


def _deliver(follow: Follow, each: Callable[[T], None], item: T) -> None:
    follow.give_room()
    if not follow.stopped():
        each(item)


def hook_threads(handler: Callable[[BaseException], None]) -> Callable[[], None]:
    """Hear of exceptions that ended a thread; the result puts the former hook back."""
    former = threading.excepthook

    def hook(caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            handler(caught.exc_value)

    def restore() -> None:
        threading.excepthook = former

    threading.excepthook = hook
    return restore


class Pinger(QObject):
    """Ping the main thread every 50 ms from a thread and time each answer.

    Signals:
        measured(float): seconds from ping to answer, one per ping.
    """

    measured = Signal(float)
    _pinged = Signal(float)

    def __init__(
        self,
        clock: Clock,
        *,
        limit_s: float,
        stalled: Callable[[float], None],
        parent: QObject | None = None,
    ) -> None:
        """Prepare; `stalled(seconds)` is called once per stall, on the pinging thread."""
        super().__init__(parent)
        self._clock = clock
        self._limit_s = limit_s
        self._stalled = stalled
        self._stop = threading.Event()
        self._answered = threading.Event()
        self._pinged.connect(self._on_pinged, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._ping, name="pinger", daemon=True)

    def start(self) -> None:
        """Begin pinging."""
        self._thread.start()

    def close(self, limit_s: float = 1.0) -> None:
        """Stop pinging."""
        self._stop.set()
        self._answered.set()
        if self._thread.is_alive():
            self._thread.join(limit_s)

    def _ping(self) -> None:
        while not self._stop.wait(PING_S):
            self._answered.clear()
            self._pinged.emit(self._clock.steady_s())
            if self._answered.wait(self._limit_s):
                continue
            self._stalled(self._limit_s)
            self._answered.wait()

    @Slot(float)
    def _on_pinged(self, sent_s: float) -> None:
        self._answered.set()
        self.measured.emit(self._clock.steady_s() - sent_s)
