"""Find an event's reports and its steps: merged events by their main one, the trail by target.

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
    "CREATE INDEX audit_target ON audit (target)",
)


def upgrade() -> None:
    """Create both indexes."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
