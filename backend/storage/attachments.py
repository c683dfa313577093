"""Rows of attachments: who brought which file; read and written inside the caller's unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from backend.storage.dialect import among
from backend.storage.tables import ATTACHMENT, ATTACHMENT_USE
from backend_client.contract.attachments import Attachment
from backend_client.contract.item import PersonRef

_AT = ATTACHMENT.c
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def add(connection: Connection, new: Attachment) -> None:
    """Write a new row; nothing refers to it yet."""
    fields = new.model_dump(exclude={"by", "at"})
    who = {"person_id": new.by.person_id, "person_name": new.by.name}
    connection.execute(insert(ATTACHMENT).values(**fields, **who, at_ms=_ms(new.at), held=0))


def find(connection: Connection, ids: Sequence[str]) -> dict[str, Attachment]:
    """Read rows by id; one that is not there is left out."""
    asked = select(ATTACHMENT).where(among(_AT.attachment_id, ids))
    read = [_read(row) for row in connection.execute(asked).mappings()]
    return {one.attachment_id: one for one in read}


def same(connection: Connection, new: Attachment) -> Attachment | None:
    """Find the row of the same bytes by the same person for the same place and name."""
    asked = select(ATTACHMENT).where(
        _AT.sha256 == new.sha256,
        _AT.person_id == new.by.person_id,
        _AT.region == new.region,
        _AT.department == new.department,
        _AT.name == new.name,
    )
    row = connection.execute(asked).mappings().first()
    return _read(row) if row else None


def touch(connection: Connection, attachment_id: str, at: datetime) -> None:
    """Count the time of a file nobody refers to from an instant on."""
    where = _AT.attachment_id == attachment_id
    connection.execute(update(ATTACHMENT).where(where).values(at_ms=_ms(at)))


def hold(connection: Connection, ids: Sequence[str]) -> None:
    """Keep files for good: something refers to them."""
    connection.execute(update(ATTACHMENT).where(among(_AT.attachment_id, ids)).values(held=1))


def use(connection: Connection, ids: Sequence[str], event_id: str) -> None:
    """Note that a new event came with files."""
    rows = [{"attachment_id": one, "event_id": event_id} for one in dict.fromkeys(ids)]
    if rows:
        connection.execute(insert(ATTACHMENT_USE), rows)


def events_of(connection: Connection, attachment_id: str) -> list[str]:
    """Name the events a file came with."""
    where = ATTACHMENT_USE.c.attachment_id == attachment_id
    asked = select(ATTACHMENT_USE.c.event_id).where(where)
    return [row.event_id for row in connection.execute(asked)]


def forget(connection: Connection, before: datetime, most: int) -> list[str]:
    """Drop rows nobody refers to that are older than an instant.

    Args:
        connection: of a unit.
        before: the instant.
        most: how many at a stroke.

    Returns: the sums of files no row is left of.
    """
    found = select(_AT.attachment_id, _AT.sha256).where(_AT.held == 0, _AT.at_ms < _ms(before))
    rows = connection.execute(found.limit(most)).all()
    ids = [row.attachment_id for row in rows]
    connection.execute(delete(ATTACHMENT).where(among(_AT.attachment_id, ids)))
    gone = {row.sha256 for row in rows}
    left = connection.execute(select(_AT.sha256).where(among(_AT.sha256, sorted(gone))))
    return sorted(gone - {row.sha256 for row in left})


def sums(connection: Connection) -> frozenset[str]:
    """Give the sum of every file there is a row of."""
    return frozenset(row.sha256 for row in connection.execute(select(_AT.sha256).distinct()))


def is_known(connection: Connection, sha256: str) -> bool:
    """Tell whether there is a row of a file."""
    found = select(_AT.attachment_id).where(_AT.sha256 == sha256).limit(1)
    return connection.execute(found).first() is not None


def _read(row: RowMapping) -> Attachment:
    fields = dict(row)
    fields.pop("held")
    by = PersonRef(person_id=fields.pop("person_id"), name=fields.pop("person_name"))
    at = _EPOCH + timedelta(milliseconds=fields.pop("at_ms"))
    return Attachment(**fields, by=by, at=at)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
