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
    """One task for one unit, traced from dispatch to report."""

    kind: Literal["order"] = "order"
    event_id: Id | None
    title: Line
    note: Line
    state: OrderState
    due_at: Instant
    sent_by: PersonRef
    signed_by: PersonRef | None = None
    signed_at: Instant | None = None
    report: Prose = ""
