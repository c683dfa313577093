"""Questions a panel may put to the service, and the newest answer to each, with its age."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from PySide6.QtCore import QObject, Signal

from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.indicators import Board, Entries, Parts, Past, Units, Which
from backend_client.contract.readings import Matters, Reading, Similar
from backend_client.contract.requests import Requests
from backend_client.contract.timeline import Timeline

T = TypeVar("T")
A_co = TypeVar("A_co", covariant=True)
MOST_KEPT: Final = 256
UNKNOWN_AGE_S: Final = float("inf")


class Cases(Protocol):
    """Whoever tells what is known of an event beside the event itself."""

    def steps(self, event_id: str) -> Timeline:
        """Read every step of an event."""
        ...

    def requests(self, region: str = "") -> Requests:
        """Read where requests come together, and what the day has brought."""
        ...

    def reading(self, event_id: str) -> Reading:
        """Read what is understood of its report."""
        ...

    def similar(self, event_id: str) -> Similar:
        """Read which finished events are like it."""
        ...

    def matters(self) -> Matters:
        """Read the tree of classes."""
        ...

    def attachment(self, attachment_id: str) -> bytes:
        """Fetch a file of a report."""
        ...


class Source(Protocol):
    """The part of the client this needs."""

    @property
    def casework(self) -> Cases:
        """Read what became of events."""
        ...

    def board(self, region: str = "") -> Board:
        """Read every indicator of a region."""
        ...

    def indicator_past(self, indicator: str, region: str = "", *, hours: int = 168) -> Past:
        """Read what an indicator was."""
        ...

    def indicator_parts(self, indicator: str, under: str = "") -> Parts:
        """Read which regions a number comes from."""
        ...

    def indicator_rows(self, indicator: str, region: str = "", *, limit: int = 100) -> Entries:
        """Read the things behind a number."""
        ...

    def units(self, *, days: int = 7) -> Units:
        """Read the units ranked."""
        ...

    def unit_rows(
        self, unit: str, which: Which = "due", *, days: int = 7, limit: int = 100
    ) -> Entries:
        """Read the orders behind a unit's numbers."""
        ...


class Question(Protocol[A_co]):
    """Something the service can be asked; equal questions share an answer."""

    def of(self, source: Source) -> A_co:
        """Ask it; made for a worker."""
        ...

    def __hash__(self) -> int:
        """Tell equal questions by."""
        ...


@dataclass(frozen=True, slots=True)
class NowOf:
    """Every indicator of a region, of one's own when it is empty."""

    region: str = ""

    def of(self, source: Source) -> Board:
        """Ask it."""
        return source.board(self.region)


@dataclass(frozen=True, slots=True)
class PastOf:
    """What an indicator was."""

    indicator: str
    region: str = ""
    hours: int = 168

    def of(self, source: Source) -> Past:
        """Ask it."""
        return source.indicator_past(self.indicator, self.region, hours=self.hours)


@dataclass(frozen=True, slots=True)
class PartsOf:
    """Which counties or townships a number comes from."""

    indicator: str
    under: str = ""

    def of(self, source: Source) -> Parts:
        """Ask it."""
        return source.indicator_parts(self.indicator, self.under)


@dataclass(frozen=True, slots=True)
class RowsOf:
    """The things behind a number."""

    indicator: str
    region: str = ""

    def of(self, source: Source) -> Entries:
        """Ask it."""
        return source.indicator_rows(self.indicator, self.region)


@dataclass(frozen=True, slots=True)
class UnitsOf:
    """The units ranked by their orders of so many days."""

    days: int = 7

    def of(self, source: Source) -> Units:
        """Ask it."""
        return source.units(days=self.days)


@dataclass(frozen=True, slots=True)
class UnitRowsOf:
    """The orders behind a unit's numbers."""

    unit: str
    which: Which = "due"
    days: int = 7

    def of(self, source: Source) -> Entries:
        """Ask it."""
        return source.unit_rows(self.unit, self.which, days=self.days)


