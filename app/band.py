"""What stands in the band at the foot of a tall wall: the usual panels, none shown twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from app.scenes import Place, Scene, Side

BAND: Final[Mapping[Place, tuple[str, ...]]] = {
    Place("alarms", 0, 0, columns=2, rows=2): ("newest", "feeds"),
    Place("newest", 2, 0, rows=2): ("channels", "linkage_tile"),
    Place("orders", 3, 0): ("performance",),
    Place("rain", 3, 1): ("data_health",),
    Place("tides", 4, 0): ("card:requests",),
    Place("command_log", 4, 1): ("card:emergency",),
    Place("sluices", 5, 0, rows=2): ("linkage_tile", "card:health"),
}
"""Each place with its usual panel, and what stands there when a wing shows that already."""
_SAME: Final = {"river_tides": "tides", "sluice_table": "sluices"}


def places_of(scene: Scene) -> dict[Side, tuple[Place, ...]]:
    """Give a scene's panels by side, the band among them."""
    shown = {one.panel for wing in scene.wings.values() for one in wing}
    shown |= {_SAME[panel] for panel in shown & _SAME.keys()}
    band = []
    for place, others in BAND.items():
        panel = next((one for one in (place.panel, *others) if one not in shown), place.panel)
        shown.add(panel)
        band.append(replace(place, panel=panel))
    return {"bottom": tuple(band), **scene.wings}
