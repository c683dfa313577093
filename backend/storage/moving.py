"""Move a whole database to an empty server: one transaction, every value compared, or nothing.

What was copied is read back and compared row by row, because two databases may each keep a value
in a way of its own; the audit chain is recomputed where it now lies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import URL, Connection, column, delete, inspect, select, table
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import ColumnClause, TableClause

from backend.storage import audit
from backend.storage.migrate import upgrade
from backend.storage.postgres import open_server
from backend.storage.site import MARK, Site, UnusableDatabaseError
from backend.storage.unit import View
from backend_client.contract.base import Text

_REVISIONS = "alembic_version"
_AT_ONCE = 2_000
_SHOWN = 5  # tables named when a target is not empty


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that was moved and how many rows it has, here as there."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """A table both databases have, and what its rows are ordered by."""

    table: TableClause
    key: Sequence[ColumnClause[Any]]


@dataclass(slots=True)
class _Sum:
    """Rows seen so far and the hash of all their values in their order."""

    rows: int = 0
    hash: Any = None

    def add(self, row: tuple[object, ...]) -> None:
        self.hash = self.hash or hashlib.sha256()
        self.hash.update(repr(row).encode())
        self.rows += 1

    def said(self) -> tuple[int, str]:
        return self.rows, self.hash.hexdigest() if self.hash else ""


def move(source: View, to: URL, folder: Path, tell: Callable[[Moved], None]) -> audit.Verdict:
    """Copy every table into an empty database of a server, all at once.

    Args:
        source: a snapshot of the database that is left; its schema is this program's.
        to: the database that takes over; nobody else may serve it meanwhile.
        folder: the service's data folder.
        tell: hears of each table once it is over there and compared.

    Returns: what the audit chain is over there.

    Raises:
        UnusableDatabaseError: the audit chain was broken before, the target is not empty or
            cannot be used, or a row did not arrive as it was. The target is as it was.
    """
    before = audit.verify(source.connection)
    if before.fault:
        raise _broken(before.fault)
    site = open_server(to, folder, alone=True)
    doing, mark = "", None
    try:
        with site.writer.begin() as target:
            _refuse_filled(site.name, target)
            upgrade(target)
            shapes = _shapes(source.connection, target)
            for shape in reversed(shapes):  # what the migrations wrote is the source's to say
                target.execute(delete(shape.table))
            for shape in shapes:
                doing = shape.table.name
                tell(Moved(doing, _move_table(shape, source.connection, target)))
            doing = "audit"
            after = audit.verify(target)
            if after.fault or after.head != before.head:
                raise _differs(doing)
            target.exec_driver_sql("ANALYZE")
            mark = target.info.get(MARK)  # from here on only the commit can fail
    except (DBAPIError, psycopg.Error) as error:
        if mark is None or not _kept(site, mark, error):
            raise _failed(site, doing, error) from error
    finally:
        site.close()
    return after


def _refuse_filled(name: str, target: Connection) -> None:
    there = inspect(target)
    found = sorted([*there.get_table_names(), *there.get_view_names()])
    if found:
        some = ", ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        raise UnusableDatabaseError(
            Text(
                f"目标数据库 {name} 不是空的（有 {len(found)} 个表：{some}），未作任何改动。"
                "请用 createdb 另建一个空库。",
                f"The target {name} is not empty ({len(found)} tables: {some}); nothing was "
                "changed. Make an empty database with createdb.",
            )
        )


def _shapes(source: Connection, target: Connection) -> list[_Shape]:
    """List the tables, those first that others refer to."""
    there = inspect(target)
    names = [name for name, _keys in there.get_sorted_table_and_fkc_names() if name]
    ours = [name for name in names if name != _REVISIONS]
    strange = sorted(set(inspect(source).get_table_names()) ^ {*ours, _REVISIONS})
    if strange:
        raise UnusableDatabaseError(
            Text(
                f"数据库中有本程序不认识或缺少的表：{', '.join(strange)}。未作任何改动；"
                "请先另存并移走这些表。",
                f"Tables this program does not know or misses: {', '.join(strange)}. Nothing was "
                "changed; keep them elsewhere and take them out first.",
            )
        )
    return [_shape(there, name) for name in ours]


def _shape(there: Inspector, name: str) -> _Shape:
    columns: list[ColumnClause[Any]] = [column(one["name"]) for one in there.get_columns(name)]
    key = there.get_pk_constraint(name)["constrained_columns"]
    by_name = {one.name: one for one in columns}
    return _Shape(table(name, *columns), [by_name[part] for part in key] or columns)


def _move_table(shape: _Shape, source: Connection, target: Connection) -> int:
    """Copy one table, read it back and compare; give its rows."""
    name, left, arrived = shape.table.name, _Sum(), _Sum()
    driver = cast("psycopg.Connection[Any]", target.connection.driver_connection)
    words = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(name), SQL(", ").join(Identifier(one.name) for one in shape.table.columns)
    )
    with driver.cursor() as cursor, cursor.copy(words) as copy:
        for row in _rows(shape, source):
            left.add(row)
            copy.write_row(row)
    for row in _rows(shape, target):
        arrived.add(row)
    if left.said() != arrived.said():
        raise _differs(name)
    return left.rows


def _rows(shape: _Shape, connection: Connection) -> Iterator[tuple[object, ...]]:
    """Read a table in the order of its key, which both databases sort by bytes."""
    wanted = select(shape.table).order_by(*shape.key).execution_options(yield_per=_AT_ONCE)
    with closing(connection.execute(wanted)) as result:
        for row in result:
            yield tuple(row)


def _broken(fault: Text) -> UnusableDatabaseError:
    return UnusableDatabaseError(
        Text(
            f"{fault.zh}审计链已断，未作任何改动。请先查明原因，或用备份恢复后再迁移。",
            f"{fault.en} The audit chain is broken; nothing was moved. Find out why, or restore "
            "a backup, before moving.",
        )
    )


def _differs(name: str) -> UnusableDatabaseError:
    return UnusableDatabaseError(
        Text(
            f"表 {name} 在目标库中与原来不一致，已全部撤回。请检查目标服务器后重试。",
            f"The table {name} did not arrive as it was; all of it was taken back. Check the "
            "target server and try again.",
        )
    )


def _kept(site: Site, mark: str, error: Exception) -> bool:
    """Ask what became of a commit whose answer was lost."""
    try:
        return site.is_kept(mark)
    except DBAPIError:
        raise UnusableDatabaseError(
            Text(
                f"与 {site.name} 的连接在提交时断开，不知是否已迁入。恢复后用 audit verify "
                "--database 查看：有数据即已完成，空库则重试。",
                f"The link to {site.name} broke at the commit; whether it was kept is not known. "
                "Look with audit verify --database: with rows it is done, if empty try again.",
            )
        ) from error


def _failed(site: Site, doing: str, error: Exception) -> UnusableDatabaseError:
    """Say what kept it from finishing, without the row: the server would quote that too."""
    first = getattr(error, "orig", None) or error
    told = first.diag.message_primary if isinstance(first, psycopg.Error) else None
    at, said = doing or "-", " ".join((told or str(first)).split())
    return UnusableDatabaseError(
        Text(
            f"迁移到 {site.name} 未完成（表 {at}：{said}），目标库保持原样。排除原因后重试。",
            f"Moving to {site.name} did not finish (table {at}: {said}); the target is as it "
            "was. Mend the cause and try again.",
        )
    )
