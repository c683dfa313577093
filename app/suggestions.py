"""Pairs of reports that may be one matter: suggested by the service, judged by people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from PySide6.QtCore import QObject, Signal

from backend_client.contract.base import Text

Verdict = Literal["no", "later"]
"""What is said to a pair that is not merged: another matter, or not now."""
LATER_S: Final = 900.0
"""After so long a pair that was put off comes back."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason why two reports may be one matter.

    Args:
        kind: its sort, e.g. `place`.
        words: what speaks for it.
        shared: what stands in both texts, as it is written there.
    """

    kind: str
    words: Text
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two events that may be one: `event_id` would be worked on with `other_id`.

    Units: `score` from 0, certainly two matters, to 1, certainly one.
    """

    event_id: str
    other_id: str
    score: float
    evidence: tuple[Evidence, ...]
    match_id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Tell equal pairs by."""
        return self.event_id, self.other_id


@dataclass(frozen=True, slots=True)
class Answered:
    """How well pairs are proposed, by people's own words.

    Args:
        answers: the latest answers of people.
        right: of those, how many said yes.
        merged: what the service merged by itself.
        taken_back: of those, how many people parted.
    """

    answers: int = 0
    right: int = 0
    merged: int = 0
    taken_back: int = 0


class Provider(Protocol):
    """Whoever has the suggestions; says `changed` of `Suggestions` when there are others."""

    def pairs(self) -> Sequence[Suggestion]:
        """Give the pairs nobody has judged, the most likely first."""
        ...

    def put_off(self) -> Sequence[datetime]:
        """Give when each pair that was put off comes back, the first one first."""
        ...

    def answered(self) -> Answered:
        """Give how well pairs are proposed."""
        ...

    def judge(
        self,
        pair: Suggestion,
        verdict: Verdict,
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Take a person's word on a pair; sent once."""
        ...


class Suggestions(QObject):
    """The pairs waiting for a person's word; none while nobody provides them.

    Signals:
        changed: other pairs wait.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._provider: Provider | None = None

    def serve(self, provider: Provider | None) -> None:
        """Take the pairs from this provider from now on."""
        self._provider = provider
        self.changed.emit()

    def pairs(self) -> tuple[Suggestion, ...]:
        """Give the pairs that wait, the most likely first."""
        return tuple(self._provider.pairs()) if self._provider is not None else ()

    def put_off(self) -> tuple[datetime, ...]:
        """Give when each pair that was put off comes back, the first one first."""
        return tuple(self._provider.put_off()) if self._provider is not None else ()

    def answered(self) -> Answered:
        """Give how well pairs are proposed."""
        return self._provider.answered() if self._provider is not None else Answered()

    def judge(
        self,
        pair: Suggestion,
        verdict: Verdict,
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Hand a person's word on to the provider; without one there is no pair to judge."""
        if self._provider is not None:
            self._provider.judge(pair, verdict, done, failed)
