"""Rules of a feed: late or dead by its own period, and what is wrong with what it brings.

Everything is told over slots, one per period of the feed: a slot remembers the freshest batch
that came in it, so that a feed which sends its history beside its live rows is not "behind".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from statistics import median
from typing import Final

from backend.domain.alarms import Cause
from backend_client.contract.base import Text
from backend_client.contract.feeds import Feed, FeedFault, FeedState

CITY_TIME: Final = timezone(timedelta(hours=8))
GRACE: Final = 0.1
"""Share of a period, besides one second, that a punctual feed may take on the road."""
DEAD_PERIODS: Final = 3.0
SLOTS: Final = 8
JUDGED: Final = 3
BEHIND_LEAST_S: Final = 30.0
AHEAD_S: Final = 5.0
ROWS_LEAST: Final = 10
DOUBLED_SHARE: Final = 0.2
REFUSED_SHARE: Final = 0.5
OPERATIONAL_S: Final = 300.0
_HALF_HOUR_S: Final = 1800.0
_NEAR_HALF_HOUR_S: Final = 60.0
NOTHING: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class Came:
    """One batch as its door saw it.

    Args:
        at_s: arrival, seconds since 1970.
        delay_s: median of arrival minus measurement, rows refused for their time included;
            None when no row could be read.
        accepted: rows taken that were not there before.
        rejected: rows refused.
        doubled: rows that were there already.
        behind: rows over the feed's limit of delay.
    """

    at_s: float
    delay_s: float | None
    accepted: int
    rejected: int = 0
    doubled: int = 0
    behind: int = 0

    @property
    def rows(self) -> int:
        """Give how many rows the batch had."""
        return self.accepted + self.rejected + self.doubled


@dataclass(frozen=True, slots=True)
class Slot:
    """What came in one period: counts, and the freshest batch's arrival and delay."""

    number: int
    at_s: float
    delay_s: float | None
    rows: int
    rejected: int
    doubled: int


def state_of(silent_s: float, period_s: float) -> FeedState:
    """Give how a feed stands after so much silence: late from one period on, dead after three."""
    if silent_s > DEAD_PERIODS * period_s:
        return FeedState.DEAD
    if silent_s > period_s * (1 + GRACE) + 1.0:
        return FeedState.LATE
    return FeedState.LIVE


def behind_limit_s(period_s: float) -> float:
    """Give the delay from which on a record counts as behind: three periods, 30 s at least."""
    return max(DEAD_PERIODS * period_s, BEHIND_LEAST_S)


def city_day(at: datetime) -> date:
    """Give the day an instant falls on in the city; counts begin anew with it."""
    return at.astimezone(CITY_TIME).date()


