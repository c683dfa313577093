"""Readings: what was understood of a report; suggestions for a person, never set by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

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
    Number,
    Prose,
    Region,
    State,
    Text,
)
from backend_client.contract.events import Matter, Satisfaction

Share = Annotated[Number, Field(ge=0, le=1)]


class ClassRead(Frozen):
    """A class the report may be of."""

    code: Line
    name: Text
    share: Share
    why: Text


class PlaceRead(Frozen):
    """A place words of the report may mean; `chosen` only where it is sure."""

    words: Line
    name: Line
    lon: Lon | None
    lat: Lat | None
    share: Share
    why: Text
    chosen: Flag


class UnitRead(Frozen):
    """A unit that should lead or assist."""

    unit: Line
    role: Literal["lead", "assist"]
    share: Share
    why: Text


class Due(Frozen):
    """What the deadline table gives an event of this class and level if it is sent now.

    Args:
        matter, level: what stands on the event.
        span: the table's time in words, e.g. 4 working hours.
        due_at: counted from now; an event that was sent before keeps its own.
    """

    matter: Matter
    level: State
    span: Text
    due_at: Instant


class Reading(Frozen):
    """Everything understood of one report, each part the likeliest first, doubts as remarks.

    `level` is the urgency its words suggest, 0 for the ordinary. `due` is for the class and level
    that stand on the event, not for those suggested.
    """

    event_id: Id
    classes: tuple[ClassRead, ...]
    places: tuple[PlaceRead, ...]
    units: tuple[UnitRead, ...]
    level: State
    signs: tuple[Text, ...]
    remarks: tuple[Text, ...]
    due: Due | None = None


class MatterName(Frozen):
    """A class of the tree and the group it stands in."""

    code: Matter
    name: Text
    group: Text


class Matters(Frozen):
    """The tree of classes, by code."""

    matters: tuple[MatterName, ...]


class SimilarCase(Frozen):
    """A finished event like another: what was answered, by whom, how long it took.

    It says nothing of who reported it. `took_s` runs from the first dispatch, or from the report
    where nothing was sent, to the answer.
    """

    event_id: Id
    title: Line
    place: Line
    region: Region
    matter: Matter
    department: Department | None
    answer: Prose
    closed_at: Instant
    took_s: Count
    satisfaction: Satisfaction | None
    share: Share
    why: tuple[Text, ...]


class Similar(Frozen):
    """Finished events like one, the likest first; `ready` once all that is finished is known."""

    event_id: Id
    ready: Flag
    cases: tuple[SimilarCase, ...]
