"""Which event shows which file: a unit at work on an event reads its photos; and no reporter of a
refused item in the clear.

Revision ID: 0016
"""

from __future__ import annotations

import json

from alembic import op
from sqlalchemy import text

from backend.domain.veil import veil
from backend.storage.dialect import ddl

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_DDL = (
    """CREATE TABLE attachment_use (
        attachment_id TEXT NOT NULL, event_id TEXT NOT NULL,
        PRIMARY KEY (attachment_id, event_id)
    ) STRICT, WITHOUT ROWID""",
)


def upgrade() -> None:
    """Create the table and fill it from the events there are."""
    connection = op.get_bind()
    for statement in _DDL:
        op.execute(ddl(connection, statement))
    asked = text(
        "SELECT item_id, body FROM work_item"
        " WHERE kind = 'event' AND body LIKE '%\"attachments\":[\"%'"
    )
    used = [
        {"attachment_id": one, "event_id": row.item_id}
        for row in connection.execute(asked)
        for one in dict.fromkeys(json.loads(row.body).get("attachments", ()))
    ]
    if used:
        put = text("INSERT INTO attachment_use VALUES (:attachment_id, :event_id)")
        connection.execute(put, used)
    part = text("SELECT no, raw FROM repair WHERE no > :after ORDER BY no LIMIT 200")
    after = -1
    while rows := connection.execute(part, {"after": after}).all():  # of up to 64 KB each
        veiled = [{"no": row.no, "raw": veil(row.raw)} for row in rows]
        connection.execute(text("UPDATE repair SET raw = :raw WHERE no = :no"), veiled)
        after = rows[-1].no
