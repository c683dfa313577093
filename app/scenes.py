"""The scene table: which seat, which part of the map, which layers, which panel where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.theme import Seat
from backend_client.contract.base import Text

Side = Literal["left", "right", "bottom", "whole"]
"""A wing, the band at the foot, or the whole screen under the header: no map, no strip."""


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
    """One arrangement of the screens, called by one key.

    Args:
        scene_id: stable, also in files.
        key: calls it; empty for none.
        title: its name.
        seat: whether walls or desks show it.
        extent: the part of the map.
        layers: on the map.
        wings: panels by side.
        palette: colours it wants; empty leaves those in force.
        own: whether operators saved it; such a scene may be changed and removed.
    """

    scene_id: str
    key: str
    title: Text
    seat: Seat
    extent: Extent
    layers: tuple[str, ...]
    wings: Mapping[Side, tuple[Place, ...]]
    palette: str = ""
    own: bool = False


CITY = Extent(west=120.15, south=31.60, east=122.05, north=32.75)
RIVERSIDE = Extent(west=120.45, south=31.62, east=122.00, north=32.25)


class Themed(Protocol):
    """What a scene needs to know of a layer."""

    @property
    def layer_id(self) -> str:
        """Give its id."""
        ...

    @property
    def order(self) -> int:
        """Give its place on the wall."""
        ...

    @property
    def whole_title(self) -> Text:
        """Give its whole name."""
        ...


# Where the card of the layer of each order stands: position is memory. Source: look README
# section 1; 行政问效 and 数据健康 have the two places no layer has.
_LEFT = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (0, 2), (1, 2))
_RIGHT = tuple((column, row) for row in range(3) for column in range(3))
_DESK = Extent(west=120.70, south=31.88, east=121.12, north=32.14)
SHARED = ("drawings",)
"""What people draw for each other is on every map."""
DESK_LAYERS = ("requests", "hazmat", "water", *SHARED)
"""What the desk's map begins with; the digits add the others."""
_Wings = Mapping[Side, tuple[Place, ...]]

_WATER: _Wings = {
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
}
_REQUESTS: _Wings = {
    "left": (
        Place("card:requests", 0, 0),
        Place("orders", 0, 1),
        Place("trend:requests", 0, 2),
        Place("statistics", 1, 0, columns=2, rows=2),
        Place("newest", 1, 2, columns=2),
    ),
    "right": (
        Place("hot_spots", 0, 0, columns=2),
        Place("due_list", 0, 1, columns=2),
        Place("legend:requests", 2, 0, rows=2),
        Place("alarms", 0, 2, columns=3),
    ),
}
_HANDOVER: _Wings = {
    "left": (Place("shift_log", 0, 0, columns=3, rows=3),),
    "right": (
        Place("handover", 0, 0, columns=3, rows=2),
        Place("shift_figures", 0, 2, columns=2),
        Place("orders", 2, 2),
    ),
}
_WARTIME: _Wings = {
    "left": (
        Place("river_tides", 0, 0, columns=3),
        Place("sluice_table", 0, 1, columns=3),
        Place("stations", 0, 2, columns=3),
    ),
    "right": (
        Place("alarms", 0, 0, columns=3),
        Place("orders", 0, 1),
        Place("rain", 1, 1),
        Place("linkage_tile", 2, 1),
        Place("command_log", 0, 2, columns=3),
    ),
}
WARTIME_LAYERS = ("water", "emergency", "transport", "health", *SHARED)
"""What a flood night needs on the map: water, who helps, how they get there. Hydrants and pipes
by the thousand would hide it; digits add them."""
_OWN_WINGS: Mapping[str, _Wings] = {"water": _WATER, "requests": _REQUESTS}
_BESIDE: Mapping[str, tuple[str, ...]] = {"requests": ("hotspots",)}
"""Overlays a layer's own scene begins with."""
_OWN_EXTENTS: Mapping[str, Extent] = {"water": RIVERSIDE}


