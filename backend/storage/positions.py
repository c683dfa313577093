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
WINDOW_HOURS = 24
_SHIFT = 22  # an hour has 3.6 million milliseconds, 2^22 is 4.19 million
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
class _Hour:
    """Keys of the fixes observed in one hour: sorted ones, and batches not yet sorted in."""

    keys: I64
    added: list[I64]
    asked_ms: int

    def sorted(self) -> I64:
        if self.added:
            self.keys = np.unique(np.concatenate([self.keys, *self.added]))
            self.added.clear()
        return self.keys


class Known:
    """Tell exactly which (object, instant) of the last day were accepted already.

    Only late fixes are asked about, so nothing is held of an hour until one is: then it is read
    from the disk, where every accepted fix is, and kept up to date while it is asked about.
    """

    def __init__(self, load: Callable[[str, int, int], Fixes]) -> None:
        """Start knowing nothing.

        Args:
            load: gives every accepted fix of a layer observed in [since, until] ms.
        """
        self._load = load
        self._hours: dict[tuple[str, int], _Hour] = {}

    def add(self, layer: str, fixes: Fixes) -> None:
        """Take note of fixes accepted and kept on the disk."""
        if not any(held == layer for held, _ in self._hours):
            return
        keys, hours = _keys(fixes)
        for hour in np.unique(hours).tolist():
            held = self._hours.get((layer, hour))
            if held is not None:
                held.added.append(keys[hours == hour])

    def has(self, layer: str, fixes: Fixes, now_ms: int) -> Bools:
        """Tell for each fix whether it was accepted before."""
        keys, hours = _keys(fixes)
        found = np.zeros(len(fixes), dtype=np.bool_)
        for hour in np.unique(hours).tolist():
            mine = hours == hour
            found[mine] = np.isin(keys[mine], self._hour(layer, hour, now_ms))
        return found

    def forget(self, now_ms: int) -> None:
        """Let go of hours nobody asked about for a while."""
        idle = [key for key, hour in self._hours.items() if now_ms - hour.asked_ms > IDLE_MS]
        for key in idle:
            del self._hours[key]

    def _hour(self, layer: str, hour: int, now_ms: int) -> I64:
        held = self._hours.get((layer, hour))
        if held is None:
            stored = self._load(layer, hour * HOUR_MS, (hour + 1) * HOUR_MS - 1)
            held = self._hours[layer, hour] = _Hour(_NONE, [_keys(stored)[0]], now_ms)
        held.asked_ms = now_ms
        return held.sorted()


_NONE: I64 = np.empty(0, dtype=np.int64)


def _keys(fixes: Fixes) -> tuple[I64, I64]:
    """Pack object and millisecond of the hour into one number; give it with the hour."""
    observed = fixes["observed_ms"].astype(np.int64)
    keys = (fixes["oid"].astype(np.int64) << _SHIFT) | (observed % HOUR_MS)
    return keys, observed // HOUR_MS


def newest_of(parts: Iterable[Fixes], since_ms: int, until_ms: int) -> Latest:
    """Build a layer's shown positions from fixes in any order, quickest the youngest first."""
    shown = Latest()
    for part in parts:
        inside = (part["observed_ms"] >= since_ms) & (part["observed_ms"] <= until_ms)
        shown.show(part[inside], 1)
    return shown
