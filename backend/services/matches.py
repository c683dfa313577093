"""Matches in people's hands: same or apart, and what merging or splitting by hand says of them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain import matches as rules
from backend.domain.event_paths import mergeable
from backend.services.claims import must_be_free
from backend.services.event_paths import EventPaths
from backend.services.steps import Steps
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.events import Event, Reasoned
from backend_client.contract.item import Head
from backend_client.contract.matches import Match, MatchState


@dataclass(frozen=True, slots=True)
class Matches:
    """What people do with matches; a merge or a split is the event's own step, done with it."""

    steps: Steps
    paths: EventPaths

    def same(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Say that two reports are one event: the later is merged with the earlier."""
        with self.steps.database.write() as unit:
            match = self._match(unit, person, item_id, body.version)
            event, other = (unit.load(Event, one) for one in (match.event_id, match.other_id))
            if not mergeable(event) and mergeable(other):  # the earlier one is not at work yet
                event, other = other, event
            must_be_free(unit, person, event.item_id)
            self.steps.policy.check_item(person, "event.merge", self.paths.main_of(unit, other))
            self.paths.link(unit, person, event, other, {"reason": body.reason})
            return self._judge(unit, person, match, MatchState.SAME, body.reason)

    def apart(self, person: Person, item_id: str, body: Reasoned) -> Head:
        """Say that two reports are not the same; it binds, whatever a later version thinks."""
        with self.steps.database.write() as unit:
            match = self._match(unit, person, item_id, body.version)
            return self._judge(unit, person, match, MatchState.APART, body.reason)

    def _match(self, unit: Unit, person: Person, item_id: str, version: int) -> Match:
        match = unit.load(Match, item_id)
        self.steps.policy.check_item(person, "event.merge", match)
        return unit.load(Match, item_id, version=version)

    def _judge(
        self, unit: Unit, person: Person, match: Match, state: MatchState, reason: str
    ) -> Head:
        judged = rules.judge(match, state, self.steps.mark(person, reason))
        action = f"match.{state.value}"
        self.paths.judged(unit, match, state)
        return unit.put(judged, by=person, action=action, detail={"reason": reason})
