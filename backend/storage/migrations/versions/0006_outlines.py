"""Outlines: lines and areas of bulk features, and the feed that brought each object last.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DDL = (
    "ALTER TABLE feature ADD COLUMN feed TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE outline (
        layer TEXT NOT NULL,
        oid INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (layer, oid)
    ) STRICT, WITHOUT ROWID
    """,
)


def upgrade() -> None:
    """Create the table and the column."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
