"""Carry the bulk objects' batches to the service, in order, with the faults of their feeds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import structlog

from backend.simulator.faults import Fault
from backend.simulator.feed import Feed
from backend.simulator.objects import Batch, Objects, delay_s
from backend_client.contract.clock import Clock

_BUDGET_S: Final = 0.5
"""So long a step describes objects, or as long as what else it sends took on a busy machine."""
_FIX_EVERY_S: Final = 2.0
_GAP_S: Final = 120.0
"""Fixes older than this are not said after a silence of the service."""
_LOG = structlog.get_logger("city")


class Flow:
    """Send what the objects say; nothing new while something old was not taken."""

    def __init__(
        self, objects: Objects, feed: Feed, clock: Clock, *, others: Mapping[str, int]
    ) -> None:
        """Begin.

        Args:
            objects: the bulk objects.
            feed: the line to the service.
            clock: the time.
            others: how many objects of each layer others bring, gauges and lorries.
        """
        self._others = others
        self._objects, self._feed, self._clock = objects, feed, clock
        self._queue: deque[Batch] = deque()
        self._held: list[tuple[float, Batch]] = []
        self._todo: Iterator[Batch] | None = None
        self._is_whole = False
        self._fixed_s = clock.now().timestamp() - _FIX_EVERY_S

    @property
    def is_whole(self) -> bool:
        """Tell whether the service knows every object."""
        return self._is_whole

    def step(self) -> None:
        """Send what is due now."""
        began_s, now_s = self._clock.steady_s(), self._clock.now().timestamp()
        self._release(now_s)
        if not self._flush():
            return
        if now_s - self._fixed_s >= _FIX_EVERY_S:
            since_s = max(self._fixed_s, now_s - _GAP_S)
            self._take(self._objects.fixes(since_s, now_s), now_s)
            self._fixed_s = now_s
        self._take(self._objects.due(now_s), now_s)
        if self._flush() and not self._is_whole:
            spent_s = self._clock.steady_s() - began_s
            self._describe(now_s, max(_BUDGET_S, spent_s))

    def _describe(self, now_s: float, budget_s: float) -> None:
        """Describe objects of the layers the service does not have whole, for a while."""
        if self._todo is None:
            known = self._feed.counts()
            if known is None:
                return
            wanted = self._objects.counts()
            missing = [
                name
                for name, count in wanted.items()
                if known.get(name, 0) < count + self._others.get(name, 0)
            ]
            self._todo = self._objects.register(missing, now_s)
            _LOG.info("describing", layers=missing)
        until_s = self._clock.steady_s() + budget_s
        for batch in self._todo:
            self._queue.append(batch)
            if not self._flush() or self._clock.steady_s() > until_s:
                return
        self._is_whole = True
        _LOG.info("all objects are described")

    def _take(self, batches: Iterable[Batch], now_s: float) -> None:
        """Put batches into the queue, doubled or held back where their feed is at fault."""
        for batch in batches:
            source = self._objects.sources[batch.feed]
            fault = self._objects.fault(source, now_s)
            if fault is Fault.BEHIND:
                self._held.append((now_s + delay_s(source), batch))
                continue
            self._queue.append(batch)
            if fault is Fault.DOUBLED:
                self._queue.append(batch)

    def _release(self, now_s: float) -> None:
        self._queue.extend(batch for until_s, batch in self._held if until_s <= now_s)
        self._held = [one for one in self._held if one[0] > now_s]

    def _flush(self) -> bool:
        """Send the queue; False when the service did not take all of it."""
        while self._queue:
            batch = self._queue[0]
            if batch.rows is not None:
                taken = self._feed.wide(batch.layer, batch.wide())
            else:
                taken = self._feed.wide_fixes(batch.wide_fixes())
            if not taken:
                return False
            self._queue.popleft()
        return True
