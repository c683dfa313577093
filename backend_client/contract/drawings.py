"""Drawings (标绘): what people put on the shared map themselves, with a name and an end."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backend_client.contract.base import Frozen, Id, Instant, Lat, Line, Lon, Region
from backend_client.contract.feature import Outline

LAYER = "drawings"


class DrawingIn(Frozen):
    """One drawing; the same id again replaces it.

    A mark has a place, a line or an area an outline. It leaves the map at `until_at`.
    """

    drawing_id: Id
    title: Annotated[str, Field(min_length=1, max_length=200)]
    note: Line = ""
    kind: Literal["mark", "line", "area"]
    region: Region
    lon: Lon | None = None
    lat: Lat | None = None
    outline: Outline | None = None
    until_at: Instant

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        is_mark = self.kind == "mark"
        if is_mark != (self.lon is not None and self.lat is not None):
            raise ValueError("a mark has lon and lat, nothing else has them")
        if not is_mark and (self.outline is None or self.outline.form != self.kind):
            raise ValueError("a line or an area has an outline of that form")
        return self


class Drawn(Frozen):
    """Where a drawing stands in its layer."""

    drawing_id: Id
    oid: Annotated[int, Field(ge=1)]
