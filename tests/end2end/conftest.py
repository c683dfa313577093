"""A service in a process of its own, for the tests that need the real thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maps import scheme
from tests.end2end.stack import Service

scheme.register()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Give a running service with its plant but without a city; ended afterwards."""
    running = Service(tmp_path / "data").start()
    yield running
    running.stop()
