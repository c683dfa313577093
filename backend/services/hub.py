"""Hand every commit to every open stream: a ring of recent frames and one bell per reader."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.services.frames import Frame, frame
from backend.services.verbs import Verbs
from backend.storage.unit import Committed

RING = 5_000
KEPT_S = 60.0
"""A reader further behind is no longer listening; if it comes again, the log has what it missed."""


@dataclass(slots=True, eq=False)
class Bell:
    """Rings when something was published; a reader waits on it and looks from its own number."""

    rung: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Keep the newest frames in order; `publish` may be called from any thread.

    A reader holds no queue: it holds a number. One that falls behind the ring is told so and
    must come again, so a slow reader costs no memory and delays nobody.
    """

    def __init__(
        self, epoch: str, n: int, verbs: Verbs, steady_s: Callable[[], float], *, ring: int = RING
    ) -> None:
        self.epoch = epoch
        self._n = n
        self._verbs = verbs
        self._steady_s = steady_s
        self._ring: deque[Frame] = deque(maxlen=ring)
        self._times_s: deque[float] = deque(maxlen=ring)
        self._layers: dict[str, int] = {}
        self._bells: set[Bell] = set()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def n(self) -> int:
        """Give the newest number published."""
        return self._n

    @property
    def closed(self) -> bool:
        """Tell whether the service is going down and streams should end."""
        return self._closed

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ring bells on this event loop from now on."""
        self._loop = loop
        self._closed = False

    def publish(self, committed: Committed) -> None:
        """Take in one commit, in commit order."""
        frames = [frame(self.epoch, logged, self._verbs) for logged in committed.changes]
        with self._lock:
            now_s = self._steady_s()
            self._ring.extend(frames)
            self._times_s.extend([now_s] * len(frames))
            while self._times_s and self._times_s[0] < now_s - KEPT_S:
                self._times_s.popleft()
                self._ring.popleft()
            self._n = frames[-1].n if frames else self._n
            self._layers.update(committed.layers)
        if frames or committed.layers:
            self._ring_bells()

    def close(self) -> None:
        """End every open stream; called when the service goes down."""
        self._closed = True
        self._ring_bells()

    def join(self) -> Bell:
        """Give a new reader its bell; hand it back with `leave`."""
        bell = Bell()
        with self._lock:
            self._bells.add(bell)
        return bell

    def leave(self, bell: Bell) -> None:
        """Forget a reader."""
        with self._lock:
            self._bells.discard(bell)

    def after(self, n: int) -> list[Frame] | None:
        """Give the frames after a number, None when the ring no longer reaches back to it."""
        with self._lock:
            missing = self._n - n
            if missing <= 0:
                return []
            if missing > len(self._ring):
                return None
            size = len(self._ring)
            return [self._ring[index] for index in range(size - missing, size)]

    def layers(self) -> dict[str, int]:
        """Give the newest version of every layer that moved since the start."""
        with self._lock:
            return dict(self._layers)

    def _ring_bells(self) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        try:
            loop.call_soon_threadsafe(self._ring_all)
        except RuntimeError:  # the loop closed between the two lines: nobody is listening
            return

    def _ring_all(self) -> None:
        with self._lock:
            bells = tuple(self._bells)
        for bell in bells:
            bell.rung.set()
