"""Reports as they come: each joins an open event or opens one; what people decided is binding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from backend.analytics.text.clues import reasons, rows
from backend.analytics.text.index import Index
from backend.analytics.text.judge import Judge, evenly
from backend.analytics.text.message import Message
from backend.analytics.text.reading import Reading, Wording, cut, weigh
from backend_client.contract.base import Text

_FOUND: Final = 12
_EVENTS: Final = 12
_COMPARED: Final = 3  # members of one event a new report is compared with


_CONFIRMED: Final = Text(zh="人工已确认为同一事件", en="confirmed by a person")


class DecisionError(ValueError):
    """Two decisions of people contradict one another; the text says which."""


@dataclass(slots=True)
class Decisions:
    """Hold what people decided of pairs of reports: one event, or not the same."""

    same: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    apart: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def confirm(self, one: str, other: str) -> None:
        """Bind two reports to one event.

        Raises:
            DecisionError: they, or reports confirmed to be of their events, are not the same.
        """
        for mine in self.event(one):
            if both := self.apart[mine] & self.event(other):
                raise DecisionError(_against(mine, min(both)))
        self.same[one].add(other)
        self.same[other].add(one)

    def part(self, one: str, other: str) -> None:
        """Keep two reports in different events.

        Raises:
            DecisionError: they were confirmed to be one event.
        """
        if other in self.event(one):
            raise DecisionError(
                f"{one} 与 {other} 已确认为同一事件；请先撤销合并 / {one} and {other} are "
                "confirmed to be one event; undo the merge first"
            )
        self.apart[one].add(other)
        self.apart[other].add(one)

    def event(self, one: str) -> set[str]:
        """Give the reports confirmed to be of a report's event, itself among them."""
        found, left = {one}, [one]
        while left:
            for other in self.same.get(left.pop(), ()):
                if other not in found:
                    found.add(other)
                    left.append(other)
        return found


def _against(one: str, other: str) -> str:
    return (
        f"{one} 与 {other} 已标为“不是同一件”；请先撤销该标记 / {one} and {other} are marked "
        "not the same; take the mark back first"
    )


@dataclass(frozen=True, slots=True)
class Step:
    """Say where a report went and why; `asks` asks a person to look.

    `event` is the event it joined or opened; `nearest` the report it was likest to, with its
    score, whether it joined that one's event or not.
    """

    event: str
    joined: bool
    score: float
    asks: bool
    nearest: str | None
    reasons: tuple[Text, ...]


