"""Matches in people's hands: not the same. Yes is the event's own merge, which says so of both.

What nobody needs any more is dropped after some days; what was decided stays as a lesson.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from backend.domain import matches as rules
from backend.services import decided
from backend.services.event_paths import EventPaths
from backend.services.model_kinds import MERGE
from backend.services.steps import Steps
from backend.storage import lessons
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.events import Event, Reasoned
from backend_client.contract.item import Head
from backend_client.contract.matches import Match, MatchState

DECIDED_KEPT: Final = timedelta(days=7)
GONE_KEPT: Final = timedelta(days=1)
"""How long a match stays once both its events are over, or it is no longer to be judged."""
_PER_TURN: Final = 200
_STATES: Final = tuple(one.value for one in MatchState if one is not MatchState.OPEN)


@dataclass(slots=True)
class Matches:
    """What people do with matches."""

    steps: Steps
    paths: EventPaths
    _after: str = field(default="")

    def apart(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Say that two reports are not the same; it binds, whatever a later version thinks."""
        with self.steps.database.write() as unit:
            match = unit.load(Match, item_id)
            self.steps.policy.check_item(person, "event.merge", match)
            match = unit.load(Match, item_id, version=body.version)
            judged = rules.judge(match, MatchState.APART, self.steps.mark(person, body.reason))
            self.paths.judged(unit, match, MatchState.APART)
            detail = {"reason": body.reason}
            return unit.put(judged, by=person, action="match.apart", detail=detail)

    def tend(self) -> None:
        """Look through some more of the matches and drop those nobody needs any more."""
        now = self.steps.clock.now()
        with self.steps.database.read() as view:
            bodies = view.bodies("match", states=_STATES, after=self._after, limit=_PER_TURN)
        found = [Match.model_validate_json(body) for body in bodies]
        self._after = found[-1].item_id if len(found) == _PER_TURN else ""
        old = [one for one in found if one.updated_at < now - GONE_KEPT]
        if not old:
            return
        with self.steps.database.write() as unit:
            for one in old:
                self._drop(unit, one.item_id, now)

    def _drop(self, unit: Unit, item_id: str, now: datetime) -> None:
        match = unit.get(Match, item_id)
        if match is None or match.state is MatchState.OPEN:
            return
        events = [unit.get(Event, one) for one in (match.event_id, match.other_id)]
        if match.state is not MatchState.GONE:
            is_needed = any(one is not None and one.is_open for one in events)
            if is_needed or match.updated_at >= now - DECIDED_KEPT:
                return
            if (lesson := decided.pair(unit, match)) is not None:
                lessons.keep(unit.connection, MERGE.name, lesson)
        unit.remove(match, by=None, action="match.drop")
