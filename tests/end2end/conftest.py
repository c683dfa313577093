"""A service in a process of its own, for the tests that need the real thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from maps import scheme
from tests.end2end.seat import Seat, open_seat, sign_in
from tests.end2end.stack import Service

scheme.register()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a running service with its plant but without a city, one for all tests of a file."""
    running = Service(tmp_path_factory.mktemp("service") / "data").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def map_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the base map once for the run."""
    return tmp_path_factory.mktemp("basemap")


@pytest.fixture
def seat(service: Service, qtbot: QtBot, tmp_path: Path, map_cache: Path) -> Iterator[Seat]:
    """Give a console on the screen, signed in as the dispatcher."""
    with open_seat(service.url, tmp_path / "console", qtbot, map_cache=map_cache) as opened:
        sign_in(opened, service)
        yield opened
