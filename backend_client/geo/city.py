"""Where the city is: its counties with a margin, and the sea it looks after."""

from __future__ import annotations

from functools import cache
from typing import Final

import shapely
from shapely import Geometry

from backend_client.geo import counties

WINDOW: Final = (119.9, 31.3, 122.6, 33.0)
"""West, south, east, north of all a report may be about; also the answer without county areas."""

_COUNTIES: Final = ("320612", "320613", "320614", "320623", "320681", "320682", "320685")
_SEA: Final = (121.2, 31.9, 122.6, 33.0)
_MARGIN_DEG: Final = 0.05  # some 5 km: bridges, the river, a phone's bad fix
_COARSE_DEG: Final = 0.01


@cache
def area() -> Geometry:
    """Give the ground and sea a report of this city may be about, prepared for many questions."""
    found = [shape for code in _COUNTIES if (shape := counties.area(code)) is not None]
    if len(found) < len(_COUNTIES):
        whole = shapely.box(*WINDOW)
    else:
        land = shapely.simplify(shapely.union_all(found), _COARSE_DEG)
        whole = shapely.union(shapely.buffer(land, _MARGIN_DEG), shapely.box(*_SEA))
    shapely.prepare(whole)
    return whole


def holds(lon: float, lat: float) -> bool:
    """Tell whether a place is in the city or within some 5 km of it."""
    return bool(shapely.contains_xy(area(), lon, lat))
