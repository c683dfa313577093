"""What the matcher read of reports, kept beside the database: made from it and safe to delete.

A restart takes the records instead of cutting every open report up anew. A record is bytes that
whoever reads them judges; nothing in the file is ever run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pysqlite3
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from backend.storage.sqlite import engine_of

SCHEMA: Final = 1
_PRAGMAS = (
    "PRAGMA synchronous = OFF",  # what a power cut damages is read anew from the database
    "PRAGMA cache_size = -4096",
)
_DDL = (
    "CREATE TABLE whose (stamp TEXT NOT NULL) STRICT",
    """CREATE TABLE record (
        key TEXT PRIMARY KEY, mark BLOB NOT NULL, body BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
)


@dataclass(frozen=True, slots=True)
class Record:
    """What was read of one thing; `mark` tells the writing it was read from."""

    mark: bytes
    body: bytes


class Records:
    """Keep one record a thing. One thread uses it.

    Args:
        path: the file; one that is damaged, of another schema or another stamp is begun anew.
        stamp: names everything besides the thing itself that a record depends on.
    """

    def __init__(self, path: Path, stamp: str) -> None:
        self._path, self._stamp = path, stamp
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = self._open()

    def __len__(self) -> int:
        """Count the records."""
        with self._engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM record").scalar_one())

    def get(self, keys: Sequence[str]) -> dict[str, Record]:
        """Read the records of some things, as far as there are any."""
        asked = (json.dumps(list(keys)),)
        with self._whole() as connection:
            rows = connection.exec_driver_sql(
                "SELECT key, mark, body FROM record WHERE key IN (SELECT value FROM json_each(?))",
                asked,
            )
            return {str(row[0]): Record(bytes(row[1]), bytes(row[2])) for row in rows}
        return {}

    def put(self, fresh: Mapping[str, Record], gone: Iterable[str]) -> None:
        """Keep new records, and those of some things no more."""
        with self._whole() as connection:
            if left := [(key,) for key in gone]:
                connection.exec_driver_sql("DELETE FROM record WHERE key = ?", left)
            if fresh:
                connection.exec_driver_sql(
                    "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
                    [(key, one.mark, one.body) for key, one in fresh.items()],
                )

    def only(self, keys: Iterable[str]) -> int:
        """Drop the records of all other things; give how many those were."""
        kept = set(keys)
        with self._whole() as connection:
            rows = connection.exec_driver_sql("SELECT key FROM record")
            gone = [(str(row[0]),) for row in rows if str(row[0]) not in kept]
            if gone:
                connection.exec_driver_sql("DELETE FROM record WHERE key = ?", gone)
            return len(gone)
        return 0

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    @contextmanager
    def _whole(self) -> Iterator[Connection]:
        """Give a transaction; where a page turns out to be damaged the file is begun anew.

        What a power cut left of it shows only when it is read; what was asked is then not there.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            if not _is_damage(error):
                raise
            self._engine.dispose()
            self._delete()
            self._engine = self._prepared()

    def _open(self) -> Engine:
        try:
            return self._prepared()
        except (DatabaseError, pysqlite3.DatabaseError):
            self._delete()
            return self._prepared()

    def _delete(self) -> None:
        for path in (self._path, *self._path.parent.glob(f"{self._path.name}-*")):
            path.unlink(missing_ok=True)

    def _prepared(self) -> Engine:
        engine = engine_of(self._path, *_PRAGMAS, size=2)
        with engine.begin() as connection:
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            asked = "SELECT stamp FROM whose" if version == SCHEMA else "SELECT ''"
            if connection.exec_driver_sql(asked).scalar() == self._stamp:
                return engine
            for table in ("record", "whose"):
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
            for statement in _DDL:
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql("INSERT INTO whose VALUES (?)", (self._stamp,))
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")
        return engine


def _is_damage(error: DatabaseError) -> bool:
    """Tell a damaged file from a full disk or a lock, which are for the next turn."""
    said = str(error.orig)
    return any(one in said for one in ("malformed", "not a database", "no such table"))
