"""A wall in one window, a first file from the screens there are, a panel pulled out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from app.theme import VIEWINGS, text_px
from app.wall import Box, Screen
from app.wall_file import read_wall
from app.wall_plan import plan
from tests.end2end.walls import FILES
from tests.qt.picture import make_picture
from widgets.panel_table import make_panel
from widgets.preview import USUAL, lay_out
from widgets.pulled import Pulled
from widgets.wall_draft import Measured, draft, write_draft

NAMES = sorted(path.stem for path in FILES.glob("*.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_wall_lies_in_one_window_as_it_stands(name: str) -> None:
    wall = read_wall(FILES / f"{name}.toml")
    small = lay_out(wall)
    assert (small is None) == all(one.seat == "desk" for one in wall.screens)
    if small is None:
        return
    factor = small.factor(QSize(1600, 900))
    assert small.size.width() * factor <= 1600
    assert small.size.height() * factor <= 900
    scale = text_px(20, wall.viewings.get("wall", VIEWINGS["wall"])) / 24
    found = plan(small.screens, small.wall, scale)
    assert not found.missing
    assert not found.troubles
    sizes = {one.name: one.size for one in wall.screens}
    assert all(one.pixels == (sizes[one.name] or USUAL) for one in small.screens)


def test_a_first_file_describes_the_screens_and_can_be_read(tmp_path: Path) -> None:
    found = [
        Measured(Screen("OPS", Box(0, 2160, 1920, 1080)), 0.265),
        Measured(Screen("WALL-R", Box(3840, 0, 3840, 2160)), 1.25),
        Measured(Screen("WALL-L", Box(0, 0, 3840, 2160)), 1.25),
    ]
    path = tmp_path / "first.toml"
    path.write_text(draft(found), "utf-8")
    wall = read_wall(path)
    assert [(one.name, one.seat, one.size, one.at) for one in wall.screens] == [
        ("WALL-L", "wall", (3840, 2160), (0, 0)),
        ("WALL-R", "wall", (3840, 2160), (3840, 0)),
        ("OPS", "desk", (1920, 1080), None),
    ]
    assert wall.viewings["wall"].pitch_mm == 1.25


def test_writing_leaves_an_existing_file_alone(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "hall.toml"
    code, told = write_draft(path)
    assert code == 0, told
    before = path.read_bytes()
    assert write_draft(path)[0] == 1
    assert path.read_bytes() == before


def test_a_pulled_panel_goes_on_being_fed_and_is_given_back(qtbot: QtBot) -> None:
    picture = make_picture()
    room = picture.room("wall")
    pulled = Pulled(
        "rain",
        "wall",
        picture.theme,
        lambda parent: make_panel("rain", room, picture.details, parent),
    )
    qtbot.addWidget(pulled)
    pulled.show()
    qtbot.waitExposed(pulled)
    before = pulled.content.geometry()
    pulled.resize(pulled.width() * 2, pulled.height())
    assert pulled.content.width() > before.width()
    with qtbot.waitSignal(pulled.gone) as gone:
        pulled.close()
    assert gone.args == ["rain"]
