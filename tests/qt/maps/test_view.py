"""The real page, real pixels: what moved is found at its new place and gone from the old."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
import shiboken6
from PySide6.QtCore import QUrl
from PySide6.QtNetwork import QHostAddress, QTcpServer
from PySide6.QtWebEngineCore import QWebEnginePage
from pytestqt.qtbot import QtBot

from app.scenes import CITY
from maps.view import MapView
from tests.qt.maps.conftest import (
    BLUE,
    EXTENT,
    PURPLE,
    SIZE,
    WAIT_MS,
    City,
    Show,
    is_there,
    picture,
)

HERE, THERE = (120.86, 32.03), (120.93, 31.99)
ALIVE_AGAIN_S = 1.0


@pytest.mark.parametrize("detail", ["auto", "points"])
def test_a_moved_object_leaves_its_old_pixel(
    qtbot: QtBot, city: City, show: Show, detail: str
) -> None:
    view = show(["requests"])
    view.set_detail("points" if detail == "points" else "auto")
    city.put("requests", "hotline", [HERE])
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    assert not is_there(view, THERE, PURPLE)
    city.put("requests", "hotline", [THERE])
    qtbot.waitUntil(lambda: is_there(view, THERE, PURPLE), timeout=WAIT_MS)
    assert not is_there(view, HERE, PURPLE, reach=12)


def test_a_vehicle_leaves_its_old_pixel(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["hazmat"])
    view.set_detail("points")
    city.drive("hazmat", [HERE])
    qtbot.waitUntil(lambda: is_there(view, HERE, BLUE), timeout=WAIT_MS)
    city.drive("hazmat", [THERE])
    qtbot.waitUntil(lambda: is_there(view, THERE, BLUE), timeout=WAIT_MS)
    assert not is_there(view, HERE, BLUE, reach=12)


def test_layers_go_and_come(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    view.set_detail("points")
    city.put("requests", "hotline", [HERE])
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    view.show_layers(["water"])
    qtbot.waitUntil(lambda: not is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    view.show_layers(["water", "requests"])
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)


def test_camera_follows_orders_and_stays_through_a_change_of_data(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    with qtbot.waitSignal(view.camera_changed, timeout=WAIT_MS):
        view.fly(120.9, 32.0, 13.0)
    city.put("requests", "hotline", [HERE])
    with qtbot.waitSignal(view.shown, timeout=WAIT_MS):
        city.put("requests", "hotline", [THERE])
    assert view.camera() == pytest.approx((120.9, 32.0, 13.0), abs=1e-6)


def test_a_view_loaded_while_hidden_fits_when_it_is_shown(qtbot: QtBot, city: City) -> None:
    view = MapView(city.host, extent=EXTENT, layers=["requests"], seat="desk")
    view.resize(SIZE)
    view._open()  # as when it was hidden just after its first painting
    qtbot.waitUntil(lambda: view.renderer_pid() > 0, timeout=WAIT_MS)
    city.put("requests", "hotline", [HERE])
    view.show()
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    assert view.faults == []
    view.close_page()
    view.close()


def test_a_click_names_the_object(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    city.put("requests", "hotline", [(120.82, 31.97), HERE])
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    from tests.qt.maps.test_lasso import press  # one way to press keys and buttons

    with qtbot.waitSignal(view.feature_clicked, timeout=WAIT_MS) as clicked:
        press(view, HERE)
    assert clicked.args == ["requests", 2]


def test_killed_renderer_is_back_within_a_second(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    view.set_detail("points")
    view.fly(120.9, 32.0, 12.0)
    city.put("requests", "hotline", [HERE])
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    before, killed_s = view.renderer_pid(), city.clock.steady_s()
    os.kill(before, signal.SIGKILL)
    with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
        pass
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    back_s = city.clock.steady_s() - killed_s
    assert not view.is_native()
    assert view.renderer_pid() not in (0, before)
    assert view.camera() == pytest.approx((120.9, 32.0, 12.0), abs=1e-6)
    assert back_s <= ALIVE_AGAIN_S


def test_a_page_that_keeps_dying_gives_way_to_the_plain_map(
    qtbot: QtBot, city: City, show: Show
) -> None:
    view = show(["requests"])
    city.put("requests", "hotline", [HERE])
    for _ in range(4):
        assert not view.is_native()
        with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
            os.kill(view.renderer_pid(), signal.SIGKILL)
    assert view.is_native()
    assert [notice.weight for notice in city.notices.kept()] == ["warning"]
    qtbot.waitUntil(lambda: is_there(view, HERE, PURPLE), timeout=WAIT_MS)
    with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
        view.show_extent(EXTENT)  # the next scene tries the page again
    assert not view.is_native()


def test_palette_and_language_change_in_place(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"], CITY)
    sea = (121.98, 32.50)
    qtbot.waitUntil(lambda: is_there(view, sea, "#192A36", reach=0), timeout=WAIT_MS)
    city.host.sources.theme.use("day")
    qtbot.waitUntil(lambda: is_there(view, sea, "#CFDBE2", reach=0), timeout=WAIT_MS)
    zh = picture(view)
    city.host.sources.words.use("en")
    qtbot.waitUntil(lambda: picture(view) != zh, timeout=WAIT_MS)
    assert view.faults == []


def test_the_city_lies_between_river_and_sea(qtbot: QtBot, show: Show) -> None:
    view = show([], CITY)
    land, neighbour, sea = (121.20, 32.30), (120.60, 31.80), (121.98, 32.50)
    for place, colour in ((land, "#222C35"), (neighbour, "#11171D"), (sea, "#192A36")):
        qtbot.waitUntil(partial(is_there, view, place, colour, 8), timeout=WAIT_MS)


def test_nothing_leaves_the_machine(qtbot: QtBot, city: City, show: Show) -> None:
    view = show(["requests"])
    web = view._web
    assert web is not None
    outside = "https://example.com/x"
    tries = (
        f"fetch('{outside}').catch(() => 0)",
        f"new Image().src = '{outside}'",
        f"navigator.sendBeacon('{outside}', 'x')",
        "try { new WebSocket('wss://example.com/x') } catch (error) { 0 }",
        f"location.href = '{outside}'",
        f"window.open('{outside}')",
    )
    for script in tries:
        web.page().runJavaScript(script)
    done: list[object] = []
    web.page().runJavaScript("1 + 1", 0, done.append)
    qtbot.waitUntil(lambda: done == [2], timeout=WAIT_MS)
    assert web.url().toString() == "app://map/index.html"
    assert city.host.fence.passed > 10
    assert sockets() == []
    # The fence itself, with the page's own policy out of the way.
    other = QWebEnginePage(city.host.profile)
    ear = QTcpServer()
    assert ear.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost))
    for address in (f"http://127.0.0.1:{ear.serverPort()}/", outside, "file:///etc/hostname"):
        with qtbot.waitSignal(other.loadFinished, timeout=WAIT_MS) as finished:
            other.load(QUrl(address))
        assert finished.args == [False]
        assert address in city.host.fence.refused
    assert not ear.hasPendingConnections()
    assert sockets() == []
    shiboken6.delete(other)


def sockets() -> list[str]:
    """List internet sockets of this process and of the page's processes that lead outside."""
    own = psutil.Process()
    found = []
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # helpers of the page come and go
            links = process.net_connections(kind="inet")
            found += [str(next(iter(link.raddr), "")) for link in links]
    return [address for address in found if address and not address.startswith("127.")]


