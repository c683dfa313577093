"""What SQLite and PostgreSQL say differently, said once: JSON fields, id lists, upserts, DDL.

Everything else in `storage` is SQLAlchemy Core and the same on both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, Integer, Table, bindparam, literal_column
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

SQLITE, POSTGRES = "sqlite", "postgresql"
_INSERT: Mapping[str, Any] = {SQLITE: sqlite.insert, POSTGRES: postgresql.insert}


class _JsonField(FunctionElement[str]):
    """One field of a JSON text as text; the clauses are the column and the literal path."""

    type = SqlText()
    inherit_cache = True


@compiles(_JsonField, SQLITE)
def _json_on_sqlite(element: _JsonField, compiler: SQLCompiler, **more: Any) -> str:
    body, path = (compiler.process(clause, **more) for clause in element.clauses)
    return f"json_extract({body}, '$.{path}')"


@compiles(_JsonField, POSTGRES)
def _json_on_postgres(element: _JsonField, compiler: SQLCompiler, **more: Any) -> str:
    body, path = (compiler.process(clause, **more) for clause in element.clauses)
    return f"(({body})::jsonb #>> '{{{path.replace('.', ',')}}}')"


def json_field(body: ColumnElement[str], path: str) -> ColumnElement[str]:
    """Give a field of a JSON text as text, spelled as the expression indexes spell it.

    Args:
        body: the column that holds JSON as text.
        path: names of fields joined by dots, e.g. `authorised_by.person_id`.

    Raises:
        ValueError: the path is not made of plain names.
    """
    if not re.fullmatch(r"\w+(\.\w+)*", path, re.ASCII):
        raise ValueError(path)
    return _JsonField(body, literal_column(path))


def literal(word: str) -> ColumnElement[str]:
    """Give a word written into the statement, as a partial index needs to see it.

    Raises:
        ValueError: it is not a plain word.
    """
    if not re.fullmatch(r"\w+", word, re.ASCII):
        raise ValueError(word)
    return literal_column(f"'{word}'", SqlText())


class _OfKind(FunctionElement[Any]):
    """Whether a row is of a kind; the clauses are the column and the literal word."""

    type = NullType()  # as `_Among`
    inherit_cache = True


@compiles(_OfKind, SQLITE)
def _of_kind_on_sqlite(element: _OfKind, compiler: SQLCompiler, **more: Any) -> str:
    column, word = (compiler.process(clause, **more) for clause in element.clauses)
    return f"likely({column} = {word})"


@compiles(_OfKind, POSTGRES)
def _of_kind_on_postgres(element: _OfKind, compiler: SQLCompiler, **more: Any) -> str:
    column, word = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({column} = {word})"


def of_kind(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Tell whether a row is of a kind, where a partial index finds the few wanted by a span.

    SQLite takes `kind = 'order'` alone for the rarer thing and reads every order by the key.
    """
    return _OfKind(column, literal(word))


