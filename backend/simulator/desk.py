"""The simulated duty desk: accepts, dispatches, signs, reports and closes the city's events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from backend.simulator.complaints import COMPLAINTS, Complaint
from backend.simulator.facts import dice
from backend.simulator.link import Link
from backend_client.contract.clock import Clock
from backend_client.contract.events import Close, Dispatch, Event, EventState, Intake, Touch
from backend_client.contract.orders import Order, OrderState

PER_STEP = 6
_STALLED_SHARE = 0.07
_TITLES = {one.title: one for one in COMPLAINTS}
_ANSWERED_AT_ONCE = ("咨询", "入学")
# Minutes after the report: (from, to) until accepted, dispatched, signed, reported, closed.
_PACE = ((1, 9), (3, 15), (4, 45), (20, 150), (5, 60))
_SOON = timedelta(minutes=30)


@dataclass(order=True)
class _Case:
    """One event on its way: when its next step is due, and when the ones after."""

    due_at: datetime
    event_id: str = field(compare=False)
    rest: list[timedelta] = field(compare=False)
    complaint: Complaint = field(compare=False)


class Desk:
    """Work through the city's events as an ordinary account would, some never in time.

    Each step is chosen by the event's present state, so that real people may work on the same
    events; a step somebody else took is not taken again.
    """

    def __init__(self, link: Link, clock: Clock, *, seed: int) -> None:
        self._link, self._clock, self._seed = link, clock, seed
        self._cases: list[_Case] = []

    def take(self, intake: Intake, event_id: str) -> None:
        """Put an event on the desk."""
        complaint = next(one for title, one in _TITLES.items() if intake.title.endswith(title))
        draw = dice(self._seed, "desk", intake.intake_id)
        if draw.random() < _STALLED_SHARE:
            return
        spans = [timedelta(minutes=draw.uniform(*pace)) for pace in _PACE]
        first = intake.reported_at + spans[0]
        self._cases.append(_Case(first, event_id, spans[1:], complaint))

    def step(self) -> None:
        """Take the steps that are due, a few at a time, the oldest first."""
        now = self._clock.now()
        due = sorted(case for case in self._cases if case.due_at <= now)
        for case in due[:PER_STEP]:
            event = self._link.send(partial(self._link.client.item, "event", case.event_id))
            if not isinstance(event, Event):
                return
            if self._advance(case, event, now) and case.rest:
                case.due_at += case.rest.pop(0)
            else:
                self._cases.remove(case)

    def _advance(self, case: _Case, event: Event, now: datetime) -> bool:
        """Take one step; tell whether there is another one to come."""
        client, touch = self._link.client, Touch(version=event.version)
        if event.state is EventState.REGISTERED:
            return self._link.send(lambda: client.accept_event(event.item_id, touch)) is not None
        if event.state is EventState.ACCEPTED and case.complaint.title.endswith(_ANSWERED_AT_ONCE):
            return self._close(event, "已向来电人解答政策和办理材料。")
        if event.state is EventState.ACCEPTED:
            due_at = event.reported_at + timedelta(hours=case.complaint.hours)
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
