"""The log of alarms' steps: which are open, how often a cause came, which upset is under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select

from backend.storage.dialect import among, json_field, literal
from backend.storage.tables import ALARM_LOG, WORK_ITEM
from backend_client.contract.alarms import Alarm

Deed = Literal[
    "raise", "fold", "return", "acknowledge", "shelve", "unshelve", "withdraw", "restore"
]
CAME: tuple[Deed, ...] = ("raise", "fold")
KEPT = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one alarm; `n` is the change that carried it, `place` its turn within."""

    n: int
    place: int
    at_ms: int
    deed: Deed
    item_id: str
    cause: str
    circle: str
    upset: str
    level: int
    region: str
    department: str
    person_id: str = ""
    quiet: int = 0


_COLUMNS = tuple(column.name for column in ALARM_LOG.columns)


def ms(at: datetime) -> int:
    """Give an instant in milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def append(connection: Connection, steps: Sequence[Step]) -> None:
    """Write steps."""
    if steps:
        rows = [{name: getattr(step, name) for name in _COLUMNS} for step in steps]
        connection.execute(insert(ALARM_LOG), rows)


def open_alarms(connection: Connection, causes: Sequence[str]) -> dict[str, Alarm]:
    """Read the alarms that are not closed, by cause."""
    cause, state = (json_field(WORK_ITEM.c.body, name) for name in ("cause", "state"))
    rows = connection.execute(
        select(WORK_ITEM.c.body).where(
            WORK_ITEM.c.kind == literal("alarm"), state != literal("closed"), among(cause, causes)
        )
    )
    found = (Alarm.model_validate_json(row.body) for row in rows)
    return {alarm.cause: alarm for alarm in found}


def came_since(connection: Connection, causes: Sequence[str], at: datetime) -> Counter[str]:
    """Count how often each cause came since an instant, that instant included."""
    rows = connection.execute(
        select(ALARM_LOG.c.cause, func.count())
        .where(
            among(ALARM_LOG.c.cause, causes),
            ALARM_LOG.c.at_ms >= ms(at),
            ALARM_LOG.c.deed.in_(CAME),
        )
        .group_by(ALARM_LOG.c.cause)
    )
    return Counter({str(row[0]): int(row[1]) for row in rows})


def upsets_since(connection: Connection, circles: Sequence[str], at: datetime) -> dict[str, str]:
    """Give the upset under way in each circle, of those with an alarm since an instant."""
    rows = connection.execute(
        select(ALARM_LOG.c.circle, ALARM_LOG.c.upset)
        .where(
            among(ALARM_LOG.c.circle, circles),
            ALARM_LOG.c.at_ms >= ms(at),
            ALARM_LOG.c.deed == "raise",
        )
        .order_by(ALARM_LOG.c.n, ALARM_LOG.c.place)
    )
    return {row.circle: row.upset for row in rows}


def steps_since(connection: Connection, at: datetime) -> list[Step]:
    """Read every step since an instant, oldest first."""
    rows = connection.execute(
        select(ALARM_LOG).where(ALARM_LOG.c.at_ms >= ms(at)).order_by(ALARM_LOG.c.at_ms)
    )
    return [Step(*row) for row in rows]


def trim(connection: Connection, before: datetime) -> None:
    """Drop steps older than an instant."""
    connection.execute(delete(ALARM_LOG).where(ALARM_LOG.c.at_ms < ms(before)))


def not_closed(connection: Connection) -> list[tuple[str, str, str, int]]:
    """Count the alarms that are not closed by region, department and state."""
    body = WORK_ITEM.c.body
    state = json_field(body, "state")
    keys = (WORK_ITEM.c.region, WORK_ITEM.c.department, state)
    rows = connection.execute(
        select(*keys, func.count())
        .where(WORK_ITEM.c.kind == literal("alarm"), state != literal("closed"))
        .group_by(*keys)
    )
    return [(region, department, str(found), count) for region, department, found, count in rows]
