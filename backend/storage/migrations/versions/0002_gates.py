"""Gates: one active command per device, two persons, request keys, leases.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

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
    f"""CREATE TRIGGER gate_two_persons_insert BEFORE INSERT ON work_item WHEN {_SAME}
        BEGIN SELECT RAISE(ABORT, 'two persons'); END""",
    f"""CREATE TRIGGER gate_two_persons_update BEFORE UPDATE ON work_item WHEN {_SAME}
        BEGIN SELECT RAISE(ABORT, 'two persons'); END""",
    """CREATE TABLE gate_request_key (
        key TEXT PRIMARY KEY, person_id TEXT NOT NULL, body_hash TEXT NOT NULL,
        command_id TEXT NOT NULL, at REAL NOT NULL
    ) STRICT""",
    "CREATE INDEX gate_request_key_at ON gate_request_key (at)",
    """CREATE TABLE gate_lease (
        device_id TEXT PRIMARY KEY, fence INTEGER NOT NULL CHECK (fence >= 1)
    ) STRICT""",
    """CREATE TRIGGER gate_lease_forward BEFORE UPDATE ON gate_lease WHEN NEW.fence <= OLD.fence
        BEGIN SELECT RAISE(ABORT, 'a fence never goes back'); END""",
)


def upgrade() -> None:
    """Create what guards gate commands."""
    for statement in _DDL:
        op.execute(statement)
