"""Shift log: chained lines that nothing changes, pages found by group and state, orders by end.

Revision ID: 0007
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl, guard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE shift_line (
        page_id TEXT NOT NULL, no INTEGER NOT NULL CHECK (no >= 1), entry_id TEXT,
        at TEXT NOT NULL, region TEXT NOT NULL, department TEXT NOT NULL,
        closes INTEGER NOT NULL, words TEXT NOT NULL, body TEXT NOT NULL,
        previous TEXT NOT NULL, hash TEXT NOT NULL,
        PRIMARY KEY (page_id, no)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX shift_line_at ON shift_line (at)",
    "CREATE UNIQUE INDEX shift_line_entry ON shift_line (entry_id)",
    """CREATE INDEX shift_page_state ON work_item (json_extract(body, '$.state'))
        WHERE kind = 'shift_page'""",
    """CREATE INDEX event_state ON work_item (json_extract(body, '$.state'))
        WHERE kind = 'event'""",
    """CREATE INDEX order_due ON work_item (json_extract(body, '$.due_at'))
        WHERE kind = 'order'""",
)
_CLOSED = "SELECT 1 FROM shift_line WHERE page_id = NEW.page_id AND closes = 1"
_GUARDS = (
    ("shift_line_no_update", "UPDATE ON shift_line", "log lines are never changed", ""),
    ("shift_line_no_delete", "DELETE ON shift_line", "log lines are never removed", ""),
    ("shift_line_locked", "INSERT ON shift_line", "a locked page never grows", _CLOSED),
)


def upgrade() -> None:
    """Create table, indexes and guards."""
    here = op.get_bind()
    for statement in _DDL:
        op.execute(ddl(here, statement))
    for name, on, says, asks in _GUARDS:
        condition = f"EXISTS ({asks})" if asks else ""
        for statement in guard(here, name, on=on, says=says, asks=condition):
            op.execute(statement)
