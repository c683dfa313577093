"""Write columns by one statement, as fast as the driver takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any

from sqlalchemy import Connection


def write_columns(
    connection: Connection, statement: Any, columns: Mapping[str, Iterable[object]]
) -> None:
    """Execute a statement once for each row of some columns.

    A driver that numbers its parameters is handed the rows as they are: SQLAlchemy's own way
    makes a dictionary of each and costs more than SQLite does.

    Args:
        connection: inside a unit of work.
        statement: an INSERT or UPDATE whose parameters are named as the columns.
        columns: the values, by parameter; all equally long. None needs converting for the driver.
    """
    compiled = statement.compile(dialect=connection.dialect)
    order = compiled.positiontup
    if order is None:
        names = list(columns)
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        connection.execute(statement, rows)
        return
    fixed = {name: repeat(value) for name, value in compiled.params.items() if name not in columns}
    lists = [columns[name] if name in columns else fixed[name] for name in order]
    connection.exec_driver_sql(str(compiled), list(zip(*lists, strict=not fixed)))
