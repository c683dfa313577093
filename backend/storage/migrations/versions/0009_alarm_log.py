"""What happened to alarms: one narrow row per step, for chatter, upsets and each seat's load.

Revision ID: 0009
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE alarm_log (
        n INTEGER NOT NULL, place INTEGER NOT NULL, at_ms INTEGER NOT NULL, deed TEXT NOT NULL,
        item_id TEXT NOT NULL, cause TEXT NOT NULL, circle TEXT NOT NULL, upset TEXT NOT NULL,
        level INTEGER NOT NULL, region TEXT NOT NULL, department TEXT NOT NULL,
        person_id TEXT NOT NULL, quiet INTEGER NOT NULL,
        PRIMARY KEY (n, place)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX alarm_log_at ON alarm_log (at_ms)",
    "CREATE INDEX alarm_log_cause ON alarm_log (cause, at_ms)",
    "CREATE INDEX alarm_log_circle ON alarm_log (circle, at_ms)",
    """CREATE INDEX alarm_chatter ON work_item (json_extract(body, '$.chatter'))
        WHERE kind = 'alarm'""",
    """CREATE INDEX alarm_open ON work_item (json_extract(body, '$.cause'))
        WHERE kind = 'alarm' AND json_extract(body, '$.state') <> 'closed'""",
)


def upgrade() -> None:
    """Create the log, and the indexes of what chatters and of what is open."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
