"""The two kinds of database a test runs on: a file of SQLite, a database of PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pysqlite3
from sqlalchemy import URL

from tests.postgres import Server

Rows = list[tuple[object, ...]]


class Ground(Protocol):
    """One database and a way past our storage."""

    @property
    def place(self) -> Path | URL:
        """Give what `Database` opens."""
        ...

    def run(self, statement: str) -> Rows:
        """Run one statement past our storage, kept at once, and give its rows."""
        ...

    def copy(self) -> Ground:
        """Give another database with the same content; nobody may have this one open."""
        ...


@dataclass(frozen=True)
class FileGround:
    """A file."""

    place: Path

    def run(self, statement: str) -> Rows:
        connection = pysqlite3.connect(str(self.place))
        try:
            rows: Rows = connection.execute(statement).fetchall()
            connection.commit()
        finally:
            connection.close()
        return rows

    def copy(self) -> FileGround:
        number = sum(1 for _ in self.place.parent.iterdir())
        target = self.place.with_name(f"{self.place.stem}-{number}.db")
        shutil.copy(self.place, target)
        return FileGround(target)


@dataclass(frozen=True)
class ServerGround:
    """A database of a server; dropped with all its copies by the fixture."""

    server: Server
    place: URL
    made: list[URL] = field(default_factory=list)

    def run(self, statement: str) -> Rows:
        return self.server.run(statement, str(self.place.database))

    def copy(self) -> ServerGround:
        url = self.server.create(str(self.place.database))
        self.made.append(url)
        return ServerGround(self.server, url, self.made)


Grounds = Callable[[], Ground]
