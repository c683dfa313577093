"""Recorded indicators: by region, each ten minutes, thinned to hours, and the last of each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Float, Table, Text, delete, func, select

from backend.domain.indicators import DAY_S, HOUR_SLOTS, SLOT_S, day_end_s
from backend.storage.bulk import put_columns
from backend.storage.tables import METADATA

DAY: Final = 1
"""The span of daily rows; rows of ten minutes have span 0."""
FINE_DAYS: Final = 2
HOURS_DAYS: Final = 35
KEPT_DAYS: Final = 400

INDICATOR_VALUE = Table(
    "indicator_value",
    METADATA,
    Column("indicator", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("span", BigInteger, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("top", Float, nullable=False),
    Column("bottom", Float, nullable=False),
)
"""Span 0: `slot` numbers ten minutes; span 1: the city's days, each with its last value."""


class Recorded(NamedTuple):
    """One number of one region."""

    indicator: str
    region: str
    top: float
    bottom: float


class Kept(NamedTuple):
    """One number as it was recorded in a slot."""

    indicator: str
    slot: int
    top: float
    bottom: float

    def at(self, span: int) -> datetime:
        """Give the instant the slot stands for: its start, of a day its end."""
        seconds = day_end_s(self.slot) if span == DAY else self.slot * SLOT_S
        return datetime.fromtimestamp(seconds, UTC)


def record(connection: Connection, span: int, slot: int, rows: Sequence[Recorded]) -> None:
    """Keep numbers in a slot, over what it held."""
    if not rows:
        return
    columns: dict[str, list[object]] = {
        "indicator": [one.indicator for one in rows],
        "region": [one.region for one in rows],
        "span": [span] * len(rows),
        "slot": [slot] * len(rows),
        "top": [one.top for one in rows],
        "bottom": [one.bottom for one in rows],
    }
    put_columns(connection, INDICATOR_VALUE, columns, key=("indicator", "region", "span", "slot"))


def newest(connection: Connection, span: int) -> int | None:
    """Give the newest slot recorded, None before the first."""
    table = INDICATOR_VALUE.c
    found = connection.execute(select(func.max(table.slot)).where(table.span == span)).scalar()
    return None if found is None else int(found)


def read(
    connection: Connection, region: str, span: int, slots: tuple[int, int], indicator: str = ""
) -> list[Kept]:
    """Read a region's numbers of the slots from first to last, oldest first.

    Args:
        connection: of a snapshot.
        region: whose.
        span: 0 or DAY.
        slots: the first and the last.
        indicator: one of them, all when empty.
    """
    table = INDICATOR_VALUE.c
    asked = select(table.indicator, table.slot, table.top, table.bottom).where(
        table.region == region, table.span == span, table.slot.between(*slots)
    )
    if indicator:
        asked = asked.where(table.indicator == indicator)
    return [Kept(*row) for row in connection.execute(asked.order_by(table.slot))]


def at_slots(connection: Connection, region: str, slots: Sequence[int]) -> list[Kept]:
    """Read all of a region's numbers of some slots of ten minutes."""
    table = INDICATOR_VALUE.c
    asked = select(table.indicator, table.slot, table.top, table.bottom).where(
        table.region == region, table.span == 0, table.slot.in_(slots)
    )
    return [Kept(*row) for row in connection.execute(asked)]


def first_days(connection: Connection, region: str) -> dict[str, int]:
    """Give the first day on which each indicator of a region was recorded."""
    table = INDICATOR_VALUE.c
    asked = (
        select(table.indicator, func.min(table.slot))
        .where(table.region == region, table.span == DAY)
        .group_by(table.indicator)
    )
    return {str(name): int(slot) for name, slot in connection.execute(asked)}


def forget(connection: Connection, *, now_slot: int, today: int) -> int:
    """Thin to full hours after two days, drop hours after 35 days and days after 400."""
    table = INDICATOR_VALUE
    per_day = DAY_S // SLOT_S
    fine = (table.c.span == 0) & (table.c.slot < now_slot - FINE_DAYS * per_day)
    rules = (
        fine & (table.c.slot % HOUR_SLOTS != 0),
        (table.c.span == 0) & (table.c.slot < now_slot - HOURS_DAYS * per_day),
        (table.c.span == DAY) & (table.c.slot < today - KEPT_DAYS),
    )
    return sum(int(connection.execute(delete(table).where(rule)).rowcount) for rule in rules)
