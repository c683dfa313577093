"""The simulated duty desk and its units: from acceptance to the call back, by the real doors.

Units sign and report; some send an order back or ask for time, and the centre decides. Reporters
are called back, and what did not content them may be taken in hand once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush

from backend.simulator.complaints import COMPLAINTS, Complaint
from backend.simulator.facts import dice
from backend.simulator.link import Link
from backend.simulator.manners import (
    DECIDED,
    ELSEWHERE,
    REDO_REASON,
    SWAPS,
    Manner,
    manner_of,
)
from backend_client.contract.clock import Clock
from backend_client.contract.events import (
    CallBack,
    Close,
    Decide,
    Dispatch,
    Event,
    EventState,
    Intake,
    Reasoned,
    Satisfaction,
    Touch,
)
from backend_client.contract.item import Head
from backend_client.contract.orders import Extend, Order, OrderState, Return

STEP_S, PER_STEP = 0.2, 30
"""So long, and so much, at most one step works."""
_STALLED_SHARE = 0.07
_TITLES = {one.title: one for one in COMPLAINTS}
_ANSWERED_AT_ONCE = ("咨询", "入学")
# Minutes after the report: (from, to) until accepted, dispatched, signed, reported, closed.
_PACE = ((1, 9), (3, 15), (4, 45), (20, 150), (5, 60))
# Graded events go first and never stall: about an hour from report to closing.
_URGENT_PACE = ((0.5, 3), (0.5, 3), (1, 8), (10, 40), (3, 15))
# A day's call back comes the same day here, so that a city of some hours has some.
_CALL = (30, 180)
_DETOUR = timedelta(minutes=12)
_REDO_PACE = (timedelta(minutes=6), timedelta(minutes=70))
_LOOK_AGAIN = timedelta(hours=1)
_SOON = timedelta(minutes=30)
_AGAIN = timedelta(seconds=30)
# What was open when the city began is with its unit at once; the report comes after days.
_OLD_PACE = ((0, 0), (0, 0), (0, 90), (1_440, 17_280), (30, 600))
_OLD_STALLED_SHARE = 0.003
_OLD_LATE_SHARE = 0.04
_OLD_AFTER = timedelta(hours=3)
_OLD_SLACK = timedelta(hours=30)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An event's state as the last answer told it, so that nobody has to ask for it."""

    state: EventState
    version: int
    reported_at: datetime


@dataclass(order=True)
class _Case:
    """One event on its way: when its next step is due, and when the ones after."""

    due_at: datetime
    event_id: str = field(compare=False)
    rest: list[timedelta] = field(compare=False)
    complaint: Complaint = field(compare=False)
    manner: Manner = field(compare=False)
    ends_at: datetime | None = field(compare=False, default=None)
    seen: _Seen | None = field(compare=False, default=None)
    calls: int = field(compare=False, default=0)

    def next_comes(self, *spans: timedelta) -> None:
        """Put steps before those that were to come anyway."""
        self.rest[:0] = spans


