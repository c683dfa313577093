"""What is remembered of one feed between two writes of its item."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from backend.domain import feeds as rules
from backend.domain.feeds import Came, Slot
from backend_client.contract.base import Text
from backend_client.contract.feeds import Feed, FeedFault, FeedState

WRITE_LEAST_S: Final = 20.0
_FAST: Final = ("state", "fault")
_COUNTS: Final = ("accepted", "rejected", "doubled", "behind")


@dataclass(slots=True, eq=False)
class Pulse:
    """One feed's health as it is now; `feed` is how its item was written last.

    Args:
        feed: the item.
        heard_s: steady time of the last sign of life, None when there was none.
        day: the city's day the counts are of.
        written_s: steady time of the last write.
        is_trusted: whether the next batch is the new normal, whatever its values are.
        units: kinds whose values look as if in another unit, with what is said of them.
    """

    feed: Feed
    heard_s: float | None
    day: date
    written_s: float
    is_trusted: bool = False
    slots: tuple[Slot, ...] = ()
    units: dict[str, Text] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    heard_at: datetime | None = None
    newest_at: datetime | None = None
    delay_s: float = 0.0
    last_rejection: Text = rules.NOTHING

    @classmethod
    def of(cls, feed: Feed, now_s: float, *, is_trusted: bool = False) -> Pulse:
        """Go on from an item: a feed that was alive gets three periods from now."""
        alive = feed.state in (FeedState.LIVE, FeedState.LATE)
        return cls(
            feed=feed,
            heard_s=now_s if alive else None,
            day=rules.city_day(feed.updated_at),
            written_s=now_s,
            is_trusted=is_trusted,
            counts={name: getattr(feed, name) for name in _COUNTS},
            heard_at=feed.heard_at,
            newest_at=feed.newest_at,
            delay_s=feed.delay_s,
            last_rejection=feed.last_rejection,
        )

    def hear(self, came: Came, at: datetime, now_s: float) -> None:
        """Count one batch in."""
        self.roll(rules.city_day(at))
        self.heard_s, self.heard_at = now_s, at
        self.slots = rules.take(self.slots, came, self.feed.period_s)
        for name in _COUNTS:
            self.counts[name] += getattr(came, name)
        if came.delay_s is not None:
            self.delay_s = came.delay_s

    def roll(self, day: date) -> None:
        """Begin counting anew when the city's day has changed."""
        if day != self.day:
            self.day, self.counts = day, dict.fromkeys(_COUNTS, 0)

    def due(self, now_s: float) -> Feed | None:
        """Give the item as it should be written now, None when that can wait.

        A change of state or fault is written at once, counts once a period at most.
        """
        shown = self._shown(now_s)
        if shown == self.feed:
            return None
        urgent = any(getattr(shown, name) != getattr(self.feed, name) for name in _FAST)
        rest_s = max(self.feed.period_s, WRITE_LEAST_S)
        return shown if urgent or now_s - self.written_s >= rest_s else None

    def left(self, now_s: float) -> Feed | None:
        """Give the item as it is now when anything of it was not written."""
        shown = self._shown(now_s)
        return None if shown == self.feed else shown

    def _shown(self, now_s: float) -> Feed:
        fault, note = self._fault()
        return self.feed.model_copy(
            update={
                "state": self._state(now_s),
                "fault": fault,
                "fault_note": note,
                "heard_at": self.heard_at,
                "newest_at": self.newest_at,
                "delay_s": round(self.delay_s, 1),
                "last_rejection": self.last_rejection,
                **self.counts,
            }
        )

    def _state(self, now_s: float) -> FeedState:
        if self.heard_s is None:
            return self.feed.state
        return rules.state_of(now_s - self.heard_s, self.feed.period_s)

    def _fault(self) -> tuple[FeedFault, Text]:
        if self.units:
            return FeedFault.UNIT, next(iter(self.units.values()))
        if not self.slots:  # nothing came since the start: what was known still holds
            return self.feed.fault, self.feed.fault_note
        return rules.judge(self.slots, self.feed.period_s, was=self.feed.fault)
