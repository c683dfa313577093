"""The open events a service holds: what a new report is like, how surely, and why.

One report takes some kilobytes; it is compared with the few that a search finds. What people
decided binds, whatever the score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from backend.analytics.text.clues import metres, rows
from backend.analytics.text.decisions import Decisions, Pairs, link, reached, unlink
from backend.analytics.text.evidence import CONFIRMED, Evidence, reasons
from backend.analytics.text.index import Index
from backend.analytics.text.judge import Judge, by_hand, evenly
from backend.analytics.text.message import Message
from backend.analytics.text.policy import Policy
from backend.analytics.text.reading import Cut, Reading, Wording, cut, weigh
from backend.analytics.text.shelf import pack, unpack

Verdict = Literal["auto", "ask", "none"]

_DAY_S: Final = 86_400.0
_FOUND: Final = 12
_EVENTS: Final = 12
_COMPARED: Final = 3  # members of one event a new report is compared with
_TOLD: Final = 5  # matches that are given

_Scored = dict[str, tuple[float, Reading]]


@dataclass(frozen=True, slots=True)
class Match:
    """Say how likely a report is of an event and why.

    `other` is the report of it that is likest, `event` the first of it; `closed` says that the
    event was closed.
    """

    other: str
    event: str
    score: float
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    closed: bool = False


class Matcher:
    """Hold open events and say which a report is of."""

    def __init__(
        self,
        judge: Judge | None = None,
        policy: Policy | None = None,
        decisions: Decisions | None = None,
        wording: Wording | None = None,
    ) -> None:
        """Begin without reports.

        Args:
            judge: the learned one, or None for the rules of a new city.
            policy: what the city takes for one event.
            decisions: what people decided; the matcher writes in it what is decided here.
            wording: what words other reports used, as the judge learned from them.
        """
        self.judge = judge or by_hand()
        self.policy = policy or Policy()
        self.decisions = decisions or Decisions()
        self._wording = wording or Wording()
        self._index = Index()
        self._packed: list[bytes] = []
        self._free: list[int] = []
        self._slots: dict[str, int] = {}
        self._ids: list[str] = []
        self._closed: set[str] = set()
        self._joined: Pairs = Decisions().same
        self._last: Cut | None = None

    def __len__(self) -> int:
        """Give how many reports are held."""
        return len(self._slots)

    def __contains__(self, id_: object) -> bool:
        """Tell whether a report is held."""
        return id_ in self._slots

    def add(self, report: Message, of: str | None = None) -> None:
        """Hold a report, as one more of the event of another or as the first of its own.

        Raises:
            ValueError: it is held already, or the other is not.
        """
        if report.id in self._slots:
            raise ValueError(f"{report.id} 重复 / {report.id} came twice")
        if of is not None:
            self._slot(of)
        taken = self._cut(report)
        self._wording.see(taken.marks())
        packed = pack(weigh(taken, self._wording))
        self._put(packed, unpack(packed))
        if of is not None:
            link(self._joined, report.id, of)

    def record(self, id_: str) -> bytes:
        """Give a held report as read, some 2 KB to keep beside it for `restore` after a restart.

        Raises:
            ValueError: it is not held.
        """
        return self._packed[self._slot(id_)]

    def restore(self, record: bytes, of: str | None = None) -> str:
        """Hold a report again by its record, as `add` would but without reading it; give its id.

        Raises:
            ValueError: it is held already, or the other is not, or the record is none of this
                version of the program: add the report itself then.
        """
        reading = unpack(record)
        id_ = reading.cut.message.id
        if id_ in self._slots:
            raise ValueError(f"{id_} 重复 / {id_} came twice")
        if of is not None:
            self._slot(of)
        self._wording.see(reading.cut.marks())
        self._put(record, reading)
        if of is not None:
            link(self._joined, id_, of)
        return id_

    def remove(self, id_: str) -> None:
        """Hold a report no more: all is as if it had not come, but what people decided of it stays.

        Raises:
            ValueError: it is not held.
        """
        slot = self._slot(id_)
        reading = unpack(self._packed[slot])
        self._leave(id_)
        if not self._sleeps(id_):
            self._index.forget(slot, reading)
        self._closed.discard(id_)
        self._wording.forget(reading.cut.marks())
        del self._slots[id_]
        self._packed[slot], self._ids[slot] = b"", ""
        self._free.append(slot)

    def renew(self, report: Message) -> None:
        """Read a held report anew, for it was corrected; what it was joined to it stays joined to.

        Raises:
            ValueError: it is not held.
        """
        joined, slept = set(self._joined.get(report.id, ())), self._sleeps(report.id)
        was_closed = report.id in self._closed
        self.remove(report.id)
        self.add(report)
        for other in joined:
            link(self._joined, report.id, other)
        if slept:
            slot = self._slots[report.id]
            self._index.forget(slot, unpack(self._packed[slot]))
        if was_closed:
            self._closed.add(report.id)

    def forget(self, id_: str) -> None:
        """Hold a report no more, nor what people decided of it.

        What it joined by a word of people falls apart with it: say anew what stays joined.

        Raises:
            ValueError: it is not held.
        """
        self.remove(id_)
        for pairs in (self.decisions.same, self.decisions.apart):
            for other in list(pairs.get(id_, ())):
                unlink(pairs, id_, other)

    def is_closed(self, id_: str) -> bool:
        """Tell whether the event of a report was closed."""
        return id_ in self._closed

    def close(self, id_: str) -> None:
        """Close the event of a report; by the policy its like is a new one from here on."""
        for one in self.event(id_) - self._closed:
            if self.policy.new_after_closing:
                slot = self._slots[one]
                self._index.forget(slot, unpack(self._packed[slot]))
            self._closed.add(one)

    def reopen(self, id_: str) -> None:
        """Open the event of a report again."""
        for one in self.event(id_) & self._closed:
            if self.policy.new_after_closing:
                slot = self._slots[one]
                self._index.put(slot, unpack(self._packed[slot]))
            self._closed.discard(one)

    def confirm(self, one: str, other: str) -> None:
        """Bind two reports to one event by a person's word.

        Raises:
            DecisionError: people said otherwise before.
        """
        self.decisions.confirm(one, other)

    def part(self, one: str, other: str) -> None:
        """Keep two reports apart by a person's word; the first leaves an event they joined.

        Raises:
            DecisionError: people said otherwise before.
        """
        self.decisions.part(one, other)
        if other in self.event(one):
            for mine in self.decisions.event(one):
                self._leave(mine)

    def undo(self, one: str, other: str) -> None:
        """Take back what was decided of two reports."""
        self.decisions.undo(one, other)

    def event(self, id_: str) -> set[str]:
        """Give the reports held of a report's event, itself among them."""
        return reached(id_, self._joined, self.decisions.same) & self._slots.keys()

    def first(self, event: Iterable[str]) -> str:
        """Give the earliest of reports that are held."""
        return min(event, key=lambda one: (self._index.time(self._slots[one]), one))

    def look(self, report: Message, most: int = _TOLD) -> tuple[Match, ...]:
        """Give the events a report may be of, the likest first; what people said comes first.

        The report is held or not. Each event is given once, by its likest report.
        """
        reading = self._reading(report)
        own = self.event(report.id)
        bound = own - {report.id} if report.id not in self._slots else set()
        apart = self._apart(report.id)
        scored = self._score(reading, apart | own)
        best = sorted(scored, key=lambda one: (-scored[one][0], one))[:most]
        found = [self._match(reading, one, *scored[one]) for one in best]
        if bound:
            first = self.first(bound)
            found.insert(0, Match(first, first, 1.0, "auto", (CONFIRMED,), first in self._closed))
        return tuple(found[:most])

    def verdict(self, score: float) -> Verdict:
        """Say what a score asks for: what joins by itself has policy and judge to pass."""
        if score >= max(self.policy.auto, self.judge.sure):
            return "auto"
        return "ask" if score >= self.policy.ask else "none"

    def _slot(self, id_: str) -> int:
        if id_ not in self._slots:
            raise ValueError(f"没有报告 {id_} / there is no report {id_}")
        return self._slots[id_]

    def _put(self, packed: bytes, reading: Reading) -> None:
        id_ = reading.cut.message.id
        if self._free:
            slot = self._free.pop()
            self._packed[slot], self._ids[slot] = packed, id_
        else:
            slot = len(self._packed)
            self._packed.append(packed)
            self._ids.append(id_)
        self._slots[id_] = slot
        self._index.put(slot, reading)

    def _sleeps(self, id_: str) -> bool:
        return id_ in self._closed and self.policy.new_after_closing

    def _leave(self, id_: str) -> None:
        """Take a report out of what was joined; the others stay joined."""
        others = sorted(self._joined.get(id_, ()))
        for other in others:
            unlink(self._joined, id_, other)
        for one, other in pairwise(others):
            link(self._joined, one, other)

    def _apart(self, id_: str) -> set[str]:
        held = self.decisions.kept_apart(id_) & self._slots.keys()
        return {other for one in held for other in self.event(one)}

    def _cut(self, report: Message) -> Cut:
        """Cut a report up, once for looking and adding."""
        if self._last is None or self._last.message is not report:
            self._last = cut(report)
        return self._last

    def _reading(self, report: Message) -> Reading:
        if report.id in self._slots:
            return unpack(self._packed[self._slots[report.id]])
        taken = self._cut(report)
        marks = taken.marks()
        self._wording.see(marks)
        reading = weigh(taken, self._wording)
        self._wording.forget(marks)
        return reading

    def _score(self, reading: Reading, passed: set[str]) -> _Scored:
        """Score the events of the reports found: the joined likelihood, and the likest member."""
        within = self.policy.days_apart * _DAY_S
        slots = self._index.like(reading, _FOUND + len(passed), within)
        tried: dict[str, list[int]] = {}
        of: dict[str, str] = {}
        for slot in slots:
            id_ = self._ids[slot]
            if id_ in passed or (len(tried) == _EVENTS and id_ not in of):
                continue
            if id_ not in of:
                members = self.event(id_)
                of |= dict.fromkeys(members, self.first(members))
            tried.setdefault(of[id_], []).append(slot)
        pairs = []
        for event, found in tried.items():
            more = self._latest(event, found) if len(found) < _COMPARED else []
            for slot in [*found, *more][:_COMPARED]:
                other = unpack(self._packed[slot])
                if (metres(reading, other) or 0.0) <= self.policy.metres_apart:
                    pairs.append((event, other))
        likely = self.judge.scores(rows([(reading, other) for _, other in pairs])).tolist()
        every: dict[str, list[tuple[float, Reading]]] = {}
        for (event, other), score in zip(pairs, likely, strict=True):
            every.setdefault(event, []).append((score, other))
        return {event: _together(scores) for event, scores in every.items()}

    def _latest(self, event: str, found: list[int]) -> list[int]:
        slots = {self._slots[one] for one in self.event(event)} - set(found)
        return sorted(slots, key=lambda slot: (-self._index.time(slot), self._ids[slot]))

    def _match(self, reading: Reading, event: str, score: float, other: Reading) -> Match:
        id_, why = other.cut.message.id, reasons(reading, other)
        return Match(id_, event, score, self.verdict(score), why, id_ in self._closed)


def _together(scores: list[tuple[float, Reading]]) -> tuple[float, Reading]:
    """Join the scores of an event's members, the likest counting for half; and name it."""
    score, likest = max(scores, key=lambda one: (one[0], one[1].cut.message.id))
    rest = [(one, 1.0 / len(scores)) for one, _ in scores]
    return evenly([(score, 1.0), *rest]), likest