def scene_table(layers: Sequence[Themed]) -> tuple[Scene, ...]:
    """Give every scene: the general one, one per layer, the handover, the desk."""
    ids = tuple(layer.layer_id for layer in layers)
    general = Scene(
        "general", "F1", Text("总体态势", "General"), "wall", CITY, (*ids, *SHARED), _cards(layers)
    )
    desk = Scene("desk", "F3", Text("坐席", "Desk"), "desk", _DESK, DESK_LAYERS, {})
    handover = Scene(
        "handover", "F6", Text("交接班", "Handover"), "wall", CITY, (*ids, *SHARED), _HANDOVER
    )
    wartime = Scene(
        "wartime",
        "F5",
        Text("战时应急", "Wartime"),
        "wall",
        RIVERSIDE,
        tuple(one for one in WARTIME_LAYERS if one in {*ids, *SHARED}),
        _WARTIME,
    )
    return (general, *(_theme(layer) for layer in layers), wartime, handover, desk, *_PAGES)


_PAGES = tuple(
    Scene(name, key, title, "wall", CITY, (), {"whole": (Place(name, 0, 0),)})
    for name, key, title in (
        ("cockpit", "F4", Text("领导驾驶舱", "Leader cockpit")),
        ("linkage", "F7", Text("一屏联动", "Units and feeds")),
    )
)
"""Scenes that are one page."""


def _cards(layers: Sequence[Themed]) -> _Wings:
    """Give the general wall; a layer beyond the sixteenth has its card on its own scene only."""
    spots: dict[Side, list[Place]] = {
        "left": [Place("performance", 2, 0), Place("data_health", 2, 2)],
        "right": [],
    }
    for layer in layers:
        at = layer.order - 1
        side: Side = "left" if at < len(_LEFT) else "right"
        places = (*_LEFT, *_RIGHT)
        if at < len(places):
            spots[side].append(Place(f"card:{layer.layer_id}", *places[at]))
    return {side: tuple(found) for side, found in spots.items()}


def _theme(layer: Themed) -> Scene:
    name = layer.layer_id
    return Scene(
        scene_id=name,
        key=OWN_KEYS.get(name, scene_key(layer.order)),
        title=layer.whole_title,
        seat="wall",
        extent=_OWN_EXTENTS.get(name, CITY),
        layers=(name, *_BESIDE.get(name, ()), *SHARED),
        wings=_OWN_WINGS.get(name, theme_wings(name)),
    )


def theme_wings(layer: str) -> _Wings:
    """Give the panels every layer's scene has unless it has richer ones of its own."""
    return {
        "left": (
            Place(f"card:{layer}", 0, 0),
            Place(f"trend:{layer}", 0, 1),
            Place(f"kinds:{layer}", 1, 0, columns=2, rows=2),
            Place(f"counties:{layer}", 0, 2, columns=3),
        ),
        "right": (
            Place(f"hot:{layer}", 0, 0, columns=2, rows=2),
            Place(f"legend:{layer}", 2, 0, rows=2),
            Place(f"sources:{layer}", 0, 2, columns=3),
        ),
    }


OWN_KEYS: Mapping[str, str] = {"water": "F2"}
_DIGITS = "1234567890"


def scene_key(order: int) -> str:
    """Give the key that calls a layer's scene: Ctrl and a digit, from the eleventh with Alt."""
    return _digit_key(order, "Ctrl+", "Ctrl+Alt+")


def layer_key(order: int) -> str:
    """Give the key that shows or hides a layer: a digit, from the eleventh with Alt."""
    return _digit_key(order, "", "Alt+")


def _digit_key(order: int, first: str, second: str) -> str:
    lap, at = divmod(order - 1, len(_DIGITS))
    return (first, second)[lap] + _DIGITS[at] if lap < 2 else ""


def scene_of(scenes: Sequence[Scene], scene_id: str) -> Scene:
    """Give a scene by its id.

    Raises:
        KeyError: there is no such scene.
    """
    return {known.scene_id: known for known in scenes}[scene_id]
