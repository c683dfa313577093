"""One SQLite file: a writer that begins immediate, readers that see a snapshot."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from backend.storage.site import Site, UnusableDatabaseError
from backend_client.contract.base import Text

_EVERY = ("PRAGMA journal_mode = WAL", "PRAGMA busy_timeout = 5000")
_PRAGMAS = ("PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")
_READERS = 64  # more than the worker threads that may read at once
_FIXED = (3, 51, 3)  # first release without the WAL-reset fault
_WITHDRAWN = (3, 52, 0)


def check_library(version: tuple[int, ...]) -> None:
    """Refuse an SQLite library that can lose commits.

    Raises:
        UnusableDatabaseError: the library has the WAL-reset fault or was withdrawn.

    Source: SQLite release notes 3.51.3 and 3.52.0.
    """
    if version >= _FIXED and version != _WITHDRAWN:
        return
    name = ".".join(map(str, version))
    raise UnusableDatabaseError(
        Text(
            f"SQLite {name} 有丢失提交的缺陷。请安装 pysqlite3 0.6.1 或更新版本。",
            f"SQLite {name} can lose commits. Install pysqlite3 0.6.1 or newer.",
        )
    )


def open_file(path: Path) -> Site:
    """Open a file, which one process owns; it is made when missing.

    Raises:
        UnusableDatabaseError: the SQLite library cannot be trusted.
    """
    check_library(tuple(pysqlite3.sqlite_version_info))
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = engine_of(path, *_PRAGMAS, size=1, begin="BEGIN IMMEDIATE")
    readers = engine_of(path, *_PRAGMAS, size=_READERS)
    return Site(
        name=str(path),
        writer=writer,
        readers=readers,
        back_up=partial(_back_up, writer, path),
        is_kept=_never_in_doubt,
        close=partial(_close, writer, readers),
    )


def _back_up(writer: Engine, path: Path, at: datetime) -> Path:
    target = path.with_name(f"{path.stem}.before-upgrade-{at:%Y%m%dT%H%M%SZ}.db")
    target.unlink(missing_ok=True)
    outside = writer.raw_connection()  # VACUUM cannot run inside a transaction
    outside.cursor().execute("VACUUM INTO ?", (str(target),))
    outside.close()
    return target


def _never_in_doubt(mark: str) -> bool:
    """Answer nothing: a commit to a local file either raises or is kept, so no unit is marked."""
    raise AssertionError(mark)


def _close(writer: Engine, readers: Engine) -> None:
    """Fold the write-ahead log into the file."""
    readers.dispose()
    last = writer.raw_connection()
    last.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    last.close()
    writer.dispose()


def engine_of(path: Path, *pragmas: str, size: int, begin: str = "BEGIN") -> Engine:
    """Give connections to a file whose transactions begin when we say so.

    Args:
        path: the file.
        pragmas: what each connection is set to besides the write-ahead log.
        size: how many connections at most.
        begin: the statement that begins a transaction.
    """
    engine = create_engine(
        f"sqlite:///{path}", module=pysqlite3, pool_size=size, max_overflow=0, pool_timeout=30
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*_EVERY, *pragmas):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
