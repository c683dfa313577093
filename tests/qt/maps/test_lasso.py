"""Drawing with mouse and keyboard on the real page: the area is where the pointer was."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence

import pytest
import shapely
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from backend_client.contract.resources import Circle, Polygon
from maps.lasso import distance_m
from maps.mercator import zoom_scale
from maps.view import MapView, Shape
from tests.qt.maps.conftest import WAIT_MS, City, Show, is_there

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
CORNERS = ((120.84, 32.05), (120.92, 32.05), (120.92, 31.99), (120.84, 31.99))
NO_KEY = Qt.KeyboardModifier.NoModifier
PLACES = tuple((120.803 + 0.0388 * x, 31.952 + 0.0249 * y) for x in range(6) for y in range(6))
CHIPS = """JSON.stringify((() => {
  const v = NT.app.stage.window(), band = NT.app.footBand(NT.app.stage.frame);
  const right = v.x + v.w, end = v.y + v.h;
  const hits = NT.app.chips.hits.filter((h) => h.x < right && h.x + h.w > v.x && h.y < end);
  const whole = (h) => h.x >= v.x && h.y >= v.y && h.x + h.w <= right && h.y + h.h <= end;
  return [hits.length, hits.filter((h) => !whole(h)).length,
    hits.filter((h) => h.y + h.h > band + 1).length];
})())"""


def surface(view: MapView) -> QWidget:
    """Give the widget of the page that takes events."""
    web = view._web
    assert web is not None
    found = web.focusProxy()
    assert found is not None
    return found


def mouse(view: MapView, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton) -> None:
    """Send one mouse event to the page, by way of its window as the system would."""
    target = surface(view)
    act = {
        QEvent.Type.MouseButtonPress: QTest.mousePress,
        QEvent.Type.MouseButtonRelease: QTest.mouseRelease,
    }.get(kind)
    if act:
        act(target, button, NO_KEY, at.toPoint())
        return
    outer = QPointF(target.mapToGlobal(at.toPoint()))
    event = QMouseEvent(kind, at, outer, NONE, button, NO_KEY)
    QApplication.sendEvent(target, event)


def ask(qtbot: QtBot, view: MapView, script: str) -> object:
    """Give what a script on the page answers."""
    assert view._web is not None
    answers: list[object] = []
    view._web.page().runJavaScript(script, 0, answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=WAIT_MS)
    return answers[0]


def begin(qtbot: QtBot, view: MapView, shape: Shape) -> None:
    """Start the lasso and wait until the page is in it."""
    view.start_lasso(shape)
    qtbot.waitUntil(lambda: ask(qtbot, view, "NT.app.lasso.shape") == shape, timeout=WAIT_MS)


def press(view: MapView, place: tuple[float, float]) -> None:
    """Click on a place."""
    at = QPointF(view.locate(*place).toPoint())
    mouse(view, QEvent.Type.MouseMove, at, NONE)
    mouse(view, QEvent.Type.MouseButtonPress, at, LEFT)
    mouse(view, QEvent.Type.MouseButtonRelease, at, LEFT)


def drag(view: MapView, places: Sequence[tuple[float, float]]) -> list[QPointF]:
    """Drag along places with small steps; give the whole pixels of the corners."""
    at = [QPointF(view.locate(*place).toPoint()) for place in places]
    mouse(view, QEvent.Type.MouseMove, at[0], NONE)
    mouse(view, QEvent.Type.MouseButtonPress, at[0], LEFT)
    for start, end in itertools.pairwise(at):
        for step in range(1, 21):
            mouse(view, QEvent.Type.MouseMove, start + (end - start) * (step / 20), LEFT)
    mouse(view, QEvent.Type.MouseButtonRelease, at[-1], LEFT)
    return at


def key(view: MapView, code: Qt.Key) -> None:
    """Press a key on the page."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(surface(view), QKeyEvent(kind, code, NO_KEY))


def off_px(view: MapView, place: tuple[float, float], at: QPointF) -> float:
    step = view.locate(*place) - at
    return max(abs(step.x()), abs(step.y()))


def test_rectangle_lies_where_the_pointer_was(qtbot: QtBot, show: Show) -> None:
    view = show([])
    begin(qtbot, view, "rectangle")
    with qtbot.waitSignal(view.lasso_drawn, timeout=WAIT_MS) as drawn:
        at = drag(view, (CORNERS[0], CORNERS[2]))
    (area,) = drawn.args
    assert isinstance(area, Polygon)
    west, south, east, north = shapely.Polygon(area.ring).bounds
    assert off_px(view, (west, north), at[0]) <= 1
    assert off_px(view, (east, south), at[1]) <= 1
    qtbot.waitUntil(lambda: is_there(view, (west, north), "#DDE3E8"), timeout=WAIT_MS)
    view.show_area(None)
    qtbot.waitUntil(lambda: not is_there(view, (west, north), "#DDE3E8"), timeout=WAIT_MS)


