"""Open the one SQLite file: a writer that begins immediate, readers that see a snapshot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from backend.storage.migrate import UnusableDatabaseError, migrate
from backend.storage.unit import Committed, Unit, View
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
)
_READERS = 64  # more than the worker threads that may read at once
_FIXED = (3, 51, 3)  # first release without the WAL-reset fault
_WITHDRAWN = (3, 52, 0)


class Publisher(Protocol):
    """Hear of every commit, in order, from the thread that made it. Must not block."""

    def __call__(self, committed: Committed, /) -> None:
        """Take note of what one commit changed."""
        ...


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


class Database:
    """Give units of work (`write`) and snapshots (`read`) on one file.

    One process owns the file; inside it, one unit writes at a time. Both context managers are
    for worker threads (sync routes), not for the event loop.
    """

    def __init__(self, path: Path, clock: Clock, publish: Publisher) -> None:
        check_library(tuple(pysqlite3.sqlite_version_info))
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._clock = clock
        self._publish = publish
        self._lock = threading.RLock()
        self._writing = False
        self._writer = _engine(path, begin="BEGIN IMMEDIATE", size=1)
        self._readers = _engine(path, begin="BEGIN", size=_READERS)
        self.backup = migrate(self._writer, clock.now())

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Open a unit of work: all of it is kept, or on any exception none of it.

        Raises:
            RuntimeError: a unit is already open in this thread.
        """
        with self._lock:
            if self._writing:
                raise RuntimeError("a unit of work is already open in this thread")
            self._writing = True
            try:
                with self._writer.begin() as connection:
                    unit = Unit(connection, self._clock)
                    yield unit
            finally:
                self._writing = False
            committed, then = unit.finish()
            self._publish(committed)
            _call(then)

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open a snapshot: everything read inside belongs to one moment."""
        with self._readers.begin() as connection:
            yield View(connection)

    def close(self) -> None:
        """Give every connection back and fold the write-ahead log into the file."""
        with self._lock:
            self._readers.dispose()
            last = self._writer.raw_connection()
            last.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            last.close()
            self._writer.dispose()


def _call(then: tuple[Callable[[], None], ...]) -> None:
    for step in then:
        step()


def _engine(path: Path, *, begin: str, size: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", module=pysqlite3, pool_size=size, max_overflow=0, pool_timeout=30
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
