"""Indicators: what each region's numbers were, by ten minutes and by day.

Revision ID: 0008
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_DDL = (
    """
    CREATE TABLE indicator_value (
        indicator TEXT NOT NULL,
        region TEXT NOT NULL,
        span INTEGER NOT NULL,
        slot INTEGER NOT NULL,
        top REAL NOT NULL,
        bottom REAL NOT NULL,
        PRIMARY KEY (indicator, region, span, slot)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX indicator_value_slot ON indicator_value (region, span, slot)",
)


def upgrade() -> None:
    """Create the table and its index."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
