"""Write columns by one statement, as fast as the driver takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    Table,
    TableValuedAlias,
    and_,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from backend.storage.dialect import POSTGRES, upsert

Columns = Mapping[str, Iterable[object]]


def put_columns(
    connection: Connection,
    table: Table,
    columns: Columns,
    *,
    key: Sequence[str],
    unless: str | None = None,
) -> None:
    """Write rows over those of the same key; of two of one key the later one stays.

    Args:
        connection: inside a unit of work.
        table: where to.
        columns: the values, all equally long. None needs converting for the driver.
        key: columns of a primary key or unique index.
        unless: column that must not go back; a row whose value is smaller is left out.
    """
    statement = upsert(connection, table, key=key, unless=unless)
    if connection.dialect.name != POSTGRES:
        _row_by_row(connection, statement, columns)
        return
    told, names = _told(table, columns), list(columns)
    own = [told.c[name] for name in key]
    newest = [told.c[unless].desc()] if unless else []
    rows = (
        select(*(told.c[name] for name in names))
        .ext(distinct_on(*own))
        .order_by(*own, *newest, told.c[_PLACE].desc())
    )
    connection.execute(statement.from_select(names, rows))


def set_columns(connection: Connection, table: Table, keys: Columns, values: Columns) -> None:
    """Write values into the rows of some keys, each named once; a key without a row is passed over.

    Args:
        connection: inside a unit of work.
        table: where to.
        keys: columns that name the rows, all equally long.
        values: columns to write, as long.
    """
    if connection.dialect.name == POSTGRES:
        told = _told(table, {**keys, **values})
        named = and_(*(table.c[name] == told.c[name] for name in keys))
        new = {name: told.c[name] for name in values}
        connection.execute(update(table).where(named).values(new))
        return
    named = and_(*(table.c[name] == bindparam(f"k_{name}") for name in keys))
    statement = update(table).where(named).values({name: bindparam(f"v_{name}") for name in values})
    told_as = {f"v_{name}": column for name, column in values.items()}
    _row_by_row(
        connection, statement, told_as | {f"k_{name}": column for name, column in keys.items()}
    )


_PLACE = "place_no"


def _told(table: Table, columns: Columns) -> TableValuedAlias:
    """Give columns as rows of the server's own making: one parameter per column."""
    lists = [
        bindparam(None, list(values), type_=ARRAY(table.c[name].type), unique=True)
        for name, values in columns.items()
    ]
    rows = func.unnest(*lists).table_valued(*columns, with_ordinality=_PLACE, name="told")
    return rows.render_derived()


_AT_ONCE = 250  # rows of one INSERT; the library takes 32,766 parameters


def _row_by_row(connection: Connection, statement: Any, columns: Columns) -> None:
    """Execute a statement once for each row, whose parameters are named as the columns.

    The driver numbers its parameters and is handed the rows as they are: SQLAlchemy's own way
    makes a dictionary of each and costs more than SQLite does. Rows to insert go some hundred to
    a statement: for each one executed the driver gives the interpreter up and waits for it again,
    which among busy threads costs more than the row.
    """
    compiled = statement.compile(dialect=connection.dialect)
    names, lists = compiled.positiontup, {name: list(told) for name, told in columns.items()}
    width, count = len(names), len(next(iter(lists.values())))
    flat: list[object] = [None] * (width * count)
    for place, name in enumerate(names):  # a slice is filled many times as fast as rows are made
        flat[place::width] = lists[name] if name in lists else [compiled.params[name]] * count
    text, step, done = str(compiled), width * _AT_ONCE, 0
    if (many := _many(text)) and count >= _AT_ONCE:
        done = len(flat) - len(flat) % step
        connection.exec_driver_sql(
            many, [tuple(flat[at : at + step]) for at in range(0, done, step)]
        )
    if rows := [tuple(flat[at : at + width]) for at in range(done, len(flat), width)]:
        connection.exec_driver_sql(text, rows)


@lru_cache(maxsize=64)
def _many(text: str) -> str | None:
    """Give an INSERT of one row as one of many; None when it is none of plain values."""
    found = re.fullmatch(r"(INSERT .* VALUES )(\([?, ]+\))( ON CONFLICT.*)?", text)
    if found is None:
        return None
    head, one, tail = found.groups()
    return f"{head}{', '.join([one] * _AT_ONCE)}{tail or ''}"
