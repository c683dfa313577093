"""Readings: what was understood of a report; suggestions for a person, never set by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.base import Flag, Frozen, Id, Lat, Line, Lon, Number, State, Text

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


class Reading(Frozen):
    """Everything understood of one report, each part the likeliest first, doubts as remarks.

    `level` is the urgency its words suggest, 0 for the ordinary.
    """

    event_id: Id
    classes: tuple[ClassRead, ...]
    places: tuple[PlaceRead, ...]
    units: tuple[UnitRead, ...]
    level: State
    signs: tuple[Text, ...]
    remarks: tuple[Text, ...]
