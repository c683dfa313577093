"""Tables of gate control: request keys kept a day, fences that only rise, open commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Table,
    Text,
    and_,
    delete,
    insert,
    select,
    update,
)

from backend.storage.dialect import json_field, literal
from backend.storage.tables import METADATA, WORK_ITEM
from backend_client.contract.gates import GateCommand

KEY_LIFE = timedelta(hours=24)
# To the letter the condition of the index gate_one_active, or the database would not use it.
_ENDED = ("confirmed", "rejected", "expired", "aborted", "failed", "timed_out")
_OPEN = and_(
    WORK_ITEM.c.kind == literal("gate_command"),
    json_field(WORK_ITEM.c.body, "status").not_in([literal(word) for word in _ENDED]),
)

REQUEST_KEY = Table(
    "gate_request_key",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("at", Double, nullable=False),
)
"""What was asked under an Idempotency-Key, and which command it made."""

LEASE = Table(
    "gate_lease",
    METADATA,
    Column("device_id", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False),
)
"""The highest fence this service has ever held per device."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One kept request key."""

    person_id: str
    body_hash: str
    command_id: str


def asked(connection: Connection, key: str) -> Asked | None:
    """Read what was asked under a key."""
    columns = (REQUEST_KEY.c.person_id, REQUEST_KEY.c.body_hash, REQUEST_KEY.c.command_id)
    row = connection.execute(select(*columns).where(REQUEST_KEY.c.key == key)).first()
    return Asked(*row) if row else None


def keep_key(connection: Connection, key: str, what: Asked, at: datetime) -> None:
    """Keep a request key for a day and let older ones go."""
    oldest = (at - KEY_LIFE).timestamp()
    connection.execute(delete(REQUEST_KEY).where(REQUEST_KEY.c.at < oldest))
    connection.execute(
        insert(REQUEST_KEY).values(
            key=key,
            person_id=what.person_id,
            body_hash=what.body_hash,
            command_id=what.command_id,
            at=at.timestamp(),
        )
    )


def next_fence(connection: Connection, device_id: str, *, above: int) -> int:
    """Take the next fence of a device, higher than any held before and than the device's own."""
    held = connection.execute(select(LEASE.c.fence).where(LEASE.c.device_id == device_id)).scalar()
    fence = max(held or 0, above) + 1
    if held is None:
        connection.execute(insert(LEASE).values(device_id=device_id, fence=fence))
    else:
        connection.execute(update(LEASE).where(LEASE.c.device_id == device_id).values(fence=fence))
    return fence


def open_commands(connection: Connection) -> list[GateCommand]:
    """Read every command that has not ended."""
    rows = connection.execute(select(WORK_ITEM.c.body).where(_OPEN))
    return [GateCommand.model_validate_json(row.body) for row in rows]


def active(connection: Connection, device_id: str) -> GateCommand | None:
    """Read the one command of a device that has not ended."""
    gate = json_field(WORK_ITEM.c.body, "gate_id") == device_id
    body = connection.execute(select(WORK_ITEM.c.body).where(_OPEN).where(gate)).scalar()
    return None if body is None else GateCommand.model_validate_json(str(body))
