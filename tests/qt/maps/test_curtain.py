"""The plain map stands before the page does, and goes when the page has what it shows."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from maps.view import MapView
from tests.qt.maps.conftest import EXTENT, PURPLE, SIZE, WAIT_MS, City, picture

HERE = (120.93, 31.98)


@pytest.fixture
def view(city: City) -> Iterator[MapView]:
    """A view that nobody has shown yet."""
    made = MapView(city.host, extent=EXTENT, layers=["requests"], seat="desk")
    made.resize(SIZE)
    yield made
    made.close_page()
    made.close()
    made.deleteLater()


def has(view: MapView, colour: str) -> bool:
    """Tell whether a colour is anywhere in the picture of the widget."""
    image, wanted = picture(view), QColor(colour).rgb()
    return any(
        image.pixel(x, y) == wanted for y in range(image.height()) for x in range(image.width())
    )


def land(view: MapView, city: City) -> bool:
    """Tell whether the middle of the picture is land."""
    image = picture(view)
    wanted = QColor(city.host.sources.theme.color("land")).rgb()
    spots = [(x, y) for x in range(0, image.width(), 20) for y in range(0, image.height(), 20)]
    return sum(image.pixel(x, y) == wanted for x, y in spots) > len(spots) // 3


def test_the_last_picture_is_painted_before_there_is_a_page(
    qtbot: QtBot, city: City, view: MapView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "_load", lambda: None)  # a page that takes for ever
    city.put("requests", "noise", [HERE])
    with qtbot.waitSignal(view.shown, timeout=WAIT_MS) as told:
        view.show()
    assert told.args is not None
    assert told.args[:2] == ["static", "requests"]
    qtbot.waitUntil(lambda: has(view, PURPLE), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: land(view, city), timeout=WAIT_MS)
    assert not view.is_native()


def test_nothing_of_the_page_is_made_before_the_first_painting(city: City, view: MapView) -> None:
    assert view.renderer_pid() == 0
    assert view._web is None


def test_the_page_takes_over_with_all_that_was_shown(
    qtbot: QtBot, city: City, view: MapView
) -> None:
    city.put("requests", "noise", [HERE])
    with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
        view.show()
    assert view._curtain is None
    assert ("static", "requests") in view._page_shows
    assert has(view, PURPLE)


def test_it_stays_while_the_page_lacks_a_layer(qtbot: QtBot, city: City, view: MapView) -> None:
    city.put("requests", "noise", [HERE])
    view._bridge.block_shown.disconnect(view._on_shown)  # a page that draws no data
    with qtbot.waitSignal(view.shown, timeout=WAIT_MS):
        view.show()
    qtbot.waitUntil(lambda: view._page_drawn, timeout=WAIT_MS)
    qtbot.wait(500)
    assert view._curtain is not None
    assert has(view, PURPLE)


def test_a_page_that_is_tried_again_comes_up_behind_the_plain_map(
    qtbot: QtBot, city: City, view: MapView
) -> None:
    city.put("requests", "noise", [HERE])
    with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
        view.show()
    for _ in range(4):
        with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
            os.kill(view.renderer_pid(), signal.SIGKILL)
    assert view.is_native()
    qtbot.waitUntil(lambda: has(view, PURPLE), timeout=WAIT_MS)
    view.retry()
    assert has(view, PURPLE)
    qtbot.waitUntil(lambda: view._curtain is None, timeout=WAIT_MS)
    assert has(view, PURPLE)
