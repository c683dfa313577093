"""PostgreSQL by URL: refused with words, lost and found again, never half-written."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from backend.storage.database import Database
from backend.storage.place import ENVIRONMENT, SETTINGS, find, has_password
from backend.storage.site import UnusableDatabaseError
from backend.storage.unit import Committed
from backend_client.contract.clock import ManualClock
from tests.breaker import Breaker, breaker
from tests.postgres import Server, need_programs

CLOCK = ManualClock(datetime(2026, 7, 20, tzinfo=UTC))


@pytest.fixture
def url(postgres: Server) -> Iterator[URL]:
    """Give an empty database."""
    fresh = postgres.create()
    yield fresh
    postgres.drop(fresh)


@pytest.fixture
def own() -> Iterator[Server]:
    """Give a server this test may crash."""
    server = Server(need_programs()).start()
    yield server
    server.remove()


@pytest.fixture
def wire(postgres: Server) -> Iterator[Breaker]:
    """Give a wire to the server that can be cut."""
    with (
        tempfile.TemporaryDirectory(prefix="wire-", dir="/tmp") as folder,
        breaker(Path(folder), postgres.folder) as made,
    ):
        yield made


def opened(url: URL, told: list[Committed] | None = None, *, alone: bool = False) -> Database:
    return Database(url, CLOCK, (told if told is not None else []).append, alone=alone)


def note(database: Database, target: str) -> None:
    with database.write() as unit:
        unit.audit("test.step", target, by=None)


def noted(server: Server, url: URL) -> list[str]:
    rows = server.run("SELECT target FROM audit ORDER BY seq", str(url.database))
    return [str(row[0]) for row in rows]


def why(url: URL, *, alone: bool = False) -> str:
    """Give the English words a database is refused with; both languages are there."""
    with pytest.raises(UnusableDatabaseError) as caught:
        opened(url, alone=alone)
    assert caught.value.why.zh
    return caught.value.why.en


def test_a_server_that_is_down_is_said(tmp_path: Path) -> None:
    nobody = URL.create("postgresql+psycopg", database="city", query={"host": str(tmp_path)})
    assert "See that the server runs" in why(nobody)


def test_a_wrong_password_is_said_and_not_shown(own: Server) -> None:
    own.run("CREATE ROLE city LOGIN PASSWORD 'right'")
    rules = own.folder / "data" / "pg_hba.conf"
    rules.write_text("local all city scram-sha-256\nlocal all all trust\n")
    own.run("SELECT pg_reload_conf()")
    said = why(own.url(user="city", password="wrong-secret"))
    assert "Check user and password" in said
    assert "wrong-secret" not in said
    assert "Check user and password" in why(own.url(user="city"))
    own.run("CREATE DATABASE city OWNER city")
    opened(own.url("city", user="city", password="right")).close()


def test_a_database_that_is_not_there_is_said(postgres: Server) -> None:
    assert "createdb" in why(postgres.url("no_such_city"))


def test_another_encoding_is_refused(postgres: Server) -> None:
    postgres.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    assert "LATIN1" in why(postgres.url("latin"))
    postgres.drop(postgres.url("latin"))


def test_one_service_at_a_time_and_commands_beside_it(url: URL) -> None:
    service = opened(url, alone=True)
    beside = opened(url)
    note(beside, "by a command")
    beside.close()
    assert "Another service is using" in why(url, alone=True)
    service.close()
    opened(url, alone=True).close()


def test_a_cut_connection_keeps_nothing_and_the_next_unit_works(postgres: Server, url: URL) -> None:
    told: list[Committed] = []
    database = opened(url, told, alone=True)

    def cut() -> None:
        with database.write() as unit:
            unit.audit("test.step", "lost", by=None)
            pid = unit.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            postgres.run(f"SELECT pg_terminate_backend({pid}, 2000)")
            unit.audit("test.step", "lost too", by=None)

    with pytest.raises(OperationalError):
        cut()
    assert not told
    note(database, "kept")
    assert noted(postgres, url) == ["kept"]
    database.close()


@pytest.mark.parametrize("heard", [True, False])
def test_a_commit_whose_answer_is_lost_is_settled_by_asking(
    postgres: Server, url: URL, wire: Breaker, *, heard: bool
) -> None:
    told: list[Committed] = []
    database = opened(url.set(query={"host": str(wire.folder)}), told, alone=True)
    wire.cut_at(b"COMMIT", heard=heard)
    if heard:
        note(database, "in doubt")  # it was kept, so nothing is raised
    else:
        with pytest.raises(DBAPIError):
            note(database, "in doubt")
    assert wire.cuts == 1
    note(database, "after")
    kept = ["in doubt", "after"] if heard else ["after"]
    assert noted(postgres, url) == kept
    assert len(told) == len(kept)
    database.close()


def test_a_crashed_server_is_found_again(own: Server) -> None:
    url = own.create()
    told: list[Committed] = []
    database = opened(url, told, alone=True)
    note(database, "before")
    own.end(signal.SIGQUIT)
    for _ in range(2):
        with pytest.raises(OperationalError):
            note(database, "while down")
        with pytest.raises(OperationalError), database.read() as view:
            view.n()
    own.start()
    note(database, "after")
    with database.read() as view:
        assert view.meta("standing") == "0"
    assert noted(own, url) == ["before", "after"]
    assert len(told) == 2
    database.close()


def test_a_service_that_was_replaced_writes_no_more(postgres: Server, url: URL) -> None:
    first = opened(url, alone=True)
    note(first, "first")
    postgres.run(
        f"SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
        f"WHERE datname = '{url.database}'"
    )
    second = opened(url, alone=True)
    with pytest.raises(OperationalError, match="lock timeout"):
        note(first, "too late")
    note(second, "second")
    assert noted(postgres, url) == ["first", "second"]
    second.close()
    first.close()


def test_the_place_comes_from_the_line_the_environment_or_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find(tmp_path, None) == tmp_path / "city.db"
    (tmp_path / SETTINGS).write_text('database = "postgresql://a:b@settings/city"')
    assert find(tmp_path, None) == URL.create(
        "postgresql+psycopg", "a", "b", "settings", None, "city"
    )
    monkeypatch.setenv(ENVIRONMENT, "postgresql://environment/city")
    found = find(tmp_path, None)
    assert isinstance(found, URL)
    assert (found.drivername, found.host) == ("postgresql+psycopg", "environment")
    monkeypatch.setenv(ENVIRONMENT, "postgresql://environment/city")
    line = find(tmp_path, "postgresql+psycopg://line/city")
    assert isinstance(line, URL)
    assert line.host == "line"


def test_a_password_on_the_command_line_is_noticed() -> None:
    assert has_password("postgresql://a:b@host/city")
    assert not has_password("postgresql://a@host/city")
    assert not has_password(None)


@pytest.mark.parametrize(
    "spelled", ["nonsense", "mysql://a:secret@b/c", "postgresql+asyncpg://x/y"]
)
def test_an_address_nobody_can_read_is_refused(tmp_path: Path, spelled: str) -> None:
    with pytest.raises(UnusableDatabaseError, match="postgresql"):
        find(tmp_path, spelled)
    with pytest.raises(UnusableDatabaseError) as caught:
        find(tmp_path, spelled)
    assert "secret" not in str(caught.value)


def test_a_broken_settings_file_is_refused(tmp_path: Path) -> None:
    for words in ("database = ", "database = 5"):
        (tmp_path / SETTINGS).write_text(words)
        with pytest.raises(UnusableDatabaseError, match=SETTINGS):
            find(tmp_path, None)
