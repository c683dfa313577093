"""The last picture on disk: work items, one blob row per layer, positions. Safe to delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import StaticPool

from backend_client import disk
from backend_client.contract.base import Text
from backend_client.contract.change import Change, ItemKind
from backend_client.contract.clock import Clock
from backend_client.contract.columns import (
    FeatureBlock,
    FixBlock,
    encode_features,
    encode_fixes,
)
from backend_client.disk import BadFileError, Fault, Finding
from backend_client.picture import (
    SCHEMA,
    Kept,
    Picture,
    Rows,
    Standing,
    assemble,
    standing_of,
)

T = TypeVar("T")

METADATA = sa.MetaData()
META = sa.Table(
    "meta",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
ITEMS = sa.Table(
    "items",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
BLOCKS = sa.Table(
    "blocks",
    METADATA,
    sa.Column("layer", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("saved_at", sa.Text, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
FIXES = sa.Table(
    "fixes",
    METADATA,
    sa.Column("one", sa.Integer, primary_key=True),
    sa.Column("saved_at", sa.Text, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)


class Cache:
    """Keep the last picture of one service as one person saw it.

    Used by one worker only. A file that fails, at the start or later, is set aside and a
    new one begun; with no room left the picture is kept in memory. What a lock keeps out
    is written with the next step. `found` hears of each.

    A step that writes answers False when everything kept so far went with the file: the
    picture is whole again after `begin` and all of it once more.
    """

    def __init__(self, path: Path, clock: Clock, found: Callable[[Finding], None]) -> None:
        """Open the file, or a new one in its place.

        Args:
            path: the file; its folder is made.
            clock: gives times to rows and to a file set aside.
            found: hears, on the worker, what was wrong.
        """
        self._path = path
        self._clock = clock
        self._found = found
        self.is_in_memory = False
        self._owed: dict[str, Callable[[], None]] = {}  # steps a lock kept out, in their order
        self._unsaved: dict[tuple[ItemKind, str], Change] = {}
        self._whose: tuple[str, ...] = ()
        self._is_locked = False
        self._engine = self._open()

    def load(self, server: str) -> Picture | None:
        """Read the picture of a service; None when there is none of it."""
        return self._guarded(lambda: self._load(server), locked=None, lost=None)

    def begin(self, standing: Standing) -> bool:
        """Start a picture; what another service, person or epoch left is dropped."""
        whose = (*_owner(standing), standing.epoch)
        if whose != self._whose:
            self._forget()
        self._whose = whose
        return self._write("begin", lambda: self._begin(standing))

    def save(self, changes: Sequence[Change], n: int, seen_at: datetime) -> bool:
        """Keep a batch of changes and the number they lead to, in one transaction."""
        self._unsaved.update({(change.kind, change.item_id): change for change in changes})
        return self._write("save", lambda: self._save(n, seen_at))

    def save_block(self, block: FeatureBlock) -> bool:
        """Keep a layer's whole block in the place of the one before."""
        row = {
            "layer": block.layer,
            "version": block.version,
            "saved_at": self._clock.now().isoformat(),
            "data": encode_features(block),
        }
        return self._write(f"block {block.layer}", lambda: self._put(BLOCKS, row))

    def drop_block(self, layer: str) -> bool:
        """Forget a layer that is out of sight."""
        gone = sa.delete(BLOCKS).where(BLOCKS.c.layer == layer)
        return self._write(f"block {layer}", lambda: self._run(gone))

    def save_fixes(self, block: FixBlock) -> bool:
        """Keep every object's latest fix in the place of those before."""
        at = self._clock.now().isoformat()
        row = {"one": 1, "saved_at": at, "data": encode_fixes(block)}
        return self._write("fixes", lambda: self._put(FIXES, row))

    def clear(self) -> bool:
        """Forget everything."""
        self._forget()
        return self._write("clear", self._clear)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _open(self) -> sa.Engine:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return self._engine_on(self._path)
        except BadFileError as error:
            return self._replace(error.fault)
        except OSError as error:
            return self._replace(disk.fault_of(error))

    def _replace(self, fault: Fault) -> sa.Engine:
        """Set the file aside and begin another; in memory when that cannot be.

        A locked file belongs to a program that runs: renaming it under that program would
        let it delete our new write-ahead log by name, so it stays where it is.
        """
        aside = None
        if fault in (Fault.DAMAGED, Fault.OTHER_SCHEMA):
            aside = disk.set_aside(self._path, self._clock)
        if aside is not None:
            try:
                engine = self._engine_on(self._path)
            except BadFileError as error:
                fault = error.fault
            else:
                self._found(finding(fault, self._path, aside))
                return engine
        self._found(finding(fault, self._path, aside))
        self.is_in_memory = True
        return self._engine_on(None)

    def _engine_on(self, path: Path | None) -> sa.Engine:
        return open_engine(path, METADATA, synchronous="NORMAL", schema=SCHEMA, clock=self._clock)

    def _write(self, key: str, work: Callable[[], None]) -> bool:
        """Do a step after those owed; under a lock it takes the place of an owed one like it."""
        self._owed.pop(key, None)
        self._owed[key] = work
        return self._guarded(self._pay, locked=True, lost=False)

    def _pay(self) -> bool:
        for key, work in tuple(self._owed.items()):
            work()
            del self._owed[key]
        self._is_locked = False
        return True

    def _forget(self) -> None:
        self._owed.clear()
        self._unsaved.clear()

    def _guarded(self, work: Callable[[], T], *, locked: T, lost: T) -> T:
        """Run a step; a file that fails is replaced, a lock is told once while it lasts."""
        try:
            return work()
        except sa.exc.DBAPIError as error:
            fault = disk.fault_of(error)
        if fault is Fault.LOCKED:
            if not self._is_locked:
                self._found(Finding(fault, self._path, None, _TEXTS[fault], *_WAITING))
            self._is_locked = True
            return locked
        self._engine.dispose()
        self._engine = self._replace(fault)
        self._forget()
        return lost

    def _load(self, server: str) -> Picture | None:
        with self._engine.connect() as connection:

            def rows(*columns: sa.Column[Any]) -> Rows:
                return [tuple(row) for row in connection.execute(sa.select(*columns))]

            meta: dict[str, str] = dict(rows(META.c.key, META.c.value))
            items = rows(ITEMS.c.n, ITEMS.c.item_id, ITEMS.c.body)
            blocks = rows(BLOCKS.c.saved_at, BLOCKS.c.data)
            fixes = rows(FIXES.c.saved_at, FIXES.c.data)
        kept = Kept(meta, items, blocks, fixes)
        return assemble(kept, server, self._clock.now())

    def _begin(self, standing: Standing) -> None:
        with self._engine.connect() as connection:
            meta = {row.key: row.value for row in connection.execute(sa.select(META))}
        held = standing_of(meta)
        if held is None or _owner(held) != _owner(standing):
            self._clear()
        elif held.epoch != standing.epoch:
            self._run(sa.delete(ITEMS))
        self._put_meta(standing)

    def _save(self, n: int, seen_at: datetime) -> None:
        with self._engine.begin() as connection:
            for change in self._unsaved.values():
                connection.execute(_statement(change))
            for key, value in (("n", str(n)), ("seen_at", seen_at.isoformat())):
                connection.execute(_upsert(META, {"key": key, "value": value}))
        self._unsaved.clear()

    def _put_meta(self, standing: Standing) -> None:
        values = {
            "server": standing.server,
            "person_id": standing.person_id,
            "epoch": standing.epoch,
            "n": str(standing.n),
            "seen_at": standing.seen_at.isoformat(),
        }
        with self._engine.begin() as connection:
            for key, value in values.items():
                connection.execute(_upsert(META, {"key": key, "value": value}))

    def _put(self, table: sa.Table, row: dict[str, object]) -> None:
        self._run(_upsert(table, row))

    def _run(self, statement: sa.Executable) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement)

    def _clear(self) -> None:
        with self._engine.begin() as connection:
            for table in (META, ITEMS, BLOCKS, FIXES):
                connection.execute(sa.delete(table))


