"""The leader's county map shows the user's own areas and the approval number that was entered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from pytestqt.qtbot import QtBot

from tests.qt.picture import make_picture
from widgets.panels.county_map import CountyMap
from widgets.panels.tiles import Focus, Shared
from widgets.spark import Sparks

pytestmark = pytest.mark.usefixtures("qapp")


def drawn(qtbot: QtBot, settings: dict[str, str]) -> CountyMap:
    room = replace(make_picture().room(), setting=lambda key: settings.get(key, ""))
    shared = Shared(Focus(), Sparks(room, None))
    panel = CountyMap(room, shared)
    qtbot.addWidget(panel)
    panel.resize(900, 700)
    panel.show()
    panel.ask()
    panel.draw_picture()
    return panel


def own_areas(folder: Path) -> Path:
    feature = {
        "type": "Feature",
        "properties": {"adcode": "320613"},
        "geometry": json.loads(shapely.to_geojson(shapely.box(120.8, 31.9, 121.0, 32.1))),
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    (folder / "counties.geojson").write_text(json.dumps(collection), "utf-8")
    return folder


def test_the_users_own_areas_are_drawn_and_named(qtbot: QtBot, tmp_path: Path) -> None:
    panel = drawn(qtbot, {"map_folder": str(own_areas(tmp_path)), "map_approval": "苏S(2026)012号"})
    assert [county.unit.code for county in panel._counties] == ["320613"]
    assert "counties.geojson" in panel._sources


def test_a_folder_that_cannot_be_read_leaves_ours(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "counties.geojson").write_text("{", "utf-8")
    panel = drawn(qtbot, {"map_folder": str(tmp_path)})
    assert len(panel._counties) > 5


def test_another_folder_is_taken_at_the_next_look(qtbot: QtBot, tmp_path: Path) -> None:
    settings: dict[str, str] = {}
    panel = drawn(qtbot, settings)
    before = len(panel._counties)
    settings["map_folder"] = str(own_areas(tmp_path))
    panel.redraw()
    panel.draw_picture()
    assert len(panel._counties) == 1 < before
