"""Rates of the loop: returned, extended, redone, content, closed first time, heard in time.

An order's rates are read off the orders sent in the period, an event's off the steps taken in it.
An event's step is the unit's whose order led then; so the same counts stand behind a unit's rank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.domain.indicators import Found
from backend.services.facts import F64, Facts, Wish, rows_of
from backend.services.ledger import EVENT_STATES, Sheet
from backend.services.trail import SATISFACTIONS, Course, Step
from backend_client.contract.events import EventState, Satisfaction

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_OFF_LINE: Final = [EVENT_STATES.index(one) for one in (EventState.REFUSED, EventState.WITHDRAWN)]
_REACHED: Final = [
    SATISFACTIONS.index(one) for one in (Satisfaction.SATISFIED, Satisfaction.UNSATISFIED)
]
_CONTENT: Final = SATISFACTIONS.index(Satisfaction.SATISFIED)
_DETOURS: Final = (Step.REDO, Step.TRANSFER, Step.RETURN)
"""What an event that was closed first time never went through."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Events judged by a step: which, when the step was taken, and what each adds.

    Shape: each (n,).
    """

    row: I64
    at_s: F64
    top: F64


Judge = Callable[[Facts], Judged]


def _judged(sheet: Sheet, facts: Facts, course: Course, top: F64) -> Judged:
    """Leave out the steps of events the ledger does not hold."""
    row = _rows_by_number(sheet, facts)[course.number]
    kept = row >= 0
    return Judged(row[kept], course.at_s[kept], top[kept])


def _rows_by_number(sheet: Sheet, facts: Facts) -> I64:
    """Give the row of each event's number, -1 where the sheet does not have it."""
    rows = np.full(max(facts.ledger.numbered(), 1), -1, np.int64)
    rows[sheet["number"].astype(np.int64)] = np.arange(len(sheet.ids))
    return rows


def _closings(facts: Facts) -> Course:
    """Give the last closing of each event closed in the period."""
    return facts.course().of(Step.CLOSE).since(facts.since_s).last()


def judge_first_time(facts: Facts) -> Judged:
    """Judge the events closed in the period: on one order, not returned, handed over or redone."""
    closings = _closings(facts)
    detours = np.unique(facts.course().of(*_DETOURS).number)
    straight = ~np.isin(closings.number, detours)
    return _judged(facts.events(), facts, closings, straight.astype(np.float64))


def judge_redone(facts: Facts) -> Judged:
    """Judge the events closed in the period: had any to be taken in hand once more."""
    sheet, closings = facts.events(), _closings(facts)
    told = _judged(sheet, facts, closings, np.ones(len(closings.number)))
    return Judged(told.row, told.at_s, (sheet["redone"][told.row] > 0).astype(np.float64))


def judge_satisfied(facts: Facts) -> Judged:
    """Judge the calls of the period that reached somebody: each answer counts for good."""
    calls = facts.course().of(Step.CALL_BACK).since(facts.since_s)
    calls = calls.where(np.isin(calls.value, _REACHED))
    return _judged(facts.events(), facts, calls, (calls.value == _CONTENT).astype(np.float64))


def on_events(facts: Facts, judged: Judged) -> Found:
    """Give what was judged as entries of events."""
    sheet, rows = facts.events(), judged.row
    ones = np.ones(len(rows))
    return Found(sheet.regions, sheet.pair[rows], judged.top, ones, rows, sheet.ids)


def on_orders(facts: Facts, judged: Judged) -> Found:
    """Give what was judged as entries of the orders that led then; without one it is nobody's."""
    sheet = facts.orders()
    rows = _leading(facts, judged)
    top, rows = judged.top[rows >= 0], rows[rows >= 0]
    return Found(sheet.regions, sheet.pair[rows], top, np.ones(len(rows)), rows, sheet.ids)


def _leading(facts: Facts, judged: Judged) -> I64:
    """Give the row of the last order that an event was handled by until a step, -1 for none."""
    orders, events = facts.orders(), facts.events()
    own = np.flatnonzero((orders["handles"] == 1) & (orders["event"] >= 0))
    key = _when(orders["event"][own], orders["created_s"][own])
    order = np.argsort(key, kind="stable")
    wanted = _when(events["number"][judged.row], judged.at_s)
    place = np.searchsorted(key[order], wanted, side="right") - 1
    if not len(own):
        return np.full(len(place), -1, np.int64)
    found = own[order[np.maximum(place, 0)]]
    is_its = (place >= 0) & (orders["event"][found] == events["number"][judged.row])
    return np.where(is_its, found, -1)


