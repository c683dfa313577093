"""The user's own tiles on the real page: pictures, shapes, another datum, a broken file."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pmtiles.tile import TileType
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from maps.tiles import tile_of
from maps.view import MapView
from tests import tilesets
from tests.qt.maps.conftest import WAIT_MS, City, picture

Show = Callable[..., MapView]
PLACE = (120.9, 32.01)
RED, GREEN = (200, 40, 40), (40, 160, 60)


def colours(at: tilesets.At) -> bytes:
    return tilesets.png(RED if at[1:] == tile_of(*PLACE, at[0]) else GREEN)


def tiles(z: int) -> dict[tilesets.At, bytes]:
    return tilesets.around(z, tile_of(*PLACE, z), 4, colours)


def colour_at(view: MapView, place: tuple[float, float]) -> tuple[int, int, int]:
    at = view.locate(*place).toPoint()
    pixel = QColor(picture(view).pixel(at))
    return pixel.red(), pixel.green(), pixel.blue()


def token(city: City, name: str) -> tuple[int, int, int]:
    """Give a colour in force."""
    colour = QColor(city.host.sources.theme.color(name))
    return colour.red(), colour.green(), colour.blue()


@pytest.mark.parametrize("name", ["a.mbtiles", "a.pmtiles"])
def test_pictures_lie_below_by_day_and_are_darkened_by_night(
    qtbot: QtBot, city: City, show: Show, tmp_path: Path, name: str
) -> None:
    made = {**tiles(11), **tiles(12)}
    make = tilesets.mbtiles if name.endswith("mbtiles") else tilesets.pmtiles
    view = show(layers=())
    view.fly(*PLACE, 12)
    plain = token(city, "land")
    qtbot.waitUntil(lambda: colour_at(view, PLACE) == plain, timeout=WAIT_MS)
    city.host.sources.theme.use("day")
    city.settings.set("map_tiles", str(make(tmp_path / name, made)))
    qtbot.waitUntil(lambda: colour_at(view, PLACE) == RED, timeout=WAIT_MS)
    assert view.faults == []
    assert city.host.fence.refused == []
    view.fly(*PLACE, 12.5)
    qtbot.waitUntil(lambda: colour_at(view, PLACE) == RED, timeout=WAIT_MS)
    city.host.sources.theme.use("night")
    qtbot.waitUntil(lambda: colour_at(view, PLACE) not in (RED, plain), timeout=WAIT_MS)
    assert max(colour_at(view, PLACE)) < max(RED)
    city.settings.set("map_tiles", "")
    qtbot.waitUntil(lambda: colour_at(view, PLACE) == plain, timeout=WAIT_MS)


def test_shapes_are_drawn_in_our_colours(
    qtbot: QtBot, city: City, show: Show, tmp_path: Path
) -> None:
    made = tilesets.around(11, tile_of(*PLACE, 11), 4, lambda _at: tilesets.filled("water"))
    file = tilesets.pmtiles(tmp_path / "a.pmtiles", made, form=TileType.MVT)
    view = show(layers=())
    view.fly(*PLACE, 11)
    wanted = token(city, "sea")
    qtbot.waitUntil(lambda: colour_at(view, PLACE) == token(city, "land"), timeout=WAIT_MS)
    city.settings.set("map_tiles", str(file))
    qtbot.waitUntil(lambda: colour_at(view, PLACE) == wanted, timeout=WAIT_MS)
    assert view.faults == []
    assert city.host.fence.refused == []


def test_a_broken_file_is_told_and_the_plain_map_stays(
    qtbot: QtBot, city: City, show: Show, tmp_path: Path
) -> None:
    view = show(layers=())
    view.fly(*PLACE, 12)
    before = token(city, "land")
    broken = tmp_path / "a.mbtiles"
    broken.write_bytes(b"no database" * 99)
    with qtbot.waitSignal(city.notices.raised, timeout=WAIT_MS) as told:
        city.settings.set("map_tiles", str(broken))
    assert "a.mbtiles" in told.args[0].text.zh
    qtbot.waitUntil(lambda: colour_at(view, PLACE) == before, timeout=WAIT_MS)


def test_a_service_in_the_house_is_asked_by_us_and_not_by_the_page(
    qtbot: QtBot, city: City, show: Show
) -> None:
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = tilesets.png(RED)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        view = show(layers=())
        view.fly(*PLACE, 12)
        city.host.sources.theme.use("day")
        city.settings.set("map_tiles_key", "k1")
        address = f"http://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}?tk={{key}}"
        city.settings.set("map_tiles", address)
        qtbot.waitUntil(lambda: colour_at(view, PLACE) == RED, timeout=WAIT_MS)
        assert all(path.endswith("?tk=k1") for path in asked)
        assert city.host.fence.refused == []
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
