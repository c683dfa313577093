"""How long a unit has: the deadline at dispatch, and when the lamps of an order change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.domain.worktime import Span, WorkClock


class Stage(StrEnum):
    """What a span is given for."""

    ANSWER = "answer"  # the first word to the citizen
    SIGN = "sign"
    HANDLE = "handle"
    CALL_BACK = "call_back"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Args:
        levels: of the events it is for, 0 for those without one.
        matter: class code it is for, of any length; empty for every matter.
    """

    stage: Stage
    span: Span
    levels: frozenset[int]
    matter: str = ""

    def fits(self, stage: Stage, level: int, matter: str) -> bool:
        """Tell whether it speaks of this."""
        return self.stage is stage and level in self.levels and matter.startswith(self.matter)


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of its time has gone when an order's lamp changes and somebody is told."""

    yellow: float = 0.8
    supervised: float = 1.2
    led: float = 1.5


@dataclass(frozen=True, slots=True)
class Lamps:
    """When an order turns yellow and red, goes to a supervisor, goes to a leader."""

    yellow_at: datetime
    red_at: datetime
    supervised_at: datetime
    led_at: datetime


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The editable table and the clock it is read by."""

    rules: Sequence[Rule]
    shares: Shares
    clock: WorkClock

    def span(self, stage: Stage, level: int, matter: str = "") -> Span:
        """Give how long a stage may take; the rule for the narrowest matter counts.

        Raises:
            LookupError: no rule speaks of it; a table is read only when one does for each level.
        """
        fitting = [rule for rule in self.rules if rule.fits(stage, level, matter)]
        if not fitting:
            raise LookupError(stage)
        return max(fitting, key=lambda rule: len(rule.matter)).span

    def due(self, stage: Stage, level: int, matter: str, at: datetime) -> datetime:
        """Give the deadline of a stage that begins now."""
        return self.clock.after(at, self.span(stage, level, matter))

    def put_off(self, due: datetime, since: datetime, until: datetime) -> datetime:
        """Give a deadline after its clock stood still for a while, counted as `lamps` counts."""
        if due - since < timedelta(days=1) or not self.clock.worked(since, due):
            return due + (until - since)
        return self.clock.later(due, self.clock.worked(since, until))

    def lamps(self, since: datetime, due: datetime) -> Lamps:
        """Give when the lamps change.

        Time is counted as working time where any lies before the deadline and the deadline is a
        working day or more away, else by the clock: what is urgent does not wait for Monday.
        """
        work = self.clock.worked(since, due)
        by_clock = due - since < timedelta(days=1) or not work

        def at(share: float) -> datetime:
            if by_clock:
                return since + (due - since) * share
            return self.clock.later(since, work * share)

        return Lamps(at(self.shares.yellow), due, at(self.shares.supervised), at(self.shares.led))
