"""What a report says, read when somebody asks; the tables are read with the first question."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from backend.analytics.text.understand import Known, Understood, read_known, understand
from backend.analytics.text.whereabouts import Candidate, Mention
from backend.domain.refused import not_found
from backend.services.policy import Policy
from backend.services.reports import message
from backend.storage.database import Database
from backend_client.contract.auth import Person
from backend_client.contract.events import Event
from backend_client.contract.readings import ClassRead, PlaceRead, Reading, UnitRead

if TYPE_CHECKING:
    from backend.analytics.text.sorter import Sorter

_ORDINARY: Final = 4  # of the analytics; an event without a level has 0


Learned = tuple["Sorter | None", "Sorter | None"]
"""What was learned of classes and of units, None where the rules alone know."""


def _nothing() -> Learned:
    return None, None


@dataclass(slots=True)
class Readings:
    """Understand a report for whoever may see it, with what is in use of the learned models."""

    database: Database
    policy: Policy
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
        with self._lock:  # a cut text is kept between calls
            if self._known is None:
                self._known = read_known()
            sorter, router = self.learned()
            known = replace(self._known, sorter=sorter, router=router)
            read = understand(message(event), known)
        return _reading(event_id, read)


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
