"""Citizens' events: one door in, one state line, one answer out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from backend_client.contract.base import (
    Count,
    Department,
    Flag,
    Frozen,
    Id,
    Instant,
    Lat,
    Line,
    Lon,
    Prose,
    Region,
    State,
)
from backend_client.contract.item import Mark, PersonRef, Reason, Version, WorkItem

Matter = Annotated[str, Field(pattern=r"^[0-9A-Z]{0,10}$")]
"""A code of the tree of matters, empty while nobody has said; a shorter one is wider."""
Attached = Annotated[tuple[Id, ...], Field(max_length=20)]


class Channel(StrEnum):
    """Where an event came from."""

    HOTLINE = "hotline"  # 12345 热线
    POLICE = "police"  # 110 分流
    GRID = "grid"  # 网格员上报
    WEB = "web"  # 网页
    APP = "app"  # 随手拍 / 小程序
    CAMERA = "camera"  # 视频识别
    DEPARTMENT = "department"  # 部门系统


class EventState(StrEnum):
    """How far an event has come (登记 受理 派单 签收 反馈 办结 归档), or where it left the line."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    RETURNED = "returned"  # 退单待审定
    SIGNED = "signed"
    REPORTED = "reported"  # 已反馈，待核查
    CLOSED = "closed"  # 已答复，待回访
    ARCHIVED = "archived"  # 已归档
    MERGED = "merged"  # 并案
    REFUSED = "refused"  # 不予受理
    WITHDRAWN = "withdrawn"  # 撤销


OVER: Final = frozenset(
    {EventState.CLOSED, EventState.ARCHIVED, EventState.REFUSED, EventState.WITHDRAWN}
)
"""States of an event nobody works on any more; a merged one is worked on with its main event."""


class Satisfaction(StrEnum):
    """What a reporter said when called back (回访)."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    UNREACHED = "unreached"


class Reporter(Frozen):
    """Who reported; the service keeps no more of name and number than a call back needs."""

    name: Annotated[str, Field(max_length=60)] = ""
    contact: Annotated[str, Field(max_length=60)] = ""


class Undoable(Frozen):
    """The step just taken on an event: its taker may take it back until an instant."""

    verb: Literal["dispatch", "close"]
    by: PersonRef
    until_at: Instant


class Event(WorkItem):
    """A citizen's matter from intake to answer.

    Its clock runs from `sent_at`, the first dispatch; a return or a transfer never moves
    `due_at`. A merged event keeps everything of its own: `main_id` says with which it is worked
    on, `was` what it goes back to when they are split. `level` is the gravest of its reports,
    `reported_level` that of its own. By `answer_by_at` the reporter hears a first word; then it
    is None. `call_back_at` is when the reporter is to be called (again).
    """

    kind: Literal["event"] = "event"
    intake_id: Id
    channel: Channel
    title: Line
    text: Prose
    place: Line
    lon: Lon | None
    lat: Lat | None
    state: EventState
    level: State
    reported_at: Instant
    due_at: Instant | None = None
    order_id: Id | None = None
    answer: Prose = ""
    undo: Undoable | None = None
    matter: Matter = ""
    reported_level: State = 0
    reporter: Reporter | None = None
    attachments: Attached = ()
    sent_at: Instant | None = None
    assist_ids: tuple[Id, ...] = ()
    returned_by: tuple[Department, ...] = ()
    main_id: Id | None = None
    was: EventState | None = None
    reports: Annotated[int, Field(strict=True, ge=1)] = 1
    supervised: Mark | None = None
    reason: Line = ""
    satisfaction: Satisfaction | None = None
    call_back_at: Instant | None = None
    redone: Count = 0
    answer_by_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to do something about it."""
        return self.state not in OVER


class Intake(Frozen):
    """What a channel hands in; the same `intake_id` twice is the same event."""

    intake_id: Id
    channel: Channel
    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    place: Line = ""
    lon: Lon | None = None
    lat: Lon | None = None  # wide enough for a swapped pair, so that the door can say so
    region: Region
    level: State = 0
    reported_at: Instant
    matter: Matter = ""
    reporter: Reporter | None = None
    attachments: Attached = ()


class Locate(Frozen):
    """Correct the place of an event."""

    version: Version
    lon: Lon
    lat: Lon  # as above
    place: Line | None = None


class Classify(Frozen):
    """Say what an event is about and how grave it is (定性): the deadline table asks for both."""

    version: Version
    matter: Matter
    level: State


class Dispatch(Frozen):
    """Send an event to the responsible unit; without a deadline the table's is taken.

    An event that was sent before keeps its first deadline: a return never moves it.
    """

    version: Version
    department: Department
    due_at: Instant | None = None
    note: Line = ""


class Close(Frozen):
    """Close an event with the answer the citizen gets, or report an order done; with proof."""

    version: Version
    answer: Annotated[str, Field(min_length=1, max_length=2_000)]
    proof: Attached = ()


class Touch(Frozen):
    """Take a step that needs no more than the version seen."""

    version: Version
    note: Line = ""


class Reasoned(Frozen):
    """Take a step that needs a reason."""

    version: Version
    reason: Reason


class Decide(Frozen):
    """Say yes or no to what a unit asked: its return (审定) or its extension (审批)."""

    version: Version
    granted: Flag
    reason: Reason


class Merge(Frozen):
    """Work on an event together with another, its main event (并案)."""

    version: Version
    main_id: Id
    reason: Line = ""


class CallBack(Frozen):
    """Write down what the reporter said of the answer (回访)."""

    version: Version
    satisfaction: Satisfaction
    words: Line = ""
