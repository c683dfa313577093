"""Zones on seams, cards on their module, text never shrunk, screens told apart."""

from __future__ import annotations

import pytest

from app.scenes import Place
from app.wall import Box, Screen, desk_layout, place, seats, wall_layout
from maps.scenes import all_scenes, scene


def test_the_drawn_wall() -> None:
    zones = wall_layout(3840, 1080).zones
    assert zones["left"] == Box(24, 192, 912, 864)
    assert zones["map"] == Box(960, 192, 1920, 864)
    assert zones["right"] == Box(2904, 192, 912, 864)
    assert place(zones["left"], Place("card", 0, 0)) == Box(24, 192, 293, 277)


@pytest.mark.parametrize("width", [3840, 5760, 7680])
def test_edges_fall_on_seams_and_the_map_takes_the_rest(width: int) -> None:
    zones = wall_layout(width, 1080).zones
    assert zones["map"].x % 960 == 0
    assert zones["map"].right % 960 == 0
    assert zones["map"].width == width - 2 * 960


@pytest.mark.parametrize(
    ("width", "scale", "wings"),
    [
        (1920, 2 / 3, ("left", "right")),
        (1920, 1.0, ("left",)),
        (1366, 2 / 3, ("left",)),
        (1024, 1.0, ()),
    ],
)
def test_wings_go_before_text_shrinks(width: int, scale: float, wings: tuple[str, ...]) -> None:
    layout = wall_layout(width, 1080, scale)
    assert layout.wings() == wings
    assert layout.scale == scale


@pytest.mark.parametrize("one", all_scenes(), ids=lambda one: one.scene_id)
def test_panels_fill_a_wing_without_touching(one: object) -> None:
    for places in scene(getattr(one, "scene_id", "")).wings.values():
        taken = [
            (column, row)
            for where in places
            for column in range(where.column, where.column + where.columns)
            for row in range(where.row, where.row + where.rows)
        ]
        assert sorted(taken) == [(column, row) for column in range(3) for row in range(3)]


def test_scene_keys() -> None:
    keys = {one.scene_id: one.key for one in all_scenes()}
    assert (keys["general"], keys["water"], keys["desk"]) == ("F1", "F2", "F3")
    assert (keys["party"], keys["hazmat"], keys["fire"]) == ("Ctrl+1", "Ctrl+0", "Ctrl+Alt+1")
    assert len(set(keys.values())) == len(keys)
    assert all(keys.values())


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (2560, 1440), (1600, 900)])
def test_desk_reads_left_to_right_without_overlap(width: int, height: int) -> None:
    desk = desk_layout(width, height)
    assert desk.queue.right < desk.middle.x
    assert desk.middle.right < desk.side.x
    assert desk.side.right <= width
    assert desk.keys.bottom == height


WALL, OPS = Screen("WALL-L", Box(0, 0, 3840, 1080)), Screen("OPS", Box(0, 1080, 1920, 1080))


def test_a_wide_screen_is_wall_and_another_the_desk() -> None:
    assert seats((OPS, WALL)) == {"WALL-L": "wall", "OPS": "desk"}
    assert seats((OPS,)) == {"OPS": "desk"}
    assert seats((WALL,)) == {"WALL-L": "wall"}
