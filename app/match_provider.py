"""Serves the merge review with the pairs that came down the stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer

from app.actions.send import once
from app.reach import Reach
from app.suggestions import LATER_S, Answered, Evidence, Suggestion, Verdict
from backend_client.contract.events import Reasoned
from backend_client.contract.item import Head
from backend_client.contract.matches import Match, MatchState

ANSWERS: int = 200
"""Answers of people, the latest, that say how well it proposes."""
_REASON = "人工比对 compared by a person"
_ANSWERED = (MatchState.SAME, MatchState.APART)


class MatchProvider(QObject):
    """Give the open matches, the most likely first; what is put off comes back after a while."""

    def __init__(self, reach: Reach, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reach = reach
        self._open: dict[str, tuple[Match, Suggestion]] = {}
        self._said: dict[str, Match] = {}
        self._later: dict[str, datetime] = {}
        self._back = QTimer(self, singleShot=True)
        self._back.timeout.connect(self._come_back)
        reach.stores.matches.changed.connect(self._on_matches)
        self._on_matches(tuple(reach.stores.matches.ids()))

    def pairs(self) -> Sequence[Suggestion]:
        """Give the pairs nobody has judged or put off."""
        waiting = [pair for key, (_, pair) in self._open.items() if key not in self._later]
        waiting.sort(key=lambda one: (-one.score, one.match_id))
        return waiting

    def put_off(self) -> Sequence[datetime]:
        """Give when each pair that was put off comes back, the first one first."""
        return sorted(self._later.values())

    def answered(self) -> Answered:
        """Give how often people agreed of late, and what became of what was merged by itself."""
        said = [one for one in self._said.values() if not one.auto and one.model]
        said.sort(key=_said_at, reverse=True)
        auto = [one for one in self._said.values() if one.auto]
        return Answered(
            answers=len(said[:ANSWERS]),
            right=sum(one.state is MatchState.SAME for one in said[:ANSWERS]),
            merged=len(auto),
            taken_back=sum(one.state is MatchState.APART for one in auto),
        )

    def judge(
        self,
        pair: Suggestion,
        verdict: Verdict,
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Say that two are not the same, once; or look at them later."""
        if pair.match_id not in self._open:
            done()
            return
        match, _ = self._open[pair.match_id]
        if verdict == "later":
            self._later[match.item_id] = self._reach.clock.now() + timedelta(seconds=LATER_S)
            self._wait()
            done()
            return
        client, body = self._reach.client, Reasoned(version=match.version, reason=_REASON)

        def said(head: Head) -> None:
            self._reach.waits.until("match", head, lambda _: done())

        once(self._reach, lambda: client.casework.apart(match.item_id, body), said, failed)

    def _on_matches(self, ids: tuple[str, ...]) -> None:
        for item_id in ids:
            match = self._reach.stores.matches.get(item_id)
            self._open.pop(item_id, None)
            self._said.pop(item_id, None)
            if match is not None and match.state is MatchState.OPEN:
                self._open[item_id] = match, _suggestion(match)  # read many times, made once
            else:
                self._later.pop(item_id, None)
            if match is not None and match.state in _ANSWERED:
                self._said[item_id] = match
        self._reach.stores.suggestions.changed.emit()

    def _wait(self) -> None:
        """Wait for the first that comes back."""
        if self._later:
            left_s = (min(self._later.values()) - self._reach.clock.now()).total_seconds()
            self._back.start(max(0, round(left_s * 1000)) + 50)

    def _come_back(self) -> None:
        now = self._reach.clock.now()
        self._later = {key: at for key, at in self._later.items() if at > now}
        self._wait()
        self._reach.stores.suggestions.changed.emit()


def _said_at(match: Match) -> datetime:
    return match.decided.at if match.decided is not None else match.updated_at


def _suggestion(match: Match) -> Suggestion:
    return Suggestion(
        match.event_id,
        match.other_id,
        match.score,
        tuple(Evidence(one.kind, one.words, one.shared) for one in match.evidence),
        match.item_id,
    )
