"""Orders (工单): what a unit has been told to do, by when."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from backend_client.contract.base import Id, Instant, Line, Prose
from backend_client.contract.item import PersonRef, WorkItem


class OrderState(StrEnum):
    """How far an order has come (派单 签收 反馈)."""

    SENT = "sent"
    SIGNED = "signed"
    REPORTED = "reported"


class Order(WorkItem):
    """One task for one unit, traced from dispatch to report.

    It turns yellow at `yellow_at` and red at `due_at`; past `supervised_at` it is a supervisor's
    matter, past `led_at` a leader's. All four are set at dispatch, counted in working time.
    """

    kind: Literal["order"] = "order"
    event_id: Id | None
    title: Line
    note: Line
    state: OrderState
    due_at: Instant
    yellow_at: Instant | None = None
    supervised_at: Instant | None = None
    led_at: Instant | None = None
    sent_by: PersonRef
    signed_by: PersonRef | None = None
    signed_at: Instant | None = None
    report: Prose = ""
