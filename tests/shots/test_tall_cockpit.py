"""The cockpit on a wall twice as high as drawn: large tiles, the map's own shape, no word cut."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Language
from tests.qt.picture import Picture, make_picture
from tests.qt.test_cockpit import look, open_scene
from tests.shots.test_desk_looks import told
from tests.shots.test_shots import save
from widgets.paint import Board
from widgets.panels.cockpit import CockpitPage
from widgets.panels.tiles import BIG_HIGH


def high(picture: Picture, units: float) -> float:
    """Give a length of the wall's own units in pixels."""
    image = QImage(1, 1, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    px = Board(painter, picture.theme, "wall").u(units)
    painter.end()
    return px


@pytest.mark.parametrize(("language", "palette"), [("zh", "night"), ("en", "day")])
def test_a_tall_wall(qtbot: QtBot, language: Language, palette: str) -> None:
    picture = make_picture()
    picture.words.use(language)
    picture.theme.use(palette)
    stage = open_scene(picture, qtbot, "cockpit", (7680, 2160), "wall")
    page = stage.panels()[0]
    assert isinstance(page, CockpitPage)
    look(stage)
    save(stage, f"cockpit-7680-{language}-{palette}")
    assert told(stage) == []
    spots = page.shared.focus.spots.values()
    least = high(picture, BIG_HIGH)
    small = {type(owner).__name__ for owner, spot in spots if spot.height() < least}
    assert not small & {"Safety", "Water", "City"}, "there is room for large numbers"
    counties = page.parts["counties"]
    assert counties.width() > counties.height()  # the city is wider than high
