"""Proposes what may be one event: follows the numbered changes and says each pair once.

The matcher is memory only. How far the changes are read is written after what was proposed, and
a pair is proposed once: a service killed at any moment leaves nothing out and asks nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from backend.analytics.text.decisions import DecisionError
from backend.analytics.text.judge import Judge
from backend.analytics.text.matcher import Match as Found
from backend.analytics.text.matcher import Matcher
from backend.domain import matches as rules
from backend.domain.event_paths import mergeable
from backend.services.event_paths import EventPaths, matches_of
from backend.services.models import InUse
from backend.services.reports import message
from backend.services.steps import SERVICE, Steps
from backend.storage.dialect import upsert
from backend.storage.tables import META
from backend.storage.unit import Logged, Unit
from backend_client.contract.base import CITY, Text
from backend_client.contract.claims import Claim
from backend_client.contract.events import OVER, Event, EventState
from backend_client.contract.item import Mark
from backend_client.contract.matches import Evidence, Match, MatchState

_READ_TO: Final = "matched_to"
_PER_READ: Final = 40
_TURN_S: Final = 0.06
_KINDS: Final = ("event", "match")
_OPEN: Final = tuple(state.value for state in EventState if state not in OVER)
_LOG = structlog.get_logger("service")


@dataclass(slots=True)
class Matching:
    """Hold the open events of the city and say which a new report is of."""

    steps: Steps
    paths: EventPaths
    matcher: Matcher
    judge: Callable[[], InUse[Judge]]
    _model: int = 0
    _main: dict[str, str] = field(default_factory=dict)
    _filled_to: str | None = ""

    @property
    def is_filled(self) -> bool:
        """Tell whether every open event is held."""
        return self._filled_to is None

    def tend(self) -> None:
        """Take in what changed since the last turn; the first turns take in what is open.

        A turn ends after some hundredths of a second: the interpreter is also the doors'.
        """
        in_use = self.judge()
        self._model, self.matcher.judge = in_use.number, in_use.model
        until_s = self.steps.clock.steady_s() + _TURN_S
        while self.steps.clock.steady_s() < until_s:
            more = self._step() if self._filled_to is None else self._fill()
            if not more:
                return

    def _fill(self) -> bool:
        """Take in the next of the events that are open; tell whether there is more to do.

        How far the changes are read is noted before the first: what comes in meanwhile is taken
        in twice and proposed once.
        """
        after = self._filled_to or ""
        if not after:
            self._begin()
        with self.steps.database.read() as view:
            bodies = view.bodies("event", states=_OPEN, after=after, limit=_PER_READ)
        for body in bodies:
            event = Event.model_validate_json(body)
            self._filled_to = event.item_id
            self._hold(event)
        if bodies:
            return True
        for event_id, main_id in self._main.items():
            self._relink(event_id, None, main_id)
        with self.steps.database.read() as view:
            judged = view.find(Match, state=MatchState.APART.value)
        for match in judged:
            self._decide(match)
        self._filled_to = None
        _LOG.info("matching", held=len(self.matcher))
        return True

    def _begin(self) -> None:
        """Note from where changes are to be read, if those are no longer kept."""
        with self.steps.database.read() as view:
            told = view.changes(after=int(view.meta(_READ_TO) or 0), limit=1)
        if told is None:
            self._jump()

    def _jump(self) -> None:
        with self.steps.database.write() as unit:
            _read_to(unit, unit.n())

    def _step(self) -> bool:
        """Take in the next changes; tell whether there were any."""
        with self.steps.database.read() as view:
            told = view.changes(after=int(view.meta(_READ_TO) or 0), limit=_PER_READ)
        if told is None:  # too far behind: what is open is all that counts
            self._jump()
            self._filled_to = ""
            return True
        if not told:
            return False
        own = next((place for place, one in enumerate(told) if one.kind in _KINDS), len(told) - 1)
        self._take(told[own])
        with self.steps.database.write() as unit:
            _read_to(unit, told[own].n)
        return True

    def _take(self, change: Logged) -> None:
        """Take a thing in as it is now: the change may be of long ago.

        One that cannot be taken in is told in the log and left; the others go on.
        """
        try:
            with self.steps.database.read() as view:
                match = view.get(Match, change.item_id) if change.kind == "match" else None
                event = view.get(Event, change.item_id) if change.kind == "event" else None
            if match is not None:
                self._decide(match)
            if event is not None:
                self._hold(event)
                if not mergeable(event):
                    self._settle(event)
                elif _is_first(change):
                    self._propose(event)
        except DBAPIError:  # the database's trouble is not the item's: try again
            raise
        except Exception as fault:  # noqa: BLE001  # one odd report must not stop the others
            _LOG.error("matching", change=change.n, item=change.item_id, fault=str(fault))

    def _hold(self, event: Event) -> None:
        """Let the matcher hold an event as it is now, joined to the one it is worked on with.

        What is over is let go of, or kept closed for a while where the city's policy lets a new
        report join a closed event.
        """
        if not event.is_open and (
            self.matcher.policy.new_after_closing or event.state is not EventState.CLOSED
        ):
            self._let_go(event.item_id)
            return
        if event.item_id not in self.matcher:
            self.matcher.add(message(event))
        was, now = self._main.get(event.item_id), event.main_id
        if was != now:
            if now is None:
                self._main.pop(event.item_id, None)
            else:
                self._main[event.item_id] = now
            self._relink(event.item_id, was, now)
        if not event.is_open:
            self.matcher.close(event.item_id)
        elif event.state is EventState.ACCEPTED:
            self.matcher.reopen(event.item_id)

    def _let_go(self, event_id: str) -> None:
        self._main.pop(event_id, None)
        if event_id in self.matcher:
            self.matcher.remove(event_id)

    def _relink(self, event_id: str, was: str | None, now: str | None) -> None:
        try:
            if was is not None and was in self.matcher:
                self.matcher.undo(event_id, was)
                self.matcher.part(event_id, was)
            if now is not None and now in self.matcher:
                self.matcher.confirm(event_id, now)
        except DecisionError as fault:
            _LOG.warning("matching", fault=str(fault))

    def _decide(self, match: Match) -> None:
        """Bind the matcher by what was said of a pair."""
        pair = match.event_id, match.other_id
        if match.state is not MatchState.APART or not all(one in self.matcher for one in pair):
            return
        try:
            self.matcher.undo(*pair)
            self.matcher.part(*pair)
        except DecisionError as fault:
            _LOG.warning("matching", fault=str(fault))

    def _propose(self, event: Event) -> None:
        """Say what a new report may be of: the likeliest is merged if it is sure, else asked.

        The rules of a new city are sure of nothing: only a judge that has passed its exam merges.
        """
        with self.steps.database.read() as view:
            now = view.get(Event, event.item_id)
        if now is None or not mergeable(now):
            return
        found = [one for one in self.matcher.look(message(event)) if one.verdict != "none"]
        if not found:
            return
        with self.steps.database.write() as unit:
            for one in found:
                self._propose_one(unit, event.item_id, one, is_best=one is found[0])

    def _propose_one(self, unit: Unit, event_id: str, found: Found, *, is_best: bool) -> None:
        event, other = unit.get(Event, event_id), unit.get(Event, found.other)
        if event is None or other is None or not mergeable(event):
            return
        if (other.created_at, other.item_id) > (event.created_at, event.item_id):
            return  # the later one asks
        if unit.get(Match, rules.match_id(event_id, found.other)) is not None:
            return
        at = self.steps.clock.now()
        match = rules.propose(
            event,
            other,
            score=found.score,
            evidence=tuple(_told(found)),
            model=str(self._model),
            at=at,
        )
        held = unit.get(Claim, event_id) is not None
        is_sure = found.verdict == "auto" and self._model > 0
        is_near = match.region != CITY  # across counties people decide
        if is_sure and is_best and is_near and not held and self.paths.takes(unit, other):
            mark = Mark(by=SERVICE, at=at, reason="")
            match = rules.judge(match, MatchState.SAME, mark)
            match = match.model_copy(update={"auto": True})
            why = Text(
                " · ".join(one.words.zh for one in match.evidence),
                " · ".join(one.words.en for one in match.evidence),
            )
            detail = {"reason": why.zh[:200], "reason_en": why.en[:200], "score": found.score}
            self.paths.link(unit, None, event, other, detail)
        unit.add(match, by=None, action="match.propose")

    def _settle(self, event: Event) -> None:
        """End the open matches nobody can say yes to any more."""
        with self.steps.database.write() as unit:
            mark = Mark(by=SERVICE, at=self.steps.clock.now(), reason="")
            for match in matches_of(unit, event.item_id):
                if match.state is MatchState.OPEN and not self._can_merge(unit, match):
                    gone = rules.settle(match, MatchState.GONE, mark)
                    unit.put(gone, by=None, action="match.gone")

    def _can_merge(self, unit: Unit, match: Match) -> bool:
        """Tell whether either report may still be merged with the other's event."""
        one, other = unit.get(Event, match.event_id), unit.get(Event, match.other_id)
        if one is None or other is None:
            return False
        pairs = ((one, other), (other, one))
        return any(mergeable(a) and b.is_open and self.paths.takes(unit, b) for a, b in pairs)


def _is_first(change: Logged) -> bool:
    """Tell whether a change is the coming in of its item."""
    return change.body is not None and json.loads(change.body)["version"] == 1


def _told(found: Found) -> Sequence[Evidence]:
    return [
        Evidence(kind=one.kind, words=one.said, shared=tuple(text[:200] for text in one.shared))
        for one in found.evidence
    ]


def _read_to(unit: Unit, n: int) -> None:
    row = {"key": _READ_TO, "value": str(n)}
    unit.connection.execute(upsert(unit.connection, META, key=("key",)), [row])
