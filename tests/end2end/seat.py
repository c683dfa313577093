"""A console on a real screen: stores, sync and one map, signed in to a real service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.console import Console, build
from app.i18n import Words
from app.scenes import Extent
from app.stores import Link
from app.theme import Theme, read_palettes
from backend_client.contract.clock import SystemClock
from maps.host import MapHost, MapSources
from maps.view import MapView
from tests.end2end.stack import Service

# Farmland in Tongzhou, away from every named sluice and station.
EXTENT = Extent(west=120.93, south=32.10, east=121.07, north=32.19)
HERE, THERE = (120.96, 32.13), (121.04, 32.16)
COLOURS = {"water": "#2FA37C", "hazmat": "#99DDFF", "requests": "#B38CFF"}
REACH_PX = 16  # half a chip


@dataclass(slots=True)
class Seat:
    """A console on a real screen, signed in, with one map."""

    console: Console
    view: MapView
    host: MapHost
    bot: QtBot

    def sees(self, layer: str, lonlat: tuple[float, float]) -> bool:
        """Tell whether the layer's colour stands at a place on the X screen."""
        colour = QColor(COLOURS[layer]).rgb()
        return colour in colours_near(self.view, lonlat)

    def wait(self, condition: Callable[[], bool], limit_s: float = 15) -> None:
        self.bot.waitUntil(condition, timeout=int(limit_s * 1000))


def colours_near(view: MapView, lonlat: tuple[float, float]) -> set[int]:
    """Give the colours within half a chip of a place, read off the X screen itself."""
    screen = view.screen()
    picture = screen.grabWindow(0).toImage().convertToFormat(QImage.Format.Format_RGB32)
    spot = view.mapToGlobal(view.locate(*lonlat).toPoint()) - screen.geometry().topLeft()
    return {
        picture.pixel(x, y)
        for x in range(spot.x() - REACH_PX, spot.x() + REACH_PX)
        for y in range(spot.y() - REACH_PX, spot.y() + REACH_PX)
        if picture.valid(x, y)
    }


def screen_now() -> QImage:
    """Read the whole X screen."""
    shot = QGuiApplication.primaryScreen().grabWindow(0).toImage()
    return shot.convertToFormat(QImage.Format.Format_RGB32)


@contextmanager
def open_seat(url: str, folder: Path, bot: QtBot, *, map_cache: Path) -> Iterator[Seat]:
    """Open a console with one map; nobody is signed in yet."""
    clock = SystemClock()
    console = build(folder, clock, url=url)
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
        console.settings,
        console.notices,
    )
    view = MapView(host, extent=EXTENT, layers=tuple(COLOURS), seat="desk")
    view.resize(1000, 760)
    view.move(0, 0)
    with bot.waitSignal(view.ready, timeout=30_000):
        view.show()
    console.start()
    yield Seat(console, view, host, bot)
    view.close_page()
    host.close()
    console.close()
    view.close()
    view.deleteLater()


def sign_in(seat: Seat, service: Service, account: str = "dispatcher") -> None:
    """Sign a person in with password and second factor, and wait until online."""
    refused: list[Exception] = []
    service.forget_codes()
    code, row = service.totp(account).now(), service.account(account)
    seat.console.reach.session.sign_in(account, row["password"], code, failed=refused.append)
    stores = seat.console.reach.stores
    seat.wait(lambda: stores.link is Link.ONLINE or bool(refused))
    assert not refused, refused
