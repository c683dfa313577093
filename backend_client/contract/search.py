"""Search: objects and events by name, plate, number or place."""

from __future__ import annotations

from typing import Literal

from backend_client.contract.base import Count, Frozen, Id, Lat, Line, Lon, Region, State


class Hit(Frozen):
    """One thing found. Objects carry layer and oid, events their item id.

    `field` is the property the words were found in, `text` what stands there.
    """

    what: Literal["feature", "event", "place"]
    layer: Line
    oid: Count = 0
    item_id: Line = ""
    kind: Line
    name: Line
    name_en: Line = ""
    region: Region
    state: State = 0
    field: Id
    text: Line
    lon: Lon | None
    lat: Lat | None


class Hits(Frozen):
    """What was found, the best first; `more` when there is more than was asked for."""

    query: Line
    hits: tuple[Hit, ...]
    more: bool
