"""A map moved by keys: Shift and an arrow moves it, + and - look closer and from further away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from backend_client.contract.base import Text
from maps.setup import moved
from maps.view import MapView
from widgets.commands import Command

STEP: Final = 0.25
"""The share of the map's own size one key moves it."""
ZOOM_STEP: Final = 0.5
LEAST_ZOOM, MOST_ZOOM = 7.0, 18.0


def map_commands(view: Callable[[], object]) -> tuple[Command, ...]:
    """Give the keys that move a map.

    Args:
        view: gives the map there is now; anything else is left alone.
    """
    return (
        Command(("Shift+Left",), Text("地图向左", "map to the left"), partial(_move, view, -1, 0)),
        Command(("Shift+Right",), Text("地图向右", "map to the right"), partial(_move, view, 1, 0)),
        Command(("Shift+Up",), Text("地图向上", "map up"), partial(_move, view, 0, 1)),
        Command(("Shift+Down",), Text("地图向下", "map down"), partial(_move, view, 0, -1)),
        Command(("+", "="), Text("地图放大", "map closer"), partial(_zoom, view, ZOOM_STEP)),
        Command(("-",), Text("地图缩小", "map further away"), partial(_zoom, view, -ZOOM_STEP)),
    )


def _move(view: Callable[[], object], x: int, y: int) -> None:
    found = view()
    camera = found.camera() if isinstance(found, MapView) else None
    if isinstance(found, MapView) and camera is not None:
        found.fly(*moved(found.size(), camera, x * STEP, y * STEP), camera[2])


def _zoom(view: Callable[[], object], by: float) -> None:
    found = view()
    camera = found.camera() if isinstance(found, MapView) else None
    if isinstance(found, MapView) and camera is not None:
        found.fly(camera[0], camera[1], min(MOST_ZOOM, max(LEAST_ZOOM, camera[2] + by)))
