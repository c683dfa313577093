"""Unsent wishes of the operator in a file of their own; nothing in it is ever deleted by us."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa
from pysqlite3 import dbapi2 as sqlite

from backend_client import disk
from backend_client.cache import open_engine
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.disk import BadFileError, Fault, Finding
from backend_client.draft import Draft, DraftState

SCHEMA: Final = 1
RESERVE_BYTES: Final = 16 * 1024 * 1024
T = TypeVar("T")

METADATA = sa.MetaData()
DRAFTS = sa.Table(
    "drafts",
    METADATA,
    sa.Column("draft_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("person_id", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)


class Drafts:
    """Keep unsent wishes; used by one worker only.

    A reserve of 16 MB beside the file is given back when the disk is full. A damaged file
    is kept under another name and its readable rows are taken over.
    """

    def __init__(self, path: Path, clock: Clock, found: Callable[[Finding], None]) -> None:
        """Open the file, or a new one in its place; `found` hears, on the worker, of faults."""
        self._path = path
        self._clock = clock
        self._found = found
        self._reserve = path.with_suffix(".reserve")
        self.is_in_memory = False
        self._engine = self._open()
        self._look_at_room()

    def save(self, draft: Draft) -> None:
        """Keep a wish; the same id again replaces it."""
        row = {
            "draft_id": draft.draft_id,
            "kind": draft.kind,
            "target": draft.target,
            "body": draft.body,
            "idempotency_key": draft.idempotency_key,
            "person_id": draft.person_id,
            "created_at": draft.created_at.isoformat(),
            "state": draft.state.value,
        }
        self._guarded(lambda: self._write(sa.insert(DRAFTS).prefix_with("OR REPLACE").values(row)))

    def mark(self, draft_id: str, state: DraftState) -> None:
        """Note what became of a wish."""
        where = DRAFTS.c.draft_id == draft_id
        self._guarded(lambda: self._write(sa.update(DRAFTS).where(where).values(state=state.value)))

    def unsent(self, person_id: str | None = None) -> tuple[Draft, ...]:
        """List the wishes not sent, oldest first; of one person when named."""
        query = sa.select(DRAFTS).where(DRAFTS.c.state == DraftState.UNSENT.value)
        if person_id is not None:
            query = query.where(DRAFTS.c.person_id == person_id)
        return self._guarded(lambda: self._read(query.order_by(DRAFTS.c.created_at)))

    def all(self) -> tuple[Draft, ...]:
        """List every wish ever kept, oldest first."""
        return self._guarded(lambda: self._read(sa.select(DRAFTS).order_by(DRAFTS.c.created_at)))

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _open(self) -> sa.Engine:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return self._engine_on(self._path)
        except (BadFileError, OSError) as error:
            fault = error.fault if isinstance(error, BadFileError) else disk.fault_of(error)
        if fault is Fault.FULL and disk.release(self._reserve):
            self._found(_finding(fault, self._path, None))
            return self._open()
        return self._replace(fault)

    def _replace(self, fault: Fault) -> sa.Engine:
        aside = None
        if fault in (Fault.DAMAGED, Fault.OTHER_SCHEMA):
            aside = disk.set_aside(self._path, self._clock)
        self._found(_finding(fault, self._path, aside))
        if aside is not None:
            try:
                engine = self._engine_on(self._path)
            except BadFileError:
                pass
            else:
                _take_over(aside, engine)
                return engine
        self.is_in_memory = True
        return self._engine_on(None)

    def _engine_on(self, path: Path | None) -> sa.Engine:
        return open_engine(path, METADATA, synchronous="FULL", schema=SCHEMA, clock=self._clock)

    def _guarded(self, work: Callable[[], T]) -> T:
        """Run a step, once more after making room or beginning another file.

        Raises:
            DBAPIError: also the second try failed; the caller's wish is not kept.
        """
        try:
            return work()
        except sa.exc.DBAPIError as error:
            fault = disk.fault_of(error)
        if fault is Fault.FULL and disk.release(self._reserve):
            self._found(_finding(fault, self._path, None))
        elif fault is not Fault.LOCKED:
            kept = self._rescue()
            self._engine.dispose()
            self._engine = self._replace(fault)
            for row in kept:
                self._write(sa.insert(DRAFTS).prefix_with("OR REPLACE").values(row))
        return work()

    def _rescue(self) -> list[dict[str, object]]:
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(sa.select(DRAFTS)).mappings()]
        except sa.exc.DBAPIError:
            return []

    def _write(self, statement: sa.Executable) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement)

    def _read(self, query: sa.Select[tuple[object, ...]]) -> tuple[Draft, ...]:
        with self._engine.connect() as connection:
            return tuple(_draft(row) for row in connection.execute(query))

    def _look_at_room(self) -> None:
        if self.is_in_memory:
            return
        stands = disk.reserve(self._reserve, RESERVE_BYTES)
        if not stands or disk.free_bytes(self._path.parent) < disk.LITTLE_SPACE_BYTES:
            self._found(_finding(Fault.LITTLE_SPACE, self._path, None))


def _draft(row: sa.Row[tuple[object, ...]]) -> Draft:
    return Draft(
        draft_id=row.draft_id,
        kind=row.kind,
        target=row.target,
        body=row.body,
        idempotency_key=row.idempotency_key,
        person_id=row.person_id,
        created_at=datetime.fromisoformat(row.created_at),
        state=DraftState(row.state),
    )


def _take_over(aside: Path, engine: sa.Engine) -> None:
    """Copy the rows that can still be read out of a file set aside, one by one."""
    for values in _readable(aside):
        with suppress(sa.exc.DBAPIError), engine.begin() as new:
            new.execute(sa.insert(DRAFTS).prefix_with("OR IGNORE").values(values))


def _readable(path: Path) -> list[dict[str, object]]:
    names = [column.name for column in DRAFTS.columns]
    rows: list[dict[str, object]] = []
    with suppress(sqlite.Error), closing(sqlite.connect(str(path))) as old:
        for row in old.execute(f"SELECT {', '.join(names)} FROM drafts"):  # noqa: S608  # our names
            rows.append(dict(zip(names, row, strict=True)))  # noqa: PERF401  # keeps what came before a fault
    return rows


def _finding(fault: Fault, path: Path, aside: Path | None) -> Finding:
    meaning = _KEPT if aside else _MEANINGS.get(fault, _MEMORY)
    return Finding(fault, path, aside, _TEXTS[fault], meaning, _TODO)


_TEXTS: Final[dict[Fault, Text]] = {
    Fault.DAMAGED: Text("草稿文件已损坏。", "The drafts file is damaged."),
    Fault.LOCKED: Text(
        "草稿文件正被另一程序占用。", "The drafts file is locked by another program."
    ),
    Fault.FULL: Text("磁盘已满。", "The disk is full."),
    Fault.OTHER_SCHEMA: Text(
        "草稿文件属于另一版本。", "The drafts file belongs to another version."
    ),
    Fault.UNREADABLE: Text("草稿文件无法读写。", "The drafts file cannot be read or written."),
    Fault.LITTLE_SPACE: Text("磁盘剩余空间不足。", "Little space is left on the disk."),
}
_MEANINGS: Final[dict[Fault, Text]] = {
    Fault.FULL: Text(
        "已动用预留的 16 MB，草稿仍可保存。",
        "The reserve of 16 MB is in use now; drafts can still be kept.",
    ),
    Fault.LITTLE_SPACE: Text("草稿可能很快无法保存。", "Soon drafts can no longer be kept."),
}
_KEPT: Final = Text(
    "旧文件已改名保留，可读的草稿已转入新文件。",
    "The old file is kept under another name; its readable drafts are in the new one.",
)
_MEMORY: Final = Text(
    "草稿只在内存中，关闭程序即丢失。",
    "Drafts are in memory only and are lost when the program closes.",
)
_TODO: Final = Text("请尽快释放磁盘空间或检查该文件。", "Free disk space or look at the file soon.")
