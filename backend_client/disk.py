"""Open a local database file safely: version, check, set aside what is unusable, findings."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from pysqlite3 import dbapi2 as sqlite

from backend_client.contract.base import Text
from backend_client.contract.clock import Clock

OLDEST_SQLITE: Final = (3, 51, 3)  # the first 3.51 without the WAL-reset fault
CHECK_BUDGET_S: Final = 2.0
BUSY_MS: Final = 500
LITTLE_SPACE_BYTES: Final = 500 * 1024 * 1024
STEPS_PER_LOOK: Final = 10_000


class Fault(StrEnum):
    """What was wrong with a file."""

    DAMAGED = "damaged"
    LOCKED = "locked"
    FULL = "full"
    OTHER_SCHEMA = "other_schema"
    UNREADABLE = "unreadable"
    LITTLE_SPACE = "little_space"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found wrong with a file, what it means and what to do, for a notice."""

    fault: Fault
    path: Path
    aside: Path | None
    text: Text
    meaning: Text
    todo: Text


class Cursor(Protocol):
    """The part of a DB-API cursor we use."""

    def fetchone(self) -> tuple[object, ...] | None:
        """Give the next row."""
        ...

    def fetchall(self) -> list[tuple[object, ...]]:
        """Give the rest of the rows."""
        ...


class Connection(Protocol):
    """The part of a DB-API connection we use."""

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> Cursor:
        """Run one statement."""
        ...

    def set_progress_handler(self, handler: Callable[[], int] | None, steps: int) -> None:
        """Call `handler` every so many steps; a result other than 0 interrupts."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class BadFileError(Exception):
    """A database file cannot be used as it is."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault


def assert_version() -> None:
    """Refuse a SQLite library that can lose commits in WAL mode.

    Source: SQLite WAL-reset fault, 3.7.0 to 3.51.2.
    """
    have = tuple(int(part) for part in sqlite.sqlite_version.split("."))
    if have < OLDEST_SQLITE:
        raise RuntimeError(f"SQLite {sqlite.sqlite_version} has the WAL-reset fault")


def connect(path: Path | None, *, synchronous: str, schema: int, clock: Clock) -> Connection:
    """Open and check a database file; None is a database in memory.

    Args:
        path: the file.
        synchronous: "NORMAL" for what can be rebuilt, "FULL" for what cannot.
        schema: the `user_version` we write; 0 in the file means it is new.
        clock: measures the check's budget.

    Raises:
        BadFileError: damaged, locked, no room, of another schema, unreadable.
    """
    assert_version()
    connection: Connection | None = None
    try:
        connection = sqlite.connect(
            str(path) if path else ":memory:", timeout=BUSY_MS / 1000, check_same_thread=False
        )
        assert connection is not None  # noqa: S101  # the library is untyped
        _prepare(connection, synchronous, schema, clock)
    except (sqlite.Error, OSError) as error:
        if connection is not None:
            connection.close()
        raise BadFileError(fault_of(error), str(error)) from error
    except BadFileError:
        if connection is not None:
            connection.close()
        raise
    return connection


def _prepare(connection: Connection, synchronous: str, schema: int, clock: Clock) -> None:
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute(f"PRAGMA synchronous={synchronous}")
    row = connection.execute("PRAGMA user_version").fetchone()
    found = row[0] if row else 0
    if found not in (0, schema):
        raise BadFileError(Fault.OTHER_SCHEMA, f"schema {found}, ours is {schema}")
    _check(connection, clock)
    connection.execute("BEGIN IMMEDIATE")  # finds a lock and a full disk now, not later
    connection.execute(f"PRAGMA user_version={schema}")
    connection.execute("COMMIT")


def _check(connection: Connection, clock: Clock) -> None:
    """Run quick_check for at most 2 s; what it did not reach counts as sound."""
    end_s = clock.steady_s() + CHECK_BUDGET_S
    connection.set_progress_handler(lambda: int(clock.steady_s() > end_s), STEPS_PER_LOOK)
    try:
        row = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite.OperationalError as error:
        if "interrupt" not in str(error):
            raise
        return
    finally:
        connection.set_progress_handler(None, 0)
    if row != ("ok",):
        raise BadFileError(Fault.DAMAGED, str(row))


_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("locked", Fault.LOCKED),
    ("busy", Fault.LOCKED),
    ("full", Fault.FULL),
    ("disk i/o error", Fault.FULL),
    ("unable to open", Fault.UNREADABLE),
    ("readonly", Fault.UNREADABLE),
    ("malformed", Fault.DAMAGED),
    ("not a database", Fault.DAMAGED),
    ("no such", Fault.OTHER_SCHEMA),
    ("no column", Fault.OTHER_SCHEMA),
)


def fault_of(error: BaseException) -> Fault:
    """Name what an error of the library or the system says about the file."""
    if isinstance(error, OSError):
        return Fault.FULL if error.errno in (errno.ENOSPC, errno.EFBIG) else Fault.UNREADABLE
    words = str(getattr(error, "orig", error)).lower()  # without the statement and its values
    return next((fault for word, fault in _FAULTS if word in words), Fault.DAMAGED)


def set_aside(path: Path, clock: Clock) -> Path | None:
    """Rename a file and its companions to `.corrupt-<time>`; None when that failed too."""
    stamp = clock.now().strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    try:
        path.rename(aside)
    except OSError:
        return None
    for end in ("-wal", "-shm"):
        companion = path.with_name(path.name + end)
        with suppress(OSError):
            companion.rename(aside.with_name(aside.name + end))
    return aside


def reserve(path: Path, size: int) -> bool:
    """Take room on the disk now, to give it back when the disk is full; True when it stands."""
    try:
        if path.exists() and path.stat().st_size == size:
            return True
        with path.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.write(bytes(size))
    except OSError:
        with suppress(OSError):
            path.unlink()
        return False
    return True


def release(path: Path) -> bool:
    """Give the reserve back to the disk; True when there was one."""
    try:
        path.unlink()
    except OSError:
        return False
    return True


def free_bytes(folder: Path) -> int:
    """Tell how much room the folder's disk has."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize
