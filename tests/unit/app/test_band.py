"""The band at the foot of a tall wall repeats nothing that a wing above it shows."""

from __future__ import annotations

import pytest

from app.band import places_of
from app.scenes import Scene
from maps.scenes import all_scenes

SAME = {"river_tides": "tides", "sluice_table": "sluices"}
WALLS = [one for one in all_scenes() if one.seat == "wall" and "whole" not in one.wings]


@pytest.mark.parametrize("scene", WALLS, ids=[one.scene_id for one in WALLS])
def test_no_panel_stands_twice_on_a_tall_wall(scene: Scene) -> None:
    panels = [
        SAME.get(place.panel, place.panel) for wing in places_of(scene).values() for place in wing
    ]
    assert len(panels) == len(set(panels))


def test_the_usual_band_stands_where_nothing_repeats_it() -> None:
    hazmat = next(one for one in WALLS if one.scene_id == "hazmat")
    usual = ["alarms", "newest", "orders", "rain", "tides", "command_log", "sluices"]
    assert [place.panel for place in places_of(hazmat)["bottom"]] == usual
