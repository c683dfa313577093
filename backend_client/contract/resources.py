"""Lasso: what lies inside a drawn area, counted, listed, exportable."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.base import Count, Frozen, Id, Instant, Lat, Line, Lon, Number, State
from backend_client.contract.feature import LayerId

LonLat = tuple[Lon, Lat]


class Polygon(Frozen):
    """A free outline; closed by us, must not cross itself. A rectangle is four corners."""

    shape: Literal["polygon"] = "polygon"
    ring: Annotated[tuple[LonLat, ...], Field(min_length=3, max_length=5_000)]


class Circle(Frozen):
    """A centre and a radius on the ground."""

    shape: Literal["circle"] = "circle"
    lon: Lon
    lat: Lat
    radius_m: Annotated[float, Field(strict=True, gt=0, le=200_000, allow_inf_nan=False)]


Area = Annotated[Polygon | Circle, Field(discriminator="shape")]


class Within(Frozen):
    """Ask what lies inside an area, optionally of some layers only."""

    area: Area
    layers: Annotated[tuple[LayerId, ...], Field(max_length=64)] | None = None
    offset: Count = 0
    limit: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 200


class Total(Frozen):
    """How many of one kind, how many of them abnormal, how near the nearest is."""

    layer: LayerId
    kind: Id
    count: Count
    abnormal: Count
    nearest_m: Number


class Resource(Frozen):
    """One object inside the area, nearest first."""

    layer: LayerId
    oid: Count
    id: Id
    kind: Id
    name: Line
    lon: Lon
    lat: Lat
    state: State
    distance_m: Number
    contact: Line
    phone: Line
    observed_at: Instant


class Inside(Frozen):
    """Totals over the whole area and one page of rows; distances from the area's centre."""

    area_km2: Number
    centre: LonLat
    count: Count
    totals: tuple[Total, ...]
    rows: tuple[Resource, ...]
    as_of: Instant
