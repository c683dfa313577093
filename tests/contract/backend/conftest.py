"""Fixtures of the service's contract tests: a filled template, copied for each test."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from backend.storage.place import SETTINGS
from tests.postgres import Server
from tests.service import serving

ON_BOTH = {
    "test_attachments": "scope|forgotten|same_bytes",
    "test_alarms": "folded|upset|together|loads|flood",
    "test_auth": "",
    "test_events": "",
    "test_casework": "loop|merged_reports|told",
    "test_casework_edges": "one_state|nobody_twice|renewed",
    "test_channel_accounts": "",
    "test_matching": "restart|second_report",
    "test_learned_deeds": "last_word|dropped",
    "test_rates": "restart",
    "test_requests": "map_shows",
    "test_similar": "before_a_start",
    "test_feeds": "restart",
    "test_gates": "restart|database_itself|same_key|two_persons|code_works|twins",
    "test_layers": "",
    "test_repairs": "",
    "test_search": "owed|renamed|events",
    "test_stream": "",
}
"""What runs on PostgreSQL too, by module and by words of the test's name: whatever asks of the
service something that reaches deep into storage."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run some tests on both databases."""
    if "data" in metafunc.fixturenames:
        words = ON_BOTH.get(metafunc.module.__name__.rsplit(".", 1)[-1])
        both = words is not None and re.search(words, metafunc.function.__name__)
        kinds = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("data", kinds, indirect=True)


def make(folder: Path) -> Path:
    """Make a fresh data folder: accounts, keys, schema."""

    async def once() -> None:
        async with serving(folder):
            pass

    asyncio.run(once())
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a fresh data folder once."""
    return make(tmp_path_factory.mktemp("service") / "data")


@pytest.fixture(scope="session")
def server_template(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> tuple[Path, URL]:
    """Make a fresh data folder with a server's database once."""
    folder, url = tmp_path_factory.mktemp("service") / "data", postgres.create()
    name_database(folder, url)
    return make(folder), url


def name_database(folder: Path, url: URL) -> None:
    """Name a server's database in a folder's settings."""
    folder.mkdir(exist_ok=True)
    spelled = url.render_as_string(hide_password=False)
    (folder / SETTINGS).write_text(f'database = "{spelled}"', encoding="utf-8")


@pytest.fixture
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Give a test its own copy of the fresh data folder."""
    folder = tmp_path / "data"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("template"), folder)
        yield folder
        return
    postgres: Server = request.getfixturevalue("postgres")
    filled, url = request.getfixturevalue("server_template")
    shutil.copytree(filled, folder)
    own = postgres.create(url.database)
    name_database(folder, own)
    yield folder
    postgres.drop(own)
