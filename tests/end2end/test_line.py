"""The whole line: through the public door, over the stream, to a pixel on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.console import Console, build
from app.i18n import Words
from app.scenes import Extent
from app.stores import Link
from app.theme import Theme, read_palettes
from backend_client.client import Client
from backend_client.contract.clock import SystemClock
from backend_client.contract.events import Channel, Event, Intake, Locate
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.positions import Fixes, PositionIn
from backend_client.contract.resources import Polygon, Within
from maps.host import MapHost, MapSources
from maps.view import MapView
from tests.end2end.stack import Service

# Farmland in Tongzhou, away from every named sluice and station.
EXTENT = Extent(west=120.93, south=32.10, east=121.07, north=32.19)
HERE, THERE = (120.96, 32.13), (121.04, 32.16)
COLOURS = {"water": "#2FA37C", "hazmat": "#99DDFF", "requests": "#B38CFF"}
REACH_PX = 16  # half a chip

pytestmark = [pytest.mark.end2end, pytest.mark.display]


@dataclass(slots=True)
class Seat:
    """A console on a real screen, signed in, with one map."""

    console: Console
    view: MapView
    bot: QtBot

    def sees(self, layer: str, lonlat: tuple[float, float]) -> bool:
        """Tell whether the layer's colour stands at a place on the X screen."""
        colour = QColor(COLOURS[layer]).rgb()
        return colour in colours_near(self.view, lonlat)

    def wait(self, condition: Callable[[], bool], limit_s: float = 15) -> None:
        self.bot.waitUntil(condition, timeout=int(limit_s * 1000))


def colours_near(view: MapView, lonlat: tuple[float, float]) -> set[int]:
    """Give the colours within half a chip of a place, read off the X screen itself."""
    spot = view.mapToGlobal(view.locate(*lonlat).toPoint())
    shot = QGuiApplication.primaryScreen().grabWindow(0).toImage()
    picture = shot.convertToFormat(QImage.Format.Format_RGB32)
    return {
        picture.pixel(x, y)
        for x in range(spot.x() - REACH_PX, spot.x() + REACH_PX)
        for y in range(spot.y() - REACH_PX, spot.y() + REACH_PX)
        if picture.valid(x, y)
    }


@pytest.fixture(scope="module")
def map_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the base map once for this file."""
    return tmp_path_factory.mktemp("basemap")


@pytest.fixture
def seat(service: Service, qtbot: QtBot, tmp_path: Path, map_cache: Path) -> Iterator[Seat]:
    clock = SystemClock()
    console = build(tmp_path / "console", clock, url=service.url)
    stores = console.reach.stores
    host = MapHost(
        MapSources(
            blocks=stores.blocks,
            positions=stores.positions,
            words=Words("zh"),
            theme=Theme(read_palettes()),
            tasks=console.reach.tasks,
            clock=clock,
            cache=map_cache,
        ),
        console.notices,
    )
    view = MapView(host, extent=EXTENT, layers=tuple(COLOURS), seat="desk")
    qtbot.addWidget(view)
    view.resize(1000, 760)
    view.move(0, 0)
    with qtbot.waitSignal(view.ready, timeout=30_000):
        view.show()
    console.start()
    code, row = service.totp("dispatcher").now(), service.account("dispatcher")
    refused: list[Exception] = []
    console.reach.session.sign_in("dispatcher", row["password"], code, failed=refused.append)
    qtbot.waitUntil(lambda: stores.link is Link.ONLINE or bool(refused), timeout=15_000)
    assert not refused, refused
    yield Seat(console, view, qtbot)
    view.close_page()
    host.close()
    console.close()


def put(feed: Client, layer: str, feature_id: str, place: tuple[float, float] | None) -> None:
    lon, lat = place or (None, None)
    feature = FeatureIn(
        id=feature_id,
        kind="vehicle" if place is None else "level_station",
        name="线路验证",
        lon=lon,
        lat=lat,
        region="320612",
        observed_at=datetime.now(UTC),
        properties={"generated": True},
    )
    feed.upsert(layer, Upsert(features=(feature,)))


def drive(feed: Client, place: tuple[float, float]) -> None:
    fix = PositionIn(id="line-car", lon=place[0], lat=place[1], observed_at=datetime.now(UTC))
    feed.send_positions(Fixes(layer="hazmat", fixes=(fix,)))


def moves(seat: Seat, layer: str, move: Callable[[tuple[float, float]], None]) -> None:
    """Assert that an object shows where it is put, and only there."""
    assert not seat.sees(layer, HERE)
    move(HERE)
    seat.wait(lambda: seat.sees(layer, HERE))
    assert not seat.sees(layer, THERE)
    move(THERE)
    seat.wait(lambda: seat.sees(layer, THERE))
    seat.wait(lambda: not seat.sees(layer, HERE), 2)


def test_a_station_moved_at_the_door_moves_on_the_screen(seat: Seat, service: Service) -> None:
    feed = service.client("feed")
    moves(seat, "water", lambda place: put(feed, "water", "line-station", place))


def test_a_truck_moved_at_the_door_moves_on_the_screen(seat: Seat, service: Service) -> None:
    feed = service.client("feed")
    put(feed, "hazmat", "line-car", None)
    moves(seat, "hazmat", lambda place: drive(feed, place))


def test_an_event_located_by_a_person_moves_on_the_screen(seat: Seat, service: Service) -> None:
    feed, person = service.client("feed"), service.client("dispatcher")

    def move(place: tuple[float, float]) -> None:
        held = [item for item in person.items("event").items if isinstance(item, Event)]
        if held:
            where = Locate(version=held[0].version, lon=place[0], lat=place[1])
            person.locate_event(held[0].item_id, where)
            return
        feed.intake(
            Intake(
                intake_id="line-1",
                channel=Channel.HOTLINE,
                title="暴露垃圾",
                text="绿地旁堆放装修垃圾约三车",
                place="学田新村",
                lon=place[0],
                lat=place[1],
                region="320612",
                reported_at=datetime.now(UTC),
            )
        )

    moves(seat, "requests", move)


def test_lasso_answers_what_shapely_answers(service: Service) -> None:
    feed, person = service.client("feed"), service.client("dispatcher")
    chance = np.random.default_rng(7)
    places = chance.uniform((120.5, 31.8), (121.6, 32.5), (4000, 2))
    features = [
        FeatureIn(
            id=f"p{index}",
            kind="enterprise",
            name=f"点{index}",
            lon=float(round(lon, 7)),
            lat=float(round(lat, 7)),
            region="3206",
            observed_at=datetime.now(UTC),
            properties={},
        )
        for index, (lon, lat) in enumerate(places)
    ]
    feed.upsert("hazmat", Upsert(features=tuple(features)))
    ring = ((120.7, 31.9), (121.4, 31.95), (121.0, 32.1), (121.3, 32.4), (120.8, 32.3))
    shape = shapely.Polygon(ring)
    expected = {f.id for f in features if shapely.contains_xy(shape, f.lon, f.lat)}
    area = Polygon(ring=ring)
    found: set[str] = set()
    while True:
        asked = Within(area=area, layers=("hazmat",), offset=len(found), limit=1000)
        inside = person.within(asked)
        found |= {row.id for row in inside.rows}
        if not inside.rows:
            break
    assert found == expected
    assert inside.count == len(expected) == sum(total.count for total in inside.totals)
