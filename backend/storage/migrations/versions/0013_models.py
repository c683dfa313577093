"""Learned models: versions, which is in use, what they are examined by, what people said of them.

Revision ID: 0013
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE model_version (
        name TEXT NOT NULL, number INTEGER NOT NULL CHECK (number >= 1),
        body TEXT NOT NULL CHECK (json_valid(body)),
        PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE model_use (
        name TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL,
        trail TEXT NOT NULL CHECK (json_valid(trail)), held INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE model_exam (
        name TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
        body TEXT NOT NULL CHECK (json_valid(body)),
        PRIMARY KEY (name, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE model_live (
        name TEXT NOT NULL, number INTEGER NOT NULL, day INTEGER NOT NULL,
        good INTEGER NOT NULL, bad INTEGER NOT NULL,
        PRIMARY KEY (name, number, day)
    ) STRICT, WITHOUT ROWID""",
)


def upgrade() -> None:
    """Create the tables: a city begins on rules, with nothing decided."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
