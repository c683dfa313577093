"""Fixtures of the service's contract tests: a filled template, copied for each test."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.service import serving


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a fresh data folder once: accounts, keys, schema."""
    folder = tmp_path_factory.mktemp("service") / "data"

    async def make() -> None:
        async with serving(folder):
            pass

    asyncio.run(make())
    return folder


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """Give a test its own copy of the fresh data folder."""
    folder = tmp_path / "data"
    shutil.copytree(template, folder)
    return folder