def open_engine(
    path: Path | None, tables: sa.MetaData, *, synchronous: str, schema: int, clock: Clock
) -> sa.Engine:
    """Open one connection, used by one worker at a time, and make the tables that are missing.

    Args:
        path: the file, None for memory.
        tables: what it holds.
        synchronous: "NORMAL" for what can be rebuilt, "FULL" for what cannot.
        schema: the version of the tables.
        clock: measures the check's budget.

    Raises:
        BadFileError: the file cannot be used as it is.
    """
    connection = disk.connect(path, synchronous=synchronous, schema=schema, clock=clock)
    engine = sa.create_engine(
        "sqlite://", module=sqlite, creator=lambda: connection, poolclass=StaticPool
    )
    try:
        tables.create_all(engine)
    except sa.exc.DBAPIError as error:
        engine.dispose()
        raise BadFileError(disk.fault_of(error), str(error)) from error
    return engine


def finding(fault: Fault, path: Path, aside: Path | None) -> Finding:
    """Say what was wrong with the cache, for a notice."""
    return Finding(fault, path, aside, _TEXTS[fault], *(_ASIDE if aside else _MEMORY))


def _owner(standing: Standing) -> tuple[str, str]:
    return standing.server, standing.person_id


def _statement(change: Change) -> sa.Executable:
    if change.item is None:
        return sa.delete(ITEMS).where(
            ITEMS.c.kind == change.kind, ITEMS.c.item_id == change.item_id
        )
    body = change.item.model_dump_json().encode()
    row = {"kind": change.kind, "item_id": change.item_id, "n": change.n, "body": body}
    return _upsert(ITEMS, row)


