"""One camera for all the map views of a wall: each looks through its own window of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.scenes import Extent
from app.wall import Box

TILE: Final = 256.0  # pixels of the whole world at zoom 0
ZOOMS: Final = (7.0, 18.0)
NEAR_PX: Final = 0.75
NEAR_ZOOM: Final = 1e-3

Look = Callable[[float, float, float], None]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the middle of a map looks: degrees WGS-84 and the zoom of web maps."""

    lon: float
    lat: float
    zoom: float


def _world(lon: float, lat: float) -> tuple[float, float]:
    """Give a place in pixels of zoom 0, y to the south."""
    north = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return TILE * (lon + 180.0) / 360.0, TILE * (0.5 - north / (2 * math.pi))


def _place(x: float, y: float) -> tuple[float, float]:
    north = (0.5 - y / TILE) * 2 * math.pi
    return x / TILE * 360.0 - 180.0, math.degrees(2 * math.atan(math.exp(north)) - math.pi / 2)


def fitting(extent: Extent, box: Box) -> Camera:
    """Give the camera that shows a part of the city as large as a box allows."""
    west, north = _world(extent.west, extent.north)
    east, south = _world(extent.east, extent.south)
    scale = min(box.width / (east - west), box.height / (south - north))
    zoom = min(max(math.log2(scale), ZOOMS[0]), ZOOMS[1])
    return Camera(*_place((west + east) / 2, (north + south) / 2), zoom)


def window(camera: Camera, whole: Box, part: Box) -> Camera:
    """Give the camera of a view that is a part of the whole map."""
    return _shifted(camera, _offset(whole, part), 1)


def behind(camera: Camera, whole: Box, part: Box) -> Camera:
    """Give the whole map's camera from a part's."""
    return _shifted(camera, _offset(whole, part), -1)


def _offset(whole: Box, part: Box) -> tuple[float, float]:
    x = part.x + part.width / 2 - whole.x - whole.width / 2
    return x, part.y + part.height / 2 - whole.y - whole.height / 2


def _shifted(camera: Camera, offset: tuple[float, float], sign: int) -> Camera:
    x, y = _world(camera.lon, camera.lat)
    scale = 2.0**camera.zoom
    return Camera(*_place(x + sign * offset[0] / scale, y + sign * offset[1] / scale), camera.zoom)


def are_near(one: Camera, other: Camera) -> bool:
    """Tell whether two cameras show the same to within a pixel."""
    (x, y), (x2, y2) = _world(one.lon, one.lat), _world(other.lon, other.lat)
    away = math.hypot(x - x2, y - y2) * 2.0**one.zoom
    return abs(one.zoom - other.zoom) < NEAR_ZOOM and away < NEAR_PX


@dataclass(slots=True)
class Member:
    """A view that looks through the shared camera: how to turn it, and what part it is."""

    look: Look
    whole: Box
    part: Box
    told: Camera | None = None


@dataclass(slots=True)
class Hub:
    """Keep the views of one wall together; a view that is moved by hand moves the others."""

    extent: Extent | None = None
    camera: Camera | None = None
    members: dict[str, Member] = field(default_factory=dict)

    def join(self, name: str, look: Look, whole: Box, part: Box) -> None:
        """Take a view in, or give it another part; all are turned to where they belong."""
        self.members[name] = Member(look, whole, part)
        if self.extent is not None:
            self._look(fitting(self.extent, whole))
        else:
            self._turn(self.members[name])

    def leave(self, name: str) -> None:
        """Let a view go."""
        self.members.pop(name, None)

    def show(self, extent: Extent) -> None:
        """Fit a part of the city into the whole map."""
        self.extent = extent
        for member in reversed(self.members.values()):  # the last to join knows the size
            self._look(fitting(extent, member.whole))
            return

    def moved(self, name: str, lon: float, lat: float, zoom: float) -> None:
        """Hear where a view looks now; what it was told to does not count."""
        member, now = self.members.get(name), Camera(lon, lat, zoom)
        if member is None or (member.told is not None and are_near(now, member.told)):
            return
        self.extent = None
        member.told = now
        self._look(behind(now, member.whole, member.part), besides=name)

    def _look(self, camera: Camera, besides: str = "") -> None:
        self.camera = camera
        for name, member in self.members.items():
            if name != besides:
                self._turn(member)

    def _turn(self, member: Member) -> None:
        if self.camera is None:
            return
        member.told = window(self.camera, member.whole, member.part)
        member.look(member.told.lon, member.told.lat, member.told.zoom)
