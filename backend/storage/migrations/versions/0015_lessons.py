"""What people decided by their own deeds, kept for the models to learn from.

Revision ID: 0015
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE model_lesson (
        name TEXT NOT NULL, key TEXT NOT NULL, groups TEXT NOT NULL, at TEXT NOT NULL,
        body TEXT NOT NULL CHECK (json_valid(body)),
        PRIMARY KEY (name, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX model_lesson_at ON model_lesson (name, at)",
    """CREATE INDEX match_state ON work_item (json_extract(body, '$.state'))
        WHERE kind = 'match'""",
)


def upgrade() -> None:
    """Create the table, and find matches by what became of them."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
