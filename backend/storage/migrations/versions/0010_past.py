"""What layers showed before: states that ended, and when objects got their numbers.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE ended_state (
        layer TEXT NOT NULL, oid INTEGER NOT NULL, until_ms INTEGER NOT NULL,
        state INTEGER NOT NULL,
        PRIMARY KEY (layer, oid, until_ms)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX ended_state_until ON ended_state (layer, until_ms)",
    """CREATE TABLE numbered (
        layer TEXT NOT NULL, first_oid INTEGER NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (layer, first_oid)
    ) STRICT, WITHOUT ROWID""",
)


def upgrade() -> None:
    """Create both tables; what happened before is not known to them."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