def _upsert(table: sa.Table, row: dict[str, object]) -> sa.Executable:
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in keys}
    return insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=rest)


_TEXTS: Final[dict[Fault, Text]] = {
    Fault.DAMAGED: Text("本地缓存已损坏。", "The local cache is damaged."),
    Fault.LOCKED: Text(
        "本地缓存正被另一程序占用。", "The local cache is locked by another program."
    ),
    Fault.FULL: Text(
        "磁盘已满，无法写本地缓存。", "The disk is full; the cache cannot be written."
    ),
    Fault.OTHER_SCHEMA: Text(
        "本地缓存属于另一版本。", "The local cache belongs to another version."
    ),
    Fault.UNREADABLE: Text("本地缓存无法读写。", "The local cache cannot be read or written."),
    Fault.LITTLE_SPACE: Text("磁盘剩余空间不足 500 MB。", "Less than 500 MB is left on the disk."),
}
_ASIDE: Final = (
    Text(
        "旧文件已改名保留，新缓存正从服务重建；不影响已提交的数据。",
        "The old file is kept under another name and a new cache is filled from the service;"
        " nothing submitted is lost.",
    ),
    Text("无需处理。", "Nothing needs to be done."),
)
_MEMORY: Final = (
    Text(
        "画面照常，但缓存只在内存中，重启后需重新下载。",
        "The picture goes on, but the cache is in memory only and is loaded anew after a restart.",
    ),
    Text("请释放磁盘空间或检查文件权限。", "Free some disk space or check the file's permissions."),
)
_WAITING: Final = (
    Text(
        "画面照常；未写入的内容留在内存，解除占用后补写。",
        "The picture goes on; what could not be written is kept and written when the lock is gone.",
    ),
    Text("请关闭占用该文件的程序。", "Close the program that holds the file."),
)
