"""Positions: each accepted fix once into the history, the latest per object to the screens."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from backend.domain.refused import refuse
from backend.services import feeds
from backend.services.features import Features
from backend.services.feeds import Feeds
from backend.services.fixes import AHEAD_MS, BEHIND_MS, Moved, block_of, sift_fixes, without_doubles
from backend.services.policy import Policy
from backend.storage.columns import Sees
from backend.storage.features import instant, milliseconds
from backend.storage.history import History, once
from backend.storage.journal import FIX, Fixes, Journal
from backend.storage.positions import HOUR_MS, Known, Latest, newest_of
from backend.storage.views import Left
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.columns import E7, FixBlock
from backend_client.contract.feature import Rejection
from backend_client.contract.positions import Fixed, Track, TrackPoint
from backend_client.contract.rows import FixRows

I64 = npt.NDArray[np.int64]

TRACK_POINTS: Final = 20_000
ROLL_S: Final = 120
THIN_AFTER_DAYS: Final = 7
THIN_S: Final = 60
DROP_AFTER_DAYS: Final = 90

GONE_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class Reports:
    """Fixes as they came.

    Args:
        told: the columns, and who brings them.
        places: each row's place in the feed's batch, None for their own.
        rejected: rows refused on the way here.
    """

    told: FixRows
    places: Sequence[int] | None = None
    rejected: tuple[Rejection, ...] = ()


class _Gone(NamedTuple):
    """A moving object that left a scope, and the number from which its readers know."""

    seq: int
    layer: str
    left: Left


class Positions:
    """Take fixes in, show the latest, keep all of them.

    `epoch` names this run of the sequence; it changes when the sequence starts again.
    """

    def __init__(
        self, folder: Path, features: Features, policy: Policy, *, clock: Clock, feeds: Feeds
    ) -> None:
        """Open the history under `folder` and finish what the last run left in its journal."""
        self._features, self._policy, self._clock = features, policy, clock
        self._feeds = feeds
        self._lock = threading.Lock()
        self._tidying = threading.Lock()
        self.epoch = secrets.token_hex(6)
        self._history = History(folder / "positions")
        self._journal = Journal(folder / "journal", above=self._history.newest())
        self._known = Known(self.kept)
        self._roll_closed()
        now_ms = milliseconds(clock.now())
        span = (now_ms - BEHIND_MS, now_ms + AHEAD_MS)
        self._latest = {
            name: newest_of(self._history.newest_first(name, *span), *span)
            for name in self._history.layers()
        }
        self._seq = 1
        self._gone: deque[_Gone] = deque()
        features.on_left(self._forget)
        self._told: list[Callable[[], object]] = []
        self._rolled_s = clock.steady_s()
        self._thinned_on = clock.now().date()

    @contextmanager
    def told(self, step: Callable[[], object]) -> Iterator[None]:
        """Call `step`, from whatever thread, after each batch that moved anything."""
        with self._lock:
            self._told.append(step)
        try:
            yield
        finally:
            with self._lock:
                self._told.remove(step)

    @property
    def seq(self) -> int:
        """Give the number of the newest batch that moved anything."""
        return self._seq

    def post(self, person: Person, reports: Reports) -> Fixed:
        """Accept a batch: in the journal before this returns, doubles dropped, bad ones named.

        Raises:
            Refused: 503 `storage_full`, nothing of the batch was taken.
        """
        told, layer = reports.told, reports.told.layer
        sifted = sift_fixes(
            told.batch,
            self._features.find(layer),
            may=partial(self._policy.permits, person, "position.feed"),
            now_ms=milliseconds(self._clock.now()),
        )
        with self._lock:
            fresh = self._fresh(layer, sifted.fixes)
            if len(fresh):
                self._append(layer, fresh)
                self._known.add(layer, fresh)
                latest = self._latest.setdefault(layer, Latest())
                if latest.show(fresh, self._seq + 1, told.feed):
                    self._moved_on()
            seq = self._seq
        named = [
            one
            if reports.places is None
            else one.model_copy(update={"index": reports.places[one.index]})
            for one in sifted.rejected
        ]
        rejected = sorted((*reports.rejected, *named), key=lambda one: one.index)
        duplicate = len(sifted.fixes) - len(fresh)
        source = self._feeds.source(person, told.feed, layer)
        came = feeds.Batch(sifted.observed_ms, len(fresh), rejected, duplicate)
        self._feeds.heard(source, came)
        return Fixed(accepted=len(fresh), duplicate=duplicate, rejected=tuple(rejected), seq=seq)

    def feed(self, layer: str, oid: int) -> str:
        """Name the feed of an object's newest fix, empty when there is none."""
        with self._lock:
            latest = self._latest.get(layer)
            row = int(latest.rows(np.array([oid], np.uint32))[0]) if latest else -1
            return latest.feeds[latest.feed[row]] if latest and row >= 0 else ""

    def block(self, person: Person, since: int, layers: Sequence[str] | None = None) -> FixBlock:
        """Give the latest fix of every object in sight that moved after a number.

        A number from the future belongs to another run: everything is given.
        """
        wanted = [name for name in self._features.names() if layers is None or name in layers]
        with self._lock:
            since = since if since <= self._seq else 0
            parts = [self._moved(person, name, since) for name in wanted]
            seq = self._seq
        return block_of([part for part in parts if part is not None], seq, self.epoch)

    def latest(self, layer: str) -> Fixes:
        """Give the newest fix of every object of a layer that ever reported, in no order."""
        with self._lock:
            shown = self._latest.get(layer)
            return shown.fixes.copy() if shown else np.empty(0, dtype=FIX)

    def track(self, person: Person, layer: str, oid: int, *, hours: int) -> Track:
        """Read one object's fixes of the last hours out of the history, the newest ones if many.

        Raises:
            Refused: 404, there is none or the reader may not know of it.
        """
        self._features.check_sight(person, layer, oid)
        now_ms = milliseconds(self._clock.now())
        fixes = self.kept(layer, now_ms - hours * HOUR_MS, now_ms + AHEAD_MS, oid=oid)
        return Track(
            layer=layer,
            oid=oid,
            points=tuple(
                TrackPoint(
                    at=instant(int(fix["observed_ms"])),
                    lon=int(fix["lon_e7"]) / E7,
                    lat=int(fix["lat_e7"]) / E7,
                    speed_kmh=round(float(fix["speed_kmh"]), 1),
                )
                for fix in fixes[-TRACK_POINTS:]
            ),
        )

    def tend(self) -> None:
        """Do the housekeeping of one second: force to disk, now and then roll and forget."""
        with self._tidying:
            self._journal.sync()
            if self._clock.steady_s() - self._rolled_s >= ROLL_S:
                self._rolled_s = self._clock.steady_s()
                self._roll()
                with self._lock:
                    self._known.forget(milliseconds(self._clock.now()))

    def close(self) -> None:
        """Roll what the journal holds into the history and stop."""
        with self._tidying:
            self._roll()
            self._journal.close()

    def _roll(self) -> None:
        self._journal.rotate()
        self._roll_closed()
        self._history.merge()
        today = self._clock.now().date()
        if today != self._thinned_on:
            self._thinned_on = today
            thin(self._history, today)
        pa.default_memory_pool().release_unused()  # the whole heap's, in the service

    def _roll_closed(self) -> None:
        for number in self._journal.closed():
            self._history.roll(number, partial(self._journal.read, number))
            self._journal.drop(number)

    def kept(self, layer: str, since_ms: int, until_ms: int, *, oid: int | None = None) -> Fixes:
        """Read accepted fixes from journal and history; the journal first, as it rolls over."""
        parts = [fixes for name, fixes in self._journal.read_all() if name == layer]
        recent = np.concatenate(parts) if parts else np.empty(0, dtype=FIX)
        inside = (recent["observed_ms"] >= since_ms) & (recent["observed_ms"] <= until_ms)
        if oid is not None:
            inside &= recent["oid"] == oid
        stored = self._history.read(layer, since_ms, until_ms, oid=oid)
        return once(np.concatenate([stored, recent[inside]]))

    def _moved_on(self) -> None:
        self._seq += 1
        for step in self._told:
            step()

    def _forget(self, layer: str, left: Sequence[Left]) -> None:
        """Let readers know of moving objects that are gone, or in somebody else's scope now."""
        with self._lock:
            if layer in self._latest:
                oid = np.array([one.oid for one in left], np.uint32)
                self._latest[layer].touch(oid, self._seq + 1)
            self._gone.extend(_Gone(self._seq + 1, layer, one) for one in left)
            if len(self._gone) > GONE_KEPT:  # readers begin anew
                self._gone.clear()
                self.epoch = secrets.token_hex(6)
            self._moved_on()

    def _fresh(self, layer: str, fixes: Fixes) -> Fixes:
        """Drop fixes accepted before and doubles inside the batch, keep the order."""
        if not len(fixes):
            return fixes
        fixes = without_doubles(fixes)
        latest = self._latest.setdefault(layer, Latest())
        shown_ms = latest.observed_ms(fixes["oid"])
        late, known = fixes["observed_ms"] < shown_ms, fixes["observed_ms"] == shown_ms
        if late.any():
            now_ms = milliseconds(self._clock.now())
            known[late] = self._known.has(layer, fixes[late], now_ms)
        fresh: Fixes = fixes[~known]
        return fresh

    def _append(self, layer: str, fixes: Fixes) -> None:
        try:
            self._journal.append(layer, fixes)
        except OSError as error:
            raise refuse(
                503,
                "storage_full",
                Text("位置记录无法写入磁盘。", "Positions cannot be written to the disk."),
                Text("清理磁盘后由数据源重发。", "Free the disk; the source sends them again."),
            ) from error

    def _moved(self, person: Person, name: str, since: int) -> Moved | None:
        latest, memory = self._latest.get(name), self._features.find(name)
        if latest is None or memory is None:
            return None
        fixes = latest.fixes[latest.seq > since]
        sees = self._features.sees(person, name)
        sight = memory.sight(fixes["oid"].astype(np.int64), sees)
        rows = np.flatnonzero(sight.seen)
        rows = rows[np.argsort(fixes["oid"][rows], kind="stable")]
        sight = replace(sight, kind=sight.kind[rows], region=sight.region[rows])
        removed = self._removed(name, since, sees) if since else _NONE
        if removed.size:
            removed = np.setdiff1d(removed, fixes["oid"][rows])
        return Moved(name, fixes[rows], sight, removed)

    def _removed(self, name: str, since: int, sees: Sees) -> npt.NDArray[np.uint32]:
        gone: list[int] = []
        for one in reversed(self._gone):
            if one.seq <= since:
                break
            if one.layer == name and sees(*one.left.scope):
                gone.append(one.left.oid)
        return np.array(gone, np.uint32)


_NONE: Final = np.empty(0, np.uint32)


def thin(
    history: History,
    today: date,
    *,
    after_days: int = THIN_AFTER_DAYS,
    keep_s: int = THIN_S,
    drop_after_days: int = DROP_AFTER_DAYS,
) -> int:
    """Make old days smaller and delete very old ones; give how many fixes were dropped.

    Days still open to late fixes are never touched.
    """
    return history.thin(
        today, after_days=max(after_days, 2), keep_s=keep_s, drop_after_days=max(drop_after_days, 2)
    )


def thin_folder(folder: Path, today: date, *, after_days: int, keep_s: int) -> int:
    """Thin the history of a service that is not running."""
    return thin(History(folder / "positions"), today, after_days=after_days, keep_s=keep_s)
