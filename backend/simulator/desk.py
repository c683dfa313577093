"""The simulated duty desk: accepts, dispatches, signs, reports and closes the city's events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush

from backend.simulator.complaints import COMPLAINTS, Complaint
from backend.simulator.facts import dice
from backend.simulator.link import Link
from backend_client.contract.clock import Clock
from backend_client.contract.events import Close, Dispatch, Event, EventState, Intake, Touch
from backend_client.contract.orders import Order, OrderState

STEP_S, PER_STEP = 0.2, 30
"""So long, and so much, at most one step works."""
_STALLED_SHARE = 0.07
_TITLES = {one.title: one for one in COMPLAINTS}
_ANSWERED_AT_ONCE = ("咨询", "入学")
# Minutes after the report: (from, to) until accepted, dispatched, signed, reported, closed.
_PACE = ((1, 9), (3, 15), (4, 45), (20, 150), (5, 60))
_SOON = timedelta(minutes=30)
_AGAIN = timedelta(seconds=30)
# What was open when the city began: minutes until each step, the report after days. Few stall.
_OLD_PACE = ((0, 30), (0, 20), (5, 120), (1_440, 17_280), (30, 600))
_OLD_STALLED_SHARE = 0.01
_OLD_AFTER = timedelta(hours=3)
_OLD_SLACK = timedelta(hours=30)


@dataclass(order=True)
class _Case:
    """One event on its way: when its next step is due, and when the ones after."""

    due_at: datetime
    event_id: str = field(compare=False)
    rest: list[timedelta] = field(compare=False)
    complaint: Complaint = field(compare=False)
    ends_at: datetime | None = field(compare=False, default=None)


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

    def take(self, intake: Intake, event_id: str) -> None:
        """Put an event on the desk."""
        self._take(event_id, intake.title, intake.reported_at)

    def step(self) -> None:
        """Take the steps that are due, the oldest first, for a while."""
        if not self._resumed and not self._resume():
            return
        now, until_s = self._clock.now(), self._clock.steady_s() + STEP_S
        for _ in range(PER_STEP):
            if not self._cases or self._cases[0].due_at > now or self._clock.steady_s() > until_s:
                return
            case = heappop(self._cases)
            event = self._link.send(partial(self._link.client.item, "event", case.event_id))
            if not isinstance(event, Event):
                case.due_at = now + _AGAIN
                heappush(self._cases, case)
                return
            if self._advance(case, event, now) and case.rest:
                case.due_at += case.rest.pop(0)
                heappush(self._cases, case)

    def _resume(self) -> bool:
        """Put on the desk what was open before this city began."""
        after = ""
        while True:
            page = self._link.send(partial(self._link.client.items, "event", after=after))
            if page is None:
                return False
            for event in page.items:
                if isinstance(event, Event) and event.state is not EventState.CLOSED:
                    self._take(event.item_id, event.title, event.reported_at)
            if page.next is None:
                self._resumed = True
                return True
            after = page.next

    def _take(self, event_id: str, title: str, reported_at: datetime) -> None:
        complaint = next((one for known, one in _TITLES.items() if title.endswith(known)), None)
        if event_id in self._known or complaint is None:
            return
        self._known.add(event_id)
        draw, now = dice(self._seed, "desk", event_id), self._clock.now()
        is_old = now - reported_at > _OLD_AFTER
        if draw.random() < (_OLD_STALLED_SHARE if is_old else _STALLED_SHARE):
            return
        pace = _OLD_PACE if is_old else _PACE
        spans = [timedelta(minutes=draw.uniform(*span)) for span in pace]
        first = (now if is_old else reported_at) + spans[0]
        due_at = now + spans[3] + _OLD_SLACK if is_old else None
        heappush(self._cases, _Case(first, event_id, spans[1:], complaint, due_at))

    def _advance(self, case: _Case, event: Event, now: datetime) -> bool:
        """Take one step; tell whether there is another one to come."""
        client, touch = self._link.client, Touch(version=event.version)
        if event.state is EventState.REGISTERED:
            return self._link.send(lambda: client.accept_event(event.item_id, touch)) is not None
        if event.state is EventState.ACCEPTED and case.complaint.title.endswith(_ANSWERED_AT_ONCE):
            return self._close(event, "已向来电人解答政策和办理材料。")
        if event.state is EventState.ACCEPTED:
            usual = event.reported_at + timedelta(hours=case.complaint.hours)
            due_at = case.ends_at or usual
            body = Dispatch(
                version=event.version,
                department=case.complaint.department,
                due_at=max(due_at, now + _SOON),
                note=case.complaint.title,
            )
            return self._link.send(lambda: client.dispatch_event(event.item_id, body)) is not None
        return self._follow(event)

    def _follow(self, event: Event) -> bool:
        """Do what the event's order waits for."""
        client = self._link.client
        order = None
        if event.order_id is not None:
            order_id = event.order_id
            order = self._link.send(lambda: client.item("order", order_id))
        if event.state is EventState.CLOSED or not isinstance(order, Order):
            return False
        touch = Touch(version=order.version)
        if order.state is OrderState.SENT:
            return self._link.send(lambda: client.sign_order(order.item_id, touch)) is not None
        if order.state is OrderState.SIGNED:
            done = Close(version=order.version, answer="已到现场处置完毕，现场照片已上传。")
            return self._link.send(lambda: client.report_order(order.item_id, done)) is not None
        return self._close(event, "责任单位已处置，回访表示满意。")

    def _close(self, event: Event, answer: str) -> bool:
        body = Close(version=event.version, answer=answer)
        self._link.send(lambda: self._link.client.close_event(event.item_id, body))
        return False
