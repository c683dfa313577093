"""The steps that rates are counted from, found in the audit trail by when they were taken.

Revision ID: 0017
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_COUNTED = (
    "'event.accept', 'event.answer', 'event.call_back', 'event.close', 'event.merge', "
    "'event.redo', 'event.refuse', 'event.split', 'event.transfer', 'event.undo', 'order.return'"
)
_DDL = (f"CREATE INDEX audit_counted ON audit (at) WHERE action IN ({_COUNTED})",)


def upgrade() -> None:
    """Create the index: most rows of the trail are no step of an event."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
