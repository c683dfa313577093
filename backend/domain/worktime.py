"""Working time: which days are worked, which hours of them, and when a span of them is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal

import chinese_calendar

_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)
_LONGEST: Final = 3 * 366
"""Days looked ahead before a calendar without a single workday is called broken."""

Unit = Literal["clock", "hours", "days"]


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: by the clock, in working hours, or in working days.

    Args:
        amount: minutes by the clock, else hours or days of work.
    """

    amount: float
    unit: Unit


def read_span(text: str) -> Span:
    """Read `15 min`, `4 wh` (working hours) or `5 wd` (working days).

    Raises:
        ValueError: it is none of these.
    """
    units: dict[str, Unit] = {"min": "clock", "wh": "hours", "wd": "days"}
    amount, _, unit = text.strip().partition(" ")
    if unit not in units or not 0 < float(amount) <= 10_000 or (unit == "wd" and "." in amount):
        raise ValueError(text)
    return Span(float(amount), units[unit])


@dataclass(frozen=True, slots=True)
class Days:
    """Which days are worked: the centre's own table first, then the State's, then the week.

    Args:
        off: days the centre's table declares free.
        on: days it declares worked.
    """

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def knows(self, year: int) -> bool:
        """Tell whether the year's public holidays are known; the State tells them each autumn."""
        own = any(day.year == year for day in self.off)
        return own or _is_arranged(date(year, 1, 1)) is not None

    def is_worked(self, day: date) -> bool:
        """Tell whether people work that day; in a year nobody has told of, Monday to Friday."""
        if day in self.on or day in self.off:
            return day in self.on
        arranged = _is_arranged(day)
        return day.weekday() < _SATURDAY if arranged is None else arranged


def _is_arranged(day: date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # the package knows the years told of when it was made
        return None


@dataclass(frozen=True, slots=True)
class WorkClock:
    """Count time as an office does.

    Args:
        hours: spans of a working day, in order.
        zone: whose hours they are.
    """

    days: Days
    hours: tuple[tuple[time, time], ...]
    zone: tzinfo

    def after(self, start: datetime, span: Span) -> datetime:
        """Give when a span that begins at an instant is over.

        Days count from the first working day after the present one, and end with its hours.

        Raises:
            ValueError: no working time lies ahead.
        """
        if span.unit == "clock":
            return start + timedelta(minutes=span.amount)
        if span.unit == "hours":
            return self.later(start, timedelta(hours=span.amount))
        left = int(span.amount)
        for day in self._ahead(start.astimezone(self.zone).date() + _DAY):
            left -= 1
            if not left:
                return datetime.combine(day, self.hours[-1][1], self.zone).astimezone(start.tzinfo)
        raise ValueError(_NO_WORK)

    def later(self, start: datetime, work: timedelta) -> datetime:
        """Give the instant by which so much work time has passed."""
        left = work
        for begin, end in self._shifts(start):
            if left <= end - begin:
                return (begin + left).astimezone(start.tzinfo)
            left -= end - begin
        raise ValueError(_NO_WORK)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Give the work time between two instants; none when they are the wrong way round."""
        total = timedelta()
        if until <= since:
            return total
        for begin, end in self._shifts(since):
            if begin >= until:
                break
            total += min(end, until) - begin
        return total

    def _shifts(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give the spans of work from an instant on, the first of them cut."""
        for day in self._ahead(start.astimezone(self.zone).date()):
            for opens, closes in self.hours:
                begin = max(datetime.combine(day, opens, self.zone), start)
                end = datetime.combine(day, closes, self.zone)
                if begin < end:
                    yield begin, end

    def _ahead(self, first: date) -> Iterator[date]:
        return (
            day
            for day in (first + number * _DAY for number in range(_LONGEST))
            if self.days.is_worked(day)
        )


_NO_WORK: Final = "no working time ahead"
