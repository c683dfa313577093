"""What reporters are to be told: one row per answer, until its channel has delivered it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)

from backend.storage.tables import METADATA
from backend_client.contract.answers import Answer, Said
from backend_client.contract.events import Channel, Event

ANSWER = Table(
    "answer",
    METADATA,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("intake_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("told_at", Text),
)


_TAKEN_BACK = "taken back"
"""Stands where the time of telling would: a number is never given twice."""


def owe(connection: Connection, event: Event, said: Said, words: str, at: datetime) -> None:
    """Note that an event's reporter is to be told something.

    Numbers follow one another in the one writer.
    """
    last = connection.execute(select(func.coalesce(func.max(ANSWER.c.n), 0))).scalar_one()
    connection.execute(
        insert(ANSWER).values(
            n=last + 1,
            event_id=event.item_id,
            intake_id=event.intake_id,
            channel=event.channel.value,
            region=event.region,
            said=said.value,
            words=words,
            at=at.isoformat(),
        )
    )


def revoke(connection: Connection, event_id: str) -> None:
    """Owe an event's reporter its answer no more: it was taken back before anybody was told."""
    is_its = ANSWER.c.event_id == event_id, ANSWER.c.said == Said.ANSWERED.value
    taken_back = update(ANSWER).where(*is_its, ANSWER.c.told_at.is_(None))
    connection.execute(taken_back.values(told_at=_TAKEN_BACK))


def owed(
    connection: Connection,
    channel: str,
    *,
    regions: Sequence[str],
    after: int,
    until: datetime,
    limit: int,
) -> list[tuple[Answer, str]]:
    """Give what a channel still has to tell, oldest first, with the county of each.

    Args:
        connection: whose database it is.
        channel: the channel.
        regions: whose answers the asker may see.
        after: the last number seen.
        until: younger ones may still be taken back and are left out.
        limit: how many at most.
    """
    rows = connection.execute(
        select(ANSWER)
        .where(
            ANSWER.c.channel == channel,
            ANSWER.c.told_at.is_(None),
            or_(*(ANSWER.c.region.startswith(one, autoescape=True) for one in regions)),
            ANSWER.c.n > after,
            ANSWER.c.at <= until.isoformat(),
        )
        .order_by(ANSWER.c.n)
        .limit(limit)
    )
    return [
        (
            Answer(
                n=row.n,
                event_id=row.event_id,
                intake_id=row.intake_id,
                channel=row.channel,
                said=Said(row.said),
                words=row.words,
                at=datetime.fromisoformat(row.at),
            ),
            row.region,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Delivered:
    """An answer that was still owed: whose it was."""

    event_id: str
    region: str
    channel: Channel


def told(connection: Connection, numbers: Sequence[int], at: datetime) -> list[Delivered]:
    """Note what was delivered; give each that was still owed."""
    fresh = connection.execute(
        select(ANSWER.c.n, ANSWER.c.event_id, ANSWER.c.region, ANSWER.c.channel).where(
            ANSWER.c.n.in_(numbers), ANSWER.c.told_at.is_(None)
        )
    ).all()
    connection.execute(
        update(ANSWER)
        .where(ANSWER.c.n.in_([row.n for row in fresh]))
        .values(told_at=at.isoformat())
    )
    return [Delivered(row.event_id, row.region, Channel(row.channel)) for row in fresh]
