"""Citizens' events: one door in, one state line, one answer out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.base import (
    Department,
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
from backend_client.contract.item import PersonRef, Version, WorkItem


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
    """How far an event has come (登记 受理 派单 签收 办结)."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    CLOSED = "closed"


class Undoable(Frozen):
    """The step just taken on an event: its taker may take it back until an instant."""

    verb: Literal["dispatch", "close"]
    by: PersonRef
    until_at: Instant


class Event(WorkItem):
    """A citizen's matter from intake to answer."""

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


class Intake(Frozen):
    """What a channel hands in; the same `intake_id` twice is the same event."""

    intake_id: Id
    channel: Channel
    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    place: Line = ""
    lon: Lon | None = None
    lat: Lat | None = None
    region: Region
    level: State = 0
    reported_at: Instant


class Locate(Frozen):
    """Correct the place of an event."""

    version: Version
    lon: Lon
    lat: Lat
    place: Line | None = None


class Dispatch(Frozen):
    """Send an event to the responsible unit; without a deadline the table's is taken."""

    version: Version
    department: Department
    due_at: Instant | None = None
    note: Line = ""


class Close(Frozen):
    """Close an event with the answer the citizen gets."""

    version: Version
    answer: Annotated[str, Field(min_length=1, max_length=2_000)]


class Touch(Frozen):
    """Take a step that needs no more than the version seen."""

    version: Version
    note: Line = ""
