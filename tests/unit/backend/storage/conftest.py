"""Every repository test runs on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import FileGround, Ground, ServerGround
from tests.postgres import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """Give an empty database."""
    if request.param == "sqlite":
        yield FileGround(tmp_path / "city.db")
        return
    server: Server = request.getfixturevalue("postgres")
    fresh = ServerGround(server, server.create())
    yield fresh
    for url in (fresh.place, *fresh.made):
        server.drop(url)