class _Listed(TypeDecorator[Sequence[Any]]):
    """Send any number of values as one parameter: a JSON list, or an array."""

    impl = SqlText
    cache_ok = True

    def __init__(self, item: str) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type the database at hand takes."""
        if dialect.name == SQLITE:
            return dialect.type_descriptor(SqlText())
        return dialect.type_descriptor(ARRAY(BigInteger() if self.item == "int" else SqlText()))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """Give the parameter as the driver takes it."""
        given = list(value or ())
        return json.dumps(given) if dialect.name == SQLITE else given


class _Among(FunctionElement[Any]):
    """Whether a column is one of many values; the clauses are the column and the list."""

    type = NullType()  # a Boolean would be compared with 1 on SQLite, past the index
    inherit_cache = True


@compiles(_Among, SQLITE)
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, values = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"  # noqa: S608  a parameter


@compiles(_Among, POSTGRES)
def _among_on_postgres(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, values = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({column} = ANY ({values}))"


def among(column: ColumnElement[Any], values: Sequence[str] | Sequence[int]) -> ColumnElement[bool]:
    """Tell whether a column is one of any number of values: one parameter, one cached statement."""
    listed = _Listed("int" if isinstance(column.type, Integer) else "str")
    return _Among(column, bindparam(None, list(values), type_=listed, unique=True))


class _Keyed(FunctionElement[Any]):
    """Whether (first, second) of an index is one of many; clauses: both columns, value, list."""

    type = NullType()  # as `_Among`
    inherit_cache = True


@compiles(_Keyed, SQLITE)
def _keyed_on_sqlite(element: _Keyed, compiler: SQLCompiler, **more: Any) -> str:
    first, second, one, many = (compiler.process(clause, **more) for clause in element.clauses)
    return f"(({first}, {second}) IN (SELECT {one}, value FROM json_each({many})))"  # noqa: S608  parameters


@compiles(_Keyed, POSTGRES)
def _keyed_on_postgres(element: _Keyed, compiler: SQLCompiler, **more: Any) -> str:
    first, second, one, many = (compiler.process(clause, **more) for clause in element.clauses)
    return f"({first} = {one} AND {second} = ANY ({many}))"


def keyed(
    first: ColumnElement[str], one: str, second: ColumnElement[str], many: Sequence[str]
) -> ColumnElement[bool]:
    """Tell whether the first column is a value and the second one of many, by their index.

    SQLite would read every row of the first value otherwise.
    """
    listed = bindparam(None, list(many), type_=_Listed("str"), unique=True)
    return _Keyed(first, second, bindparam(None, one, type_=SqlText(), unique=True), listed)


def upsert(
    connection: Connection,
    table: Table,
    *,
    key: Sequence[str],
    unless: str | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Any:
    """Give an INSERT that writes over the row of the same key; execute it with rows as mappings.

    Args:
        connection: whose database it is for.
        table: where to.
        key: columns of a primary key or unique index.
        unless: column that must not go back; a row whose value is smaller is left out.
        fixed: values a row written over gets whatever the new row says.
    """
    dialect = connection.dialect.name
    if fixed is None:
        return _written_over(dialect, table, tuple(key), unless)
    return _written_over.__wrapped__(dialect, table, tuple(key), unless, **fixed)


@lru_cache(maxsize=64)
def _written_over(
    dialect: str, table: Table, key: tuple[str, ...], unless: str | None, **fixed: Any
) -> Any:
    """Build the statement; its `excluded` columns are a millisecond each time."""
    statement = _INSERT[dialect](table)
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in key
    }
    where = statement.excluded[unless] >= table.c[unless] if unless else None
    return statement.on_conflict_do_update(
        index_elements=list(key), set_={**changed, **fixed}, where=where
    )


# The migrations are written in SQLite's words; these are PostgreSQL's for the same things.
_WORDS = (
    (r"\bINTEGER PRIMARY KEY AUTOINCREMENT\b", "BIGINT PRIMARY KEY"),
    (r"\bINTEGER\b", "BIGINT"),
    (r"\bREAL\b", "DOUBLE PRECISION"),
    (r"\bBLOB\b", "BYTEA"),
    (r"\bTEXT\b", 'TEXT COLLATE "C"'),
    (r"\s*\bSTRICT\b(, WITHOUT ROWID)?\s*$", ""),
    (r"\bjson_valid\((\w+)\)", r"(\1::jsonb) IS NOT NULL"),
)
_JSON = re.compile(r"json_extract\(([\w.]+), '\$\.([\w.]+)'\)")


def ddl(connection: Connection, statement: str) -> str:
    """Give a table's or index's DDL, written for SQLite, in the words of the database at hand."""
    if connection.dialect.name == SQLITE:
        return statement
    for words, instead in _WORDS:
        statement = re.sub(words, instead, statement)
    return _JSON.sub(
        lambda found: f"(({found[1]})::jsonb #>> '{{{found[2].replace('.', ',')}}}')", statement
    )


def guard(
    connection: Connection, name: str, *, on: str, says: str, when: str = "", asks: str = ""
) -> list[str]:
    """Give the DDL of a trigger that refuses a change whatever program asks for it.

    Args:
        connection: whose database it is for.
        name: of the trigger.
        on: what is refused, e.g. `UPDATE ON audit`.
        says: the words of the error.
        when: the condition in SQLite's words, every change when left out.
        asks: a condition that reads tables, in words both read; instead of `when`.
    """
    if connection.dialect.name == SQLITE:
        held = f" WHEN {when or asks}" if when or asks else ""
        return [f"CREATE TRIGGER {name} BEFORE {on}{held} BEGIN SELECT RAISE(ABORT, '{says}'); END"]
    held = f" WHEN ({ddl(connection, when)})" if when else ""
    refusal = (
        f"RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'; RETURN NULL;"
    )
    if asks:
        refusal = f"IF {asks} THEN {refusal} END IF; RETURN NEW;"
    return _triggered(name, f"BEFORE {on}", held, refusal)


def follow(connection: Connection, name: str, *, on: str, does: str) -> list[str]:
    """Give the DDL of a trigger that does something more after a change.

    Args:
        connection: whose database it is for.
        name: of the trigger.
        on: after what, e.g. `UPDATE OF revoked ON session`.
        does: one statement both databases read alike.
    """
    if connection.dialect.name == SQLITE:
        return [f"CREATE TRIGGER {name} AFTER {on} BEGIN {does}; END"]
    return _triggered(name, f"AFTER {on}", "", f"{does}; RETURN NULL;")


def _triggered(name: str, at: str, held: str, body: str) -> list[str]:
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        f"CREATE TRIGGER {name} {at} FOR EACH ROW{held} EXECUTE FUNCTION {name}()",
    ]