def _when(number: F64, at_s: F64) -> I64:
    """Sort events by number and each one's instants by time, in one number."""
    key: I64 = (number.astype(np.int64) << 33) + at_s.astype(np.int64)
    return key


def first_time(facts: Facts, _wish: Wish) -> Found:
    """Find the events closed in the period; above the line those closed first time."""
    return on_events(facts, judge_first_time(facts))


def redone(facts: Facts, _wish: Wish) -> Found:
    """Find the events closed in the period; above the line those redone."""
    return on_events(facts, judge_redone(facts))


def satisfied(facts: Facts, _wish: Wish) -> Found:
    """Find the calls of the period that reached somebody; above the line the content."""
    return on_events(facts, judge_satisfied(facts))


def hours(facts: Facts, _wish: Wish) -> Found:
    """Find the events closed in the period with the hours each took from report to closing."""
    sheet, closings = facts.events(), _closings(facts)
    told = _judged(sheet, facts, closings, np.ones(len(closings.number)))
    took = (told.at_s - sheet["reported_s"][told.row]) / 3_600.0
    return on_events(facts, Judged(told.row, told.at_s, took))


def closed_today(facts: Facts, _wish: Wish) -> Found:
    """Find the events closed since midnight whose closing stands."""
    steps = facts.course().of(Step.CLOSE, Step.ANSWER, Step.REDO)
    closings = steps.since(facts.midnight_s).last().of(Step.CLOSE, Step.ANSWER)
    ones = np.ones(len(closings.number))
    return on_events(facts, _judged(facts.events(), facts, closings, ones))


def merged_today(facts: Facts, _wish: Wish) -> Found:
    """Find the events merged since midnight that were not split off again."""
    sheet = facts.events()
    merges = facts.course().of(Step.MERGE).since(facts.midnight_s).last()
    told = _judged(sheet, facts, merges, np.ones(len(merges.number)))
    still = sheet["is_merged"][told.row] == 1
    return on_events(facts, Judged(told.row[still], told.at_s[still], told.top[still]))


def joined(facts: Facts, _wish: Wish) -> Found:
    """Find the events reported in the period and not refused; above the line the merged ones."""
    sheet = facts.events()
    mask = (sheet["reported_s"] >= facts.since_s) & ~np.isin(sheet["state"], _OFF_LINE)
    return rows_of(sheet, mask, sheet["is_merged"])


def heard(facts: Facts, _wish: Wish) -> Found:
    """Find the period's events with a first word said or overdue; above the line those in time.

    The first word is that of acceptance or refusal, or the answer itself where nothing was said
    before. The event forgets by when it was due once it is said; the step remembers.
    """
    sheet = facts.events()
    words = facts.course().of(Step.ACCEPT, Step.REFUSE, Step.ANSWER, Step.CLOSE).first()
    row = _rows_by_number(sheet, facts)[words.number]
    kept = row >= 0
    said_s, due_s = np.full(len(sheet.ids), np.nan), sheet["answer_by_s"].copy()
    said_s[row[kept]] = words.at_s[kept]
    told = kept & ~np.isnan(words.value)
    due_s[row[told]] = words.value[told]
    judged = ~np.isnan(due_s) & (~np.isnan(said_s) | (due_s < facts.now_s))
    judged &= sheet["reported_s"] >= facts.since_s
    return rows_of(sheet, judged, (said_s <= due_s).astype(np.float64))


def _sent(facts: Facts) -> Bools:
    """Mark the orders to handle an event that were sent in the period."""
    sheet = facts.orders()
    mask: Bools = (sheet["created_s"] >= facts.since_s) & (sheet["handles"] == 1)
    return mask


def returned(facts: Facts, _wish: Wish) -> Found:
    """Find the orders sent in the period; above the line those their unit sent back."""
    sheet = facts.orders()
    return rows_of(sheet, _sent(facts), (~np.isnan(sheet["returned_s"])).astype(np.float64))


def returned_today(facts: Facts, _wish: Wish) -> Found:
    """Find the orders sent back since midnight."""
    sheet = facts.orders()
    return rows_of(sheet, sheet["returned_s"] >= facts.midnight_s)


def extended(facts: Facts, _wish: Wish) -> Found:
    """Find the orders sent in the period; above the line those granted more time."""
    sheet = facts.orders()
    return rows_of(sheet, _sent(facts), sheet["extended"])


JUDGES: Final[Mapping[str, Judge]] = {
    "first_time": judge_first_time,
    "redone": judge_redone,
    "satisfied": judge_satisfied,
}
"""What a unit is judged by in events its orders led."""
