"""Schema goes forward only, with a backup; a newer one is left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pysqlite3
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from backend.storage import migrate
from backend.storage.database import Database
from backend.storage.site import UnusableDatabaseError
from backend.storage.tables import METADATA
from backend_client.contract.clock import ManualClock

CLOCK = ManualClock(datetime(2026, 7, 20, tzinfo=UTC))


def open_and_close(path: Path) -> Path | None:
    database = Database(path, CLOCK, lambda _: None)
    database.close()
    return database.backup


def test_new_database_needs_no_backup_and_keeps_its_epoch(tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    assert open_and_close(path) is None
    first = epoch(path)
    assert open_and_close(path) is None
    assert len(first) == 12
    assert epoch(path) == first


def epoch(path: Path) -> str:
    connection = pysqlite3.connect(str(path))
    try:
        return str(connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0])
    finally:
        connection.close()


def test_newer_schema_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    open_and_close(path)
    connection = pysqlite3.connect(str(path))
    connection.execute("DELETE FROM alembic_version")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    with pytest.raises(UnusableDatabaseError) as caught:
        open_and_close(path)
    assert "9999" in caught.value.why.en
    assert "9999" in caught.value.why.zh


def test_upgrade_of_a_filled_database_is_backed_up_first(tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    make_first_revision(path)
    before = epoch(path)
    backup = open_and_close(path)
    assert backup is not None
    assert (epoch(backup), epoch(path)) == (before, before)
    assert open_and_close(path) is None


def test_failed_upgrade_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    make_first_revision(path)
    connection = pysqlite3.connect(str(path))
    connection.execute("CREATE TABLE gate_lease (x)")  # in the way of a later revision
    connection.close()
    with pytest.raises(OperationalError):
        open_and_close(path)
    connection = pysqlite3.connect(str(path))
    version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    connection.close()
    assert version == [("0001",)]


def make_first_revision(path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}", module=pysqlite3)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()


def test_tables_and_schema_agree(tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    open_and_close(path)
    connection = pysqlite3.connect(str(path))
    for table in METADATA.sorted_tables:
        real = [row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")]
        assert real == [column.name for column in table.columns], table.name
    connection.close()
