"""The trail: steps taken on events as columns in memory, read from the audit as it grows.

What an event is now does not say how it came there: one that was answered, found wanting and
taken in hand again forgets both. Rates are counted from what happened, and that stands in the
audit trail, which nobody can change; no second book of it is kept.
"""

from __future__ import annotations

import json
import threading
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.domain.indicators import DAY_S
from backend.services.ledger import Ledger
from backend.storage import audit
from backend.storage.unit import View
from backend_client.contract.clock import Clock
from backend_client.contract.events import Satisfaction
from backend_client.contract.service import AuditRow

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

KEPT: Final = timedelta(days=93)
"""As far back as anybody may look."""
_READ: Final = 5_000
SATISFACTIONS: Final = tuple(Satisfaction)


class Step(IntEnum):
    """What was done with an event."""

    ACCEPT = 0
    ANSWER = 1  # a merged report was answered with its main event
    CALL_BACK = 2
    CLOSE = 3
    MERGE = 4
    REDO = 5
    REFUSE = 6
    SPLIT = 7
    TRANSFER = 8
    UNDO = 9
    RETURN = 10


_STEPS: Final[Mapping[str, Step]] = {name: Step(at) for at, name in enumerate(audit.COUNTED)}
_CLOSINGS: Final = frozenset({Step.CLOSE, Step.ANSWER})
"""What an undo takes back, when it follows next on the same event."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Steps in the order they were taken; those that were taken back are left out.

    Args:
        step: a `Step`.
        at_s: seconds since 1970 UTC.
        number: of the event, as the ledger numbers them.
        value: of a call back, its place in `SATISFACTIONS`; of a first word, by when it was due.

    Shape: each (n,).
    """

    step: I64
    at_s: F64
    number: I64
    value: F64

    def of(self, *steps: Step) -> Course:
        """Give the steps of some kinds only."""
        return self.where(np.isin(self.step, steps))

    def since(self, at_s: float) -> Course:
        """Give the steps taken since an instant."""
        return self.where(self.at_s >= at_s)

    def where(self, mask: Bools) -> Course:
        """Give some of the steps."""
        return Course(self.step[mask], self.at_s[mask], self.number[mask], self.value[mask])

    def last(self) -> Course:
        """Give the last of the steps of each event."""
        _numbers, back = np.unique(self.number[::-1], return_index=True)
        keep = np.zeros(len(self.step), np.bool_)
        keep[len(self.step) - 1 - back] = True
        return self.where(keep)

    def first(self) -> Course:
        """Give the first of the steps of each event."""
        _numbers, at = np.unique(self.number, return_index=True)
        keep = np.zeros(len(self.step), np.bool_)
        keep[at] = True
        return self.where(keep)


class _Rows:
    """The steps packed, growing; `step` is -1 where a step was taken back."""

    def __init__(self) -> None:
        self._step, self._at_s = array("b"), array("d")
        self._number, self._value = array("q"), array("d")
        self._closings: dict[int, int] = {}

    def take(self, step: Step, at_s: float, number: int, value: float) -> None:
        """Take a step in, and take out what it takes back."""
        before = self._closings.pop(number, None)
        if step is Step.UNDO and before is not None:
            self._step[before] = -1
        if step in _CLOSINGS:
            self._closings[number] = len(self._step)
        self._step.append(step)
        self._at_s.append(at_s)
        self._number.append(number)
        self._value.append(value)

    def forget(self, before_s: float) -> None:
        """Forget what is older than anybody looks back on, a day's steps at once at least."""
        if not self._at_s or self._at_s[0] >= before_s - DAY_S:
            return
        first = int(np.searchsorted(np.array(self._at_s), before_s))
        for column in (self._step, self._at_s, self._number, self._value):
            del column[:first]
        rows = ((number, row - first) for number, row in self._closings.items())
        self._closings = {number: row for number, row in rows if row >= 0}

    def course(self) -> Course:
        """Give what stands."""
        every = Course(
            np.array(self._step, np.int64),
            np.array(self._at_s, np.float64),
            np.array(self._number, np.int64),
            np.array(self._value, np.float64),
        )
        return every.where(every.step >= 0)


class Trail:
    """Read what was done with events since the last look; the first look reads three months."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._lock = threading.Lock()
        self._rows = _Rows()
        self._seq = 0
        self._course: Course | None = None

    def course(self, view: View) -> Course:
        """Give the steps up to a view's snapshot or later."""
        with self._lock:
            since = self._clock.now() - KEPT
            self._rows.forget(since.timestamp())
            while True:
                read = audit.counted(view.connection, after=self._seq, since=since, limit=_READ)
                if read:
                    self._take(read)
                if len(read) < _READ:
                    break
            if self._course is None:
                self._course = self._rows.course()
            return self._course

    def _take(self, read: tuple[AuditRow, ...]) -> None:
        numbers = self._ledger.number([row.target.partition("/")[2] for row in read])
        for row, number in zip(read, numbers, strict=True):
            step = _STEPS[row.action]
            value = _VALUES[step](json.loads(row.detail)) if step in _VALUES else np.nan
            self._rows.take(step, row.at.timestamp(), number, value)
        self._seq = read[-1].seq
        self._course = None


def _said(detail: Mapping[str, object]) -> float:
    return float(SATISFACTIONS.index(Satisfaction(str(detail["satisfaction"]))))


def _due(detail: Mapping[str, object]) -> float:
    told = detail.get("answer_by")
    return datetime.fromisoformat(str(told)).timestamp() if told else float("nan")


_VALUES: Final[Mapping[Step, Callable[[Mapping[str, object]], float]]] = {
    Step.CALL_BACK: _said,
    Step.ACCEPT: _due,
    Step.REFUSE: _due,
}
