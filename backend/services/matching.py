"""Proposes what may be one event: follows the numbered changes and says each pair once.

The matcher is memory only. A turn reads some changes and writes what they propose, a few reports
to a unit so that no door waits long, and with the last of them how far it has read: a service
killed at any moment leaves nothing out, and what is proposed again is not asked twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from backend.analytics.text.evidence import spans
from backend.analytics.text.judge import Judge
from backend.analytics.text.matcher import Match as Found
from backend.analytics.text.matcher import Matcher
from backend.analytics.text.words import LONGEST
from backend.domain import matches as rules
from backend.domain.event_paths import is_taking, mergeable
from backend.services.event_paths import EventPaths, matches_of
from backend.services.holding import Holding
from backend.services.models import InUse
from backend.services.reports import message
from backend.services.steps import SERVICE, Steps
from backend.storage.dialect import upsert
from backend.storage.tables import META
from backend.storage.unit import Logged, Unit, View
from backend_client.contract.base import CITY
from backend_client.contract.claims import Claim
from backend_client.contract.events import OVER, Event, EventState
from backend_client.contract.item import Mark
from backend_client.contract.matches import Evidence, Match, MatchState

TURN_S: Final = 0.05
REST_S: Final = 0.3
"""Seconds between looks while nothing is due."""
BUSY_SHARE: Final = 1 / 3
"""Of the time, at most, while things are written: the interpreter is also the doors'."""
IDLE_SHARE: Final = 0.8
_BUSY_S: Final = 2.0  # after the last write of anybody else
_READ_TO: Final = "matched_to"
_PER_READ: Final = 200
_PER_FILL: Final = 40
_PER_UNIT: Final = 5  # proposals written while every door waits
_PASSED_MOST: Final = 500  # changes of other things read anew, at most, after a kill
_TOLD: Final = 5  # likenesses of a report that people are asked of
_AMONG: Final = 50  # and so many looked at where later reports are held already
_KINDS: Final = ("event", "match")
_OPEN: Final = tuple(state.value for state in EventState if state not in OVER)
_FRESH: Final = (EventState.REGISTERED.value, EventState.ACCEPTED.value)
_LOG = structlog.get_logger("service")


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be written of one event: what it may be the same as, matches it ends or renews."""

    event_id: str
    found: tuple[Found, ...] = ()
    stale: tuple[str, ...] = ()
    is_corrected: bool = False


@dataclass(slots=True)
class _Place:
    """How far a pass over the open events has come; `since` takes only those changed later."""

    after: str = ""
    since: int = 0
    proposes: bool = False


@dataclass(slots=True)
class Matching:
    """Hold the open events of the city and say which a new report is of."""

    steps: Steps
    paths: EventPaths
    holding: Holding
    judge: Callable[[], InUse[Judge]]
    _model: int = 0
    _pass: _Place | None = field(default_factory=_Place)
    _lost_after: int | None = None
    _at: int = -1
    _written: int = 0
    _held_to: int = 0
    _seen: int = -1
    _busy_until_s: float = float("-inf")

    @property
    def matcher(self) -> Matcher:
        """Give what compares."""
        return self.holding.matcher

    @property
    def is_filled(self) -> bool:
        """Tell whether every open event is held."""
        return self._pass is None

    @property
    def read_to(self) -> int:
        """Give the number of the last change taken in."""
        return self._at

    def tend(self) -> float:
        """Take in what changed since the last turn; the first turns take in what is open.

        Returns: how long to rest. Units: seconds.
        """
        clock = self.steps.clock
        in_use = self.judge()
        self._model, self.matcher.judge = in_use.number, in_use.model
        began_s = clock.steady_s()
        until_s = began_s + TURN_S
        self._look_around(began_s)
        more = self._follow(until_s) if self._pass is None else self._go_through(self._pass)
        self.holding.keep()
        if not more:
            return REST_S
        now_s = clock.steady_s()
        share = BUSY_SHARE if now_s < self._busy_until_s else IDLE_SHARE
        return max(now_s - began_s, 0.001) * (1 - share) / share

    def _look_around(self, now_s: float) -> None:
        """Note whether anybody else writes; find out at first how far the changes are read."""
        with self.steps.database.read() as view:
            n = view.n()
            if self._at < 0:
                self._at = self._written = int(view.meta(_READ_TO) or 0)
                self._held_to = n
                if view.changes(after=self._at, limit=1) is None:
                    self._lose(n)
        if self._seen >= 0 and n != self._seen:
            self._busy_until_s = now_s + _BUSY_S
        self._seen = n

    # ---- what is open -----------------------------------------------------------------------

    def _lose(self, n: int) -> None:
        """Begin anew: the changes after the last one read are no longer kept.

        What is open is all that counts; what came or changed meanwhile is looked at after it.
        """
        self._lost_after = min(self._at, n) if self._lost_after is None else self._lost_after
        self._at, self._pass = n, _Place()
        self.holding.clear()

    def _go_through(self, place: _Place) -> bool:
        """Take in the next of the events that are open, or look anew at those that came unseen.

        How far the changes are read is known before the first: what comes in meanwhile is taken
        in twice and proposed once.
        """
        states = _FRESH if place.proposes else _OPEN
        if self.holding.joins_closed and not place.proposes:
            states = (*_OPEN, EventState.CLOSED.value)
        with self.steps.database.read() as view:
            bodies = view.bodies(
                "event", states=states, after=place.after, limit=_PER_FILL, since=place.since
            )
            events = [Event.model_validate_json(body) for body in bodies]
            kept = {} if place.proposes else self.holding.kept(one.item_id for one in events)
            dues = []
            for event in events:
                place.after = event.item_id
                with _Watched(event.item_id):
                    self.holding.hold(event, kept)
                    if place.proposes:
                        found = self._find(view, event, only_before=True)
                        dues.append(_Due(event.item_id, found))
        if dues:
            self._write(dues, self._written)  # killed before the end of the pass, it begins anew
        if not events:
            self._end(place)
        return True

    def _end(self, place: _Place) -> None:
        """Go on after a pass: bind what is decided, then what came unseen, then the changes."""
        if not place.proposes:
            self.holding.join_all()
            with self.steps.database.read() as view:
                judged = view.find(Match, state=MatchState.APART.value)
            for match in judged:
                self.holding.bind(match)
            self.holding.trim()
            _LOG.info("matching", held=len(self.matcher))
            if self._lost_after is not None:
                self._pass = _Place(since=self._lost_after, proposes=True)
                return
        self._pass = None
        if self._lost_after is not None:
            self._lost_after = None
            self._write((), self._at)

    # ---- what changes -----------------------------------------------------------------------

    def _follow(self, until_s: float) -> bool:
        """Take in the next changes; tell whether there may be more."""
        dues: list[_Due] = []
        with self.steps.database.read() as view:
            told = view.changes(after=self._at, limit=_PER_READ)
            if told is None:  # too far behind
                self._lose(view.n())
                return True
            at = self._at
            for change in told:
                if change.kind in _KINDS:
                    dues += self._take(view, change)
                at = change.n
                self._held_to = max(self._held_to, at)
                if self.steps.clock.steady_s() >= until_s:
                    break
        if any(due.found or due.stale for due in dues) or at - self._written >= _PASSED_MOST:
            self._write(dues, at)
        self._at = at
        return bool(told)

    def _take(self, view: View, change: Logged) -> Sequence[_Due]:
        """Take a thing in as it is now: the change may be of long ago."""
        with _Watched(change.item_id):
            if change.kind == "match":
                if (match := view.get(Match, change.item_id)) is not None:
                    self.holding.bind(match)
                return ()
            event = view.get(Event, change.item_id)
            if event is None:
                self.holding.let_go(change.item_id)
                return ()
            is_new, was_held = _is_first(change), change.item_id in self.holding
            # What was held before it was written of, a kill or a failed write apart, tells nothing.
            was_seen = change.n <= self._held_to
            is_corrected = self.holding.hold(event) or (was_seen and not is_new)
            if not was_held and not is_new and event.item_id in self.holding:
                self._take_again(view, event)
            only_before, is_looked_at = is_new and was_seen, is_new or is_corrected
            found = self._find(view, event, only_before=only_before) if is_looked_at else ()
            stale = () if is_new else tuple(self._stale(view, event))
            return (_Due(event.item_id, found, stale, is_corrected),)
        return ()

    def _take_again(self, view: View, event: Event) -> None:
        """Join and bind an event that is back: its close was taken back, it is done again."""
        self.holding.join_with(event.item_id)
        for match in matches_of(view, event.item_id):
            self.holding.bind(match)

    def _find(self, view: View, event: Event, *, only_before: bool) -> tuple[Found, ...]:
        """Find what a new or corrected report may be of.

        After a kill the reports that came later are held as well. They ask for themselves, and
        must not take the places of those this one is to ask of.
        """
        if not mergeable(event):
            return ()
        found = self.matcher.look(message(event), _AMONG if only_before else _TOLD)
        told = [one for one in found if one.verdict != "none"]
        if only_before:
            told = [one for one in told if _is_before(view.get(Event, one.other), event)]
        return tuple(told[:_TOLD])

    def _stale(self, view: View, event: Event) -> Sequence[str]:
        """Name the open matches nobody can say yes to any more, and those somebody can again."""
        return [
            match.item_id
            for match in matches_of(view, event.item_id)
            if match.state in (MatchState.OPEN, MatchState.GONE)
            and (match.state is MatchState.OPEN) != self._can_merge(view, match)
        ]

    # ---- what is said of it -----------------------------------------------------------------

    def _write(self, dues: Sequence[_Due], at: int) -> None:
        """Write all a turn proposes, a few reports to a unit, and at last how far it has read."""
        *first, last = _parted(dues) or [[]]
        for part in first:
            self._write_part(part, self._written)
        self._write_part(last, at)

    def _write_part(self, dues: Sequence[_Due], at: int) -> None:
        """Write what is proposed of some reports.

        Where that fails for one odd report each is written alone, and that one is passed over.
        """
        try:
            self._write_once(dues, at)
        except DBAPIError:  # the database's trouble is not the item's: all of it again
            raise
        except Exception as fault:  # noqa: BLE001  # one odd report must not stop the others
            if len(dues) < 2:  # this is the one
                names = [one.event_id for one in dues]
                _LOG.error("matching", items=names, fault=str(fault))
                self._write_once((), at)
                return
            for due in dues:
                self._write_part((due,), self._written)
            self._write_once((), at)

    def _write_once(self, dues: Sequence[_Due], at: int) -> None:
        with self.steps.database.write() as unit:
            for due in dues:
                for one in due.found:
                    self._propose(unit, due, one)
                for match_id in due.stale:
                    self._settle(unit, match_id)
            row = {"key": _READ_TO, "value": str(at)}
            unit.connection.execute(upsert(unit.connection, META, key=("key",)), [row])
            ours = unit.n()
        self._written, self._seen = at, ours

    def _propose(self, unit: Unit, due: _Due, found: Found) -> None:
        """Say what a report may be of: the likeliest is merged if it is sure, else asked.

        The rules of a new city are sure of nothing: only a judge that has passed its exam merges.
        """
        event, other = unit.get(Event, due.event_id), unit.get(Event, found.other)
        if event is None or other is None:
            return
        if _order(other) > _order(event):
            if not due.is_corrected:
                return  # the later one asks
            event, other = other, event
        if not mergeable(event) or not self.paths.takes(unit, other):
            return
        evidence, score = _told(found, event, other), min(max(found.score, 0.0), 1.0)
        known = unit.get(Match, rules.match_id(event.item_id, other.item_id))
        if known is not None:
            if due.is_corrected and known.state is MatchState.OPEN and known.score != score:
                anew = known.model_copy(update={"score": score, "evidence": evidence})
                unit.put(anew, by=None, action="match.propose")
            return
        at, model = self.steps.clock.now(), str(self._model)
        match = rules.propose(event, other, score=score, evidence=evidence, model=model, at=at)
        if found is due.found[0] and self._is_sure(unit, match, found, other):
            mark = Mark(by=SERVICE, at=at, reason="")
            match = rules.judge(match, MatchState.SAME, mark).model_copy(update={"auto": True})
            zh = " · ".join(one.words.zh for one in evidence)
            en = " · ".join(one.words.en for one in evidence)
            detail = {"reason": zh[:200], "reason_en": en[:200], "score": score}
            self.paths.link(unit, None, event, other, detail)
        unit.add(match, by=None, action="match.propose")

    def _is_sure(self, unit: Unit, match: Match, found: Found, other: Event) -> bool:
        """Tell whether the service may merge by itself.

        Across counties, and with what was closed, people decide; a report somebody has in hand
        is theirs.
        """
        return (
            found.verdict == "auto"
            and self._model > 0
            and match.region != CITY
            and unit.get(Claim, match.event_id) is None
            and is_taking(self.paths.main_of(unit, other))
        )

    def _settle(self, unit: Unit, match_id: str) -> None:
        """End a match nobody can say yes to any more, or bring back one somebody can."""
        match = unit.get(Match, match_id)
        if match is None:
            return
        can = self._can_merge(unit, match)
        if match.state is MatchState.OPEN and not can:
            mark = Mark(by=SERVICE, at=self.steps.clock.now(), reason="")
            gone = rules.settle(match, MatchState.GONE, mark)
            unit.put(gone, by=None, action="match.gone")
        elif match.state is MatchState.GONE and can:
            unit.put(rules.bring_back(match), by=None, action="match.back")

    def _can_merge(self, view: View, match: Match) -> bool:
        """Tell whether either report may still be merged with the other's event."""
        one, other = view.get(Event, match.event_id), view.get(Event, match.other_id)
        if one is None or other is None:
            return False
        pairs = ((one, other), (other, one))
        return any(mergeable(a) and self.paths.takes(view, b) for a, b in pairs)


