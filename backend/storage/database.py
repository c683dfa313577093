"""Open the database, a file or a server: one unit of work at a time, snapshots beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from backend.storage.migrate import migrate
from backend.storage.postgres import open_server
from backend.storage.site import MARK, Site
from backend.storage.sqlite import open_file
from backend.storage.unit import Committed, Scribe, Unit, View
from backend_client.contract.clock import Clock


class Publisher(Protocol):
    """Hear of every commit, in order, from the thread that made it. Must not block."""

    def __call__(self, committed: Committed, /) -> None:
        """Take note of what one commit changed."""
        ...


class Database:
    """Give units of work (`write`) and snapshots (`read`) on one database.

    One unit writes at a time, whichever process it is in. Both context managers are for worker
    threads (sync routes), not for the event loop.

    Args:
        place: a file of ours, or the URL of a PostgreSQL database.
        clock: the one clock.
        publish: hears of every commit.
        folder: where backups of a server's database go; beside the file when left out.
        alone: whether this process is the service, of which there is one per database.
        scribe: writes down what each unit did, inside that unit.

    Raises:
        UnusableDatabaseError: it cannot be served as it is.
    """

    def __init__(
        self,
        place: Path | URL,
        clock: Clock,
        publish: Publisher,
        *,
        folder: Path | None = None,
        alone: bool = False,
        scribe: Scribe | None = None,
    ) -> None:
        self._scribe = scribe
        self._site = _open(place, folder or Path(), alone=alone)
        self.name = self._site.name
        self._clock = clock
        self._publish = publish
        self._lock = threading.RLock()
        self._writing = False
        self._owed: tuple[str, Unit] | None = None
        try:
            self.backup = migrate(self._site, clock.now())
        except BaseException:
            self._site.close()
            raise

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Open a unit of work: all of it is kept, or on any exception none of it.

        Raises:
            RuntimeError: a unit is already open in this thread.
        """
        with self._lock:
            if self._writing:
                raise RuntimeError("a unit of work is already open in this thread")
            self.settle()
            self._writing = True
            mark: str | None = None
            lost: DBAPIError | None = None
            try:
                with self._site.writer.begin() as connection:
                    unit = Unit(connection, self._clock, self._scribe)
                    yield unit
                    unit.wind_up()
                    mark = connection.info.get(MARK)  # from here on only the commit can fail
            except DBAPIError as error:
                if mark is None:
                    raise
                lost = error
            finally:
                self._writing = False
            if lost is None or mark is None:
                self._tell(unit)
                return
            self._owed = (mark, unit)
            if not self.settle():
                raise lost

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open a snapshot: everything read inside belongs to one moment."""
        with self._site.readers.begin() as connection:
            yield View(connection)

    def settle(self) -> bool:
        """Find out what became of a commit whose answer was lost; tell of it when it was kept.

        Returns: whether there was one and it was kept.

        Raises:
            DBAPIError: the server still cannot be reached; ask again later.
        """
        with self._lock:
            if self._owed is None:
                return False
            mark, unit = self._owed
            kept = self._site.is_kept(mark)
            self._owed = None
            if kept:
                self._tell(unit)
            return kept

    def close(self) -> None:
        """Give every connection back."""
        with self._lock:
            self._site.close()

    def _tell(self, unit: Unit) -> None:
        """Take a commit over into memory, then tell of it: who is told of a version finds it."""
        committed, then = unit.finish()
        try:
            _call(then)
        finally:
            self._publish(committed)


def _open(place: Path | URL, folder: Path, *, alone: bool) -> Site:
    if isinstance(place, Path):
        return open_file(place)
    return open_server(place, folder, alone=alone)


def _call(then: tuple[Callable[[], None], ...]) -> None:
    for step in then:
        step()
