"""Alarms: a state that needs a named person to do a named thing. A notice is not an alarm."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.base import Frozen, Id, Instant, Lat, Line, Lon, State, Text
from backend_client.contract.item import PersonRef, Version, WorkItem


class AlarmState(StrEnum):
    """States of ISA-18.2: acknowledged is not closed, an active alarm stays listed."""

    NEW = "new"  # active, not acknowledged
    ACKNOWLEDGED = "acknowledged"  # active, someone has it
    RETURNED = "returned"  # back to normal, not yet acknowledged: latched
    CLOSED = "closed"  # back to normal and acknowledged
    SHELVED = "shelved"  # put aside with a reason and an end


class Alarm(WorkItem):
    """One abnormal condition with the action it requires.

    Source: ISA-18.2 states; domain rule: no alarm without a required action.
    """

    kind: Literal["alarm"] = "alarm"
    cause: Id
    source_kind: Literal["feature", "gate", "gate_command", "position", "feed"]
    source_id: Id
    layer: Id
    level: Annotated[State, Field(ge=1)]
    title: Text
    action: Text
    owner: Text
    state: AlarmState
    raised_at: Instant
    returned_at: Instant | None = None
    acknowledged_by: PersonRef | None = None
    acknowledged_at: Instant | None = None
    shelved_until: Instant | None = None
    note: Line = ""
    lon: Lon | None = None
    lat: Lat | None = None


class Shelve(Frozen):
    """Put an alarm aside for a reason, until an instant at most one shift away."""

    version: Version
    reason: Annotated[str, Field(min_length=2, max_length=200)]
    until_at: Instant