class Stream:
    """Merge reports in the order of time; an event is named by its first report."""

    def __init__(
        self, judge: Judge, wording: Wording | None = None, decisions: Decisions | None = None
    ) -> None:
        """Begin without open events; the judge's threshold is where a report joins."""
        self.judge = judge
        self.decisions = decisions or Decisions()
        self._wording = wording or Wording()
        self._index = Index()
        self._readings: list[Reading] = []
        self._slots: dict[str, int] = {}
        self._event: list[int] = []
        self._members: dict[int, list[int]] = {}
        self._now = float("-inf")

    def take(self, message: Message) -> Step:
        """Take the next report.

        Raises:
            ValueError: an earlier report came later, or the same came twice.
        """
        self._check(message)
        taken = cut(message)
        self._wording.see(taken.marks())
        reading = weigh(taken, self._wording)
        barred = self._barred(message.id)
        found = self._index.like(reading, _FOUND)
        scored = self._score(reading, found, barred)
        bound = self._bound(message.id, barred)
        event, best = self._choose(scored, bound)
        step = self._put(reading, event)
        return self._told(step, reading, scored, best, is_bound=bound is not None)

    def close(self, event: str) -> None:
        """Let no more reports join an event."""
        for slot in self._members[self._event[self._slots[event]]]:
            self._index.forget(slot)

    def _check(self, message: Message) -> None:
        if message.time < self._now:
            raise ValueError(
                f"{message.id} 早于已处理的报告；请按时间顺序给出 / {message.id} is earlier than "
                "what was taken; give reports in the order of time"
            )
        if message.id in self._slots:
            raise ValueError(f"{message.id} 重复 / {message.id} came twice")
        self._now = message.time

    def _barred(self, id_: str) -> set[int]:
        own = self.decisions.event(id_)
        apart = {other for mine in own for other in self.decisions.apart.get(mine, ())}
        return {self._event[self._slots[other]] for other in apart if other in self._slots}

    def _bound(self, id_: str, barred: set[int]) -> int | None:
        own = self.decisions.event(id_) - {id_}
        events = {self._event[self._slots[other]] for other in own if other in self._slots}
        events -= barred
        if not events:
            return None
        first = min(events)
        for other in events - {first}:
            self._join(first, other)
        return first

    def _join(self, first: int, other: int) -> None:
        moved = self._members.pop(other)
        for slot in moved:
            self._event[slot] = first
        self._members[first] = sorted(self._members[first] + moved)

    def _score(
        self, reading: Reading, found: list[int], barred: set[int]
    ) -> dict[int, tuple[float, int]]:
        """Score the events of the readings found: the joined likelihood, and the likest member."""
        tried: dict[int, list[int]] = {}
        for slot in found:
            event = self._event[slot]
            if event not in barred and (event in tried or len(tried) < _EVENTS):
                tried.setdefault(event, []).append(slot)
        pairs = []
        for event, slots in tried.items():
            more = [slot for slot in reversed(self._members[event]) if slot not in slots]
            pairs += [(event, slot) for slot in [*slots, *more][:_COMPARED]]
        likely = self.judge.scores(rows([(reading, self._readings[slot]) for _, slot in pairs]))
        every: dict[int, list[tuple[float, int]]] = {}
        for (event, slot), score in zip(pairs, likely.tolist(), strict=True):
            every.setdefault(event, []).append((score, slot))
        return {event: _together(scores) for event, scores in every.items()}

    def _choose(
        self, scored: dict[int, tuple[float, int]], bound: int | None
    ) -> tuple[int | None, int | None]:
        best = max(scored, key=lambda event: scored[event][0], default=None)
        if bound is not None:
            return bound, bound
        joins = best is not None and scored[best][0] >= self.judge.threshold
        return (best if joins else None), best

    def _put(self, reading: Reading, event: int | None) -> int:
        slot = self._index.put(reading)
        self._readings.append(reading)
        self._slots[reading.cut.message.id] = slot
        self._event.append(slot if event is None else event)
        self._members.setdefault(self._event[slot], []).append(slot)
        return slot

    def _told(
        self,
        slot: int,
        reading: Reading,
        scored: dict[int, tuple[float, int]],
        best: int | None,
        *,
        is_bound: bool,
    ) -> Step:
        event = self._event[slot]
        name = self._readings[event].cut.message.id
        if is_bound:
            return Step(name, True, 1.0, False, name, (_CONFIRMED,))
        if best is None:
            return Step(name, False, 0.0, False, None, ())
        score, likest = scored[best]
        other = self._readings[likest]
        asks = self.judge.asks(score)
        said = tuple(reasons(reading, other)) if event != slot or asks else ()
        return Step(name, event != slot, score, asks, other.cut.message.id, said)


def _together(scores: list[tuple[float, int]]) -> tuple[float, int]:
    """Join the scores of an event's members, the likest counting for half; and name it."""
    score, likest = max(scores)
    rest = [(one, 1.0 / len(scores)) for one, _ in scores]
    return evenly([(score, 1.0), *rest]), likest


def events(stream: Stream, messages: Iterable[Message]) -> dict[str, str]:
    """Give the event of each report, the reports taken in the order of time and then of id."""
    ordered = sorted(messages, key=lambda one: (one.time, one.id))
    return {one.id: stream.take(one).event for one in ordered}