def test_circle_has_the_drawn_radius(qtbot: QtBot, show: Show) -> None:
    view = show([])
    begin(qtbot, view, "circle")
    with qtbot.waitSignal(view.lasso_drawn, timeout=WAIT_MS) as drawn:
        drag(view, ((120.88, 32.02), (120.91, 32.02)))
    (area,) = drawn.args
    assert isinstance(area, Circle)
    camera = view.camera()
    assert camera is not None
    pixel_m = 1 / zoom_scale(camera[2])
    assert off_px(view, (area.lon, area.lat), view.locate(120.88, 32.02)) <= 1
    wanted_m = distance_m((120.88, 32.02), (120.91, 32.02))
    assert area.radius_m == pytest.approx(wanted_m, abs=2 * pixel_m)


def test_corners_are_clicked_and_enter_closes(qtbot: QtBot, show: Show) -> None:
    view = show([])
    begin(qtbot, view, "polygon")
    for corner in CORNERS[:3]:
        press(view, corner)
    with qtbot.waitSignal(view.lasso_drawn, timeout=WAIT_MS) as drawn:
        key(view, Qt.Key.Key_Return)
    (area,) = drawn.args
    assert isinstance(area, Polygon)
    assert len(area.ring) == 3
    for corner in CORNERS[:3]:
        at = QPointF(view.locate(*corner).toPoint())
        assert min(off_px(view, place, at) for place in area.ring) <= 1


def test_the_cross_draws_by_keys_while_the_map_moves_under_it(qtbot: QtBot, show: Show) -> None:
    view = show([])
    begin(qtbot, view, "polygon")
    for count, corner in enumerate(CORNERS[:3], start=1):
        view.fly(*corner, 12.0)
        there = f"Math.abs(NT.app.map.getCenter().lng - {corner[0]}) < 1e-4 && "
        there += f"Math.abs(NT.app.map.getCenter().lat - {corner[1]}) < 1e-4"
        qtbot.waitUntil(lambda there=there: ask(qtbot, view, there) is True, timeout=WAIT_MS)  # type: ignore[misc]  # a default
        key(view, Qt.Key.Key_Return)
        enough = f"NT.app.lasso.points.length === {count}"
        qtbot.waitUntil(lambda enough=enough: ask(qtbot, view, enough) is True, timeout=WAIT_MS)  # type: ignore[misc]  # a default
    with qtbot.waitSignal(view.lasso_drawn, timeout=WAIT_MS) as drawn:
        key(view, Qt.Key.Key_Return)
    (area,) = drawn.args
    assert isinstance(area, Polygon)
    assert len(area.ring) == 3
    for corner in CORNERS[:3]:
        at = view.locate(*corner)
        assert min(off_px(view, place, at) for place in area.ring) <= 1


def test_a_held_pointer_draws_freely(qtbot: QtBot, show: Show) -> None:
    view = show([])
    begin(qtbot, view, "polygon")
    with qtbot.waitSignal(view.lasso_drawn, timeout=WAIT_MS) as drawn:
        drag(view, CORNERS)
    (area,) = drawn.args
    assert isinstance(area, Polygon)
    drawn_shape, meant = shapely.Polygon(area.ring), shapely.Polygon(CORNERS)
    assert drawn_shape.symmetric_difference(meant).area < 0.02 * meant.area


def test_escape_leaves_and_dragging_moves_the_map_again(qtbot: QtBot, show: Show) -> None:
    view = show([])
    drawn: list[object] = []
    view.lasso_drawn.connect(drawn.append)
    begin(qtbot, view, "polygon")
    press(view, CORNERS[0])
    press(view, CORNERS[1])
    with qtbot.waitSignal(view.lasso_cancelled, timeout=WAIT_MS):
        key(view, Qt.Key.Key_Escape)
    with qtbot.waitSignal(view.camera_changed, timeout=WAIT_MS):
        drag(view, (CORNERS[0], CORNERS[1]))
    assert drawn == []


@pytest.mark.parametrize("state", [0, 2])
def test_no_chip_is_painted_through_the_line_at_the_foot(
    qtbot: QtBot, city: City, show: Show, state: int
) -> None:
    """Nor is a normal one cut by the edge; one that needs somebody stands above the line."""
    view = show(["requests"])
    city.put("requests", "hotline", PLACES, state=state)

    def found() -> list[int]:
        return [int(one) for one in json.loads(str(ask(qtbot, view, CHIPS)))]

    qtbot.waitUntil(lambda: found()[0] > 12, timeout=WAIT_MS)
    count, cut, low = found()
    assert low == 0
    assert count == len(PLACES) if state else cut == 0
    assert count <= len(PLACES)


def test_the_number_of_an_area_stands_on_a_plate(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    centre = (120.9, 32.02)
    view.show_area(Circle(lon=centre[0], lat=centre[1], radius_m=3_000), "01")
    panel = city.host.sources.theme.color("panel")
    qtbot.waitUntil(lambda: is_there(view, centre, panel, reach=12), timeout=WAIT_MS)
    view.mark("requests", 1)
    with qtbot.waitSignal(view.camera_changed, timeout=WAIT_MS):
        view.fly(121.7, 31.8, 12.0)
    there = (121.72, 31.81)
    view.show_area(Circle(lon=there[0], lat=there[1], radius_m=3_000), "01")
    qtbot.waitUntil(lambda: is_there(view, there, panel, reach=12), timeout=WAIT_MS)