def test_a_bad_folder_of_the_user_is_told_and_ours_stays(
    qtbot: QtBot, city: City, show: Show, tmp_path: Path
) -> None:
    view = show([], CITY)
    (tmp_path / "counties.geojson").write_text("{")
    with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
        city.settings.set("map_folder", str(tmp_path))
    assert "counties.geojson" in city.notices.kept()[-1].text.zh
    assert city.host.basemap is not None
    assert all(county.area for county in city.host.basemap.counties)


def test_the_approval_number_stands_at_the_foot(qtbot: QtBot, city: City, show: Show) -> None:
    show([], CITY)
    assert "待配置" in city.host.source_line()
    with qtbot.waitSignal(city.host.line_changed, timeout=WAIT_MS):
        city.settings.set("map_approval", "苏S(2026)001号")
    assert "苏S(2026)001号" in city.host.source_line()


def test_one_map_over_screens_has_its_foot_once(qtbot: QtBot, show: Show) -> None:
    view = show(["requests"])

    def letters() -> int:
        """Count the pixels of the line of sources, in its own colour."""
        shot = picture(view)
        low = range(shot.height() - 34, shot.height() - 4)
        grey = int("ff8794a1", 16)
        return sum(shot.pixel(x, y) == grey for y in low for x in range(10, 240))

    qtbot.waitUntil(lambda: letters() > 50, timeout=WAIT_MS)
    view.show_foot(shown=False)
    qtbot.waitUntil(lambda: letters() == 0, timeout=WAIT_MS)
    view.show_foot(shown=True)
    qtbot.waitUntil(lambda: letters() > 50, timeout=WAIT_MS)
