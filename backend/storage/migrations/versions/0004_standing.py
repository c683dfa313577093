"""Standing: count what changes a person's or session's standing, whichever process changes it.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = ("0002", "0003")
branch_labels = None
depends_on = None

_COUNT = "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'standing'"

_DDL = (
    "INSERT INTO meta VALUES ('standing', '0')",
    f"""CREATE TRIGGER person_standing
        AFTER UPDATE OF name, role, regions, departments, active ON person
        BEGIN {_COUNT}; END""",
    f"""CREATE TRIGGER session_standing AFTER UPDATE OF revoked, person_id ON session
        BEGIN {_COUNT}; END""",
)


def upgrade() -> None:
    """Create the counter and what moves it."""
    for statement in _DDL:
        op.execute(statement)
