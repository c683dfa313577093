"""Bulk features: what a feed hands in, what a layer is, what one object says of itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from backend_client.contract.base import (
    Count,
    Department,
    Frozen,
    Id,
    Instant,
    Lat,
    Line,
    Lon,
    Number,
    Region,
    State,
)

LayerId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")]


Point = tuple[Lon, Lat]
Points = Annotated[tuple[Point, ...], Field(min_length=2, max_length=20_000)]


class Outline(Frozen):
    """A line or an area, WGS-84; the parts of an area are rings, filled even-odd."""

    form: Literal["line", "area"]
    parts: Annotated[tuple[Points, ...], Field(min_length=1, max_length=1_000)]


class FeatureIn(Frozen):
    """One object as its source describes it; the same id again replaces it.

    With an outline and no place, the service puts its anchor on the outline; with neither it
    is a moving object, whose place comes by fixes.
    """

    id: Id
    kind: Id
    name: Line
    lon: Lon | None
    lat: Lat | None
    region: Region
    department: Department | None = None
    state: State = 0
    value: Number | None = None
    observed_at: Instant
    outline: Outline | None = None
    properties: Annotated[dict[Id, JsonValue], Field(max_length=64, default_factory=dict)]


class Upsert(Frozen):
    """A batch of objects of one layer, and ids that are gone; `feed` names who brings them."""

    features: Annotated[tuple[FeatureIn, ...], Field(max_length=5_000)] = ()
    remove: Annotated[tuple[Id, ...], Field(max_length=5_000)] = ()
    feed: Line = ""


class Rejection(Frozen):
    """One refused row: its index, what is wrong with it, in both languages."""

    index: Count
    where: Line
    zh: Line
    en: Line


class Upserted(Frozen):
    """What became of a batch; good rows are kept when a neighbour is refused."""

    accepted: Count
    rejected: tuple[Rejection, ...]
    version: Count


class Feature(Frozen):
    """One object with its own fields, fetched by id; `feed` is who brought it last."""

    layer: LayerId
    oid: Count
    id: Id
    kind: Id
    name: Line
    lon: Lon | None
    lat: Lat | None
    region: Region
    department: Department
    state: State
    value: Number | None
    observed_at: Instant
    feed: Line = ""
    outline: Outline | None = None
    properties: dict[str, JsonValue]


class LayerInfo(Frozen):
    """One layer's standing: version and count of what the reader may see."""

    layer: LayerId
    version: Count
    count: Count


class Layers(Frozen):
    """All layers the reader may see."""

    layers: tuple[LayerInfo, ...]


class SeriesPoint(Frozen):
    """One measured value."""

    at: Instant
    value: Number


class Series(Frozen):
    """One object's measured values over a span, oldest first."""

    layer: LayerId
    oid: Count
    points: tuple[SeriesPoint, ...]
