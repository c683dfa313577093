"""Positions: each accepted fix once into the history, the latest per object to the screens."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.domain.refused import refuse
from backend.services import feeds
from backend.services.features import Features
from backend.services.feeds import Feeds
from backend.services.policy import Policy
from backend.storage.features import instant, milliseconds
from backend.storage.history import History, once
from backend.storage.journal import FIX, Fixes, Journal
from backend.storage.positions import HOUR_MS, WINDOW_HOURS, Known, Latest, newest_of
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.columns import E7, FixBlock
from backend_client.contract.feature import Rejection
from backend_client.contract.positions import Fixed, PositionIn, Track, TrackPoint

I64 = npt.NDArray[np.int64]

AHEAD_MS: Final = 60_000
BEHIND_MS: Final = WINDOW_HOURS * HOUR_MS
TRACK_POINTS: Final = 20_000
ROLL_S: Final = 300
THIN_AFTER_DAYS: Final = 7
THIN_S: Final = 60
DROP_AFTER_DAYS: Final = 90

_Why = tuple[str, str, str]
_UNKNOWN: Final[_Why] = ("id", "未登记的移动对象。", "No such moving object is registered.")
_NOT_YOURS: Final[_Why] = ("id", "该对象不归此数据源。", "The object is not yours.")
_AHEAD: Final[_Why] = ("observed_at", "观测时间在未来。", "Observed over 60 s in the future.")
_BEHIND: Final[_Why] = ("observed_at", "观测时间早于 24 小时前。", "Observed over 24 h ago.")


@dataclass(frozen=True, slots=True)
class Reports:
    """Fixes as they came, each with its place in the feed's batch."""

    rows: Sequence[tuple[int, PositionIn]]
    rejected: tuple[Rejection, ...] = ()
    feed: str = ""


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
        self._known = Known(self._kept)
        self._roll_closed()
        now_ms = milliseconds(clock.now())
        span = (now_ms - BEHIND_MS, now_ms + AHEAD_MS)
        self._latest = {
            name: newest_of(self._history.newest_first(name, *span), *span)
            for name in self._history.layers()
        }
        self._seq = 1
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

    def post(self, person: Person, layer: str, reports: Reports) -> Fixed:
        """Accept a batch: in the journal before this returns, doubles dropped, bad ones named.

        Raises:
            Refused: 503 `storage_full`, nothing of the batch was taken.
        """
        with self._lock:
            fixes, refused = self._sift(person, layer, reports.rows)
            fresh = self._fresh(layer, fixes)
            if len(fresh):
                self._append(layer, fresh)
                self._known.add(layer, fresh)
                latest = self._latest.setdefault(layer, Latest())
                if latest.show(fresh, self._seq + 1):
                    self._seq += 1
                    for step in self._told:
                        step()
        rejected = sorted((*reports.rejected, *refused), key=lambda one: one.index)
        observed = [milliseconds(row.observed_at) for _, row in reports.rows]
        self._feeds.heard(
            self._feeds.source(person, reports.feed, layer),
            feeds.Batch(
                np.array(observed, np.int64), len(fresh), rejected, len(fixes) - len(fresh)
            ),
        )
        return Fixed(
            accepted=len(fresh),
            duplicate=len(fixes) - len(fresh),
            rejected=tuple(rejected),
            seq=self._seq,
        )

    def block(self, person: Person, since: int, layers: Sequence[str] | None = None) -> FixBlock:
        """Give the latest fix of every object in sight that moved after a number.

        A number from the future belongs to another run: everything is given.
        """
        wanted = [name for name in self._features.names() if layers is None or name in layers]
        with self._lock:
            since = since if since <= self._seq else 0
            parts = [self._moved(person, name, since) for name in wanted]
            seq = self._seq
        return _block([part for part in parts if part is not None], seq, self.epoch)

    def latest(self, layer: str) -> Fixes:
        """Give the newest fix of every object of a layer, row i is the object `i + 1`."""
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
        fixes = self._kept(layer, now_ms - hours * HOUR_MS, now_ms + AHEAD_MS, oid=oid)
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

    def _roll_closed(self) -> None:
        for number in self._journal.closed():
            self._history.roll(number, list(self._journal.read(number)))
            self._journal.drop(number)

    def _kept(self, layer: str, since_ms: int, until_ms: int, *, oid: int | None = None) -> Fixes:
        """Read accepted fixes from journal and history; the journal first, as it rolls over."""
        parts = [fixes for name, fixes in self._journal.read_all() if name == layer]
        recent = np.concatenate(parts) if parts else np.empty(0, dtype=FIX)
        inside = (recent["observed_ms"] >= since_ms) & (recent["observed_ms"] <= until_ms)
        if oid is not None:
            inside &= recent["oid"] == oid
        stored = self._history.read(layer, since_ms, until_ms, oid=oid)
        return once(np.concatenate([stored, recent[inside]]))

    def _sift(
        self, person: Person, layer: str, rows: Sequence[tuple[int, PositionIn]]
    ) -> tuple[Fixes, list[Rejection]]:
        now_ms = milliseconds(self._clock.now())
        memory = self._features.find(layer)
        good: list[tuple[int | float, ...]] = []
        refused: list[Rejection] = []
        for index, row in rows:
            oid = memory.moving(row.id) if memory else None
            observed_ms = milliseconds(row.observed_at)
            why = self._why_not(person, layer, oid) or _why_then(observed_ms - now_ms)
            if why or oid is None:
                where, zh, en = why or _UNKNOWN
                refused.append(Rejection(index=index, where=where, zh=zh, en=en))
                continue
            place = (round(row.lon * E7), round(row.lat * E7))
            motion = (row.state, row.speed_kmh, row.heading_deg)
            good.append((oid, *place, *motion, observed_ms, now_ms))
        return np.array(good, dtype=FIX), refused

    def _why_not(self, person: Person, layer: str, oid: int | None) -> _Why | None:
        memory = self._features.find(layer)
        scope = memory.scope(oid) if memory and oid else None
        if scope is None:
            return _UNKNOWN
        return None if self._policy.permits(person, "position.feed", *scope) else _NOT_YOURS

    def _fresh(self, layer: str, fixes: Fixes) -> Fixes:
        """Drop fixes accepted before and doubles inside the batch, keep the order."""
        if not len(fixes):
            return fixes
        key = fixes[["oid", "observed_ms"]]
        first = np.sort(np.unique(key, return_index=True)[1])
        fixes = fixes[first]
        latest = self._latest.setdefault(layer, Latest())
        late = fixes["observed_ms"] <= latest.observed_ms(fixes["oid"])
        known = np.zeros(len(fixes), dtype=np.bool_)
        if late.any():
            known[late] = self._known.has(layer, fixes[late])
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

    def _moved(self, person: Person, name: str, since: int) -> _Moved | None:
        latest, memory = self._latest.get(name), self._features.find(name)
        if latest is None or memory is None:
            return None
        seen, region, regions = memory.seen(self._features.sees(person))
        size = min(len(seen), len(latest.seq))
        rows = np.flatnonzero(seen[:size] & (latest.seq[:size] > since))
        return _Moved(name, latest.fixes[rows], region[rows], regions)


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


