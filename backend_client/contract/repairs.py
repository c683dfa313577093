"""The repair list: what a channel handed in and the door could not take."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.base import (
    Count,
    Department,
    Flag,
    Frozen,
    Id,
    Instant,
    Line,
    Region,
    Text,
)
from backend_client.contract.item import PersonRef


class RepairState(StrEnum):
    """What became of a refused item."""

    OPEN = "open"
    MENDED = "mended"
    DROPPED = "dropped"


class Repair(Frozen):
    """A refused item as it came.

    Args:
        repair_id: its id.
        no: its place in the list; later items have greater ones.
        channel: where it says it comes from, empty when it does not say.
        region: where it says it belongs, else its sender's.
        department: whose list it is on.
        raw: the body as text, at most 64 KB of it.
        is_cut: whether there was more.
        code: the refusal's word for programs.
        where: the field that was wrong.
        reason: why it was refused.
        by: who sent it.
        at: when it came last.
        count: how often the very same came.
        state: whether somebody has seen to it.
        note: what they say they did.
        done_by: who did.
        done_at: when.
    """

    repair_id: Id
    no: Count
    channel: Line
    region: Region
    department: Department
    raw: str
    is_cut: Flag
    code: Line
    where: Line
    reason: Text
    by: PersonRef
    at: Instant
    count: Count
    state: RepairState
    note: Line = ""
    done_by: PersonRef | None = None
    done_at: Instant | None = None


class RepairsPage(Frozen):
    """One page of the list, newest first.

    Args:
        rows: the items.
        next: what to ask for `before` to go on; None at the end.
        lost: how many more came in a flood since the service began and were not kept.
    """

    rows: tuple[Repair, ...]
    next: Count | None
    lost: Count


class Mending(Frozen):
    """Say what became of a refused item: handed in again mended, or dropped for a reason."""

    outcome: Literal["mended", "dropped"]
    note: Annotated[str, Field(min_length=1, max_length=200)]
