"""A click on the map opens the object's page: fields with units, source, state, age; Esc leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.places import feature_name
from backend_client.contract.base import Language
from backend_client.contract.events import EventState
from maps.scenes import scene
from maps.spec import load_layers
from maps.view import MapView
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import Picture, gate, make_picture, projected
from tests.qt.picture import event as event_of
from tests.qt.test_panels import cut_words
from widgets.commands import bind
from widgets.desk import Desk
from widgets.panel import Face
from widgets.stage import Stage

K = Qt.Key
SLUICE = 3  # the reader names it NT-G03


class FakeMap(QWidget):
    """Say what a map says, remember what is marked."""

    lasso_drawn, lasso_cancelled = Signal(object), Signal()
    feature_clicked = Signal(str, int)
    feature_hovered = Signal(str, int)
    feature_left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.marked: list[tuple[str | None, int]] = []
        self.flown: list[tuple[float, float, float]] = []
        self.east = 180.0  # how far the view reaches
        self.layers: tuple[str, ...] = ()

    def show_layers(self, layers: Sequence[str]) -> None:
        self.layers = tuple(layers)

    def camera(self) -> tuple[float, float, float]:
        return (120.9, 32.0, 11.5)

    def sees(self, lon: float, _lat: float) -> bool:
        return lon < self.east

    def fly(self, lon: float, lat: float, zoom: float) -> None:
        self.flown.append((lon, lat, zoom))

    def mark(self, layer: str | None, oid: int = 0) -> None:
        self.marked.append((layer, oid))


def shown(qtbot: QtBot, picture: Picture) -> tuple[Desk, FakeMap]:
    view = FakeMap()
    desk = Desk(
        picture.room("desk"),
        picture.details,
        FakeDeeds(picture),
        facts=picture.facts,
        scene=scene("desk"),
        specs={spec.layer_id: spec for spec in load_layers()},
        map_view=cast("MapView", view),
    )
    qtbot.addWidget(desk)
    bind(desk.commands, desk)
    desk.resize(1920, 1080)
    desk.show()
    desk.activateWindow()
    qtbot.waitUntil(desk.isActiveWindow, timeout=3_000)
    return desk, view


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_click_shows_the_objects_fields(qtbot: QtBot, language: Language) -> None:
    picture = make_picture()
    picture.words.use(language)
    desk, view = shown(qtbot, picture)
    view.feature_clicked.emit("water", 1)
    assert desk.side.currentWidget() is desk.object
    assert view.marked[-1] == ("water", 1)
    feature = desk.object.feature
    assert feature is not None
    assert picture.words.say(feature_name(feature)) in desk.object.heading()
    rows = dict(desk.object.rows())
    limit = rows[picture.words.pick("警戒水位", "Warning level")]
    assert limit.endswith(" m")
    assert picture.words.pick("状态", "State") in rows
    assert picture.words.pick("水位站", "Level station") in desk.object.line()
    department = picture.words.say(desk.room.names.department("D27"))
    assert department in desk.object.line()
    age = desk.object.age()
    assert age is not None
    assert age.seconds == pytest.approx(60, abs=2)
    assert cut_words(desk) == {}


def test_esc_leaves_the_page_and_marks_the_event_again(qtbot: QtBot) -> None:
    desk, view = shown(qtbot, make_picture())
    event = view.marked[-1]
    view.feature_clicked.emit("water", 1)
    QTest.keyClick(desk, K.Key_Escape)
    assert desk.side.currentWidget() is desk.form
    assert view.marked[-1] == event


def test_the_selected_event_is_marked_and_sought_when_out_of_view(qtbot: QtBot) -> None:
    desk, view = shown(qtbot, make_picture())
    assert view.flown == []
    seen = set()
    for _ in range(3):
        QTest.keyClick(desk, K.Key_J)
        event = desk.queue.chosen
        assert event is not None
        assert event.lon is not None
        oid = round((event.lon - 120.86) / 0.01) + 1  # as the picture lays them out
        assert view.marked[-1] == ("requests", oid)
        seen.add(oid)
    assert len(seen) == 3
    assert view.flown == []
    view.east = 0.0
    QTest.keyClick(desk, K.Key_K)
    event = desk.queue.chosen
    assert event is not None
    assert view.flown == [(event.lon, event.lat, 11.5)]


def test_an_event_the_layer_does_not_have_yet_is_marked_when_it_comes(qtbot: QtBot) -> None:
    picture = make_picture()
    desk, view = shown(qtbot, picture)
    fresh = event_of(95, state=EventState.REGISTERED)
    picture.put(fresh)
    desk.queue.select(fresh.item_id)
    assert view.marked[-1][0] is None
    picture.stores.blocks.put(replace(projected([fresh]), version=2))
    assert view.marked[-1] == ("requests", 1)


def test_g_opens_the_panel_of_a_sluice_and_only_of_one(qtbot: QtBot) -> None:
    picture = make_picture()
    picture.put(gate(2, item_id=f"NT-G{SLUICE:02d}"))
    desk, view = shown(qtbot, picture)
    view.feature_clicked.emit("water", 1)
    assert not desk.object.button.isVisible()
    QTest.keyClick(desk, K.Key_G)
    assert desk.gate_panel is None
    view.feature_clicked.emit("water", SLUICE)
    assert desk.object.button.isVisible()
    QTest.keyClick(desk, K.Key_G)
    assert desk.gate_panel is not None
    assert desk.gate_panel.gate_id == "NT-G03"
    desk.gate_panel.close()


def test_the_newest_state_wins_over_the_fetched_one(qtbot: QtBot) -> None:
    desk, view = shown(qtbot, make_picture())
    view.feature_clicked.emit("hazmat", 8)
    assert ("状态", "Ⅱ级 · 高风险") in desk.object.rows()  # the position says II
    assert dict(desk.object.rows())["车速"] == "40 km/h"
    age = desk.object.age()
    assert age is not None
    assert age.seconds == pytest.approx(9, abs=2)


def test_an_object_that_cannot_be_read_says_so(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = make_picture()
    desk, view = shown(qtbot, picture)
    monkeypatch.setattr(picture.details, "feature", lambda layer, oid: None)
    view.feature_clicked.emit("water", 99)
    assert desk.object.face() is Face.LOADING
    monkeypatch.setattr(picture.details, "is_missing", lambda layer, oid: True)
    assert desk.object.face() is Face.EMPTY


def test_the_feed_that_brought_it_and_whom_to_call_are_named(qtbot: QtBot) -> None:
    picture = make_picture()
    desk, view = shown(qtbot, picture)
    view.feature_clicked.emit("water", 1)
    feature = desk.object.feature
    assert feature is not None
    brought = feature.model_copy(
        update={
            "feed": "feed-13",
            "properties": {"river": "通吕运河", "river_en": "Tonglü canal"},
        }
    )
    kept = picture.details._kept[("feature", "water", 1)]
    kept.value = brought
    rows = dict(desk.object.rows())
    assert rows["来源"] == "水利防汛主数据"
    assert rows["数据单位"] == "水利局 · 值班室"
    assert rows["单位电话"] == "0513-85000012"
    assert rows["河流"] == "通吕运河"
    picture.words.use("en")
    assert dict(desk.object.rows())["River"] == "Tonglü canal"


def test_the_pointer_names_what_it_lies_on_and_lets_go(qtbot: QtBot) -> None:
    picture = make_picture()
    desk, view = shown(qtbot, picture)
    view.feature_hovered.emit("fire", 1)
    assert desk.frame.heading() == "火警 · Ⅲ级 · 火情 · 69 分 · 3 秒"  # at once, from its row
    qtbot.waitUntil(lambda: desk.frame.heading().startswith("天生港 · 火警"), timeout=2_000)
    assert desk.frame.note() == ""
    desk.hover.leave()
    assert desk.frame.heading() == "位置"


def test_the_wall_lays_an_objects_page_over_its_map(qtbot: QtBot) -> None:
    picture = make_picture()
    stage = Stage(
        picture.room("wall"),
        picture.details,
        picture.facts,
        scene=scene("general"),
        map_view=QWidget(),
    )
    qtbot.addWidget(stage)
    stage.resize(3840, 1080)
    stage.show()
    stage.show_object("water", SLUICE)
    page, view = stage.object, stage.map_view
    assert page is not None
    assert view is not None
    assert page.isVisible()
    assert view.geometry().contains(page.geometry())
    assert not page.button.isVisible()  # nobody commands a sluice from the wall
    assert cut_words(stage) == {}
    stage.hide_object()
    assert not page.isVisible()
