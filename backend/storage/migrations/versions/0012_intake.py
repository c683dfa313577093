"""The intake door's own tables: files that belong to reports, and what was refused.

Revision ID: 0012
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE attachment (
        attachment_id TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL, name TEXT NOT NULL,
        media TEXT NOT NULL, size INTEGER NOT NULL CHECK (size > 0), region TEXT NOT NULL,
        department TEXT NOT NULL, person_id TEXT NOT NULL, person_name TEXT NOT NULL,
        at_ms INTEGER NOT NULL, held INTEGER NOT NULL CHECK (held IN (0, 1))
    ) STRICT""",
    "CREATE INDEX attachment_sha256 ON attachment (sha256)",
    "CREATE INDEX attachment_loose ON attachment (at_ms) WHERE held = 0",
    """CREATE TABLE repair (
        no INTEGER NOT NULL PRIMARY KEY, repair_id TEXT NOT NULL, person_id TEXT NOT NULL,
        digest TEXT NOT NULL, region TEXT NOT NULL, department TEXT NOT NULL, state TEXT NOT NULL,
        at_ms INTEGER NOT NULL, count INTEGER NOT NULL, person_name TEXT NOT NULL,
        channel TEXT NOT NULL, code TEXT NOT NULL, place TEXT NOT NULL, zh TEXT NOT NULL,
        en TEXT NOT NULL, note TEXT NOT NULL, done_id TEXT, done_name TEXT, done_ms INTEGER,
        is_cut INTEGER NOT NULL, raw TEXT NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX repair_id ON repair (repair_id)",
    "CREATE UNIQUE INDEX repair_same ON repair (person_id, digest)",
)


def upgrade() -> None:
    """Create both tables and their indexes."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
