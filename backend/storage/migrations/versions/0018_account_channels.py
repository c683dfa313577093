"""Channels' accounts stand for their own channel only; orders are found by their state and by when
they are to be signed.

Revision ID: 0018
"""

from __future__ import annotations

import json

from alembic import op
from sqlalchemy import text

from backend.storage.dialect import ddl

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_CHANNELS = ("police", "hotline", "web", "app", "grid", "camera", "department")
_DDL = (
    "ALTER TABLE person ADD COLUMN channels TEXT NOT NULL DEFAULT '[]'",
    """CREATE INDEX order_state ON work_item (json_extract(body, '$.state'))
        WHERE kind = 'order'""",
    """CREATE INDEX order_sign_by ON work_item (json_extract(body, '$.sign_by_at'))
        WHERE kind = 'order'""",
)


def upgrade() -> None:
    """Bind the accounts an older program made for channels; every other stays unbound."""
    connection = op.get_bind()
    for statement in _DDL:
        op.execute(ddl(connection, statement))
    bind = text(
        "UPDATE person SET channels = :channels WHERE person_id = :account AND role = 'feed'"
    )
    for channel in _CHANNELS:
        given = {"channels": json.dumps([channel]), "account": f"channel_{channel}"}
        connection.execute(bind, given)
