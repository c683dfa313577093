"""What search reads of objects and events: their words, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json
from sqlalchemy import BigInteger, Connection, Float, column, select, table
from sqlalchemy import Text as SqlText

from backend.storage.dialect import among
from backend.storage.tables import WORK_ITEM
from backend.storage.unit import View
from backend_client.contract.events import Event

_FEATURE = table(
    "feature",
    column("layer", SqlText),
    column("oid", BigInteger),
    column("id", SqlText),
    column("kind", SqlText),
    column("name", SqlText),
    column("lon", Float),
    column("lat", Float),
    column("region", SqlText),
    column("department", SqlText),
    column("state", BigInteger),
    column("properties", SqlText),
    column("gone", BigInteger),
)


@dataclass(frozen=True, slots=True)
class Texts:
    """One object as search needs it."""

    oid: int
    id: str
    kind: str
    name: str
    lon: float | None
    lat: float | None
    region: str
    department: str
    state: int
    properties: dict[str, JsonValue]


def _texts(*row: Any) -> Texts:
    return Texts(*(*row[:-1], from_json(row[-1])))


def texts(connection: Connection, layer: str, oids: Sequence[int]) -> list[Texts]:
    """Read some objects of a layer that are there, by oid."""
    names = list(Texts.__dataclass_fields__)
    question = (
        select(*(_FEATURE.c[name] for name in names))
        .where(_FEATURE.c.layer == layer, among(_FEATURE.c.oid, oids), _FEATURE.c.gone == 0)
        .order_by(_FEATURE.c.oid)
    )
    return [_texts(*row) for row in connection.execute(question)]


def oids_after(connection: Connection, layer: str, after: int, limit: int) -> list[int]:
    """Give the numbers ever given in a layer, those gone included, after one of them."""
    question = (
        select(_FEATURE.c.oid)
        .where(_FEATURE.c.layer == layer, _FEATURE.c.oid > after)
        .order_by(_FEATURE.c.oid)
        .limit(limit)
    )
    return [int(oid) for oid in connection.execute(question).scalars()]


def events_after(view: View, n: int) -> dict[str, int]:
    """Give the events changed after a change number, with the number of each."""
    question = select(WORK_ITEM.c.item_id, WORK_ITEM.c.n).where(
        WORK_ITEM.c.kind == "event", WORK_ITEM.c.n > n
    )
    return {str(row.item_id): int(row.n) for row in view.connection.execute(question)}


def events(view: View, item_ids: Sequence[str]) -> list[Event]:
    """Read some events, by id."""
    question = (
        select(WORK_ITEM.c.body)
        .where(WORK_ITEM.c.kind == "event", among(WORK_ITEM.c.item_id, item_ids))
        .order_by(WORK_ITEM.c.item_id)
    )
    return [Event.model_validate_json(body) for body in view.connection.execute(question).scalars()]