@dataclass(frozen=True, slots=True)
class StepsOf:
    """What became of an event; another `seen`, the versions in sight, is asked for anew."""

    event_id: str
    seen: int

    def of(self, source: Source) -> Timeline:
        """Ask it."""
        return source.casework.steps(self.event_id)


@dataclass(frozen=True, slots=True)
class RequestsOf:
    """Hot spots and the day's numbers of a region, of one's own when it is empty."""

    region: str = ""

    def of(self, source: Source) -> Requests:
        """Ask it."""
        return source.casework.requests(self.region)


@dataclass(slots=True)
class _Kept(Generic[T]):
    answer: T | None = None
    at_s: float = float("-inf")
    asked_s: float = float("-inf")
    is_out: bool = False
    fault: Text | None = None
    trouble: Text | None = None


class Answers(QObject):
    """Hold the newest answer to each question; who wants one asks now and then.

    Signals:
        wanted(object): a question is to be put to the service.
        changed(object): an answer to a question came, or a refusal.
    """

    wanted = Signal(object)
    changed = Signal(object)

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._kept: OrderedDict[Any, _Kept[Any]] = OrderedDict()

    def ask(self, question: Question[T], every_s: float) -> T | None:
        """Give the answer there is; ask when the last was asked for longer ago than `every_s`."""
        kept = self._kept.setdefault(question, _Kept())
        self._kept.move_to_end(question)
        now_s = self._clock.steady_s()
        if not kept.is_out and now_s - kept.asked_s >= every_s:
            kept.is_out, kept.asked_s = True, now_s
            self.wanted.emit(question)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return cast("T | None", kept.answer)

    def get(self, question: Question[T]) -> T | None:
        """Give the answer there is."""
        kept = self._kept.get(question)
        return cast("T | None", kept.answer) if kept else None

    def is_out(self, question: Question[Any]) -> bool:
        """Tell whether the answer to a question is still to come."""
        kept = self._kept.get(question)
        return kept is not None and kept.is_out

    def fault(self, question: Question[Any]) -> Text | None:
        """Say why the service refused a question; None when it did not."""
        kept = self._kept.get(question)
        return kept.fault if kept else None

    def trouble(self, question: Question[Any]) -> Text | None:
        """Say what kept the service from answering when it was asked last; None when nothing."""
        kept = self._kept.get(question)
        return kept.trouble if kept else None

    def age_s(self, question: Question[Any]) -> float:
        """Give the seconds since the answer came; infinite when none did."""
        kept = self._kept.get(question)
        if kept is None or kept.answer is None:
            return UNKNOWN_AGE_S
        return self._clock.steady_s() - kept.at_s

    def put(self, question: Question[T], answer: T) -> None:
        """Take an answer in."""
        kept = self._kept.setdefault(question, _Kept())
        kept.answer, kept.at_s, kept.is_out = answer, self._clock.steady_s(), False
        kept.fault = kept.trouble = None
        self.changed.emit(question)

    def miss(
        self, question: Question[Any], fault: Text | None, trouble: Text | None = None
    ) -> None:
        """Note that no answer came; a refusal takes the old one away, nothing else does.

        Args:
            question: what was asked.
            fault: why this person is not answered.
            trouble: what kept the service from answering; asked again, it may.
        """
        kept = self._kept.setdefault(question, _Kept())
        kept.is_out = False
        is_news = fault is not None or trouble != kept.trouble
        kept.trouble = trouble
        if fault is not None:
            kept.answer, kept.fault = None, fault
        if is_news:
            self.changed.emit(question)

    def forget(self, question: Question[Any]) -> None:
        """Let go of an answer that takes much room."""
        self._kept.pop(question, None)

    def clear(self) -> None:
        """Forget everything: another person is here."""
        self._kept.clear()
        self.changed.emit(None)
