"""Keep the search index at what the database holds: soon after each commit, whole after a gap.

A change only notes which objects it touched; their words are read and indexed in slices by
`tend`, so that no door waits for the index. Each source's mark in the index is the version up to
which nothing is owed: after a crash a layer whose mark is not its version is compared anew.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.domain import search as rules
from backend.services.features import Features
from backend.services.projection import LAYER as EVENTS_ON_MAP
from backend.storage import texts as table
from backend.storage.database import Database
from backend.storage.features import layers
from backend.storage.search import Index
from backend.storage.texts import Texts
from backend.storage.unit import Committed
from backend_client.contract.events import Event

I64 = npt.NDArray[np.int64]
EVENTS: Final = "/events"
"""The source of events: no layer's id holds a stroke."""
SLICE: Final = 2_000
BUDGET_S: Final = 0.3
BUSY_SLICE: Final = 250
BUSY_S: Final = 0.05
"""Objects at a time and seconds of indexing per turn, and while a door is busy bringing more."""
_EVENT_ID: Final = "event-"


@dataclass(slots=True, eq=False)
class _Owed:
    """Objects of a layer to be looked at again, and the version they lead to."""

    version: int
    oids: I64


class Indexing:
    """Index what changes; `due` and `note` are called at each commit, `tend` now and then."""

    def __init__(
        self, index: Index, database: Database, features: Features, steady_s: Callable[[], float]
    ) -> None:
        """Find out what the index lacks, and hear of every change from now on."""
        self._index, self._database, self._steady_s = index, database, steady_s
        self._lock = threading.Lock()
        self._owed: dict[str, deque[_Owed]] = {}
        self._busy_s = float("-inf")
        index.put(EVENTS, {})
        marks = index.marks()
        with database.read() as view:
            versions = layers(view.connection)
            self._changed = table.events_after(view, marks[EVENTS])
        self._whole: dict[str, int] = {
            name: 0 for name, one in versions.items() if marks.get(name) != one
        }
        features.on_changed(self.due)
        self._goal: dict[str, int] = {name: versions[name] for name in self._whole}

    def note(self, committed: Committed) -> None:
        """Note which events a commit changed."""
        changed = {one.item_id: one.n for one in committed.changes if one.kind == "event"}
        if changed:
            with self._lock:
                self._changed |= changed

    def due(self, layer: str, version: int, oids: I64) -> None:
        """Note that a version of a layer is committed and whose words it may have changed."""
        with self._lock:
            self._owed.setdefault(layer, deque()).append(_Owed(version, oids))
            if len(oids) >= SLICE:
                self._busy_s = self._steady_s()

    @property
    def is_behind(self) -> bool:
        """Tell whether anything is still to be indexed."""
        with self._lock:
            return bool(self._changed or self._whole) or any(self._owed.values())

    def tend(self) -> None:
        """Index for a while what is due, events first."""
        begun_s = self._steady_s()
        self._events()
        is_busy = begun_s - self._busy_s < 1.0
        budget_s, most = (BUSY_S, BUSY_SLICE) if is_busy else (BUDGET_S, SLICE)
        while self._steady_s() - begun_s < budget_s and self._step(most):
            pass

    def finish(self) -> None:
        """Index everything that is due."""
        self._events()
        while self._step():
            pass

    def _step(self, most: int = SLICE) -> bool:
        """Index one slice of at most so many objects; False when nothing is due."""
        with self._lock:
            taken = next(((name, line) for name, line in self._owed.items() if line), None)
        if taken is not None:
            self._slice(*taken, most)
            return True
        for layer in tuple(self._whole):
            self._compare(layer, most)
            return True
        return False

    def _slice(self, layer: str, line: deque[_Owed], most: int) -> None:
        """Index the oldest of what a layer owes, with all that came since when it is little."""
        with self._lock:
            taken = [line.popleft()]
            while line and sum(len(one.oids) for one in (*taken, line[0])) <= most:
                taken.append(line.popleft())
            oids = np.unique(np.concatenate([one.oids for one in taken]))
            if len(oids) > most:
                line.appendleft(_Owed(taken[-1].version, oids[most:]))
            version = taken[-1].version
            if layer in self._goal:  # still compared: what it is good up to is told at its end
                self._goal[layer] = max(self._goal[layer], version)
        mark = version if len(oids) <= most and layer not in self._goal else None
        self._index.put(layer, self._words(layer, oids[:most].tolist()), mark)

    def _compare(self, layer: str, most: int) -> None:
        """Look at the next objects of a layer whose mark was not its version at the start."""
        with self._database.read() as view:
            oids = table.oids_after(view.connection, layer, self._whole[layer], most)
        self._index.put(layer, self._words(layer, oids))
        if oids:
            self._whole[layer] = oids[-1]
            return
        with self._lock:
            del self._whole[layer]
            goal = self._goal.pop(layer)
            is_owed = bool(self._owed.get(layer))
        if not is_owed:
            self._index.put(layer, {}, goal)

    def _words(self, layer: str, oids: Sequence[int]) -> dict[int, str | None]:
        if not oids:
            return {}
        with self._database.read() as view:
            found = table.texts(view.connection, layer, oids)
        things: dict[int, str | None] = dict.fromkeys(oids)
        things |= {one.oid: _tokens(one) for one in found if not _is_event(layer, one)}
        return things

    def _events(self) -> None:
        """Index the events changed since the last turn."""
        while self._changed:
            with self._lock:
                pairs = sorted(self._changed.items(), key=lambda pair: pair[1])[:SLICE]
                for item_id, _ in pairs:
                    del self._changed[item_id]
            with self._database.read() as view:
                found = table.events(view, [item_id for item_id, _ in pairs])
            numbers = self._index.number_items([event.item_id for event in found])
            things: dict[int, str | None] = {
                numbers[event.item_id]: event_tokens(event) for event in found
            }
            self._index.put(EVENTS, things, pairs[-1][1])


def event_fields(event: Event) -> dict[str, str]:
    """Give the texts of an event that are searched."""
    return {
        "title": event.title,
        "place": event.place,
        "intake_id": event.intake_id,
        "item_id": event.item_id,
    }


def event_tokens(event: Event) -> str:
    """Give what is indexed of an event."""
    return rules.tokens(event_fields(event).values(), event.region, event.department)


def _tokens(one: Texts) -> str:
    fields = rules.fields_of(one.id, one.name, one.properties)
    return rules.tokens(fields.values(), one.region, one.department)


def _is_event(layer: str, one: Texts) -> bool:
    """Tell an event's copy on the map: the event itself is found."""
    return layer == EVENTS_ON_MAP and one.id.startswith(_EVENT_ID)
