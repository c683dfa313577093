"""Rules of indicators: a number is made of entries, each in one region; parts add up to the whole.

An entry has a `top` and a `bottom`. Whatever the form, a region's number is computed from the
tops and bottoms of the entries that lie in it, so city, counties, townships and rows agree by
construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from backend_client.contract.base import CITY, covers
from backend_client.contract.indicators import Earlier, Form, Moment, Part

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

COUNTY_SIZE: Final = 6
TOWN_SIZE: Final = 9
SLOT_S: Final = 600
HOUR_SLOTS: Final = 6
DAY_S: Final = 86_400
WEEK_S: Final = 7 * DAY_S
ZONE_S: Final = 8 * 3_600  # civil time of the city


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The entries behind a number.

    Args:
        regions: codes that `region` points into.
        region: where each entry lies.
        top: what it adds above the line.
        bottom: what it adds below it.
        key: its place in `ids`; the number of an object where there are no ids.
        ids: of the work items there are to choose from.

    Shape: region, top, bottom, key (n,).
    """

    regions: tuple[str, ...]
    region: I64
    top: F64
    bottom: F64
    key: I64
    ids: tuple[str, ...] = ()

    def inside(self, region: str) -> I64:
        """List the entries that lie in a region."""
        granted = np.array([covers(region, code) for code in self.regions] or [False], np.bool_)
        return np.flatnonzero(granted[self.region]) if len(self.region) else self.region


def value_of(form: Form, top: float, bottom: float) -> float | None:
    """Give the number of a top and a bottom; None where nothing can be said."""
    if form is Form.SUM:
        return top
    if not bottom:
        return None
    if form is Form.FIRST:
        return top
    return (100.0 if form is Form.SHARE else 1.0) * top / bottom


def part_of(form: Form, found: Found, region: str) -> Part:
    """Give a region's part of a number."""
    rows = found.inside(region)
    return _part(form, found, rows, region)


def parts_of(form: Form, found: Found, under: str) -> tuple[Part, Part, tuple[Part, ...]]:
    """Give the number of a region, of what lies in none of its parts, and of each part.

    Parts of the city are counties, of a county townships; the largest come first.
    """
    rows = found.inside(under)
    size = COUNTY_SIZE if len(under) < COUNTY_SIZE else TOWN_SIZE
    codes = [code[:size] if len(code) >= size > len(under) else under for code in found.regions]
    words = list(dict.fromkeys((under, *codes)))
    place = {word: number for number, word in enumerate(words)}
    table = np.array([place[code] for code in codes] or [0], np.int64)
    which = table[found.region[rows]] if len(rows) else rows
    made = {
        word: _part(form, found, rows[which == number], word)
        for number, word in enumerate(words)
        if word == under or bool((which == number).any())
    }
    own = made.pop(under)
    parts = sorted(made.values(), key=lambda part: (-part.top, part.region))
    return _part(form, found, rows, under), own, tuple(parts)


def every_region(found: Found) -> tuple[str, ...]:
    """Name the city and every county and township in which something was found."""
    sizes = (COUNTY_SIZE, TOWN_SIZE)
    used = {found.regions[code] for code in np.unique(found.region).tolist()}
    cut = {code[:size] for code in used for size in sizes if len(code) >= size}
    return (CITY, *sorted(cut))


def _part(form: Form, found: Found, rows: I64, region: str) -> Part:
    top, bottom = found.top[rows], found.bottom[rows]
    above = float(top.min(initial=np.inf)) if form is Form.FIRST else float(top.sum())
    below = float(bottom.sum())
    above = above if np.isfinite(above) else 0.0
    return Part(region=region, top=above, bottom=below, value=value_of(form, above, below))


def slot_of(at_s: float) -> int:
    """Give the number of the ten minutes an instant lies in."""
    return int(at_s // SLOT_S)


def day_of(at_s: float) -> int:
    """Give the number of the city's day an instant lies in."""
    return int((at_s + ZONE_S) // DAY_S)


def day_end_s(day: int) -> int:
    """Give when a city's day ends, seconds since 1970 UTC."""
    return (day + 1) * DAY_S - ZONE_S


def earlier_of(moments: Mapping[int, Moment], now_s: float) -> Earlier | None:
    """Compare the last full hour recorded with the same hour a week before, else a day before.

    Args:
        moments: recorded values by their slot.
        now_s: the present instant.
    """
    hour = slot_of(now_s) // HOUR_SLOTS * HOUR_SLOTS
    now = moments.get(hour)
    if now is None:
        return None
    for back_s in (WEEK_S, DAY_S):
        then = moments.get(hour - back_s // SLOT_S)
        if then is not None:
            return Earlier(then_at=then.at, then=then.value, now_at=now.at, now=now.value)
    return None


@dataclass(frozen=True, slots=True)
class Score:
    """One unit's orders counted: so many of so many, and hours to the report.

    `shares` stand behind the rank: returned, extended, and so on, by name.
    """

    unit: str
    sent: int
    signed: tuple[int, int]
    closed: tuple[int, int]
    overdue: int
    hours: float | None
    shares: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def ranked(scores: Sequence[Score], fewest_due: int) -> list[tuple[int | None, Score]]:
    """Rank units, the worst first; those with too few due orders follow unranked.

    The share closed on time decides, then how many are overdue, then the mean hours.
    """
    held = [one for one in scores if one.closed[1] >= fewest_due]
    rest = [one for one in scores if one.closed[1] < fewest_due]
    held.sort(key=lambda one: (one.closed[0] / one.closed[1], -one.overdue, -(one.hours or 0.0)))
    return [(at + 1, one) for at, one in enumerate(held)] + [(None, one) for one in rest]
