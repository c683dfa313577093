"""Serves the merge review with the pairs that came down the stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.actions.send import ask
from app.reach import Reach
from app.suggestions import Evidence, Suggestion, Verdict
from backend_client.contract.events import Reasoned
from backend_client.contract.item import Head
from backend_client.contract.matches import Match, MatchState

_REASON = "人工比对 compared by a person"


class MatchProvider:
    """Give the open matches, the most likely first; what is put off stays off on this desk."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._later: set[str] = set()
        reach.stores.matches.changed.connect(lambda _ids: reach.stores.suggestions.changed.emit())

    def pairs(self) -> Sequence[Suggestion]:
        """Give the pairs nobody has judged or put off."""
        waiting = [
            match
            for match in self._reach.stores.matches.all()
            if match.state is MatchState.OPEN and match.item_id not in self._later
        ]
        waiting.sort(key=lambda one: (-one.score, one.item_id))
        return [_suggestion(match) for match in waiting]

    def judge(
        self,
        pair: Suggestion,
        verdict: Verdict,
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Say that two are not the same, once; or look at them later."""
        match = self._match(pair)
        if match is None:
            done()
            return
        if verdict == "later":
            self._later.add(match.item_id)
            done()
            return
        client, body = self._reach.client, Reasoned(version=match.version, reason=_REASON)

        def said(head: Head) -> None:
            self._reach.waits.until("match", head, lambda _: done())

        ask(self._reach, lambda: client.casework.apart(match.item_id, body), said, failed)

    def _match(self, pair: Suggestion) -> Match | None:
        for match in self._reach.stores.matches.all():
            if match.state is MatchState.OPEN and _suggestion(match).key == pair.key:
                return match
        return None


def _suggestion(match: Match) -> Suggestion:
    return Suggestion(
        match.event_id,
        match.other_id,
        match.score,
        tuple(Evidence(one.kind, one.words, one.shared) for one in match.evidence),
    )
