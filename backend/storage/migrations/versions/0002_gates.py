"""Gates: one active command per device, two persons, request keys, leases.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl, guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TERMINAL = "('confirmed', 'rejected', 'expired', 'aborted', 'failed', 'timed_out')"
_SAME = """NEW.kind = 'gate_command'
    AND json_extract(NEW.body, '$.authorised_by.person_id')
        = json_extract(NEW.body, '$.requested_by.person_id')"""

_DDL = (
    f"""CREATE UNIQUE INDEX gate_one_active ON work_item (json_extract(body, '$.gate_id'))
        WHERE kind = 'gate_command' AND json_extract(body, '$.status') NOT IN {_TERMINAL}""",
    """CREATE TABLE gate_request_key (
        key TEXT PRIMARY KEY, person_id TEXT NOT NULL, body_hash TEXT NOT NULL,
        command_id TEXT NOT NULL, at REAL NOT NULL
    ) STRICT""",
    "CREATE INDEX gate_request_key_at ON gate_request_key (at)",
    """CREATE TABLE gate_lease (
        device_id TEXT PRIMARY KEY, fence INTEGER NOT NULL CHECK (fence >= 1)
    ) STRICT""",
)


_GUARDS = (
    ("gate_two_persons_insert", "INSERT ON work_item", "two persons", _SAME),
    ("gate_two_persons_update", "UPDATE ON work_item", "two persons", _SAME),
    (
        "gate_lease_forward",
        "UPDATE ON gate_lease",
        "a fence never goes back",
        "NEW.fence <= OLD.fence",
    ),
)


def upgrade() -> None:
    """Create what guards gate commands."""
    here = op.get_bind()
    for statement in _DDL:
        op.execute(ddl(here, statement))
    for name, on, says, when in _GUARDS:
        for statement in guard(here, name, on=on, says=says, when=when):
            op.execute(statement)
