"""Standing: count what changes a person's or session's standing, whichever process changes it.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import follow

revision = "0004"
down_revision = ("0002", "0003")
branch_labels = None
depends_on = None

_COUNT = "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'standing'"
_FOLLOW = (
    ("person_standing", "UPDATE OF name, role, regions, departments, active ON person"),
    ("session_standing", "UPDATE OF revoked, person_id ON session"),
)


def upgrade() -> None:
    """Create the counter and what moves it."""
    op.execute("INSERT INTO meta VALUES ('standing', '0')")
    for name, on in _FOLLOW:
        for statement in follow(op.get_bind(), name, on=on, does=_COUNT):
            op.execute(statement)
