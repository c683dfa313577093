"""Feeds: what each unit brings, how often, and how well it arrives."""

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
    Number,
    Region,
    Text,
)
from backend_client.contract.feature import LayerId
from backend_client.contract.item import WorkItem

FeedId = Annotated[Id, Field(max_length=48)]
Seconds = Annotated[float, Field(strict=True, ge=1, le=31_536_000, allow_inf_nan=False)]


class FeedState(StrEnum):
    """How a feed stands against its own period: dead after three of them."""

    WAITING = "waiting"  # registered, nothing came yet
    LIVE = "live"
    LATE = "late"
    DEAD = "dead"


class FeedFault(StrEnum):
    """What is wrong with what a feed says, beside its silence."""

    NONE = "none"
    BEHIND = "behind"  # its records arrive long after they were measured
    DOUBLED = "doubled"  # the same records again and again
    UNIT = "unit"  # its values look as if measured in another unit
    CLOCK = "clock"  # its clock is wrong
    REFUSED = "refused"  # most of its rows are refused


class FeedIn(Frozen):
    """A feed as its owner registers it; the same id again replaces it."""

    title: Text
    layer: LayerId
    region: Region
    department: Department
    period_s: Seconds
    contact: Line = ""
    phone: Line = ""
    generated: Flag = False


class Feed(WorkItem):
    """A registered feed with its health record; `item_id` is the feed's id.

    `region` and `department` name the unit that brings it. Counts are of the present day.

    Units: delay_s is the median of arrival minus measurement over the last batch.
    """

    kind: Literal["feed"] = "feed"
    title: Text
    layer: LayerId
    period_s: Seconds
    contact: Line = ""
    phone: Line = ""
    generated: Flag = False
    state: FeedState = FeedState.WAITING
    fault: FeedFault = FeedFault.NONE
    fault_note: Text = Text("", "")
    heard_at: Instant | None = None
    newest_at: Instant | None = None
    delay_s: Number = 0.0
    accepted: Count = 0
    rejected: Count = 0
    doubled: Count = 0
    behind: Count = 0
    last_rejection: Text = Text("", "")


class FeedList(Frozen):
    """Feeds to register at one stroke, by id, and ids to strike off; all of it or nothing."""

    feeds: Annotated[dict[FeedId, FeedIn], Field(max_length=1_000)] = Field(default_factory=dict)
    remove: Annotated[tuple[FeedId, ...], Field(max_length=1_000)] = ()


class Registered(Frozen):
    """What became of a list; the same list again changes nothing."""

    added: Count
    changed: Count
    removed: Count
