"""The wide doors: up to 50,000 objects, whole or in part, or as many fixes as one Arrow batch.

A batch names the columns it changes. With `kind`, `name`, `region` and `observed_ms` it
describes objects and may make new ones; without `kind` it carries readings and touches only
objects the layer knows. A column that is absent stays as it was; a null in a column that is
there means none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

MOST_ROWS: Final = 50_000
MOST_BYTES: Final = 64_000_000

TYPES: Final[dict[str, pa.DataType]] = {
    "id": pa.string(),
    "kind": pa.string(),
    "name": pa.string(),
    "lon": pa.float64(),  # degrees WGS-84; null with no shape: a moving object
    "lat": pa.float64(),
    "region": pa.string(),
    "department": pa.string(),  # null: the layer's owner
    "state": pa.uint8(),
    "value": pa.float64(),
    "observed_ms": pa.int64(),
    "properties": pa.string(),  # one JSON object each
    "shape": pa.list_(pa.int32()),  # as in `contract.shapes`; empty or null: a point
}
FIX_TYPES: Final[dict[str, pa.DataType]] = {
    "id": pa.string(),
    "lon": pa.float64(),  # degrees WGS-84
    "lat": pa.float64(),
    "speed_kmh": pa.float32(),  # absent or null: standing
    "heading_deg": pa.float32(),
    "state": pa.uint8(),
    "observed_ms": pa.int64(),
}
FIX_ALWAYS: Final = frozenset({"id", "lon", "lat", "observed_ms"})
ALWAYS: Final = frozenset({"id", "observed_ms"})
WHOLE: Final = frozenset({"id", "kind", "name", "region", "observed_ms"})


class BadRowsError(ValueError):
    """The bytes are not a batch of this contract."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A batch and the feed it comes from.

    Args:
        batch: columns of `TYPES`, any order, those of `ALWAYS` at least.
        feed: id of the registered feed, empty for none.
    """

    batch: pa.RecordBatch
    feed: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether the rows describe objects rather than carry readings."""
        return "kind" in self.batch.schema.names


@dataclass(frozen=True, slots=True, eq=False)
class FixRows:
    """Fixes of one layer's moving objects and the feed they come from.

    Args:
        batch: columns of `FIX_TYPES`, any order, those of `FIX_ALWAYS` at least.
        layer: the layer of the objects.
        feed: id of the registered feed, empty for none.
    """

    batch: pa.RecordBatch
    layer: str
    feed: str = ""


def encode_rows(rows: Rows) -> bytes:
    """Write a batch as Arrow IPC bytes."""
    return _encode(rows.batch, {"feed": rows.feed})


def encode_fix_rows(rows: FixRows) -> bytes:
    """Write a batch of fixes as Arrow IPC bytes."""
    return _encode(rows.batch, {"layer": rows.layer, "feed": rows.feed})


def decode_rows(data: bytes) -> Rows:
    """Read a batch from Arrow IPC bytes.

    Raises:
        BadRowsError: unknown or missing columns, other types, too many rows, or no Arrow at all.
    """
    batch, meta = _decode(data, TYPES)
    names = batch.schema.names
    _check_needed(names, WHOLE if "kind" in names else ALWAYS)
    if ("lon" in names) != ("lat" in names):
        raise BadRowsError("lon and lat go together")
    return Rows(batch, meta.get("feed", ""))


def decode_fix_rows(data: bytes) -> FixRows:
    """Read a batch of fixes from Arrow IPC bytes.

    Raises:
        BadRowsError: as `decode_rows`, or no layer is named.
    """
    batch, meta = _decode(data, FIX_TYPES)
    _check_needed(batch.schema.names, FIX_ALWAYS)
    if "layer" not in meta:
        raise BadRowsError("the layer is not named")
    return FixRows(batch, meta["layer"], meta.get("feed", ""))


def _encode(batch: pa.RecordBatch, meta: dict[str, str]) -> bytes:
    batch = batch.replace_schema_metadata(meta)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def _decode(data: bytes, types: dict[str, pa.DataType]) -> tuple[pa.RecordBatch, dict[str, str]]:
    try:
        with pa.ipc.open_stream(data) as reader:
            table = reader.read_all()
        table.validate(full=True)
        meta = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
    except (pa.ArrowException, ValueError, OSError) as error:
        raise BadRowsError(str(error)) from error
    _check_types(table.schema, types)
    if table.num_rows > MOST_ROWS:
        raise BadRowsError(f"{table.num_rows} rows, at most {MOST_ROWS}")
    whole = table.combine_chunks().to_batches()
    return whole[0] if whole else pa.RecordBatch.from_pylist([], table.schema), meta


def _check_types(schema: pa.Schema, types: dict[str, pa.DataType]) -> None:
    names = schema.names
    if len(set(names)) < len(names):
        raise BadRowsError("a column is given twice")
    for name in names:
        if name not in types:
            raise BadRowsError(f"unknown column {name!r}")
        if schema.field(name).type != types[name]:
            raise BadRowsError(f"column {name!r} is {schema.field(name).type}, want {types[name]}")


def _check_needed(names: list[str], needed: frozenset[str]) -> None:
    if missing := sorted(needed - set(names)):
        raise BadRowsError(f"missing columns {missing}")
