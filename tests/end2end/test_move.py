"""A running city's SQLite file moves to PostgreSQL, and the service goes on there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from backend.storage.place import ENVIRONMENT, FILE
from backend_client.contract.events import Touch
from tests.end2end.stack import ROOT, Service
from tests.end2end.test_line import put
from tests.end2end.test_service_kill import an_intake
from tests.postgres import Server

pytestmark = pytest.mark.end2end

START_S = 120.0  # a busy machine


@pytest.fixture
def address(postgres: Server) -> Iterator[URL]:
    """Give the address of an empty database, with a password as a user's would have."""
    url = postgres.create()
    yield url.set(password="not-for-ps")
    postgres.drop(url)


def move(data: Path, *words: str, address: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend", "move", "--data", str(data), *words],
        cwd=ROOT,
        env={**os.environ, **({ENVIRONMENT: address} if address else {})},
        capture_output=True,
        text=True,
        timeout=300,
    )


def seen(service: Service) -> dict[str, object]:
    """Read what a console would: events, layers, where the stream stands."""
    client = service.client("operator")
    events = client.items("event")
    layers = {one.layer: one.version for one in client.layers().layers}
    return {"events": sorted(one.model_dump_json() for one in events.items), "layers": layers}


@pytest.fixture
def begin() -> Iterator[Callable[[Service], Service]]:
    """Start services that are ended whatever happens."""
    begun: list[Service] = []

    def start(one: Service) -> Service:
        begun.append(one)
        return one.start(START_S)

    yield start
    for one in begun:
        one.stop()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_city_moves_and_goes_on(
    address: URL, tmp_path: Path, begin: Callable[[Service], Service]
) -> None:
    told = address.render_as_string(hide_password=False)
    before = begin(Service(tmp_path / "data"))
    feed = before.client("feed")
    heads = [feed.intake(an_intake(f"move-{number}")) for number in range(8)]
    before.client("dispatcher").accept_event(heads[0].item_id, Touch(version=heads[0].version))
    put(feed, "water", "move-station", (120.86, 32.01))
    busy = move(before.data, address=told)
    assert busy.returncode == 3
    assert "Another service is using" in busy.stderr
    before.stop()

    quiet = begin(Service(before.data))
    there = seen(quiet)
    quiet.stop()
    assert move(before.data).returncode == 3
    done = move(before.data, address=told)
    assert done.returncode == 0, done.stderr
    assert "compared" in done.stderr
    assert "not-for-ps" not in done.stdout + done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["rows"] > 5
    assert Path(last["kept"]).exists()
    assert not (before.data / FILE).exists()
    assert "nothing to move" in move(before.data, address=told).stderr

    after = begin(Service(before.data, environment={ENVIRONMENT: told}))
    assert seen(after) == there
    after.stop()
    assert not (before.data / FILE).exists()
