"""The search index: a file of its own, made from the database and safe to delete.

It is SQLite's full-text index whatever keeps the database, so that the same words find the same
things, and the database's writer never waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import pysqlite3
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from backend.storage.sqlite import engine_of

SCHEMA: Final = 1
_PRAGMAS = (
    "PRAGMA synchronous = NORMAL",  # what the last seconds lost is indexed again
    "PRAGMA cache_size = -32768",
)
_READERS = 8  # more than the threads that search and index at once
_DDL = (
    """CREATE VIRTUAL TABLE gram USING fts5(run,
        content='', contentless_delete=1, tokenize='ascii', detail=none, prefix='1 2')""",
    "CREATE TABLE thing (key INTEGER PRIMARY KEY, hash INTEGER NOT NULL) STRICT",
    """CREATE TABLE source (
        name TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, mark INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE item (number INTEGER PRIMARY KEY, item_id TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE whose (epoch TEXT NOT NULL) STRICT",
)
_SHIFT = 40
_OWN = (1 << _SHIFT) - 1


@dataclass(frozen=True, slots=True)
class Found:
    """Things of one source that may hold the words, by their number."""

    source: str
    number: int


class Index:
    """Keep what is searched of every thing of every source: a layer, or the events.

    One thread writes, any may read.

    Args:
        path: the file; one of another schema or another database is begun anew.
        epoch: names the database the index belongs to.
    """

    def __init__(self, path: Path, epoch: str) -> None:
        self._path, self._epoch = path, epoch
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = self._open()
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        with self._engine.connect() as connection:
            for name, number in connection.exec_driver_sql("SELECT name, number FROM source"):
                self._numbers[str(name)], self._names[int(number)] = int(number), str(name)

    def marks(self) -> dict[str, int]:
        """Give the version up to which each source is indexed."""
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT name, mark FROM source")
            return {str(name): int(mark) for name, mark in rows}

    def put(self, source: str, things: Mapping[int, str | None], mark: int | None = None) -> int:
        """Index things by their tokens, None for those that are gone; give how many changed.

        Args:
            source: where they are from.
            things: number of each → its tokens.
            mark: the version up to which the source is indexed with these.
        """
        with self._engine.begin() as connection:
            base = self._number(connection, source) << _SHIFT
            held = _held(connection, [base + number for number in things])
            changed = {
                base + number: words
                for number, words in things.items()
                if held.get(base + number) != (_hash(words) if words else None)
            }
            known = [(key,) for key in changed if key in held]
            if known:
                connection.exec_driver_sql("DELETE FROM gram WHERE rowid = ?", known)
                connection.exec_driver_sql("DELETE FROM thing WHERE key = ?", known)
            kept = [(key, words, _hash(words)) for key, words in changed.items() if words]
            if kept:
                connection.exec_driver_sql(
                    "INSERT INTO gram (rowid, run) VALUES (?, ?)",
                    [(key, words) for key, words, _ in kept],
                )
                connection.exec_driver_sql(
                    "INSERT INTO thing (key, hash) VALUES (?, ?)",
                    [(key, told) for key, _, told in kept],
                )
            if mark is not None:
                connection.exec_driver_sql(
                    "UPDATE source SET mark = ? WHERE name = ?", (mark, source)
                )
        return len(changed)

    def number_items(self, item_ids: Sequence[str]) -> dict[str, int]:
        """Give items known by a text a number each, for ever the same."""
        with self._engine.begin() as connection:
            asked = (_list(item_ids),)
            connection.exec_driver_sql(
                "INSERT OR IGNORE INTO item (item_id) SELECT value FROM json_each(?)", asked
            )
            rows = connection.exec_driver_sql(
                "SELECT item_id, number FROM item "
                "WHERE item_id IN (SELECT value FROM json_each(?))",
                asked,
            )
            return {str(item_id): int(number) for item_id, number in rows}

    def item_ids(self, numbers: Sequence[int]) -> dict[int, str]:
        """Give the items that numbers stand for."""
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT number, item_id FROM item WHERE number IN (SELECT value FROM json_each(?))",
                (_list(numbers),),
            )
            return {int(number): str(item_id) for number, item_id in rows}

    def find(self, asked: str, *, after: int, limit: int) -> list[int]:
        """Give the keys of things that may hold the words, ascending.

        Args:
            asked: from `domain.search.question`.
            after: the last key of the answer before, 0 for the first.
            limit: how many at most.
        """
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT rowid FROM gram WHERE gram MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?",
                (asked, after, limit),
            )
            return [int(row[0]) for row in rows]

    def what(self, key: int) -> Found:
        """Say whose a key is."""
        return Found(self._names[key >> _SHIFT], key & _OWN)

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def _open(self) -> Engine:
        try:
            return self._prepared()
        except (DatabaseError, pysqlite3.DatabaseError):
            for path in (self._path, *self._path.parent.glob(f"{self._path.name}-*")):
                path.unlink(missing_ok=True)
            return self._prepared()

    def _prepared(self) -> Engine:
        """Open the file; what another schema or database left in it is taken out."""
        engine = engine_of(self._path, *_PRAGMAS, size=_READERS)
        with engine.begin() as connection:
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            whose = _whose(connection) if version == SCHEMA else None
            if whose != self._epoch:
                _begin_anew(connection, self._epoch)
        return engine

    def _number(self, connection: Connection, source: str) -> int:
        if source not in self._numbers:
            number = len(self._numbers) + 1
            connection.exec_driver_sql("INSERT INTO source VALUES (?, ?, 0)", (source, number))
            self._numbers[source], self._names[number] = number, source
        return self._numbers[source]


def _held(connection: Connection, keys: Sequence[int]) -> dict[int, int]:
    """Give what is indexed of keys already: the hash of its tokens."""
    rows = connection.exec_driver_sql(
        "SELECT key, hash FROM thing WHERE key IN (SELECT value FROM json_each(?))", (_list(keys),)
    )
    return {int(key): int(told) for key, told in rows}


def _hash(words: str) -> int:
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), signed=True)


def _list(values: Iterable[int | str]) -> str:
    return json.dumps(list(values))


def _whose(connection: Connection) -> str | None:
    return connection.exec_driver_sql("SELECT epoch FROM whose").scalar()


def _begin_anew(connection: Connection, epoch: str) -> None:
    names = ("gram", "thing", "source", "item", "whose")
    for name in names:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    for statement in _DDL:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("INSERT INTO whose VALUES (?)", (epoch,))
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")
