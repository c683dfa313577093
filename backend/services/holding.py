"""What the matcher of the service holds of the city: open events, their joining, what binds."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import structlog

from backend.analytics.text.decisions import DecisionError
from backend.analytics.text.matcher import Matcher
from backend.analytics.text.message import Message
from backend.services.reports import message
from backend.storage.records import Record, Records
from backend_client.contract.clock import Clock
from backend_client.contract.events import Event, EventState
from backend_client.contract.matches import Match, MatchState

CLOSED_MOST: Final = 20_000
"""Closed events held where the policy lets a report join one; the oldest go first."""
_KEPT: Final[Mapping[str, Record]] = {}
_LOG = structlog.get_logger("service")


@dataclass(slots=True)
class Holding:
    """Hold what a new report may be of. One thread uses it.

    Args:
        matcher: what compares; begins empty.
        opens: opens what it read before the service went down, None to keep nothing; called with
            the first turn, for it reads the dictionary.
        clock: the one clock.
    """

    matcher: Matcher
    opens: Callable[[], Records] | None
    clock: Clock
    _records: Records | None = None
    _main: dict[str, str] = field(default_factory=dict)
    _mark: dict[str, bytes] = field(default_factory=dict)
    _closed: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _fresh: dict[str, Record] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)

    def __contains__(self, event_id: object) -> bool:
        """Tell whether an event is held."""
        return event_id in self.matcher

    @property
    def joins_closed(self) -> bool:
        """Tell whether the city's policy lets a new report join a closed event."""
        return not self.matcher.policy.new_after_closing

    def clear(self) -> None:
        """Hold nothing, as in the beginning; the records stay."""
        self.matcher = Matcher(self.matcher.judge, self.matcher.policy)
        for one in (self._main, self._mark, self._closed, self._fresh, self._gone):
            one.clear()

    def kept(self, event_ids: Iterable[str]) -> Mapping[str, Record]:
        """Give what was read of events before the service went down."""
        records = self.records()
        return _KEPT if records is None else records.get(list(event_ids))

    def records(self) -> Records | None:
        """Give the file of what was read, opened when it is first asked for."""
        if self._records is None and self.opens is not None:
            self._records = self.opens()
        return self._records

    def hold(self, event: Event, kept: Mapping[str, Record] = _KEPT) -> bool:
        """Hold an event as it is now, joined to the one it is worked on with, or let it go.

        Returns: whether it was held, and something the matcher compares was corrected.
        """
        id_ = event.item_id
        if not self._is_wanted(event):
            self.let_go(id_)
            return False
        report = message(event)
        mark = _mark_of(report)
        was = self._mark.get(id_)
        if id_ not in self.matcher:
            self._take(report, mark, kept.get(id_))
        elif was != mark:
            self.matcher.renew(report)
            self._note(id_, mark)
        self._mark[id_] = mark
        self._follow(event)
        if event.is_open:
            self._closed.pop(id_, None)
            self.matcher.reopen(id_)
        else:
            self._close(id_)
        return was is not None and was != mark

    def let_go(self, event_id: str) -> None:
        """Hold an event no more; what joined by it is joined to the others again."""
        self._main.pop(event_id, None)
        self._mark.pop(event_id, None)
        self._closed.pop(event_id, None)
        if event_id not in self.matcher:
            return
        self.matcher.forget(event_id)
        self._fresh.pop(event_id, None)
        self._gone.add(event_id)

    def bind(self, match: Match) -> None:
        """Bind the matcher by what was said of a pair, where both are held."""
        pair = match.event_id, match.other_id
        if match.state is not MatchState.APART or not all(one in self.matcher for one in pair):
            return
        try:
            self.matcher.undo(*pair)
            self.matcher.part(*pair)
        except DecisionError as fault:
            _LOG.warning("matching", fault=str(fault))

    def join_all(self) -> None:
        """Join every event held to the one it is worked on with: both are held by now."""
        for event_id, main_id in self._main.items():
            self._relink(event_id, None, main_id)

    def join_with(self, main_id: str) -> None:
        """Join with an event that is held again all that is worked on with it."""
        for event_id, its_main in self._main.items():
            if its_main == main_id:
                self._relink(event_id, None, main_id)

    def keep(self) -> None:
        """Write down what was read since the last call, to be there after a restart."""
        if self._records is not None and (self._fresh or self._gone):
            self._records.put(self._fresh, self._gone)
            self._fresh, self._gone = {}, set()

    def close(self) -> None:
        """Close the file of what was read; the service goes down."""
        if self._records is not None:
            self._records.close()
            self._records = None

    def trim(self) -> None:
        """Drop the records of what is not held: the service was down when it left."""
        if self._records is not None:
            self._records.only(self._mark)

    def _is_wanted(self, event: Event) -> bool:
        if event.is_open:
            return True
        if event.state is not EventState.CLOSED or not self.joins_closed:
            return False
        days = min(self.matcher.policy.days_apart, 3650.0)
        return event.reported_at >= self.clock.now() - timedelta(days=days)

    def _take(self, report: Message, mark: bytes, kept: Record | None) -> None:
        self._gone.discard(report.id)
        if kept is not None and kept.mark == mark:
            try:
                self.matcher.restore(kept.body)
            except ValueError:  # damaged: the report itself is at hand
                pass
            else:
                return
        self.matcher.add(report)
        self._note(report.id, mark)

    def _note(self, event_id: str, mark: bytes) -> None:
        if self.opens is not None:
            self._fresh[event_id] = Record(mark, self.matcher.record(event_id))

    def _close(self, event_id: str) -> None:
        self.matcher.close(event_id)
        self._closed[event_id] = None
        while len(self._closed) > CLOSED_MOST:
            self.let_go(next(iter(self._closed)))

    def _follow(self, event: Event) -> None:
        was, now = self._main.get(event.item_id), event.main_id
        if was == now:
            return
        if now is None:
            self._main.pop(event.item_id, None)
        else:
            self._main[event.item_id] = now
        self._relink(event.item_id, was, now)

    def _relink(self, event_id: str, was: str | None, now: str | None) -> None:
        try:
            if was is not None and was in self.matcher:
                self.matcher.undo(event_id, was)
                self.matcher.part(event_id, was)
            if now is not None and now in self.matcher:
                self.matcher.undo(event_id, now)  # who merges has thought better of it
                self.matcher.confirm(event_id, now)
        except DecisionError as fault:
            _LOG.warning("matching", fault=str(fault))


def _mark_of(report: Message) -> bytes:
    """Tell one writing of a report from another; what it is known by is no part of it."""
    return hashlib.blake2b(repr(replace(report, user="")).encode(), digest_size=16).digest()