class _Watched:
    """Tell in the log of a thing that cannot be taken in, and leave it; the others go on."""

    def __init__(self, item_id: str) -> None:
        self._item_id = item_id

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, fault: object, _trace: object) -> bool:
        """Pass over whatever is not the database's own trouble."""
        if kind is None or not issubclass(kind, Exception) or issubclass(kind, DBAPIError):
            return False
        _LOG.error("matching", item=self._item_id, fault=str(fault))
        return True


def _parted(dues: Sequence[_Due]) -> list[list[_Due]]:
    """Part reports so that few things are written of each part."""
    parts: list[list[_Due]] = []
    room = 0
    for due in dues:
        if not parts or room <= 0:
            parts.append([])
            room = _PER_UNIT
        parts[-1].append(due)
        room -= len(due.found) + len(due.stale)
    return parts


def _is_before(other: Event | None, event: Event) -> bool:
    return other is not None and _order(other) < _order(event)


def _order(event: Event) -> tuple[datetime, str]:
    return event.created_at, event.item_id


def _is_first(change: Logged) -> bool:
    """Tell whether a change is the coming in of its item."""
    return change.body is not None and json.loads(change.body)["version"] == 1


def _told(found: Found, *events: Event) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(kind=one.kind, words=one.said, shared=_as_written(one.shared, events))
        for one in found.evidence
    )


def _as_written(shared: Sequence[str], events: Sequence[Event]) -> tuple[str, ...]:
    """Give what two reports share as each of them wrote it: 三号线 of one, 3号线 of the other."""
    written: dict[str, None] = {}
    for event in events:
        for text in (event.title, event.text[:LONGEST], event.place):
            for start, end in spans(text, shared):
                written[text[start:end][:200]] = None
    return tuple(written)[:20] or tuple(one[:200] for one in shared)
