"""Where moving objects are now, and which fixes are known already."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.storage.journal import FIX, Fixes

Bools = npt.NDArray[np.bool_]
I64 = npt.NDArray[np.int64]

HOUR_MS = 3_600_000
SPAN_MS = 600_000
_SHIFT = 20  # a span has 600,000 milliseconds, 2^20 is 1.05 million
IDLE_MS = 600_000


class Latest:
    """Hold the newest fix of each object of one layer that ever reported.

    Shape: fixes, seq, feed (n,): an object keeps its row; feed is a place in `feeds`.
    """

    def __init__(self) -> None:
        self.fixes: Fixes = np.zeros(0, dtype=FIX)
        self.seq: I64 = np.zeros(0, dtype=np.int64)
        self.feed: npt.NDArray[np.uint16] = np.zeros(0, dtype=np.uint16)
        self.feeds: list[str] = [""]
        self._order: I64 = np.zeros(0, dtype=np.int64)  # rows by oid
        self._oids: npt.NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)

    def rows(self, oid: npt.NDArray[np.uint32]) -> I64:
        """Give the row of each object, -1 where it never reported."""
        place = np.searchsorted(self._oids, oid)
        rows = np.full(len(oid), -1)
        here = place < len(self._oids)
        here[here] = self._oids[place[here]] == oid[here]
        rows[here] = self._order[place[here]]
        return rows

    def observed_ms(self, oid: npt.NDArray[np.uint32]) -> I64:
        """Give when the shown fix of each object was measured, 0 where there is none."""
        rows = self.rows(oid)
        shown = np.zeros(len(oid), dtype=np.int64)
        shown[rows >= 0] = self.fixes["observed_ms"][rows[rows >= 0]]
        return shown

    def show(self, fixes: Fixes, seq: int, feed: str = "") -> int:
        """Take over the fixes newer than those shown; give how many objects moved."""
        if not len(fixes):
            return 0
        newer = fixes[fixes["observed_ms"] > self.observed_ms(fixes["oid"])]
        newer = newer[np.argsort(newer["observed_ms"], kind="stable")]
        self._add(newer["oid"])
        at = self.rows(newer["oid"])
        self.fixes[at] = newer  # the last of equal indices wins: they are sorted by time
        self.seq[at] = seq
        self.feed[at] = self._named(feed)
        return len(np.unique(at))

    def touch(self, oid: npt.NDArray[np.uint32], seq: int) -> None:
        """Let the shown fixes of some objects count as new."""
        rows = self.rows(oid)
        self.seq[rows[rows >= 0]] = seq

    def _named(self, feed: str) -> int:
        if feed not in self.feeds and len(self.feeds) < np.iinfo(np.uint16).max:
            self.feeds.append(feed)
        return self.feeds.index(feed) if feed in self.feeds else 0

    def _add(self, oid: npt.NDArray[np.uint32]) -> None:
        """Make room for objects that never reported."""
        new = np.unique(oid[self.rows(oid) < 0])
        if not len(new):
            return
        blank = np.zeros(len(new), dtype=FIX)
        blank["oid"] = new
        self.fixes = np.concatenate([self.fixes, blank])
        self.seq = np.concatenate([self.seq, np.zeros(len(new), dtype=np.int64)])
        self.feed = np.concatenate([self.feed, np.zeros(len(new), dtype=np.uint16)])
        self._order = np.argsort(self.fixes["oid"], kind="stable")
        self._oids = np.ascontiguousarray(self.fixes["oid"][self._order])


@dataclass(slots=True)
class _Span:
    """Keys of the fixes observed in one span: sorted ones, and batches not yet sorted in."""

    keys: I64
    added: list[I64]
    asked_ms: int

    def sorted(self) -> I64:
        if self.added:
            new = np.unique(np.concatenate(self.added))
            self.keys = np.insert(self.keys, np.searchsorted(self.keys, new), new)
            self.added.clear()
        return self.keys


class Known:
    """Tell exactly which (object, instant) of the last day were accepted already.

    Only late fixes are asked about, so nothing is held of a span until one is: then it is read
    from the disk, where every accepted fix is, and kept up to date while it is asked about.
    """

    def __init__(self, load: Callable[[str, int, int], Fixes]) -> None:
        """Start knowing nothing.

        Args:
            load: gives every accepted fix of a layer observed in [since, until] ms.
        """
        self._load = load
        self._spans: dict[tuple[str, int], _Span] = {}

    def add(self, layer: str, fixes: Fixes) -> None:
        """Take note of fixes accepted and kept on the disk."""
        if not any(held == layer for held, _ in self._spans):
            return
        keys, spans = _keys(fixes)
        for span in np.unique(spans).tolist():
            held = self._spans.get((layer, span))
            if held is not None:
                held.added.append(keys[spans == span])

    def has(self, layer: str, fixes: Fixes, now_ms: int) -> Bools:
        """Tell for each fix whether it was accepted before."""
        keys, spans = _keys(fixes)
        found = np.zeros(len(fixes), dtype=np.bool_)
        for span in np.unique(spans).tolist():
            mine = spans == span
            found[mine] = _in(keys[mine], self._span(layer, span, now_ms))
        return found

    def forget(self, now_ms: int) -> None:
        """Let go of spans nobody asked about for a while."""
        idle = [key for key, span in self._spans.items() if now_ms - span.asked_ms > IDLE_MS]
        for key in idle:
            del self._spans[key]

    def _span(self, layer: str, span: int, now_ms: int) -> I64:
        held = self._spans.get((layer, span))
        if held is None:
            stored = self._load(layer, span * SPAN_MS, (span + 1) * SPAN_MS - 1)
            held = self._spans[layer, span] = _Span(_NONE, [_keys(stored)[0]], now_ms)
        held.asked_ms = now_ms
        return held.sorted()


_NONE: I64 = np.empty(0, dtype=np.int64)


def _keys(fixes: Fixes) -> tuple[I64, I64]:
    """Pack object and millisecond of the span into one number; give it with the span."""
    observed = fixes["observed_ms"].astype(np.int64)
    keys = (fixes["oid"].astype(np.int64) << _SHIFT) | (observed % SPAN_MS)
    return keys, observed // SPAN_MS


def _in(asked: I64, held: I64) -> Bools:
    """Tell which of some keys are among sorted ones."""
    place = np.searchsorted(held, asked)
    found = place < len(held)
    found[found] = held[place[found]] == asked[found]
    return found


def newest_of(parts: Iterable[Fixes], since_ms: int, until_ms: int) -> Latest:
    """Build a layer's shown positions from fixes in any order, quickest the youngest first."""
    shown = Latest()
    for part in parts:
        inside = (part["observed_ms"] >= since_ms) & (part["observed_ms"] <= until_ms)
        shown.show(part[inside], 1)
    return shown
