"""Lines and areas on the real page: drawn, hit, hovered, marked; heat where much happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.scenes import CITY
from backend_client.contract.shapes import AREA, LINE, encode, make_shapes
from maps.view import MapView
from tests.qt.maps.conftest import WAIT_MS, City, Show, is_there, picture
from tests.qt.maps.test_lasso import NONE, ask, mouse, press

ROAD = ((120.82, 31.97), (120.90, 32.01), (120.97, 32.00))
ZONE = ((120.84, 32.03), (120.92, 32.03), (120.92, 32.07), (120.84, 32.07))
ON_ROAD, IN_ZONE, NOTHING = (120.86, 31.99), (120.86, 32.06), (120.97, 32.06)
YELLOW, ORANGE, WHITE = "#FFE45C", "#FF9500", "#DDE3E8"


def put(
    city: City, shapes: Sequence[tuple[int, Sequence[tuple[float, float]]]], state: int
) -> None:
    """Replace the requests by lines and areas."""
    rows = [encode(form, [np.rint(np.array(at) * 1e7).astype(np.int32)]) for form, at in shapes]
    city.put("requests", "hotline", [at[len(at) // 2] for _, at in shapes], state=state)
    block = city.blocks.get("requests")
    city.blocks.put(replace(block, version=block.version + 100, shapes=make_shapes(rows)))
    city.version = block.version + 100


def held(qtbot: QtBot, view: MapView, count: int) -> None:
    """Wait until the page has so many lines and areas."""
    script = "NT.app.channels.static.get('requests')?.sketch?.n ?? 0"
    qtbot.waitUntil(lambda: ask(qtbot, view, script) == count, timeout=WAIT_MS)


def point_at(view: MapView, place: tuple[float, float]) -> None:
    """Move the pointer to a place."""
    mouse(view, QEvent.Type.MouseMove, QPointF(view.locate(*place).toPoint()), NONE)


def test_lines_and_areas_are_drawn_in_the_colour_of_their_state(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=3)
    qtbot.waitUntil(lambda: is_there(view, ON_ROAD, YELLOW), timeout=WAIT_MS)
    edge = (120.88, 32.03)
    assert is_there(view, edge, YELLOW)
    inside = QColor(picture(view).pixel(view.locate(*IN_ZONE).toPoint()))
    assert inside.red() > 50  # filled, faintly
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=2)
    qtbot.waitUntil(lambda: is_there(view, ON_ROAD, ORANGE), timeout=WAIT_MS)


def test_normal_lines_are_quiet(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    before = QColor(picture(view).pixel(view.locate(*ON_ROAD).toPoint()))
    put(city, [(LINE, ROAD)], state=0)
    held(qtbot, view, 1)
    qtbot.waitUntil(
        lambda: QColor(picture(view).pixel(view.locate(*ON_ROAD).toPoint())) != before,
        timeout=WAIT_MS,
    )
    shown = QColor(picture(view).pixel(view.locate(*ON_ROAD).toPoint()))
    steps = (
        shown.red() - before.red(),
        shown.green() - before.green(),
        shown.blue() - before.blue(),
    )
    assert max(map(abs, steps)) < 110


@pytest.mark.parametrize(("place", "oid"), [(ON_ROAD, 1), (IN_ZONE, 2)])
def test_a_click_names_a_line_or_area(
    qtbot: QtBot, city: City, show: Show, place: tuple[float, float], oid: int
) -> None:
    view = show(["requests"])
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=2)
    held(qtbot, view, 2)
    with qtbot.waitSignal(view.feature_clicked, timeout=WAIT_MS) as clicked:
        press(view, place)
    assert clicked.args == ["requests", oid]


def test_the_pointer_names_what_it_lies_on_and_tells_when_it_left(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=2)
    held(qtbot, view, 2)
    told: list[int] = []
    view.feature_hovered.connect(lambda _layer, oid: told.append(oid))
    with qtbot.waitSignal(view.feature_hovered, timeout=WAIT_MS):
        point_at(view, ON_ROAD)
    with qtbot.waitSignal(view.feature_hovered, timeout=WAIT_MS):
        point_at(view, IN_ZONE)
    with qtbot.waitSignal(view.feature_left, timeout=WAIT_MS):
        point_at(view, NOTHING)
    assert told == [1, 2]


def test_the_pointer_is_told_at_most_ten_times_a_second(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    places = [(120.81 + 0.006 * i, 32.0) for i in range(30)]
    city.put("requests", "hotline", places)
    script = "NT.app.channels.static.get('requests')?.n ?? 0"
    qtbot.waitUntil(lambda: ask(qtbot, view, script) == 30, timeout=WAIT_MS)
    told: list[int] = []
    view.feature_hovered.connect(lambda _layer, oid: told.append(oid))
    began_s = city.clock.steady_s()
    for place in places:
        point_at(view, place)
        qtbot.wait(10)
    qtbot.wait(150)
    took_s = city.clock.steady_s() - began_s
    assert 1 <= len(told) <= took_s * 10 + 1
    assert told[-1] == 30


def test_a_marked_line_and_area_stand_out(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    put(city, [(LINE, ROAD), (AREA, ZONE)], state=0)
    held(qtbot, view, 2)
    assert not is_there(view, ON_ROAD, WHITE)
    view.mark("requests", 1)
    qtbot.waitUntil(lambda: is_there(view, ON_ROAD, WHITE), timeout=WAIT_MS)
    view.mark("requests", 2)
    qtbot.waitUntil(lambda: is_there(view, (120.88, 32.03), WHITE), timeout=WAIT_MS)
    assert not is_there(view, ON_ROAD, WHITE)


def test_heat_lies_below_the_counts(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"], CITY)
    middle = (121.3, 32.3)
    before = QColor(picture(view).pixel(view.locate(*middle).toPoint()))
    draw = np.random.default_rng(1)
    places = draw.normal(middle, 0.02, (2_000, 2))
    city.put("requests", "hotline", [(float(x), float(y)) for x, y in places])

    def warmer() -> bool:
        now = QColor(picture(view).pixel(view.locate(*middle).toPoint()))
        return now.blue() > before.blue() + 25

    qtbot.waitUntil(warmer, timeout=WAIT_MS)
    assert view.faults == []
