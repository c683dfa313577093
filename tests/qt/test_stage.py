"""Part of a wall in one window: bars reach over the seam, panels only where their zone is."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.band import BAND
from app.wall import Screen
from app.wall_file import read_wall
from app.wall_plan import Piece, plan
from tests.end2end.walls import FILES
from tests.qt.picture import make_picture
from tests.qt.test_panels import make_stage
from tests.unit.app.test_wall_plan import screens_of
from widgets.panel_table import PANELS


def pieces(name: str) -> dict[str, Piece]:
    wall = read_wall(FILES / f"{name}.toml")
    screens: tuple[Screen, ...] = screens_of(wall)
    shows = plan(screens, wall, 1.0).shows
    return {name: show.piece for name, show in shows.items() if show.piece is not None}


def test_every_panel_of_the_band_can_be_made() -> None:
    assert {one.panel for one in BAND} <= set(PANELS)


def test_a_window_shows_its_part_and_no_words_cross_the_seam(qtbot: QtBot) -> None:
    picture = make_picture()
    stage = make_stage(picture, qtbot, "general", "wall")
    right = pieces("wall-7680x2160")["WALL-2"]
    stage.use_piece(right)
    stage.resize(3840, 2160)
    stage.show()
    assert stage.header.geometry().getRect() == (-3840, 0, 7680, 88)
    assert stage.header.stretches == ((0, 3840), (3840, 3840))
    shown = [panel for panel in stage.panels() if panel.isVisible()]
    assert shown
    assert all(panel.x() > 3840 - 960 for panel in shown)


def test_a_wing_that_comes_to_a_screen_brings_its_panels(qtbot: QtBot) -> None:
    stage = make_stage(make_picture(), qtbot, "general", "wall")
    apart = pieces("wings-apart-4x1920")
    stage.use_piece(apart["S2"])
    stage.resize(1920, 1080)
    stage.show()
    assert not [panel for panel in stage.panels() if panel.isVisible()]
    stage.use_piece(apart["S1"])
    assert [panel for panel in stage.panels() if panel.isVisible()]


def test_a_tall_wall_has_its_band(qtbot: QtBot) -> None:
    stage = make_stage(make_picture(), qtbot, "general", "wall")
    stage.use_piece(pieces("wall-3840x2160")["WALL"])
    stage.resize(3840, 2160)
    stage.show()
    low = [panel for panel in stage.panels() if panel.isVisible() and panel.y() > 1300]
    assert len(low) == len(BAND)
