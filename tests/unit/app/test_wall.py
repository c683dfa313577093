"""Zones on seams, cards on their module, text never shrunk, screens told apart."""

from __future__ import annotations

import pytest

from app.cockpit_layout import cockpit_boxes
from app.scenes import Place
from app.wall import (
    GRIDS,
    Box,
    Screen,
    desk_layout,
    place,
    seats,
    wall_layout,
    whole_layout,
)
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
    for side, places in scene(getattr(one, "scene_id", "")).wings.items():
        taken = [
            (column, row)
            for where in places
            for column in range(where.column, where.column + where.columns)
            for row in range(where.row, where.row + where.rows)
        ]
        columns, rows = GRIDS[side]
        assert sorted(taken) == [(column, row) for column in range(columns) for row in range(rows)]


def test_scene_keys() -> None:
    keys = {one.scene_id: one.key for one in all_scenes()}
    assert (keys["general"], keys["water"], keys["desk"]) == ("F1", "F2", "F3")
    assert (keys["party"], keys["hazmat"], keys["fire"]) == ("Ctrl+1", "Ctrl+0", "Ctrl+Alt+1")
    assert len(set(keys.values())) == len(keys)
    assert all(keys.values())


@pytest.mark.parametrize(
    ("width", "height", "scale", "modular"),
    [
        (1904, 984, 2 / 3, False),
        (1350, 680, 2 / 3, False),
        (3792, 952, 1.0, True),
        (3792, 2032, 1.0, True),
        (7632, 2032, 1.0, True),
    ],
)
def test_a_cockpits_panels_lie_apart_and_inside(
    width: int, height: int, scale: float, modular: bool
) -> None:
    boxes = cockpit_boxes(width, height, scale, modular=modular)
    whole = Box(0, 0, width, height)
    assert {"decisions", "today", "accountability"} <= set(boxes)
    for name, box in boxes.items():
        assert whole.holds(box), name
        for other, another in boxes.items():
            assert name == other or not box.meets(another), (name, other)
        if modular and name != "decisions" and width < 3_800:
            first, last = (edge // 960 for edge in (box.x + 24, box.right + 23))
            assert first == last, name  # no panel crosses a module's edge


def test_a_page_has_all_that_is_under_the_header() -> None:
    found = whole_layout(wall_layout(3840, 1080))
    assert set(found.zones) == {"header", "whole"}
    assert found.zones["whole"] == Box(24, 104, 3792, 952)
    desk = whole_layout(wall_layout(1920, 1080, 2 / 3)).zones["whole"]
    assert (desk.x, desk.right) == (16, 1904)


@pytest.mark.parametrize(
    ("width", "height"), [(1920, 1080), (2560, 1440), (1600, 900), (1366, 768)]
)
def test_desk_reads_left_to_right_without_overlap(width: int, height: int) -> None:
    desk = desk_layout(width, height)
    assert desk.queue.right < desk.middle.x
    assert desk.middle.right < desk.side.x
    assert desk.side.right <= width
    assert desk.keys.bottom == height
    assert desk.middle.width >= 540  # four buttons and five stages stand side by side
    assert desk.queue.width >= 300


WALL, OPS = Screen("WALL-L", Box(0, 0, 3840, 1080)), Screen("OPS", Box(0, 1080, 1920, 1080))


def test_a_wide_screen_is_wall_and_another_the_desk() -> None:
    assert seats((OPS, WALL)) == {"WALL-L": "wall", "OPS": "desk"}
    assert seats((OPS,)) == {"OPS": "desk"}
    assert seats((WALL,)) == {"WALL-L": "wall"}
