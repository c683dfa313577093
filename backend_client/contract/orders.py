"""Orders (工单): what a unit has been told to do, by when."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from backend_client.contract.base import Count, Department, Flag, Frozen, Id, Instant, Line, Prose
from backend_client.contract.item import Mark, PersonRef, Reason, Version, WorkItem


class OrderState(StrEnum):
    """How far an order has come (派单 签收 反馈), or where it left the line."""

    SENT = "sent"
    RETURNED = "returned"  # 退单待审定
    SIGNED = "signed"
    SUSPENDED = "suspended"  # 挂起
    REPORTED = "reported"
    WITHDRAWN = "withdrawn"  # 收回


DONE: Final = frozenset({OrderState.REPORTED, OrderState.WITHDRAWN})
"""States of an order its unit has nothing more to do for."""


class Task(StrEnum):
    """What an order asks of its unit; later applications add theirs."""

    HANDLE = "handle"  # 主办
    ASSIST = "assist"  # 协办


class Returned(Mark):
    """Why a unit sent an order back, and whose it thinks it is."""

    department: Department | None = None


class Extension(Frozen):
    """More time asked for, and what was said to it; granted once at most."""

    asked: Mark
    until_at: Instant
    decided: Mark | None = None
    granted: Flag = False


class Order(WorkItem):
    """One task for one unit, traced from dispatch to report.

    It turns yellow at `yellow_at` and red at `due_at`; past `supervised_at` it is a supervisor's
    matter, past `led_at` a leader's. All four are set at dispatch, counted in working time from
    `since_at`, when its event was sent out first. Its unit signs by `sign_by_at`, or sends it back
    until then, once; a final order cannot be sent back. `was` is what a withdrawn one goes back to
    when the step that withdrew it is taken back.
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
    task: Task = Task.HANDLE
    since_at: Instant | None = None
    sign_by_at: Instant | None = None
    is_final: Flag = False
    returned: Returned | None = None
    extension: Extension | None = None
    suspended: Mark | None = None
    urged: Count = 0
    urge: Mark | None = None
    supervised: Mark | None = None
    led: Mark | None = None
    proof: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    was: OrderState | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether its unit still has to do something for it."""
        return self.state not in DONE


class Return(Frozen):
    """Send an order back (退单): why, and whose it is as far as one can tell."""

    version: Version
    reason: Reason
    department: Department | None = None


class Extend(Frozen):
    """Ask for more time (延期)."""

    version: Version
    reason: Reason
    until_at: Instant