def take(slots: Sequence[Slot], came: Came, period_s: float) -> tuple[Slot, ...]:
    """Put a batch into its slot; the newest `SLOTS` are kept."""
    number = int(came.at_s // period_s)
    if not slots or slots[-1].number < number:
        fresh = Slot(number, came.at_s, came.delay_s, came.rows, came.rejected, came.doubled)
        return (*slots[1 - SLOTS :], fresh)
    last = slots[-1]
    newer = came.delay_s is not None and (last.delay_s is None or came.delay_s < last.delay_s)
    merged = replace(
        last,
        at_s=came.at_s if newer else last.at_s,
        delay_s=came.delay_s if newer else last.delay_s,
        rows=last.rows + came.rows,
        rejected=last.rejected + came.rejected,
        doubled=last.doubled + came.doubled,
    )
    return (*slots[:-1], merged)


def judge(slots: Sequence[Slot], period_s: float, *, was: FeedFault) -> tuple[FeedFault, Text]:
    """Tell what is wrong over the last three periods in which anything came, worst first.

    A wrong unit is told by `units` at the door and not here.
    """
    newest = slots[-JUDGED:]
    delays = [slot.delay_s for slot in newest if slot.delay_s is not None]
    rows = sum(slot.rows for slot in newest)
    if len(delays) == JUDGED and (offset_s := _clock_offset(slots, period_s, was)):
        return FeedFault.CLOCK, _clock_note(offset_s)
    if rows >= ROWS_LEAST:
        rejected, doubled = (
            sum(slot.rejected for slot in newest) / rows,
            sum(slot.doubled for slot in newest) / rows,
        )
        if rejected > REFUSED_SHARE:
            return FeedFault.REFUSED, _share_note("被拒收", "of its rows are refused", rejected)
        if doubled > DOUBLED_SHARE:
            return FeedFault.DOUBLED, _share_note("为重复", "of its rows are doubles", doubled)
    if len(delays) == JUDGED and (delay_s := median(delays)) > behind_limit_s(period_s):
        span = _span(delay_s)
        return FeedFault.BEHIND, Text(
            f"数据到达时已过 {span.zh}。", f"Its records arrive {span.en} after measurement."
        )
    return FeedFault.NONE, NOTHING


def _clock_offset(slots: Sequence[Slot], period_s: float, was: FeedFault) -> float:
    """Give by how much a feed's clock is wrong, 0 when it is not: behind is positive.

    Nothing is measured after it arrives, so a steady negative delay is a clock ahead. A steady
    long delay is a clock behind when it began faster than time passes (a queue's delay grows by
    one second per second at most), or is a whole number of half hours, as a wrong zone is.
    """
    delays = [slot.delay_s for slot in slots[-JUDGED:] if slot.delay_s is not None]
    offset_s = median(delays)
    if offset_s < -AHEAD_S and max(delays) < -AHEAD_S:
        return offset_s
    limit_s = behind_limit_s(period_s)
    steady = max(delays) - min(delays) <= max(period_s, 5.0)
    if min(delays) <= limit_s or not steady:
        return 0.0
    zone_s = abs(offset_s - round(offset_s / _HALF_HOUR_S) * _HALF_HOUR_S)
    if was is FeedFault.CLOCK or _jumped(slots, limit_s) or zone_s <= _NEAR_HALF_HOUR_S:
        return offset_s
    return 0.0


def _jumped(slots: Sequence[Slot], limit_s: float) -> bool:
    """Tell whether the delay ever grew by the limit faster than time went by."""
    known = [(slot.at_s, slot.delay_s) for slot in slots if slot.delay_s is not None]
    return any(
        (after[1] - before[1]) - (after[0] - before[0]) > limit_s / 2
        for before, after in pairwise(known)
    )


def _clock_note(offset_s: float) -> Text:
    span = _span(abs(offset_s))
    if offset_s < 0:
        return Text(f"时钟快了约 {span.zh}。", f"Its clock is about {span.en} ahead.")
    return Text(f"时钟慢了约 {span.zh}。", f"Its clock is about {span.en} behind.")


def _share_note(zh: str, en: str, share: float) -> Text:
    return Text(f"近三个周期 {share:.0%} 的记录{zh}。", f"{share:.0%} {en} over three periods.")


def _span(seconds: float) -> Text:
    if seconds < 120:
        return Text(f"{seconds:.0f} 秒", f"{seconds:.0f} s")
    if seconds < 7200:
        return Text(f"{seconds / 60:.0f} 分钟", f"{seconds / 60:.0f} min")
    return Text(f"{seconds / 3600:.1f} 小时", f"{seconds / 3600:.1f} h")


def cause_of(feed_id: str) -> str:
    """Name the cause under which a dead feed's alarm is raised and returned."""
    return f"feed.dead.{feed_id}"


def alarm_of(feed: Feed) -> Cause:
    """Say what a dead feed calls for: somebody phones its owner.

    A feed meant to speak every five minutes or oftener is one people act on: level III.
    """
    who = " ".join(part for part in (feed.contact, feed.phone) if part)
    span = _span(DEAD_PERIODS * feed.period_s)
    return Cause(
        cause=cause_of(feed.item_id),
        source_kind="feed",
        source_id=feed.item_id,
        layer=feed.layer,
        level=3 if feed.period_s <= OPERATIONAL_S else 4,
        title=Text(
            f"{feed.title.zh}：超过 {span.zh}没有数据", f"{feed.title.en}: nothing for {span.en}"
        ),
        action=Text(
            f"电话联系数据单位：{who or '未登记联系人'}。",
            f"Call the owner: {who or 'nobody is registered'}.",
        ),
        owner=Text(feed.contact or feed.department, feed.contact or feed.department),
        region=feed.region,
        department=feed.department,
    )
