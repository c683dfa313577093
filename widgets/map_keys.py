"""A map moved by keys: Shift and an arrow moves it, + and - look closer and from further away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QTimer

from backend_client.contract.base import Text
from maps.setup import moved
from maps.view import MapView
from widgets.commands import Command

STEP: Final = 0.25
"""The share of the map's own size one key moves it."""
ZOOM_STEP: Final = 0.5
LEAST_ZOOM, MOST_ZOOM = 7.0, 18.0
TELLS_MS: Final = 700
"""A map that has much to draw tells this late where it is."""


def map_commands(view: Callable[[], object]) -> tuple[Command, ...]:
    """Give the keys that move a map.

    Args:
        view: gives the map there is now; anything else is left alone.
    """
    hand = _Hand(view)
    return (
        Command(("Shift+Left",), Text("地图向左", "map to the left"), partial(hand.move, -1, 0)),
        Command(("Shift+Right",), Text("地图向右", "map to the right"), partial(hand.move, 1, 0)),
        Command(("Shift+Up",), Text("地图向上", "map up"), partial(hand.move, 0, 1)),
        Command(("Shift+Down",), Text("地图向下", "map down"), partial(hand.move, 0, -1)),
        Command(("+", "="), Text("地图放大", "map closer"), partial(hand.zoom, ZOOM_STEP)),
        Command(("-",), Text("地图缩小", "map further away"), partial(hand.zoom, -ZOOM_STEP)),
    )


class _Hand:
    """Move a map step by step; steps that follow quickly add up, however late the map tells."""

    def __init__(self, view: Callable[[], object]) -> None:
        self._view = view
        self._goal = (0.0, 0.0, 0.0)
        self._moves = QTimer(singleShot=True, interval=TELLS_MS)

    def move(self, x: int, y: int) -> None:
        """Go a step right and up."""
        found = self._view()
        camera = self._camera(found)
        if isinstance(found, MapView) and camera is not None:
            lon, lat = moved(found.size(), camera, x * STEP, y * STEP)
            self._fly(found, (lon, lat, camera[2]))

    def zoom(self, by: float) -> None:
        """Look closer, or from further away."""
        found = self._view()
        camera = self._camera(found)
        if isinstance(found, MapView) and camera is not None:
            zoom = min(MOST_ZOOM, max(LEAST_ZOOM, camera[2] + by))
            self._fly(found, (camera[0], camera[1], zoom))

    def _camera(self, found: object) -> tuple[float, float, float] | None:
        if self._moves.isActive():
            return self._goal
        return found.camera() if isinstance(found, MapView) else None

    def _fly(self, view: MapView, goal: tuple[float, float, float]) -> None:
        self._goal = goal
        self._moves.start()
        view.fly(*goal)
