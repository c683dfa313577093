"""The cockpit's answers for screen tests: the real table's definitions with hand-made numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from backend.domain import indicators as rules
from backend.domain.indicators import F64, I64, Found
from backend.services.indicators import load_indicators
from backend.services.units import unit_ids
from backend_client.contract.base import CITY, Text
from backend_client.contract.indicators import (
    Board,
    Definition,
    Earlier,
    Entries,
    Entry,
    Form,
    Moment,
    Parts,
    Past,
    Ratio,
    Reading,
    Units,
    UnitScore,
    Which,
)
from backend_client.contract.readings import Matters, Similar
from backend_client.contract.readings import Reading as EventRead
from backend_client.contract.requests import Requests
from backend_client.contract.timeline import Timeline
from tests.qt.case_picture import trail
from tests.qt.people import NOW
from tests.qt.reading_picture import TREE, alike, read
from tests.qt.requests_picture import day_of

TOWNS = (
    *("320613001", "320613002", "320613003", "320612001", "320612002", "320614001"),
    *("320623001", "320623002", "320681001", "320682001", "320685001", "320671", "3206TW"),
    *("3206SX", "3206"),
)
# What a number is about on an ordinary day; shares and means are given as top of bottom.
USUAL: dict[str, tuple[float, float]] = {
    "open": (3218, 1),
    "new_today": (1146, 1),
    "due_24h": (412, 1),
    "overdue": (37, 1),
    "closed_today": (1203, 1),
    "signed_on_time": (982, 1000),
    "closed_on_time": (946, 1000),
    "hours_to_close": (31_400, 1000),
    "hours_closed": (38_900, 1000),
    "heard_on_time": (957, 1000),
    "first_time": (871, 1000),
    "returned_share": (52, 1000),
    "extended_share": (74, 1000),
    "redone_share": (31, 1000),
    "satisfied": (918, 1000),
    "joined_share": (112, 1000),
    "returned": (18, 1),
    "merged": (87, 1),
    "alarms_2": (1, 1),
    "alarms_3": (1, 1),
    "hazmat_moving": (1482, 1),
    "teams_ready": (582, 1),
    "congestion": (1320, 1000),
    "bus_on_time": (935, 1000),
    "aqi": (52_000, 1000),
    "surface_water": (941, 1000),
    "no_power": (318, 1),
    "power_use": (103_100, 1000),
    "projects": (912, 1000),
    "online": (89_300, 1000),
    "wait": (7_400, 1000),
    "feeds_live": (103, 1),
    "rejected": (12, 40_000),
}


@dataclass
class Trails:
    """Tell a long way of every event, or refuse to."""

    at: datetime = NOW
    busy: bool = True
    refuses: Exception | None = None
    asked: list[str] = field(default_factory=list)
    files: dict[str, bytes | Exception] = field(default_factory=dict)
    unread: Exception | None = None

    def reading(self, event_id: str) -> EventRead:
        if self.unread is not None:
            raise self.unread
        return read(event_id)

    def similar(self, event_id: str) -> Similar:
        return alike(event_id)

    def matters(self) -> Matters:
        return TREE

    def attachment(self, attachment_id: str) -> bytes:
        file = self.files[attachment_id]
        if isinstance(file, Exception):
            raise file
        return file

    def requests(self, region: str = "") -> Requests:
        if self.refuses is not None:
            raise self.refuses
        return day_of(self.at, region or CITY, busy=self.busy)

    def steps(self, event_id: str) -> Timeline:
        self.asked.append(event_id)
        if self.refuses is not None:
            raise self.refuses
        return trail(event_id)


@dataclass
class Numbers:
    """Answer every question of the cockpit at an instant."""

    at: datetime
    targets: dict[str, float] = field(
        default_factory=lambda: {"signed_on_time": 98.0, "closed_on_time": 95.0}
    )
    days: int = 7
    refuses: Exception | None = None
    asked: list[str] = field(default_factory=list)
    casework: Trails = field(default_factory=Trails)

    def definitions(self) -> dict[str, Definition]:
        listed = load_indicators().listed
        return {
            name: one.definition.model_copy(update={"target": self.targets.get(name)})
            for name, one in listed.items()
        }

    def found(self, name: str, form: Form) -> Found:
        """Lay a number over the townships so that all of them add up to it."""
        top, bottom = USUAL.get(name, (0, 1000))
        if form is Form.FIRST:
            top = (self.at + timedelta(hours=2)).timestamp()
            none = np.zeros(1, np.int64)
            return Found(TOWNS, none, np.array([top]), np.ones(1), none)
        weight = np.arange(len(TOWNS), 0, -1)
        return Found(
            TOWNS,
            np.arange(len(TOWNS)),
            _shared(top, weight),
            _shared(bottom, weight),
            np.arange(len(TOWNS)),
        )

    def board(self, region: str = "") -> Board:
        if self.refuses is not None:
            raise self.refuses
        self.asked.append("board")
        where, every = region or CITY, self.definitions()
        return Board(
            region=where,
            at=self.at,
            definitions=tuple(every.values()),
            readings=tuple(self._reading(one, where) for one in every.values()),
        )

    def _reading(self, one: Definition, where: str) -> Reading:
        if not one.live:
            return Reading(indicator=one.indicator)
        part = rules.part_of(one.form, self.found(one.indicator, one.form), where)
        hour = self.at.replace(minute=0, second=0)
        then = hour - timedelta(days=7)
        earlier = None
        if part.value and one.form is not Form.FIRST and self.days >= 7:
            earlier = Earlier(then_at=then, then=part.value * 0.96, now_at=hour, now=part.value)
        return Reading(
            indicator=one.indicator,
            top=part.top,
            bottom=part.bottom,
            value=part.value,
            earlier=earlier,
            since_at=self.at - timedelta(days=self.days),
        )

    def indicator_past(self, indicator: str, region: str = "", *, hours: int = 168) -> Past:
        one = self.definitions()[indicator]
        value = self._reading(one, region or CITY).value
        moments = tuple(
            Moment(
                at=self.at - timedelta(hours=hours - step),
                value=(value or 0) * (1 + 0.05 * float(np.sin(step / 9))),
            )
            for step in range(0, hours + 1, 4)
        )
        before = tuple(
            Moment(at=one.at - timedelta(days=7), value=one.value * 0.95) for one in moments
        )
        shown = moments if value is not None and self.days >= 1 else ()
        return Past(
            indicator=indicator,
            region=region or CITY,
            since_at=self.at - timedelta(days=self.days),
            moments=shown,
            earlier=before if self.days >= 14 else (),
        )

    def indicator_parts(self, indicator: str, under: str = "") -> Parts:
        form, where = self.definitions()[indicator].form, under or CITY
        whole, own, parts = rules.parts_of(form, self.found(indicator, form), where)
        return Parts(
            indicator=indicator, region=where, at=self.at, whole=whole, own=own, parts=parts
        )

    def indicator_rows(self, indicator: str, region: str = "", *, limit: int = 100) -> Entries:
        return self._entries(indicator, region or CITY, min(limit, 12))

    def units(self, *, days: int = 7) -> Units:
        every = unit_ids()
        given = [
            UnitScore(
                unit=unit,
                rank=at + 1,
                sent=20 + at,
                signed_on_time=Ratio(top=15 + at, bottom=20 + at),
                closed_on_time=Ratio(top=10 + at, bottom=20 + at),
                overdue=9 - at,
                hours=40.0 - at,
                returned=Ratio(top=at, bottom=20 + at),
                extended=Ratio(top=2, bottom=20 + at),
                first_time=Ratio(top=9 + at, bottom=10 + at),
                redone=Ratio(top=1, bottom=10 + at),
                satisfied=Ratio(top=7 + at, bottom=8 + at),
            )
            for at, unit in enumerate(("D23", "320612", "D26", "D25", "320613", "D27", "D22"))
        ]
        none = Ratio(top=0, bottom=0)
        named = {one.unit for one in given}
        rest = [
            UnitScore(
                unit=unit,
                rank=None,
                sent=0,
                signed_on_time=none,
                closed_on_time=none,
                overdue=0,
                hours=None,
            )
            for unit in every
            if unit not in named
        ]
        rule = Text("按时办结率低者在前。", "Lowest share closed on time first.")
        return Units(at=self.at, days=days, rule=rule, missing=(), units=(*given, *rest))

    def unit_rows(
        self, unit: str, which: Which = "due", *, days: int = 7, limit: int = 100
    ) -> Entries:
        return self._entries(which, "320613", 9)

    def _entries(self, indicator: str, region: str, count: int) -> Entries:
        entries = tuple(
            Entry(
                kind="event",
                item_id=f"event-{number}",
                name=Text("暴露垃圾", "暴露垃圾"),
                region=TOWNS[number % 6],
                department="D41",
                top=1.0,
                bottom=1.0,
                at=self.at - timedelta(hours=number),
            )
            for number in range(count)
        )
        return Entries(
            indicator=indicator, region=region, at=self.at, total=count, hidden=0, entries=entries
        )


def _shared(total: float, weight: I64) -> F64:
    """Share whole numbers out by weight, the remainder to the first."""
    parts: F64 = np.floor(total * weight / weight.sum())
    parts[0] += total - parts.sum()
    return parts
