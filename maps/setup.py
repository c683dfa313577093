"""What a page must be told when it is loaded anew: camera, layers, words, colours, drawings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRect, QSize

from app.scenes import Extent
from app.theme import Seat
from backend_client.contract.base import Text
from backend_client.contract.resources import Area
from maps import lasso
from maps.host import MapHost
from maps.mercator import EARTH_M, zoom_scale
from maps.sight import Detail

STROKE: Final[dict[Seat, float]] = {"wall": 1.5, "desk": 1.0}
_LEGEND: Final = Text("聚合符号 = 图层 + 数量 + 异常", "Chip = layer + count + abnormal")
_NORMAL: Final = Text(
    "带等级形状的才需处置，其余正常", "Only what carries a level shape needs someone"
)
_STREETS: Final = Text("未装街道底图 · 位置示意", "No street map installed · places approximate")


@dataclass(slots=True)
class State:
    """Everything the page must be told again after it was loaded anew."""

    home: Extent
    layers: tuple[str, ...]
    seat: Seat
    camera: tuple[float, float, float] | None = None
    detail: Detail = "auto"
    mark: tuple[str, int] | None = None
    area: tuple[Area, str] | None = None
    covers: list[QRect] = field(default_factory=list)
    foot: bool = True
    labels: dict[str, dict[int, tuple[str, ...]]] = field(default_factory=dict)


def look(host: MapHost, seat: Seat) -> dict[str, object]:
    """Give colours, sizes and words in force."""
    theme, words = host.sources.theme, host.sources.words
    return {
        "colours": {name: value for name, value in theme.css().items() if value.startswith("#")},
        "S": theme.size("s", seat),
        "M": theme.size("m", seat),
        "seat": seat,
        "stroke": STROKE[seat],
        "night": theme.name == "night",
        "language": words.language,
        "tiles": host.tiles.facts(),
        "words": {
            "legend": words.say(_LEGEND),
            "normal": words.say(_NORMAL),
            "streets": host.tiles.name or words.say(_STREETS),
            "source": host.source_line(),
        },
    }


def setup(host: MapHost, view: int, state: State) -> dict[str, object]:
    """Give everything at once."""
    area = state.area
    mark = state.mark
    return {
        "view": view,
        "newest": host.tray.newest(view),
        "drawing": host.sources.drawing,
        "look": look(host, state.seat),
        "layers": list(state.layers),
        "home": bounds(state.home),
        "camera": state.camera,
        "detail": state.detail,
        "mark": {"layer": mark[0], "oid": mark[1]} if mark else None,
        "area": {"rings": area_rings(area[0]), "label": area[1]} if area else None,
        "covers": [rectangle(rect) for rect in state.covers],
        "foot": state.foot,
        "labels": {
            layer: {str(oid): list(words) for oid, words in lines.items()}
            for layer, lines in state.labels.items()
        },
    }


def bounds(extent: Extent) -> list[float]:
    """Give west, south, east, north."""
    return [extent.west, extent.south, extent.east, extent.north]


def rectangle(rect: QRect) -> dict[str, int]:
    """Give a rectangle in CSS pixels."""
    return {"x": rect.x(), "y": rect.y(), "w": rect.width(), "h": rect.height()}


def area_rings(area: Area) -> list[dict[str, object]]:
    """Give an area as the page draws it: outline, handles, place of its number."""
    return [
        {
            "ring": lasso.ring_of(area),
            "handles": lasso.handles_of(area),
            "label": lasso.label_of(area),
        }
    ]


def _north_m(lat: float) -> float:
    return EARTH_M * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


def seen_extent(size: QSize, camera: tuple[float, float, float] | None) -> Extent | None:
    """Give the part of the city a map of a size shows; None before it shows any."""
    if camera is None or size.isEmpty():
        return None
    lon, lat, zoom = camera
    scale = zoom_scale(zoom)
    half = math.degrees(size.width() / 2 / scale / EARTH_M)
    north_m = _north_m(lat)
    high_m = size.height() / 2 / scale
    south, north = (_lat(north_m + sign * high_m) for sign in (-1, 1))
    return Extent(lon - half, south, lon + half, north)


def _lat(north_m: float) -> float:
    return math.degrees(2 * math.atan(math.exp(north_m / EARTH_M)) - math.pi / 2)


def moved(
    size: QSize, camera: tuple[float, float, float], x: float, y: float
) -> tuple[float, float]:
    """Give the middle of a map of a size after it went this share of itself right and up."""
    lon, lat, zoom = camera
    scale = zoom_scale(zoom)
    east = lon + math.degrees(x * size.width() / scale / EARTH_M)
    return east, _lat(_north_m(lat) + y * size.height() / scale)


def place_on(size: QSize, camera: tuple[float, float, float], lon: float, lat: float) -> QPointF:
    """Give where a place falls on a map of a size."""
    eye_lon, eye_lat, zoom = camera
    scale = zoom_scale(zoom)
    x = math.radians(lon - eye_lon) * EARTH_M * scale
    y = (_north_m(lat) - _north_m(eye_lat)) * scale
    return QPointF(size.width() / 2 + x, size.height() / 2 - y)
