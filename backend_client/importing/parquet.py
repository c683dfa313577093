"""Read Parquet and GeoParquet in pieces, however large a row group is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing.part import Fault, Geometries, Part, Source, numbered

ROWS: Final = 50_000
_GEO: Final = b"geo"
_BROKEN: Final = Text("从这里起文件损坏。", "The file is broken from here on.")


def open_parquet(path: Path) -> Source:
    """Look at a Parquet file's foot.

    Raises:
        BadFileError: it is cut off, or is no Parquet.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise BadFileError(
            Text(
                f"{path.name} 不是完整的 Parquet 文件：{error}",
                f"{path.name} is no whole Parquet file: {error}",
            ),
            Text("重新导出或重新拷贝。", "Export or copy it again."),
        ) from error
    geo = _geo(schema)
    primary = str(geo.get("primary_column", "")) if geo else ""
    columns = tuple(name for name in schema.names if name != primary)
    return Source(
        "GeoParquet" if primary else "Parquet",
        columns,
        partial(_parts, path, columns, primary, rows),
        crs=_crs(geo, primary) if primary else "",
        has_geometry=bool(primary),
        note=f"{rows:,}",
    )


def _geo(schema: pa.Schema) -> Mapping[str, Any] | None:
    raw = (schema.metadata or {}).get(_GEO)
    try:
        found = json.loads(raw) if raw else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _crs(geo: Mapping[str, Any] | None, primary: str) -> str:
    column = (geo or {}).get("columns", {}).get(primary, {})
    crs = column.get("crs", "OGC:CRS84")
    return "" if crs is None else crs if isinstance(crs, str) else json.dumps(crs)


def _parts(path: Path, columns: tuple[str, ...], primary: str, rows: int) -> Iterator[Part]:
    first, asked = 1, [*columns, *([primary] if primary else [])]
    with pq.ParquetFile(path) as file:
        batches = file.iter_batches(ROWS, columns=asked, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                fault = Fault(first, "", str(error)[:80], _BROKEN)
                yield Part({}, numbered(first, 0), faults=(fault,), done=1.0)
                return
            if batch is None:
                return
            made: dict[str, Any] = {name: batch.column(name) for name in columns}
            shapes = from_wkb(batch.column(primary)) if primary else None
            first += batch.num_rows
            lines = numbered(first - batch.num_rows, batch.num_rows)
            yield Part(made, lines, shapes, done=min(1.0, (first - 1) / max(1, rows)))


def from_wkb(column: Any) -> Geometries:  # a pyarrow.Array
    """Read geometries; what is none is None. Points may also be pairs of numbers."""
    if pa.types.is_struct(column.type):
        pair = [column.field(name).to_numpy(zero_copy_only=False) for name in ("x", "y")]
        return np.asarray(shapely.points(*pair), object)
    raw = column.to_numpy(zero_copy_only=False)
    return np.asarray(shapely.from_wkb(raw, on_invalid="ignore"), object)
