"""Find an event's reports, an order's next escalation, and the trail of either;
keep what reporters are to be told.

Revision ID: 0011
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE INDEX event_main ON work_item (json_extract(body, '$.main_id'))
        WHERE kind = 'event'""",
    """CREATE INDEX order_supervised ON work_item (json_extract(body, '$.supervised_at'))
        WHERE kind = 'order'""",
    """CREATE INDEX order_led ON work_item (json_extract(body, '$.led_at'))
        WHERE kind = 'order'""",
    """CREATE INDEX match_event ON work_item (json_extract(body, '$.event_id'))
        WHERE kind = 'match'""",
    """CREATE INDEX match_other ON work_item (json_extract(body, '$.other_id'))
        WHERE kind = 'match'""",
    """CREATE TABLE answer (
        n INTEGER PRIMARY KEY, event_id TEXT NOT NULL, intake_id TEXT NOT NULL,
        channel TEXT NOT NULL, region TEXT NOT NULL, said TEXT NOT NULL, words TEXT NOT NULL,
        at TEXT NOT NULL, told_at TEXT
    ) STRICT""",
    "CREATE INDEX answer_owed ON answer (channel, n) WHERE told_at IS NULL",
    "CREATE INDEX audit_target ON audit (target)",
)


def upgrade() -> None:
    """Create the indexes and the table of answers."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
