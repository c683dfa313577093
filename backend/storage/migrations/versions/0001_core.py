"""Core: work items, change log, audit chain, persons, sessions.

Revision ID: 0001
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from backend.storage.dialect import ddl, guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE work_item (
        kind TEXT NOT NULL, item_id TEXT NOT NULL, version INTEGER NOT NULL CHECK (version >= 1),
        n INTEGER NOT NULL, region TEXT NOT NULL, department TEXT NOT NULL, last_by TEXT NOT NULL,
        body TEXT NOT NULL CHECK (json_valid(body)),
        PRIMARY KEY (kind, item_id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE UNIQUE INDEX event_intake ON work_item (json_extract(body, '$.intake_id'))
        WHERE kind = 'event'""",
    """CREATE INDEX order_event ON work_item (json_extract(body, '$.event_id'))
        WHERE kind = 'order'""",
    """CREATE INDEX alarm_cause ON work_item (json_extract(body, '$.cause'))
        WHERE kind = 'alarm'""",
    """CREATE INDEX alarm_state ON work_item (json_extract(body, '$.state'))
        WHERE kind = 'alarm'""",
    """CREATE TABLE change_log (
        n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, item_id TEXT NOT NULL,
        region TEXT NOT NULL, department TEXT NOT NULL,
        was_region TEXT NOT NULL, was_department TEXT NOT NULL, body TEXT
    ) STRICT""",
    """CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, person_id TEXT NOT NULL, role TEXT NOT NULL,
        action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL, n INTEGER NOT NULL,
        previous TEXT NOT NULL, hash TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE person (
        person_id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL,
        regions TEXT NOT NULL, departments TEXT NOT NULL, password_hash TEXT NOT NULL,
        totp_secret TEXT, totp_step INTEGER NOT NULL DEFAULT 0, active INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    """CREATE TABLE session (
        family TEXT PRIMARY KEY, person_id TEXT NOT NULL REFERENCES person (person_id),
        mfa INTEGER NOT NULL, refresh_hash TEXT NOT NULL, expires_at TEXT NOT NULL,
        revoked INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
)
_CHANGED, _REMOVED = "audit rows are never changed", "audit rows are never removed"


def upgrade() -> None:
    """Create the core tables."""
    here = op.get_bind()
    for statement in _DDL:
        op.execute(ddl(here, statement))
    for statement in guard(here, "audit_no_update", on="UPDATE ON audit", says=_CHANGED):
        op.execute(statement)
    for statement in guard(here, "audit_no_delete", on="DELETE ON audit", says=_REMOVED):
        op.execute(statement)
    epoch = sa.text("INSERT INTO meta VALUES ('epoch', :epoch)")
    op.execute(epoch.bindparams(epoch=secrets.token_hex(6)))
