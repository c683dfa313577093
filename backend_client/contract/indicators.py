"""Indicators of the cockpit: what each one means, what it says, and what it is made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from backend_client.contract.base import (
    Count,
    Department,
    Flag,
    Frozen,
    Id,
    Instant,
    Line,
    Number,
    Region,
    Text,
)
from backend_client.contract.feature import LayerId


class Form(StrEnum):
    """How a number comes out of its entries, each with a `top` and a `bottom`."""

    SUM = "sum"  # the tops added
    SHARE = "share"  # tops of bottoms, percent
    MEAN = "mean"  # tops by bottoms
    FIRST = "first"  # the least top: an instant, seconds since 1970 UTC


class Group(StrEnum):
    """The groups of the cockpit, in their order."""

    TODAY = "today"
    CHANNELS = "channels"
    ACCOUNTABILITY = "accountability"
    SAFETY = "safety"
    WATER = "water"
    CITY = "city"
    ECONOMY = "economy"
    DATA = "data"


class Definition(Frozen):
    """One indicator in words; without `live` no source is connected yet.

    Args:
        owner: the unit that answers for the number.
        target: what it should reach, None while nobody set one.
        better: which direction is wanted, empty where neither is.
    """

    indicator: Id
    group: Group
    name: Text
    unit: Text
    formula: Text
    sources: tuple[LayerId, ...]
    owner: Department
    form: Form = Form.SUM
    target: Number | None = None
    better: Literal["high", "low", ""] = ""
    digits: Count = 0
    live: Flag = False


class Earlier(Frozen):
    """The same number at the same hour of an earlier day, and at the hour it is compared with."""

    then_at: Instant
    then: Number
    now_at: Instant
    now: Number


class Reading(Frozen):
    """What one indicator says now; `value` is None where nothing can be said."""

    indicator: Id
    top: Number = 0.0
    bottom: Number = 0.0
    value: Number | None = None
    earlier: Earlier | None = None
    since_at: Instant | None = None


class Board(Frozen):
    """Every indicator of a region at one instant, with its definition."""

    region: Region
    at: Instant
    definitions: tuple[Definition, ...]
    readings: tuple[Reading, ...]


class Part(Frozen):
    """One region's part of a number; for sums the parts add up to the whole, exactly."""

    region: Region
    top: Number
    bottom: Number
    value: Number | None


class Parts(Frozen):
    """A number and the regions it comes from; `own` is what lies in none of them."""

    indicator: Id
    region: Region
    at: Instant
    whole: Part
    own: Part
    parts: tuple[Part, ...]


class Entry(Frozen):
    """One thing behind a number: what it adds above and below the line."""

    kind: Id
    item_id: Line
    layer: Line = ""
    oid: Count = 0
    name: Text
    region: Region
    department: Line = ""
    top: Number
    bottom: Number
    at: Instant | None = None


class Entries(Frozen):
    """The things behind a number; `total` of them there are, `hidden` are not the reader's."""

    indicator: Id
    region: Region
    at: Instant
    total: Count
    hidden: Count
    entries: tuple[Entry, ...]


class Moment(Frozen):
    """One recorded value."""

    at: Instant
    value: Number


class Past(Frozen):
    """What was recorded, oldest first; `earlier` is the same length of time a week before."""

    indicator: Id
    region: Region
    since_at: Instant | None
    moments: tuple[Moment, ...]
    earlier: tuple[Moment, ...]


class Ratio(Frozen):
    """So many of so many."""

    top: Count
    bottom: Count


NONE: Final = Ratio(top=0, bottom=0)


class UnitScore(Frozen):
    """One unit held to account by the orders it was given in the period.

    Args:
        unit: a department, or a county by its region code.
        rank: 1 is the worst; None while too few of its orders are due.
        overdue: due and not reported now.
        hours: mean from dispatch to report, None before the first report.
        returned: orders sent back (退单), of those sent.
        extended: orders granted more time (延期), of those sent.
        first_time: events closed on one order, of those closed (一次办结).
        redone: events taken in hand once more (重办), of those closed.
        satisfied: calls answered as content (回访满意), of those that reached somebody.
    """

    unit: Id
    rank: Count | None
    sent: Count
    signed_on_time: Ratio
    closed_on_time: Ratio
    overdue: Count
    hours: Number | None
    returned: Ratio = NONE
    extended: Ratio = NONE
    first_time: Ratio = NONE
    redone: Ratio = NONE
    satisfied: Ratio = NONE


class Units(Frozen):
    """The units ranked, and the rule in words."""

    at: Instant
    days: Count
    rule: Text
    missing: tuple[Text, ...]
    units: tuple[UnitScore, ...]


Which = Literal[
    "sent",
    "signed",
    "due",
    "overdue",
    "returned",
    "extended",
    "first_time",
    "redone",
    "satisfied",
]
"""What is listed of a unit's orders: all, those signed or past signing, due ones, late ones; of
the others all that are judged, each with whether it was sent back, given more time and so on."""
