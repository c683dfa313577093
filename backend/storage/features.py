"""The table of bulk features: what a layer was told, and its version, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_core import to_json
from sqlalchemy import Connection

from backend_client.contract.feature import Feature, FeatureIn

_COLUMNS = (
    "layer, oid, id, kind, name, lon, lat, region, department, state, value, observed_ms, "
    "properties, gone"
)
_PUT = (
    f"INSERT INTO feature ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "  # noqa: S608  fixed words
    "ON CONFLICT (layer, oid) DO UPDATE SET kind = excluded.kind, name = excluded.name, "
    "lon = excluded.lon, lat = excluded.lat, region = excluded.region, "
    "department = excluded.department, state = excluded.state, value = excluded.value, "
    "observed_ms = excluded.observed_ms, properties = excluded.properties, gone = 0"
)
_SOME = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """One row as the memory copy needs it: everything but the words."""

    oid: int
    id: str
    kind: str
    lon: float | None
    lat: float | None
    region: str
    department: str
    state: int
    value: float | None
    observed_ms: int


@dataclass(frozen=True, slots=True)
class Words:
    """What a list shows of one object beside its columns."""

    id: str
    name: str
    contact: str
    phone: str


def milliseconds(at: datetime) -> int:
    """Give an instant as whole milliseconds since 1970 UTC."""
    return round(at.timestamp() * 1_000_000) // 1000  # a double holds microseconds until 2255


def instant(ms: int) -> datetime:
    """Give the instant of milliseconds since 1970 UTC."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def layers(connection: Connection) -> dict[str, int]:
    """Read every layer's version."""
    rows = connection.exec_driver_sql("SELECT layer, version FROM layer")
    return {str(layer): int(version) for layer, version in rows}


def next_version(connection: Connection, layer: str, at: datetime) -> int:
    """Count a layer's version up.

    A new layer starts at the present second, so that the versions of one database mean nothing
    in another and a reader's old copy is never taken for the base of a change.
    """
    version = connection.exec_driver_sql(
        "INSERT INTO layer (layer, version, last_oid) VALUES (?, ?, 0) "
        "ON CONFLICT (layer) DO UPDATE SET version = version + 1 RETURNING version",
        (layer, int(at.timestamp())),
    ).scalar_one()
    return int(version)


def number(connection: Connection, layer: str, ids: Sequence[str]) -> dict[str, int]:
    """Give every id its oid, new ones in the given order; an oid once given stays for ever."""
    known = known_ids(connection, layer, ids)
    fresh = [feature_id for feature_id in dict.fromkeys(ids) if feature_id not in known]
    if fresh:
        last = connection.exec_driver_sql(
            "UPDATE layer SET last_oid = last_oid + ? WHERE layer = ? RETURNING last_oid",
            (len(fresh), layer),
        ).scalar_one()
        first = int(last) - len(fresh) + 1
        known |= {feature_id: first + index for index, feature_id in enumerate(fresh)}
    return known


def known_ids(connection: Connection, layer: str, ids: Sequence[str]) -> dict[str, int]:
    """Look up the oids of ids, those gone included; unknown ids are left out."""
    rows = connection.exec_driver_sql(
        "SELECT id, oid FROM feature WHERE layer = ? AND id IN (SELECT value FROM json_each(?))",
        (layer, json.dumps(list(ids))),
    )
    return {str(feature_id): int(oid) for feature_id, oid in rows}


def put(connection: Connection, layer: str, rows: Iterable[tuple[Stored, FeatureIn]]) -> None:
    """Write rows whole, over what was there."""
    connection.exec_driver_sql(
        _PUT,
        [
            (
                layer,
                row.oid,
                row.id,
                row.kind,
                feature.name,
                row.lon,
                row.lat,
                row.region,
                row.department,
                row.state,
                row.value,
                row.observed_ms,
                to_json(feature.properties).decode() if feature.properties else "{}",
            )
            for row, feature in rows
        ],
    )


def remove(connection: Connection, layer: str, oids: Sequence[int]) -> None:
    """Mark rows as gone; their oids are never given to another id."""
    connection.exec_driver_sql(
        "UPDATE feature SET gone = 1 WHERE layer = ? AND oid = ?", [(layer, oid) for oid in oids]
    )


def get(connection: Connection, layer: str, oid: int) -> Feature | None:
    """Read one object with its own fields."""
    row = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM feature WHERE layer = ? AND oid = ? AND gone = 0",  # noqa: S608  fixed words
        (layer, oid),
    ).first()
    if row is None:
        return None
    return Feature(
        layer=row.layer,
        oid=row.oid,
        id=row.id,
        kind=row.kind,
        name=row.name,
        lon=row.lon,
        lat=row.lat,
        region=row.region,
        department=row.department,
        state=row.state,
        value=row.value,
        observed_at=instant(row.observed_ms),
        properties=json.loads(row.properties),
    )


def words(connection: Connection, layer: str, oids: Sequence[int]) -> dict[int, Words]:
    """Read names and contacts of some objects."""
    found: dict[int, Words] = {}
    for start in range(0, len(oids), _SOME):
        rows = connection.exec_driver_sql(
            "SELECT oid, id, name, properties ->> '$.contact' AS contact, "
            "properties ->> '$.phone' AS phone FROM feature "
            "WHERE layer = ? AND oid IN (SELECT value FROM json_each(?))",
            (layer, json.dumps([int(oid) for oid in oids[start : start + _SOME]])),
        )
        for row in rows:
            contact, phone = (str(part or "")[:200] for part in (row.contact, row.phone))
            found[row.oid] = Words(row.id, row.name, contact, phone)
    return found


def load(connection: Connection, layer: str) -> Iterator[Stored]:
    """Read a whole layer for the memory copy, by oid."""
    rows = connection.exec_driver_sql(
        "SELECT oid, id, kind, lon, lat, region, department, state, value, observed_ms "
        "FROM feature WHERE layer = ? AND gone = 0 ORDER BY oid",
        (layer,),
    )
    for row in rows:
        yield Stored(*row)
