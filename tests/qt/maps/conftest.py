"""A real page with a small made-up city behind it; the base map is built once per run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.blocks import Blocks, Positions
from app.i18n import Words
from app.notices import Notices
from app.scenes import Extent
from app.settings import Settings
from app.tasks import Tasks
from app.theme import Seat, Theme, read_palettes
from backend_client.contract.clock import SystemClock
from backend_client.contract.columns import FeatureBlock, FixBlock
from maps.host import MapHost, MapSources
from maps.view import MapView

EXTENT = Extent(west=120.80, south=31.95, east=121.00, north=32.08)
SIZE = QSize(800, 600)
PURPLE, BLUE = "#B38CFF", "#99DDFF"  # requests, hazmat at night
WAIT_MS = 15_000


@dataclass(slots=True)
class City:
    """Stores and a host; the version of each layer grows with every `put`."""

    host: MapHost
    blocks: Blocks
    positions: Positions
    clock: SystemClock
    settings: Settings
    notices: Notices
    version: int = 0

    def put(
        self, layer: str, kind: str, lonlat: Sequence[tuple[float, float]], state: int = 0
    ) -> None:
        """Replace a layer by these places."""
        self.version += 1
        n = len(lonlat)
        places = np.array(lonlat, np.float64).reshape(-1, 2)
        self.blocks.put(
            FeatureBlock(
                layer=layer,
                version=self.version,
                base=0,
                kinds=(kind,),
                regions=("320613",),
                oid=np.arange(1, n + 1, dtype=np.uint32),
                lon_e7=np.rint(places[:, 0] * 1e7).astype(np.int32),
                lat_e7=np.rint(places[:, 1] * 1e7).astype(np.int32),
                kind=np.zeros(n, np.uint8),
                state=np.full(n, state, np.uint8),
                region=np.zeros(n, np.uint16),
                value=np.full(n, np.nan, np.float32),
                observed_s=np.full(n, self.clock.now().timestamp(), np.uint32),
                removed=np.empty(0, np.uint32),
            )
        )

    def drive(self, layer: str, lonlat: Sequence[tuple[float, float]]) -> None:
        """Move the objects of a moving layer to these places."""
        self.version += 1
        n = len(lonlat)
        places = np.array(lonlat, np.float64).reshape(-1, 2)
        now_ms = int(self.clock.now().timestamp() * 1000)
        self.positions.apply(
            FixBlock(
                seq=self.version,
                epoch="e",
                layers=(layer,),
                kinds=("vehicle",),
                regions=("320613",),
                oid=np.arange(1, n + 1, dtype=np.uint32),
                layer=np.zeros(n, np.uint8),
                lon_e7=np.rint(places[:, 0] * 1e7).astype(np.int32),
                lat_e7=np.rint(places[:, 1] * 1e7).astype(np.int32),
                kind=np.zeros(n, np.uint8),
                state=np.zeros(n, np.uint8),
                region=np.zeros(n, np.uint16),
                speed_kmh=np.full(n, 40, np.float32),
                heading_deg=np.zeros(n, np.float32),
                observed_ms=np.full(n, now_ms, np.int64),
            )
        )


@pytest.fixture(scope="session")
def map_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep one base map for all tests of the run."""
    return tmp_path_factory.mktemp("basemap")


@pytest.fixture
def city(qtbot: QtBot, map_cache: Path, tmp_path: Path) -> Iterator[City]:
    """Give stores and a host whose base map is ready."""
    clock = SystemClock()
    notices = Notices(clock, tmp_path / "crash.txt")
    settings = Settings(tmp_path / "settings.toml", complain=notices.say)
    tasks = Tasks(clock)
    blocks, positions = Blocks(clock), Positions(clock)
    host = MapHost(
        MapSources(
            blocks=blocks,
            positions=positions,
            words=Words("zh"),
            theme=Theme(read_palettes()),
            tasks=tasks,
            clock=clock,
            cache=map_cache,
        ),
        settings,
        notices,
    )
    qtbot.waitUntil(lambda: host.basemap is not None, timeout=WAIT_MS)
    yield City(host, blocks, positions, clock, settings, notices)
    host.close()
    tasks.close()


Show = Callable[..., MapView]


@pytest.fixture
def show(qtbot: QtBot, city: City) -> Iterator[Show]:
    """Give a function that opens a view and waits until it is painted."""
    views: list[MapView] = []

    def open_view(
        layers: Sequence[str] = ("requests", "hazmat", "water"),
        extent: Extent = EXTENT,
        seat: Seat = "desk",
    ) -> MapView:
        view = MapView(city.host, extent=extent, layers=layers, seat=seat)
        views.append(view)
        view.resize(SIZE)
        with qtbot.waitSignal(view.ready, timeout=WAIT_MS):
            view.show()
        return view

    yield open_view
    for view in views:
        view.close_page()
        view.close()
        view.deleteLater()


def picture(view: MapView) -> QImage:
    """Give what the widget shows now."""
    return view.grab().toImage()


def is_there(view: MapView, place: tuple[float, float], colour: str, reach: int = 4) -> bool:
    """Tell whether a colour is found at a place, within some pixels."""
    at = view.locate(*place).toPoint()
    image = picture(view)
    wanted = QColor(colour).rgb()
    return any(
        image.pixel(x, y) == wanted
        for x in range(max(0, at.x() - reach), min(image.width(), at.x() + reach + 1))
        for y in range(max(0, at.y() - reach), min(image.height(), at.y() + reach + 1))
    )
