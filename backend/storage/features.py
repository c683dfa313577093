"""The table of bulk features: what a layer was told, and its version, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, repeat
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
from pydantic_core import from_json
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    case,
    delete,
    select,
    update,
)

from backend.domain.arrays import I64, Array, Bools, integers
from backend.storage.bulk import put_columns, set_columns
from backend.storage.dialect import SQLITE, among, keyed, upsert
from backend.storage.tables import METADATA
from backend_client.contract import shapes
from backend_client.contract.feature import Feature, Outline
from backend_client.contract.rows import TYPES

FEATURE = Table(
    "feature",
    METADATA,
    Column("layer", Text, primary_key=True),
    Column("oid", BigInteger, primary_key=True),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("region", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("state", BigInteger, nullable=False),
    Column("value", Float),
    Column("observed_ms", BigInteger, nullable=False),
    Column("properties", Text, nullable=False),
    Column("gone", BigInteger, nullable=False),
    Column("feed", Text, nullable=False),
)
"""Every object ever told of; `gone` ones keep their number."""

OUTLINE = Table(
    "outline",
    METADATA,
    Column("layer", Text, primary_key=True),
    Column("oid", BigInteger, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""Lines and areas as the contract's integers, little-endian; an object without one is a point."""

LAYER = Table(
    "layer",
    METADATA,
    Column("layer", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("last_oid", BigInteger, nullable=False),
)

STORED: Final[Mapping[str, pa.DataType]] = {
    **{name: kind for name, kind in TYPES.items() if name != "shape"},
    "feed": pa.string(),
}
"""Columns of the feature table a batch may change; an outline has a table of its own."""
SHAPE: Final = pa.binary()
_AT_ONCE = 500
"""Rows of an answer that are Python objects at a time; few stay in the processor's cache."""
_TOGETHER = 20
"""So many times that make one chunk: what a chunk costs by itself is spread over its rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Objects to be kept: columns by name, those not there stay as they are.

    With `kind` it has every column of `STORED` and may hold new objects. `shape`, when there, is
    the outline as little-endian int32, null for none.

    Shape: oid (n,), each oid once; every column n long.
    """

    oid: I64
    columns: Mapping[str, Array]

    @property
    def is_whole(self) -> bool:
        """Tell whether the rows describe objects rather than carry readings."""
        return "kind" in self.columns


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the table holds of some ids, in their order.

    Shape: oid (n,), 0 where the id was never told of; gone (n,); columns n long, null there.
    """

    oid: I64
    gone: Bools
    columns: Mapping[str, Array]


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
    rows = connection.execute(select(LAYER.c.layer, LAYER.c.version))
    return {str(layer): int(version) for layer, version in rows}


def next_version(connection: Connection, layer: str, at: datetime) -> int:
    """Count a layer's version up.

    A new layer starts at the present second, so that the versions of one database mean nothing
    in another and a reader's old copy is never taken for the base of a change.
    """
    first = {"layer": layer, "version": int(at.timestamp()), "last_oid": 0}
    return int(connection.execute(_counting(connection), first).scalar_one())


_COUNTING: Final[dict[str, Any]] = {}


def _counting(connection: Connection) -> Any:
    """Give the statement that counts a version up, made once for each database."""
    name = connection.dialect.name
    if name not in _COUNTING:
        fixed = {"version": LAYER.c.version + 1, "last_oid": LAYER.c.last_oid}
        written = upsert(connection, LAYER, key=["layer"], fixed=fixed)
        _COUNTING[name] = written.returning(LAYER.c.version)
    return _COUNTING[name]


_NUMBER: Final = (
    update(LAYER)
    .where(LAYER.c.layer == bindparam("its_layer"))
    .values(last_oid=LAYER.c.last_oid + bindparam("more", type_=BigInteger))
    .returning(LAYER.c.last_oid)
)


def number(connection: Connection, layer: str, count: int) -> I64:
    """Give new objects their numbers, which are never given again.

    Shape: (count,), ascending.
    """
    last = int(connection.execute(_NUMBER, {"its_layer": layer, "more": count}).scalar_one())
    return np.arange(last - count + 1, last + 1)


def known(connection: Connection, layer: str, ids: Sequence[str], names: Sequence[str]) -> Known:
    """Look up ids, each named once, and some columns of theirs; `shape` may be among them."""
    wanted = [FEATURE.c[name] for name in names if name != "shape"]
    question = select(FEATURE.c.id, FEATURE.c.oid, FEATURE.c.gone, *wanted)
    asked = question.where(keyed(FEATURE.c.layer, layer, FEATURE.c.id, ids))
    rows = connection.execute(asked).all()
    place = {one: index for index, one in enumerate(ids)}
    at = np.fromiter((place[row[0]] for row in rows), np.int64, len(rows))
    found = list(zip(*rows, strict=True)) or [()] * (3 + len(wanted))
    oid, gone = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
    oid[at], gone[at] = found[1], found[2]
    row = np.full(len(ids), -1)
    row[at] = np.arange(len(rows))
    taken: Array | None = None if len(rows) == len(ids) == 1 else pa.array(row, mask=row < 0)

    def placed(values: Sequence[Any], kind: pa.DataType) -> Array:
        if not rows:
            return cast("Array", cast("Any", pa).nulls(len(ids), kind))  # stubs know no such type
        told: Array = pa.array(values, kind)
        return told if taken is None else told.take(taken)

    columns = {
        column.name: placed(found[3 + index], STORED[column.name])
        for index, column in enumerate(wanted)
    }
    if "shape" in names:
        there = oid[oid > 0].tolist()
        bodies = _bodies(connection, layer, there) if there else {}
        columns["shape"] = pa.array([bodies.get(one) for one in oid.tolist()], SHAPE)
    return Known(oid, gone, columns)


def put(connection: Connection, layer: str, chunk: Chunk) -> None:
    """Write objects: whole ones over what was there, of others only the columns given."""
    skipped = ("shape",) if chunk.is_whole else ("shape", "id")
    given = {
        name: column.to_pylist() for name, column in chunk.columns.items() if name not in skipped
    }
    count, oid = len(chunk.oid), chunk.oid.tolist()
    if chunk.is_whole:
        fixed = {"layer": repeat(layer, count), "oid": oid, "gone": repeat(0, count)}
        put_columns(connection, FEATURE, {**given, **fixed}, key=("layer", "oid"))
    elif given:
        keys = {"layer": repeat(layer, count), "oid": oid}
        set_columns(connection, FEATURE, keys, given)
    if "shape" in chunk.columns:
        _put_outlines(connection, layer, chunk)


def remove(connection: Connection, layer: str, oids: Sequence[int]) -> None:
    """Mark rows as gone; their oids are never given to another id."""
    connection.execute(
        update(FEATURE)
        .where(FEATURE.c.layer == layer, FEATURE.c.oid == bindparam("k_oid"))
        .values(gone=1),
        [{"k_oid": oid} for oid in oids],
    )
    connection.execute(
        delete(OUTLINE).where(OUTLINE.c.layer == layer, among(OUTLINE.c.oid, list(oids)))
    )


def get(connection: Connection, layer: str, oid: int) -> Feature | None:
    """Read one object with its own fields."""
    row = connection.execute(
        select(FEATURE).where(FEATURE.c.layer == layer, FEATURE.c.oid == oid, FEATURE.c.gone == 0)
    ).first()
    return None if row is None else _feature(row, _bodies(connection, layer, [oid]).get(oid))


def gone(connection: Connection, layer: str, oids: Sequence[int]) -> list[Feature]:
    """Read objects that are there no more as they were last, without an outline."""
    asked = FEATURE.c.gone == 1, among(FEATURE.c.oid, list(oids))
    question = select(FEATURE).where(FEATURE.c.layer == layer, *asked).order_by(FEATURE.c.oid)
    return [_feature(row, None) for row in connection.execute(question)]


def _feature(row: Any, body: bytes | None) -> Feature:
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
        feed=row.feed,
        outline=None if body is None else outline_of(body),
        properties=from_json(row.properties),
    )


def outline_of(body: bytes) -> Outline:
    """Give a stored outline in degrees."""
    form, parts = shapes.decode(np.frombuffer(body, "<i4"))
    return Outline(
        form="line" if form == shapes.LINE else "area",
        parts=tuple(tuple((x / 1e7, y / 1e7) for x, y in part.tolist()) for part in parts),
    )


def words(connection: Connection, layer: str, oids: Sequence[int]) -> dict[int, Words]:
    """Read names and contacts of some objects."""
    question = select(FEATURE.c.oid, FEATURE.c.id, FEATURE.c.name, FEATURE.c.properties)
    found: dict[int, Words] = {}
    asked = among(FEATURE.c.oid, list(map(int, oids)))
    for oid, own_id, name, properties in connection.execute(
        question.where(FEATURE.c.layer == layer, asked)
    ):
        said = from_json(properties)
        contact, phone = (str(said.get(key) or "")[:200] for key in ("contact", "phone"))
        found[oid] = Words(own_id, name, contact, phone)
    return found


def properties(connection: Connection, layer: str) -> list[tuple[str, str]]:
    """Read id and properties, as JSON text, of every object of a small layer."""
    question = select(FEATURE.c.id, FEATURE.c.properties).where(
        FEATURE.c.layer == layer, FEATURE.c.gone == 0
    )
    return [(str(row.id), str(row.properties)) for row in connection.execute(question)]


def load(connection: Connection, layer: str) -> Iterator[Chunk]:
    """Read a whole layer for the memory copy, by oid: no object per row.

    Only moving objects are asked for their id: the memory copy needs no other.
    """
    names = ("kind", "lon", "lat", "region", "department", "state", "value", "observed_ms")
    moving_id = case((FEATURE.c.lon.is_(None), FEATURE.c.id), else_=None)
    question = (
        select(FEATURE.c.oid, moving_id, *(FEATURE.c[name] for name in names))
        .where(FEATURE.c.layer == layer, FEATURE.c.gone == 0)
        .order_by(FEATURE.c.oid)
    )
    kinds = (pa.int64(), *(STORED[name] for name in ("id", *names)))
    read = (list(map(pa.array, values, kinds)) for values in _fetched(connection, question))
    bodies = dict(_outlines(connection, layer))
    while parts := list(islice(read, _TOGETHER)):
        oid, *columns = map(pa.concat_arrays, zip(*parts, strict=True))
        arrays: dict[str, Array] = dict(zip(("id", *names), columns, strict=True))
        if bodies:
            arrays["shape"] = pa.array(map(bodies.get, oid.to_pylist()), SHAPE, size=len(oid))
        yield Chunk(integers(oid), arrays)


def _fetched(connection: Connection, question: Select[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Read a long answer as columns, some hundred rows at a time.

    From a file past SQLAlchemy's rows; a server would otherwise send all of them at once.
    """
    is_file = connection.dialect.name == SQLITE
    asked = question.execution_options(stream_results=not is_file)
    with connection.execute(asked) as answer:  # a server keeps its cursor until told
        fetch = answer.cursor.fetchmany if is_file else answer.fetchmany
        while rows := fetch(_AT_ONCE):
            yield list(zip(*rows, strict=True))


def _outlines(connection: Connection, layer: str) -> Iterator[tuple[int, bytes]]:
    rows = connection.execute(
        select(OUTLINE.c.oid, OUTLINE.c.body)
        .join(FEATURE, (FEATURE.c.layer == OUTLINE.c.layer) & (FEATURE.c.oid == OUTLINE.c.oid))
        .where(OUTLINE.c.layer == layer, FEATURE.c.gone == 0)
    )
    for oid, body in rows:
        yield int(oid), bytes(body)


def _bodies(connection: Connection, layer: str, oids: Sequence[int]) -> dict[int, bytes]:
    rows = connection.execute(
        select(OUTLINE.c.oid, OUTLINE.c.body).where(
            OUTLINE.c.layer == layer, among(OUTLINE.c.oid, oids)
        )
    )
    return {int(oid): bytes(body) for oid, body in rows}


def _put_outlines(connection: Connection, layer: str, chunk: Chunk) -> None:
    """Write outlines; an object that has none now loses the one it had."""
    pairs = list(zip(chunk.oid.tolist(), chunk.columns["shape"].to_pylist(), strict=True))
    kept = [{"layer": layer, "oid": oid, "body": body} for oid, body in pairs if body is not None]
    if kept:
        connection.execute(upsert(connection, OUTLINE, key=["layer", "oid"]), kept)
    bare = [oid for oid, body in pairs if body is None]
    connection.execute(delete(OUTLINE).where(OUTLINE.c.layer == layer, among(OUTLINE.c.oid, bare)))
