"""The wide door for bulk objects: up to 50,000 rows as one Arrow batch, whole or partial.

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


def encode_rows(rows: Rows) -> bytes:
    """Write a batch as Arrow IPC bytes."""
    batch = rows.batch.replace_schema_metadata({"feed": rows.feed})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def decode_rows(data: bytes) -> Rows:
    """Read a batch from Arrow IPC bytes.

    Raises:
        BadRowsError: unknown or missing columns, other types, too many rows, or no Arrow at all.
    """
    try:
        with pa.ipc.open_stream(data) as reader:
            table = reader.read_all()
        table.validate(full=True)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise BadRowsError(str(error)) from error
    _check(table.schema)
    if table.num_rows > MOST_ROWS:
        raise BadRowsError(f"{table.num_rows} rows, at most {MOST_ROWS}")
    feed = (table.schema.metadata or {}).get(b"feed", b"").decode("utf-8", "replace")
    whole = table.combine_chunks().to_batches()
    batch = whole[0] if whole else pa.RecordBatch.from_pylist([], table.schema)
    return Rows(batch, feed)


def _check(schema: pa.Schema) -> None:
    names = schema.names
    if len(set(names)) < len(names):
        raise BadRowsError("a column is given twice")
    for name in names:
        if name not in TYPES:
            raise BadRowsError(f"unknown column {name!r}")
        if schema.field(name).type != TYPES[name]:
            raise BadRowsError(f"column {name!r} is {schema.field(name).type}, want {TYPES[name]}")
    needed = WHOLE if "kind" in names else ALWAYS
    if missing := sorted(needed - set(names)):
        raise BadRowsError(f"missing columns {missing}")
    if ("lon" in names) != ("lat" in names):
        raise BadRowsError("lon and lat go together")
