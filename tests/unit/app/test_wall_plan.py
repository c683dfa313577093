"""One wall over several screens: zones meet at seams, nothing is lost when a screen is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.band import BAND
from app.scenes import Place
from app.theme import ARCMIN, text_px
from app.wall import GAP, MARGIN, Box, Layout, Screen, apart, band_place, place, seats
from app.wall_file import WallFile, read_wall
from app.wall_plan import WING, Plan, Show, own_layout, plan
from tests.end2end.stack import ROOT

WALLS = {path.stem: read_wall(path) for path in (ROOT / "resources" / "walls").glob("*.toml")}
SPAN = WALLS["wall-7680x2160"]
APART = WALLS["wings-apart-4x1920"]


NINE = [Place("", column, row) for column in range(3) for row in range(3)]


def scale_of(wall: WallFile) -> float:
    viewing = wall.viewings.get("wall")
    return text_px(ARCMIN["wall"]["s"], viewing) / 24 if viewing else 1.0


def screens_of(wall: WallFile) -> tuple[Screen, ...]:
    """Give the screens a file describes, as the window system would."""
    found, right = [], 0
    for one in wall.screens:
        width, height = one.size or (1920, 1080)
        name = "eDP-1" if one.name == "*" else one.name
        found.append(Screen(name, Box(right, 0, width, height)))
        right += width
    return tuple(found)


def without(wall: WallFile, *names: str) -> tuple[Screen, ...]:
    return tuple(one for one in screens_of(wall) if one.name not in names)


def layouts(found: Plan, scale: float) -> dict[str, Layout]:
    return {
        name: show.piece.layout(scale)
        for name, show in found.shows.items()
        if show.piece is not None
    }


@pytest.mark.parametrize("name", WALLS)
def test_every_wall_of_ours_opens_as_it_says(name: str) -> None:
    wall = WALLS[name]
    found = plan(screens_of(wall), wall, scale_of(wall))
    assert found.missing == ()
    assert found.troubles == ()
    assert len(found.shows) == len(wall.screens)
    shown = {zone for one in layouts(found, scale_of(wall)).values() for zone in one.zones}
    assert set(wall.zones) <= shown


def test_bars_and_map_run_over_the_seam() -> None:
    one, two = layouts(plan(screens_of(SPAN), SPAN, 1.0), 1.0).values()
    assert one.zones["header"] == Box(0, 0, 7680, 88)
    assert two.zones["header"] == Box(-3840, 0, 7680, 88)
    assert one.zones["map"].right == 3840
    assert two.zones["map"].x == 0
    assert one.whole_map == Box(960, 192, 5760, 1944)
    assert two.whole_map == one.whole_map.moved(-3840, 0)
    assert ("left" in one.zones, "right" in one.zones) == (True, False)
    assert ("left" in two.zones, "right" in two.zones) == (False, True)
    assert one.stretches == ((0, 3840), (3840, 3840))


def test_a_wing_with_a_screen_to_itself_fills_it() -> None:
    found = layouts(plan(screens_of(APART), APART, 1.0), 1.0)
    assert found["S1"].zones["left"] == Box(24, 192, 1872, 864)
    assert "map" not in found["S1"].zones
    assert found["S2"].whole_map == Box(24, 192, 3792, 864)
    assert found["S4"].zones["right"] == Box(24, 192, 1872, 864)


@pytest.mark.parametrize("lost", ["S1", "S2", "S3", "S4"])
def test_a_lost_screen_takes_only_its_own(lost: str) -> None:
    found = plan(without(APART, lost), APART, 1.0)
    assert found.missing == (lost,)
    assert lost not in found.shows
    shown = {zone for one in layouts(found, 1.0).values() for zone in one.zones}
    assert {"header", "strip", "map"} <= shown


def test_a_wall_that_lost_its_map_shows_it_on_what_is_left() -> None:
    found = plan(without(APART, "S2", "S3"), APART, 1.0)
    assert set(found.shows) == {"S1", "S4"}
    assert all("map" in one.zones for one in layouts(found, 1.0).values())


def test_with_none_of_its_screens_the_file_is_left_aside() -> None:
    other = (Screen("HDMI-1", Box(0, 0, 3840, 1080)),)
    found = plan(other, APART, 1.0)
    assert found.shows == {"HDMI-1": Show("wall", other[0].box)}
    assert found.troubles


def test_a_file_that_leaves_no_room_for_the_map_is_told() -> None:
    narrow = plan((Screen("WALL", Box(0, 0, 1000, 600)),), WALLS["wall-3840x1080"], 1.0)
    assert narrow.troubles
    ours = WALLS["wall-3840x2160"]
    squeezed = plan((Screen("WALL", Box(0, 0, 3840, 400)),), ours, 1.0)
    assert any("leave the map" in one.en for one in squeezed.troubles)


def test_another_size_than_described_is_told_and_used() -> None:
    smaller = (Screen("WALL-1", Box(0, 0, 1920, 1080)), Screen("WALL-2", Box(1920, 0, 3840, 2160)))
    found = plan(smaller, SPAN, 1.0)
    assert ["WALL-1" in one.en for one in found.troubles] == [True]
    assert layouts(found, 1.0)["WALL-2"].zones["header"].x == -1920


def test_scaled_screens_are_placed_by_their_own_pixels() -> None:
    scaled = tuple(Screen(one.name, Box(one.box.x, 0, 1920, 1080), 2.0) for one in screens_of(SPAN))
    found = plan(scaled, SPAN, 0.5)
    assert found.troubles == ()
    assert layouts(found, 0.5)["WALL-2"].zones["header"].x == -1920


def test_one_of_the_wings_takes_the_others_place_when_asked() -> None:
    piece = plan(without(APART, "S4"), APART, 1.0).shows["S1"].piece
    assert piece is not None
    assert "left" in piece.layout(1.0).zones
    assert "right" in piece.layout(1.0, turned=True).zones


def test_the_band_takes_what_a_wing_of_its_height_leaves() -> None:
    wall = WALLS["wall-3840x2160"]
    zones = layouts(plan(screens_of(wall), wall, 1.0), 1.0)["WALL"].zones
    assert zones["bottom"] == Box(24, 1368, 3792, 768)
    assert zones["map"].bottom == zones["left"].bottom == 1352


def test_a_wall_of_common_height_has_no_room_for_a_band() -> None:
    wall = WALLS["wall-3840x2160"]
    low = plan((Screen("WALL", Box(0, 0, 3840, 1080)),), wall, 1.0)
    assert "bottom" not in layouts(low, 1.0)["WALL"].zones


def test_the_band_is_full() -> None:
    taken = [
        (column, row)
        for one in BAND
        for column in range(one.column, one.column + one.columns)
        for row in range(one.row, one.row + one.rows)
    ]
    assert sorted(taken) == [(column, row) for column in range(6) for row in range(2)]


def test_letters_too_large_for_the_wall_are_told() -> None:
    assert plan(screens_of(APART), APART, 1.0).troubles == ()
    (trouble,) = plan(screens_of(APART), APART, 1.6).troubles
    assert "pitch_mm" in trouble.en


def test_a_screen_that_spans_the_others_is_no_wall() -> None:
    real = (Screen("A", Box(0, 0, 3840, 1080)), Screen("B", Box(0, 1080, 1920, 1080)))
    span = Screen("screen", Box(0, 0, 7680, 3240))
    assert seats((*real, span)) == seats(real)
    assert apart((span,)) == (span,)
    assert apart((real[0], real[0])) == (real[0],)


@given(st.sets(st.sampled_from(["WALL-1", "WALL-2", "WALL-3", "DESK"])), st.floats(0.6, 3.0))
def test_zones_never_overlap_whatever_is_plugged_in(lost: set[str], scale: float) -> None:
    wall = WALLS["wall-11520x2160-desk"]
    found = plan(without(wall, *lost), wall, scale)
    for layout in layouts(found, scale).values():
        boxes = list(layout.zones.items())
        for index, (zone, box) in enumerate(boxes):
            assert not [other for other, there in boxes[:index] if box.meets(there)], zone


def test_a_tall_window_of_its_own_has_a_band_and_keeps_its_cards() -> None:
    tall = own_layout(3840, 2160, 1.0, turned=False).zones
    assert tall["left"].height == tall["right"].height == tall["map"].height == WING
    assert tall["bottom"].y == tall["map"].bottom + GAP
    assert tall["bottom"].bottom == 2160 - MARGIN
    assert "bottom" not in own_layout(3840, 1080, 1.0, turned=False).zones
    assert "bottom" not in own_layout(1920, 1080, 2 / 3, turned=False).zones


@pytest.mark.parametrize("width", [7680, 11520])
def test_a_tall_and_wide_wall_gives_its_whole_height_to_a_map_shaped_like_the_city(
    width: int,
) -> None:
    found = own_layout(width, 2160, 1.0, turned=False)
    zones = found.zones
    assert zones["map"].height > 1.5 * WING
    assert zones["map"].bottom == zones["bottom"].bottom == 2160 - MARGIN
    assert zones["left"].height == zones["right"].height == WING
    cells = [band_place(found, one) for one in BAND]
    cells += [place(zones[side], one) for side in ("left", "right") for one in NINE]
    cells.append(zones["map"])
    for index, one in enumerate(cells):
        assert one.x >= MARGIN
        assert one.right <= width - MARGIN
        assert not [other for other in cells[:index] if one.meets(other)]


def test_a_wall_too_narrow_to_part_keeps_its_band_under_the_map() -> None:
    zones = own_layout(5760, 2160, 1.0, turned=False).zones
    assert not zones["map"].meets(zones["bottom"])
