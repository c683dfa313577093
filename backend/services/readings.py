"""What a report says, read when somebody asks; the tables are read with the first question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from backend.analytics.text.tree import read_groups
from backend.analytics.text.understand import Known, Understood, read_known, understand
from backend.analytics.text.whereabouts import Candidate, Mention
from backend.domain.deadlines import Deadlines, Stage
from backend.domain.refused import not_found
from backend.domain.worktime import Span
from backend.services.policy import Policy
from backend.services.reports import message
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.events import Event
from backend_client.contract.readings import (
    ClassRead,
    Due,
    MatterName,
    Matters,
    PlaceRead,
    Reading,
    UnitRead,
)

if TYPE_CHECKING:
    from backend.analytics.text.sorter import Sorter

_ORDINARY: Final = 4  # of the analytics; an event without a level has 0
_UNITS: Final[Mapping[str, Text]] = {
    "clock": Text("分钟", "min"),
    "hours": Text("工作小时", "working hours"),
    "days": Text("工作日", "working days"),
}


Learned = tuple["Sorter | None", "Sorter | None"]
"""What was learned of classes and of units, None where the rules alone know."""


def _nothing() -> Learned:
    return None, None


@dataclass(slots=True)
class Readings:
    """Understand a report for whoever may see it, with what is in use of the learned models."""

    database: Database
    policy: Policy
    deadlines: Deadlines
    clock: Clock
    learned: Callable[[], Learned] = _nothing
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: Known | None = None

    def of(self, person: Person, event_id: str) -> Reading:
        """Read an event's report.

        Raises:
            Refused: 404 when there is no such event in sight.
        """
        with self.database.read() as view:
            event = view.load(Event, event_id)
        if not self.policy.sees_item(person, event):
            raise not_found(event_id)
        reading = _reading(event_id, self.read(event))
        return reading.model_copy(update={"due": self._due(event)})

    def read(self, event: Event) -> Understood:
        """Understand an event's report."""
        with self._lock:  # a cut text is kept between calls
            if self._known is None:
                self._known = read_known()
            sorter, router = self.learned()
            known = replace(self._known, sorter=sorter, router=router)
            return understand(message(event), known)

    def matters(self) -> Matters:
        """Give the tree of classes, by code."""
        with self._lock:
            if self._known is None:
                self._known = read_known()
            tree = self._known.tree
        groups = read_groups()
        return Matters(
            matters=tuple(
                MatterName(code=code, name=one.name, group=groups[code[:2]])
                for code, one in sorted(tree.matters.items())
            )
        )

    def _due(self, event: Event) -> Due:
        """Say what the table gives now; an event that was sent before keeps its deadline."""
        span = self.deadlines.span(Stage.HANDLE, event.level, event.matter)
        at = self.clock.now()
        due_at = event.due_at or self.deadlines.due(Stage.HANDLE, event.level, event.matter, at)
        return Due(matter=event.matter, level=event.level, span=_words(span), due_at=_whole(due_at))


def _words(span: Span) -> Text:
    amount, unit = span.amount, span.unit
    if unit == "clock" and amount >= 60 and not amount % 60:
        return Text(f"{amount / 60:g} 小时", f"{amount / 60:g} h by the clock")
    name = _UNITS[unit]
    one = name.en[:-1] if amount == 1 and unit != "clock" else name.en
    return Text(f"{amount:g} {name.zh}", f"{amount:g} {one}")


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _place(mention: Mention, candidate: Candidate) -> PlaceRead:
    spot = candidate.spot
    lon, lat = spot.points[0] if spot.points else (None, None)
    return PlaceRead(
        words=mention.words[:200],
        name=spot.name[:200],
        lon=lon,
        lat=lat,
        share=candidate.share,
        why=candidate.why,
        chosen=spot is mention.chosen,
    )


def _reading(event_id: str, read: Understood) -> Reading:
    level = read.urgency.level
    return Reading(
        event_id=event_id,
        classes=tuple(
            ClassRead(code=one.code, name=one.name, share=one.share, why=one.why)
            for one in read.classes
        ),
        places=tuple(_place(mention, one) for mention in read.places for one in mention.candidates),
        units=tuple(
            UnitRead(unit=one.unit, role=one.role, share=one.share, why=one.why)
            for one in read.units
        ),
        level=0 if level == _ORDINARY else level,
        signs=tuple(sign.why() for sign in read.urgency.signs),
        remarks=tuple(remark.words for remark in read.remarks),
    )
