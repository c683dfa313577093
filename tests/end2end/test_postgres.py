"""The whole line on PostgreSQL: doors, stream, screen, city, commands, and kills."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from backend.storage.place import ENVIRONMENT
from tests.end2end import test_line
from tests.end2end.seat import Seat
from tests.end2end.stack import ROOT, Service
from tests.end2end.test_service_kill import survives
from tests.postgres import Server

pytestmark = [pytest.mark.end2end, pytest.mark.display]


@pytest.fixture
def address(postgres: Server) -> Iterator[URL]:
    """Give the address of an empty database, with a password as a user's would have."""
    url = postgres.create()
    yield url.set(password="not-for-ps")
    postgres.drop(url)


@pytest.fixture
def service(address: URL, tmp_path: Path) -> Iterator[Service]:
    """Give a running service on it; the address is in the environment."""
    told = {ENVIRONMENT: address.render_as_string(hide_password=False)}
    running = Service(tmp_path / "data", environment=told).start()
    yield running
    running.stop()


@contextmanager
def city(service: Service) -> Iterator[None]:
    """Run a small city beside it."""
    words = ("--seed", "7", "--scale", "0.01", "--rate", "30", "--tidy")
    place = ("--backend", service.url, "--credentials", str(service.credentials))
    running = subprocess.Popen(
        [sys.executable, "-m", "backend", "simulate", *place, *words], cwd=ROOT
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait(20)


def command(service: Service, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend", *words, "--data", str(service.data)],
        cwd=ROOT,
        env={**os.environ, **service.environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_whole_line_runs_on_postgresql(seat: Seat, service: Service) -> None:
    test_line.test_a_station_moved_at_the_door_moves_on_the_screen(seat, service)
    test_line.test_a_truck_moved_at_the_door_moves_on_the_screen(seat, service)
    test_line.test_an_event_located_by_a_person_moves_on_the_screen(seat, service)
    with city(service):
        stores = seat.console.reach.stores
        seat.wait(lambda: len(stores.events.all()) > 20, 60)
        seat.wait(lambda: stores.blocks.get("water").oid.size > 50, 60)
    assert not (service.data / "city.db").exists()
    for process in service.workers():
        assert "not-for-ps" not in " ".join(process.cmdline())
        if "serve" not in process.cmdline():
            assert ENVIRONMENT not in process.environ()
    verdict = command(service, "audit", "verify")
    assert verdict.returncode == 0, verdict.stderr
    second = command(service, "serve", "--port", "0")
    assert second.returncode == 3
    assert "Another service is using" in second.stderr


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_kills_lose_and_double_nothing_on_postgresql(service: Service) -> None:
    survives(service, 8)
