"""Change numbers come from a counter of ours: without a gap on every database.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import SQLITE, ddl

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLE = """CREATE TABLE change_count (
    id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL
) STRICT"""
_GIVEN_OUT = "SELECT 1, coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'change_log'"
_KEPT = "SELECT 1, coalesce(max(n), 0) FROM change_log"


def upgrade() -> None:
    """Create the counter where the numbers stand."""
    here = op.get_bind()
    op.execute(ddl(here, _TABLE))
    newest = _GIVEN_OUT if here.dialect.name == SQLITE else _KEPT
    op.execute(f"INSERT INTO change_count {newest}")
