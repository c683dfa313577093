"""Finished events like one: what was answered, by which unit, how long it took.

The index is memory only: filled after the start in small turns, then kept at what is committed.
What it finds is read again from the database, so that nothing is shown which is not so now.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from backend.analytics.text.cases import Cases, Like, Told, shared, told
from backend.domain.refused import not_found
from backend.services.policy import Policy
from backend.services.readings import Readings
from backend.services.reports import message
from backend.storage import audit
from backend.storage.database import Database
from backend.storage.unit import Committed, View
from backend_client.contract.auth import Person
from backend_client.contract.base import CITY, Text
from backend_client.contract.clock import Clock
from backend_client.contract.events import Event, EventState
from backend_client.contract.orders import Order
from backend_client.contract.readings import Similar, SimilarCase

FINISHED: Final = (EventState.CLOSED, EventState.ARCHIVED)
SHOWN: Final = 5
_LOOKED: Final = 60
_COUNTY: Final = 6
_PER_READ: Final = 40
_TURN_S: Final = 0.06
_HINT: Final = 0.3
"""A class read out of the words counts from this share on, while nobody has said one."""


@dataclass(slots=True, eq=False)
class SimilarCases:
    """Hold what is compared of every finished event, and say which are like one."""

    database: Database
    policy: Policy
    clock: Clock
    readings: Readings
    cases: Cases = field(default_factory=Cases)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cutting: threading.Lock = field(default_factory=threading.Lock)
    _noting: threading.Lock = field(default_factory=threading.Lock)
    _changed: dict[str, None] = field(default_factory=dict)
    _after: str | None = ""

    def note(self, committed: Committed) -> None:
        """Note which events a commit changed; a commit never waits for who looks for likes."""
        changed = [one.item_id for one in committed.changes if one.kind == "event"]
        if changed:
            with self._noting:
                self._changed.update(dict.fromkeys(changed))

    def tend(self) -> None:
        """Take in what is finished, for some hundredths of a second: doors come first."""
        until_s = self.clock.steady_s() + _TURN_S
        while self.clock.steady_s() < until_s and (self._fill() or self._follow()):
            pass

    def of(self, person: Person, event_id: str) -> Similar:
        """Give the finished events most like one.

        Raises:
            Refused: 404 when there is no such event in sight.
        """
        with self.database.read() as view:
            event = view.load(Event, event_id)
            if not self.policy.sees_item(person, event):
                raise not_found(event_id)
            told_of = self._told(event)
            likes = self._likes(person, event_id, told_of)
            found = list(self._shown(view, person, told_of, likes))
        return Similar(event_id=event_id, ready=self._after is None, cases=tuple(found))

    def _told(self, event: Event) -> Told:
        """Read what is compared of an event, its likeliest class where nobody has said one."""
        report = message(event)
        with self._cutting:
            read = told(report)
        if read.matter:
            return read
        guess = next(iter(self.readings.read(event).classes), None)
        kind = guess.code if guess is not None and guess.share >= _HINT else ""
        return Told(read.keys, kind, read.county, read.lon, read.lat)

    def _likes(self, person: Person, event_id: str, case: Told) -> list[Like]:
        counties = () if CITY in person.regions else tuple(one[:_COUNTY] for one in person.regions)
        with self._lock:
            return [
                one for one in self.cases.like(case, _LOOKED, counties) if one.case_id != event_id
            ]

    def _shown(
        self, view: View, person: Person, case: Told, likes: Iterable[Like]
    ) -> Iterable[SimilarCase]:
        """Read what is like it until there are enough that may be seen and still are finished."""
        shown = 0
        for like in likes:
            event = view.get(Event, like.case_id)
            if event is None or event.state not in FINISHED or not event.answer:
                continue
            if not self.policy.sees_item(person, event):
                continue
            with self._cutting:
                words = shared(case, told(message(event)))
            yield _case(view, event, like, words)
            shown += 1
            if shown == SHOWN:
                return

    def _fill(self) -> bool:
        """Take in the next of what was finished before the start; tell whether there is more."""
        if self._after is None:
            return False
        states = tuple(state.value for state in FINISHED)
        with self.database.read() as view:
            bodies = view.bodies("event", states=states, after=self._after, limit=_PER_READ)
        for body in bodies:
            event = Event.model_validate_json(body)
            self._after = event.item_id
            self._take(event)
        if not bodies:
            self._after = None
        return bool(bodies)

    def _follow(self) -> bool:
        """Take in the next events that changed; tell whether there were any."""
        with self._noting:
            ids = list(self._changed)[:_PER_READ]
            for one in ids:
                del self._changed[one]
        for one in ids:
            with self.database.read() as view:
                event = view.get(Event, one)
            if event is not None:
                self._take(event)
        return bool(ids)

    def _take(self, event: Event) -> None:
        if event.state not in FINISHED or not event.answer or event.item_id in self.cases:
            return
        with self._cutting:
            read = told(message(event))
        with self._lock:
            self.cases.put(event.item_id, read)


def _case(view: View, event: Event, like: Like, words: tuple[str, ...]) -> SimilarCase:
    rows = audit.of(view.connection, [f"event/{event.item_id}"])
    closed = [row.at for row in rows if row.action in ("event.close", "event.answer")]
    closed_at = closed[-1] if closed else event.updated_at
    begun_at = event.sent_at or event.reported_at
    order = view.get(Order, event.order_id) if event.order_id else None
    return SimilarCase(
        event_id=event.item_id,
        title=event.title,
        place=event.place,
        region=event.region,
        matter=event.matter,
        department=order.department if order is not None else None,
        answer=event.answer,
        closed_at=closed_at,
        took_s=max(0, round((closed_at - begun_at).total_seconds())),
        satisfaction=event.satisfaction,
        share=like.share,
        why=_why(like, words),
    )


def _why(like: Like, words: tuple[str, ...]) -> tuple[Text, ...]:
    why = [Text("同类", "same class")] if like.same_class else []
    if words:
        listed = "、".join(words)
        why.append(Text(f"同有“{listed}”", f"both say “{listed}”"))
    if like.metres is not None and like.metres < 1_000:
        away = round(like.metres, -1)
        why.append(Text(f"相距 {away:.0f} 米", f"{away:.0f} m apart"))
    return tuple(why)
