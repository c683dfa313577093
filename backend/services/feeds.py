"""Feeds: registered by their owners, heard at the doors, late and dead by their own period."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.domain import feeds as rules
from backend.domain.refused import Refused, forbidden
from backend.domain.units import F64, unit_factor, unit_note
from backend.services.alarms import raise_alarm, return_alarm
from backend.services.policy import Policy
from backend.services.pulse import Pulse
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.feature import Rejection
from backend_client.contract.feeds import Feed, FeedIn, FeedList, FeedState, Registered

I64 = npt.NDArray[np.int64]
ACTION: Final = "feed.register"


@dataclass(frozen=True, slots=True)
class Batch:
    """What a door says of one batch.

    Args:
        observed_ms: when each row was measured that could be read, those refused included.
        accepted: rows taken that were not there before.
        rejected: why rows were refused.
        doubled: rows that were there already.
    """

    observed_ms: I64
    accepted: int
    rejected: Sequence[Rejection] = ()
    doubled: int = 0


class Feeds:
    """Keep every feed's health in memory and write it to its item now and then.

    A batch is counted under the feed it names, when that is registered for the layer and in the
    sender's scope; otherwise under the layer's own default feed, the one whose id is the
    layer's; otherwise nowhere. It is taken in either way.
    """

    def __init__(self, database: Database, policy: Policy, clock: Clock) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self._lock = threading.Lock()
        with database.read() as view:
            known = view.find(Feed)
        self._pulses = {feed.item_id: Pulse.of(feed, clock.steady_s()) for feed in known}

    def register(self, person: Person, body: FeedList) -> Registered:
        """Register feeds and strike others off; the same list again changes nothing.

        Raises:
            Refused: 403 when one of them is outside the person's scope; then none is taken.
        """
        added = changed = removed = 0
        with self._database.write() as unit:
            for feed_id, given in body.feeds.items():
                present = unit.get(Feed, feed_id)
                self._check(person, feed_id, given, *([present] if present else []))
                if present is None:
                    self._add(unit, person, feed_id, given)
                    added += 1
                elif _differs(present, given):
                    self._change(unit, person, present, given)
                    changed += 1
            for feed_id in body.remove:
                present = unit.get(Feed, feed_id)
                if present is not None:
                    self._check(person, feed_id, present)
                    self._strike(unit, person, present)
                    removed += 1
        return Registered(added=added, changed=changed, removed=removed)

    def source(self, person: Person, name: str, layer: str) -> str | None:
        """Name the feed a batch is counted under, None when there is none."""
        with self._lock:
            for feed_id in (name, layer):
                pulse = self._pulses.get(feed_id)
                if pulse and pulse.feed.layer == layer and self._brings(person, pulse.feed):
                    return feed_id
        return None

    def suspect(
        self, source: str | None, kinds: Mapping[str, npt.NDArray[np.intp]], before: F64, now: F64
    ) -> dict[str, Text]:
        """Tell which kinds of a batch look as if measured in another unit, and why.

        Their values must not be taken. The first batch after a registration is taken as it is.

        Args:
            source: the feed, from `source`.
            kinds: the rows of each kind.
            before: the values shown of the same objects, NaN where there is none.
            now: the batch's values.
        """
        with self._lock:
            pulse = self._pulses.get(source or "")
            if pulse is None:
                return {}
            if pulse.is_trusted and np.isfinite(now).any():
                pulse.is_trusted = False
                pulse.units.clear()
                return {}
        found: dict[str, Text] = {}
        for kind, rows in kinds.items():
            factor = unit_factor(before[rows], now[rows])
            if factor is not None:
                found[kind] = unit_note(kind, factor)
        with self._lock:
            for kind in kinds:
                pulse.units.pop(kind, None)
            pulse.units.update(found)
        return found

    def heard(self, source: str | None, batch: Batch) -> None:
        """Count one batch; called by every door after it has taken it in."""
        if source is None:
            return
        at = self._clock.now()
        delays_s = at.timestamp() - batch.observed_ms / 1000
        with self._lock:
            pulse = self._pulses.get(source)
            if pulse is None:
                return
            limit_s = rules.behind_limit_s(pulse.feed.period_s)
            came = rules.Came(
                at_s=at.timestamp(),
                delay_s=float(np.median(delays_s)) if delays_s.size else None,
                accepted=batch.accepted,
                rejected=len(batch.rejected),
                doubled=batch.doubled,
                behind=int((delays_s > limit_s).sum()),
            )
            pulse.hear(came, at, self._clock.steady_s())
            if batch.observed_ms.size:
                newest = datetime.fromtimestamp(int(batch.observed_ms.max()) / 1000, UTC)
                pulse.newest_at = max(pulse.newest_at or newest, newest)
            if batch.rejected:
                last = batch.rejected[-1]
                pulse.last_rejection = Text(last.zh, last.en)

    def tend(self) -> int:
        """Write every feed whose state changed or whose counts are due; give how many."""
        now_s = self._clock.steady_s()
        with self._lock:
            for pulse in self._pulses.values():
                pulse.roll(rules.city_day(self._clock.now()))
            due = [pulse.due(now_s) for pulse in self._pulses.values()]
        return self._write([feed for feed in due if feed is not None])

    def close(self) -> None:
        """Write what was heard since the last write."""
        now_s = self._clock.steady_s()
        with self._lock:
            left = [pulse.left(now_s) for pulse in self._pulses.values()]
        self._write([feed for feed in left if feed is not None])

    def _write(self, feeds: Sequence[Feed]) -> int:
        if not feeds:
            return 0
        with self._database.write() as unit:
            for feed in feeds:
                self._observe(unit, feed)
        return len(feeds)

    def _observe(self, unit: Unit, feed: Feed) -> None:
        present = unit.get(Feed, feed.item_id)
        if present is None or present.version != feed.version:
            return  # registered anew meanwhile: the next second tells it again
        head = unit.observe(feed)
        if feed.state is FeedState.DEAD and present.state is not FeedState.DEAD:
            raise_alarm(unit, rules.alarm_of(feed))
        elif present.state is FeedState.DEAD and feed.state is not FeedState.DEAD:
            return_alarm(unit, rules.cause_of(feed.item_id))
        written = feed.model_copy(update={"version": head.version, "updated_at": self._clock.now()})
        unit.then(partial(self._written, written))

    def _written(self, feed: Feed) -> None:
        with self._lock:
            pulse = self._pulses.get(feed.item_id)
            if pulse is not None:
                pulse.feed, pulse.written_s = feed, self._clock.steady_s()

    def _add(self, unit: Unit, person: Person, feed_id: str, given: FeedIn) -> None:
        at = self._clock.now()
        head = {"item_id": feed_id, "version": 1, "created_at": at, "updated_at": at}
        feed = Feed.model_validate(head | given.model_dump())
        unit.add(feed, by=person, action=ACTION)
        unit.then(partial(self._begin, feed))

    def _change(self, unit: Unit, person: Person, present: Feed, given: FeedIn) -> None:
        fields = {name: getattr(given, name) for name in FeedIn.model_fields}
        feed = present.model_copy(update=fields)
        head = unit.put(feed, by=person, action=ACTION)
        unit.then(partial(self._renew, feed.model_copy(update={"version": head.version})))

    def _strike(self, unit: Unit, person: Person, present: Feed) -> None:
        unit.remove(present, by=person, action=ACTION)
        return_alarm(unit, rules.cause_of(present.item_id))
        unit.then(partial(self._end, present.item_id))

    def _begin(self, feed: Feed) -> None:
        with self._lock:
            self._pulses[feed.item_id] = Pulse.of(feed, self._clock.steady_s(), is_trusted=True)

    def _renew(self, feed: Feed) -> None:
        """Take over a changed registration: what was counted stays, what was judged begins anew."""
        with self._lock:
            pulse = self._pulses[feed.item_id]
            pulse.feed, pulse.is_trusted, pulse.slots = feed, True, ()
            pulse.units.clear()

    def _end(self, feed_id: str) -> None:
        with self._lock:
            self._pulses.pop(feed_id, None)

    def _check(self, person: Person, feed_id: str, *feeds: FeedIn | Feed) -> None:
        for feed in feeds:
            if not self._policy.permits(person, ACTION, feed.region, feed.department):
                no = forbidden(ACTION).problem
                raise Refused(no.model_copy(update={"where": f"feeds.{feed_id}"}))

    def _brings(self, person: Person, feed: Feed) -> bool:
        return any(
            self._policy.permits(person, action, feed.region, feed.department)
            for action in ("layer.feed", "position.feed")
        )


def _differs(present: Feed, given: FeedIn) -> bool:
    return any(getattr(present, name) != getattr(given, name) for name in FeedIn.model_fields)
