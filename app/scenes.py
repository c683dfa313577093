"""The scene table: which seat, which part of the map, which layers, which panel where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.theme import Seat
from backend_client.contract.base import Text

Side = Literal["left", "right", "bottom"]


@dataclass(frozen=True, slots=True)
class Extent:
    """A part of the map, degrees WGS-84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel stands in a wing of three columns and three rows."""

    panel: str
    column: int
    row: int
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """One arrangement of the screens, called by one key."""

    scene_id: str
    key: str
    title: Text
    seat: Seat
    extent: Extent
    layers: tuple[str, ...]
    wings: Mapping[Side, tuple[Place, ...]]


CITY = Extent(west=120.15, south=31.60, east=122.05, north=32.75)
RIVERSIDE = Extent(west=120.45, south=31.62, east=122.00, north=32.25)

SCENES: tuple[Scene, ...] = (
    Scene(
        scene_id="general",
        key="F1",
        title=Text("总体态势", "General"),
        seat="wall",
        extent=CITY,
        layers=("requests", "hazmat", "water"),
        wings={
            "left": (
                Place("card:requests", 0, 0),
                Place("channels", 1, 0),
                Place("counties", 2, 0),
                Place("newest", 0, 1, columns=2),
                Place("feeds", 2, 1),
                Place("alarms", 0, 2, columns=3),
            ),
            "right": (
                Place("card:hazmat", 0, 0),
                Place("hazmat", 1, 0, columns=2),
                Place("card:water", 0, 1),
                Place("tides", 1, 1, columns=2),
                Place("sluices", 0, 2, columns=2),
                Place("orders", 2, 2),
            ),
        },
    ),
    Scene(
        scene_id="water",
        key="F2",
        title=Text("水利专题", "Water"),
        seat="wall",
        extent=RIVERSIDE,
        layers=("water",),
        wings={
            "left": (
                Place("river_tides", 0, 0, columns=3),
                Place("sluice_table", 0, 1, columns=3, rows=2),
            ),
            "right": (
                Place("stations", 0, 0, columns=3, rows=2),
                Place("water_alarms", 0, 2),
                Place("rain", 1, 2),
                Place("command_log", 2, 2),
            ),
        },
    ),
    Scene(
        scene_id="desk",
        key="F3",
        title=Text("坐席", "Desk"),
        seat="desk",
        extent=Extent(west=120.70, south=31.88, east=121.12, north=32.14),
        layers=("requests", "hazmat", "water"),
        wings={},
    ),
)


def scene(scene_id: str) -> Scene:
    """Give a scene by its id.

    Raises:
        KeyError: there is no such scene.
    """
    return {known.scene_id: known for known in SCENES}[scene_id]


def by_key(key: str) -> Scene | None:
    """Give the scene a function key calls."""
    return {known.key: known for known in SCENES}.get(key)