@dataclass(frozen=True, slots=True, eq=False)
class _Moved:
    """One layer's part of an answer."""

    layer: str
    fixes: Fixes
    region: npt.NDArray[np.uint16]
    regions: tuple[str, ...]


def _why_then(ahead_ms: int) -> _Why | None:
    if ahead_ms > AHEAD_MS:
        return _AHEAD
    return _BEHIND if ahead_ms < -BEHIND_MS else None


def _block(parts: Sequence[_Moved], seq: int, epoch: str) -> FixBlock:
    regions = tuple(dict.fromkeys(word for part in parts for word in part.regions))
    place = {word: index for index, word in enumerate(regions)}
    codes = [
        np.array([place[word] for word in part.regions] or [0], dtype=np.uint16)[part.region]
        for part in parts
    ]
    fixes = np.concatenate([np.empty(0, dtype=FIX), *(part.fixes for part in parts)])
    names = ("oid", "lon_e7", "lat_e7", "state", "speed_kmh", "heading_deg", "observed_ms")
    return FixBlock(
        seq=seq,
        epoch=epoch,
        layers=tuple(part.layer for part in parts),
        regions=regions,
        layer=np.repeat(np.arange(len(parts), dtype=np.uint8), [len(part.fixes) for part in parts]),
        region=np.concatenate([np.empty(0, dtype=np.uint16), *codes]),
        **{name: np.ascontiguousarray(fixes[name]) for name in names},
    )
