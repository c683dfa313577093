"""What stands in the band at the foot of a tall wall, whatever scene is shown above it."""

from __future__ import annotations

from typing import Final

from app.scenes import Place, Scene, Side

BAND: Final[tuple[Place, ...]] = (
    Place("alarms", 0, 0, columns=2, rows=2),
    Place("newest", 2, 0, rows=2),
    Place("orders", 3, 0),
    Place("rain", 3, 1),
    Place("tides", 4, 0),
    Place("command_log", 4, 1),
    Place("sluices", 5, 0, rows=2),
)


def places_of(scene: Scene) -> dict[Side, tuple[Place, ...]]:
    """Give a scene's panels by side, the band among them."""
    return {"bottom": BAND, **scene.wings}
