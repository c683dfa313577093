"""Schema goes forward only, with a backup; a newer one is left alone."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pysqlite3
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from backend.storage import migrate
from backend.storage.database import Database
from backend.storage.site import UnusableDatabaseError
from backend.storage.tables import METADATA
from backend_client.contract.clock import ManualClock
from tests.databases import FileGround, Ground, ServerGround

CLOCK = ManualClock(datetime(2026, 7, 20, tzinfo=UTC))


def open_and_close(ground: Ground, folder: Path) -> Path | None:
    database = Database(ground.place, CLOCK, lambda _: None, folder=folder)
    database.close()
    return database.backup


def epoch(ground: Ground) -> str:
    return str(ground.run("SELECT value FROM meta WHERE key = 'epoch'")[0][0])


def engine_of(ground: Ground) -> Engine:
    if isinstance(ground.place, Path):
        return create_engine(f"sqlite:///{ground.place}", module=pysqlite3)
    return create_engine(ground.place)


def make_first_revision(ground: Ground) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    engine = engine_of(ground)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()


def test_new_database_needs_no_backup_and_keeps_its_epoch(ground: Ground, tmp_path: Path) -> None:
    assert open_and_close(ground, tmp_path) is None
    first = epoch(ground)
    assert open_and_close(ground, tmp_path) is None
    assert len(first) == 12
    assert epoch(ground) == first


def test_newer_schema_is_refused_and_untouched(ground: Ground, tmp_path: Path) -> None:
    open_and_close(ground, tmp_path)
    ground.run("DELETE FROM alembic_version")
    ground.run("INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(UnusableDatabaseError) as caught:
        open_and_close(ground, tmp_path)
    assert "9999" in caught.value.why.en
    assert "9999" in caught.value.why.zh
    assert ground.run("SELECT version_num FROM alembic_version") == [("9999",)]


def test_upgrade_of_a_filled_database_is_backed_up_first(ground: Ground, tmp_path: Path) -> None:
    make_first_revision(ground)
    before = epoch(ground)
    backup = open_and_close(ground, tmp_path)
    assert backup is not None
    assert (epoch(restored(ground, backup)), epoch(ground)) == (before, before)
    assert open_and_close(ground, tmp_path) is None


def restored(ground: Ground, backup: Path) -> Ground:
    """Bring a backup back as the documents say."""
    if not isinstance(ground, ServerGround):
        return FileGround(backup)
    url = ground.server.create()
    ground.made.append(url)
    tool = str(ground.server.programs / "pg_restore")
    to = url.set(drivername="postgresql").render_as_string()
    subprocess.run([tool, "--dbname", to, str(backup)], check=True)
    return ServerGround(ground.server, url)


def test_failed_upgrade_leaves_the_database_as_it_was(ground: Ground, tmp_path: Path) -> None:
    make_first_revision(ground)
    ground.run("CREATE TABLE gate_lease (x INTEGER)")  # in the way of a later revision
    with pytest.raises(DBAPIError):
        open_and_close(ground, tmp_path)
    assert ground.run("SELECT version_num FROM alembic_version") == [("0001",)]


def test_numbers_go_on_where_an_older_program_left_them(ground: Ground, tmp_path: Path) -> None:
    make_first_revision(ground)
    row = "'event', 'e', '3206', 'D41', '3206', 'D41', NULL"
    ground.run(f"INSERT INTO change_log VALUES (41, {row})")
    open_and_close(ground, tmp_path)
    assert ground.run("SELECT n FROM change_count") == [(41,)]


def test_channels_accounts_of_an_older_program_are_bound(ground: Ground, tmp_path: Path) -> None:
    make_first_revision(ground)
    for account, role in (("channel_police", "feed"), ("feed", "feed"), ("channel_web", "leader")):
        row = f"'{account}', 'n', '{role}', '[\"3206\"]', '[\"*\"]', 'h', NULL, 0, 1"
        ground.run(f"INSERT INTO person VALUES ({row})")
    open_and_close(ground, tmp_path)
    bound = {row[0]: row[1] for row in ground.run("SELECT person_id, channels FROM person")}
    assert bound == {"channel_police": '["police"]', "feed": "[]", "channel_web": "[]"}


def test_tables_and_schema_agree(ground: Ground, tmp_path: Path) -> None:
    open_and_close(ground, tmp_path)
    engine = engine_of(ground)
    real = inspect(engine)
    for table in METADATA.sorted_tables:
        names = [column["name"] for column in real.get_columns(table.name)]
        assert names == list(table.columns.keys()), table.name
    engine.dispose()


def test_both_databases_hold_the_same_schema(ground: Ground, tmp_path: Path) -> None:
    """Compare with a fresh file: tables, columns, keys, indexes."""
    open_and_close(ground, tmp_path)
    file = FileGround(tmp_path / "other.db")
    open_and_close(file, tmp_path)
    assert outline(ground) == outline(file)


def outline(ground: Ground) -> dict[str, object]:
    engine = engine_of(ground)
    seen = inspect(engine)
    found: dict[str, object] = {}
    for table in sorted(seen.get_table_names()):
        key = seen.get_pk_constraint(table)["constrained_columns"]
        found[table] = (
            key,
            [
                (column["name"], column["nullable"] and column["name"] not in key)
                for column in seen.get_columns(table)
            ],
        )
    engine.dispose()
    words = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    if isinstance(ground, ServerGround):
        words = (
            "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' "
            "AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_pkc' UNION ALL "
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
    found["named"] = sorted(str(row[0]) for row in ground.run(words))
    return found
