"""The drawn area: from the page's points to the contract's area, and back to an outline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import shapely

from backend_client.contract.resources import Area, Circle, Polygon

LonLat = tuple[float, float]

EARTH_M: Final = 6_371_008.8  # mean radius
_MOST_CORNERS: Final = 1_000
_MOST_HANDLES: Final = 12
_SMALLEST_M: Final = 1.0
_LARGEST_M: Final = 200_000.0
_CIRCLE_CORNERS: Final = 96
_TOLERANCE_DEG: Final = 0.0001


def distance_m(a: LonLat, b: LonLat) -> float:
    """Give the length of the great circle between two places."""
    lon_a, lat_a, lon_b, lat_b = (math.radians(value) for value in (*a, *b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def area_of(shape: str, points: Sequence[LonLat]) -> Area | None:
    """Give the area a drawing means, or None when it encloses nothing.

    A line that crosses itself keeps its largest loop; what is asked for is what is shown.
    """
    if shape == "circle":
        radius_m = distance_m(points[0], points[1])
        if not _SMALLEST_M <= radius_m <= _LARGEST_M:
            return None
        return Circle(lon=points[0][0], lat=points[0][1], radius_m=radius_m)
    if shape == "rectangle":
        (west, north), (east, south) = points[0], points[1]
        points = ((west, north), (east, north), (east, south), (west, south))
    return _polygon(points)


def _polygon(points: Sequence[LonLat]) -> Polygon | None:
    if len(points) < 3:
        return None
    drawn = shapely.make_valid(shapely.Polygon(points))
    if len(points) > _MOST_CORNERS:
        drawn = shapely.simplify(drawn, _TOLERANCE_DEG)
    loops = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon"]
    loops += [
        inner
        for part in shapely.get_parts(drawn)
        if part.geom_type == "MultiPolygon"
        for inner in part.geoms
    ]
    if not loops:
        return None
    ring = max(loops, key=lambda loop: float(loop.area)).exterior.coords[:-1]
    return Polygon(ring=tuple((float(lon), float(lat)) for lon, lat, *_ in ring))


def ring_of(area: Area) -> tuple[LonLat, ...]:
    """Give an area's outline; a circle on the ground as a ring of corners."""
    if isinstance(area, Polygon):
        return area.ring
    turns = (2 * math.pi * index / _CIRCLE_CORNERS for index in range(_CIRCLE_CORNERS))
    return tuple(_travel((area.lon, area.lat), turn, area.radius_m) for turn in turns)


def _travel(start: LonLat, bearing: float, length_m: float) -> LonLat:
    lon, lat = math.radians(start[0]), math.radians(start[1])
    arc = length_m / EARTH_M
    end_lat = math.asin(
        math.sin(lat) * math.cos(arc) + math.cos(lat) * math.sin(arc) * math.cos(bearing)
    )
    end_lon = lon + math.atan2(
        math.sin(bearing) * math.sin(arc) * math.cos(lat),
        math.cos(arc) - math.sin(lat) * math.sin(end_lat),
    )
    return math.degrees(end_lon), math.degrees(end_lat)


def handles_of(area: Area) -> tuple[LonLat, ...]:
    """Give the corners that carry a handle: all of a few, evenly chosen of many."""
    ring = ring_of(area)
    if isinstance(area, Circle):
        return tuple(ring[index * len(ring) // 4] for index in range(4))
    step = max(1, math.ceil(len(ring) / _MOST_HANDLES))
    return ring[::step]


def label_of(area: Area) -> LonLat:
    """Give a place inside the area for its number."""
    if isinstance(area, Circle):
        return area.lon, area.lat
    inside = shapely.Polygon(area.ring).point_on_surface()
    middle = shapely.Polygon(area.ring).centroid
    point = middle if shapely.Polygon(area.ring).contains(middle) else inside
    return float(point.x), float(point.y)