class Desk:
    """Work through the city's events as an ordinary account would, some never in time.

    Each step is chosen by the event's present state, so that real people may work on the same
    events; a step somebody else took is not taken again.
    """

    def __init__(self, link: Link, clock: Clock, *, seed: int) -> None:
        self._link, self._clock, self._seed = link, clock, seed
        self._cases: list[_Case] = []
        self._known: set[str] = set()
        self._resumed = False

    def take(self, intake: Intake, head: Head) -> None:
        """Put an event on the desk as it came in.

        What was due long ago is done at once: a city that begins with the open events of a week
        has them with its units, not in a heap before its desk.
        """
        seen = _Seen(EventState.REGISTERED, head.version, intake.reported_at)
        case = self._case(head.item_id, intake.title, seen, is_urgent=intake.level > 0)
        while case is not None and case.seen is not None and case.due_at <= self._clock.now():
            if not self._advance(case):
                return
        if case is not None:
            heappush(self._cases, case)

    def step(self) -> None:
        """Take the steps that are due, the oldest first, for a while."""
        if not self._resumed and not self._resume():
            return
        now, until_s = self._clock.now(), self._clock.steady_s() + STEP_S
        for _ in range(PER_STEP):
            if not self._cases or self._cases[0].due_at > now or self._clock.steady_s() > until_s:
                return
            case = heappop(self._cases)
            if self._advance(case):
                heappush(self._cases, case)

    def _advance(self, case: _Case) -> bool:
        """Take a case's next step; tell whether it is to be put back for the one after."""
        goes_on = self._begin(case, self._clock.now()) if case.seen else self._follow_up(case)
        if not goes_on or not case.rest:
            return False
        case.due_at += case.rest.pop(0)
        return True

    def _resume(self) -> bool:
        """Put on the desk what was open before this city began."""
        after = ""
        while True:
            page = self._link.send(partial(self._link.client.items, "event", after=after))
            if page is None:
                return False
            for event in page.items:
                if isinstance(event, Event) and (event.is_open or event.call_back_at):
                    seen = _Seen(event.state, event.version, event.reported_at)
                    known = self._case(event.item_id, event.title, seen, is_urgent=event.level > 0)
                    if known is not None:
                        heappush(self._cases, known)
            if page.next is None:
                self._resumed = True
                return True
            after = page.next

    def _case(self, event_id: str, title: str, seen: _Seen, *, is_urgent: bool) -> _Case | None:
        """Open the case of an event; None for one known already or never to be worked on."""
        complaint = next((one for known, one in _TITLES.items() if title.endswith(known)), None)
        if event_id in self._known or complaint is None:
            return None
        self._known.add(event_id)
        draw, now = dice(self._seed, "desk", title, seen.reported_at), self._clock.now()
        is_old = now - seen.reported_at > _OLD_AFTER and not is_urgent
        stalls = draw.random() < (_OLD_STALLED_SHARE if is_old else _STALLED_SHARE)
        if stalls and not is_urgent:
            return None
        pace = _URGENT_PACE if is_urgent else _OLD_PACE if is_old else _PACE
        spans = [timedelta(minutes=draw.uniform(*span)) for span in (*pace, _CALL)]
        manner = manner_of(self._seed, title, seen.reported_at, complaint.department)
        first = (now if is_old else seen.reported_at) + spans[0]
        slack = -spans[3] if draw.random() < _OLD_LATE_SHARE else _OLD_SLACK
        ends_at = now + spans[3] + slack if is_old else None
        return _Case(first, event_id, spans[1:], complaint, manner, ends_at, seen)

    def _wait(self, case: _Case, after: timedelta = _AGAIN) -> bool:
        """Look at a case again later, and ask for its state then."""
        case.due_at, case.seen = self._clock.now() + after, None
        heappush(self._cases, case)
        return False

    def _begin(self, case: _Case, now: datetime) -> bool:
        """Accept or dispatch an event whose state is known; tell whether more is to come."""
        seen, client = case.seen, self._link.client
        if seen is None or seen.state not in (EventState.REGISTERED, EventState.ACCEPTED):
            return self._wait(case)
        if seen.state is EventState.REGISTERED:
            touch = Touch(version=seen.version)
            head = self._link.send(lambda: client.accept_event(case.event_id, touch))
            if head is None:
                return self._wait(case)
            case.seen = _Seen(EventState.ACCEPTED, head.version, seen.reported_at)
            return True
        if case.ends_at is None and case.complaint.title.endswith(_ANSWERED_AT_ONCE):
            case.rest = case.rest[-1:]  # the call back
            case.seen = None
            return self._close(case.event_id, seen.version, "已向来电人解答政策和办理材料。")
        usual = seen.reported_at + timedelta(hours=case.complaint.hours)
        body = Dispatch(
            version=seen.version,
            department=case.complaint.department,
            due_at=max(case.ends_at or usual, now + _SOON),
            note=case.complaint.title,
        )
        sent = self._link.send(lambda: client.dispatch_event(case.event_id, body))
        case.seen = None
        return sent is not None or self._wait(case)

    def _follow_up(self, case: _Case) -> bool:
        """Ask for an event's state and take the step that follows from it."""
        event = self._link.send(partial(self._link.client.item, "event", case.event_id))
        if not isinstance(event, Event):
            return self._wait(case)
        if event.state in (EventState.REGISTERED, EventState.ACCEPTED):
            case.seen = _Seen(event.state, event.version, event.reported_at)
            return self._begin(case, self._clock.now())
        if event.state is EventState.MERGED:
            return self._wait(case, _LOOK_AGAIN)
        if event.state is EventState.CLOSED:
            return self._call_back(case, event)
        return self._follow(case, event)

    def _follow(self, case: _Case, event: Event) -> bool:
        """Do what the event's order waits for."""
        client = self._link.client
        order = None
        if event.order_id is not None:
            order_id = event.order_id
            order = self._link.send(lambda: client.item("order", order_id))
        if not event.is_open or not isinstance(order, Order):
            return False
        if event.state is EventState.RETURNED:
            return self._decide(case, event)
        if order.state is OrderState.SENT:
            return self._sign(case, order)
        if order.state is OrderState.SIGNED:
            return self._work(case, order)
        if order.state is not OrderState.REPORTED:  # a person has it in hand
            return False
        return self._close(event.item_id, event.version, "责任单位已处置，现场已恢复。")

    def _sign(self, case: _Case, order: Order) -> bool:
        """Sign for an order, or send it back while there is time to."""
        client, now = self._link.client, self._clock.now()
        in_time = order.sign_by_at is None or now < order.sign_by_at
        if case.manner.returns and order.returned is None and not order.is_final and in_time:
            body = Return(version=order.version, reason=case.manner.reason)
            case.next_comes(_DETOUR, _DETOUR)  # the decision, then a dispatch or the signature
            case.manner = replace(case.manner, returns=False)
            return self._sent(lambda: client.casework.send_back(order.item_id, body))
        touch = Touch(version=order.version)
        return self._sent(lambda: client.sign_order(order.item_id, touch))

    def _decide(self, case: _Case, event: Event) -> bool:
        """Say whether a unit was right to send an order back; then it is another's."""
        granted, client = case.manner.granted, self._link.client
        body = Decide(version=event.version, granted=granted, reason=DECIDED)
        if granted:
            other = SWAPS.get(case.complaint.department, ELSEWHERE)
            case.complaint = replace(case.complaint, department=other)
            case.next_comes(_DETOUR)  # it is signed for after it was sent anew
        return self._sent(lambda: client.casework.decide(event.item_id, body))

    def _work(self, case: _Case, order: Order) -> bool:
        """Report an order done; some units ask for time first, and the centre says yes or no."""
        client, manner = self._link.client, case.manner
        if manner.extends and order.extension is None:
            until_at = max(order.due_at, self._clock.now()) + manner.longer
            body = Extend(version=order.version, reason=manner.plea, until_at=until_at)
            case.next_comes(_DETOUR, _DETOUR)
            case.manner = replace(manner, extends=False)
            return self._sent(lambda: client.casework.extend(order.item_id, body))
        if order.extension is not None and order.extension.decided is None:
            said = Decide(version=order.version, granted=manner.allowed, reason=DECIDED)
            return self._sent(lambda: client.casework.grant(order.item_id, said))
        done = Close(version=order.version, answer="已到现场处置完毕，现场照片已上传。")
        return self._sent(lambda: client.report_order(order.item_id, done))

    def _call_back(self, case: _Case, event: Event) -> bool:
        """Ask the reporter whether they are content; who is not may have it done once more."""
        client, manner = self._link.client, case.manner
        if event.call_back_at is None or (event.main_id is not None and case.calls):
            return False
        if event.satisfaction is Satisfaction.UNSATISFIED:
            why = Reasoned(version=event.version, reason=REDO_REASON)
            case.rest = [_DETOUR, *_REDO_PACE, _DETOUR, _LOOK_AGAIN]
            return self._sent(lambda: client.casework.redo(event.item_id, why))
        says = manner.says[min(case.calls, len(manner.says) - 1)]
        case.calls += 1
        body = CallBack(version=event.version, satisfaction=says)
        is_over = says is Satisfaction.SATISFIED or case.calls > len(manner.says)
        again = says is Satisfaction.UNREACHED or (manner.redoes and event.main_id is None)
        case.rest = [] if is_over or not again else [_LOOK_AGAIN]
        return self._sent(lambda: client.casework.call_back(event.item_id, body))

    def _sent(self, call: Callable[[], object]) -> bool:
        return self._link.send(call) is not None

    def _close(self, event_id: str, version: int, answer: str) -> bool:
        """Close an event; its reporter is called back later."""
        body = Close(version=version, answer=answer)
        return self._sent(lambda: self._link.client.close_event(event_id, body))
