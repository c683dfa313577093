"""Read GeoJSON, GeoPackage, shape files and what else GDAL reads, in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyogrio

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing.parquet import from_wkb
from backend_client.importing.part import Fault, Part, Source, numbered

ROWS: Final = 20_000
_FAULTS: Final = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)
_BROKEN: Final = Text("从这里起文件损坏。", "The file is broken from here on.")


def open_vector(path: Path) -> Source:
    """Look at the first layer of a file.

    Raises:
        BadFileError: GDAL cannot read it, or it has no layer.
    """
    try:
        info = pyogrio.read_info(path)
    except (*_FAULTS, ValueError, RuntimeError) as error:
        raise _unreadable(path, error) from error
    columns = tuple(str(name) for name in info["fields"])
    rows = int(info["features"])
    return Source(
        str(info["driver"]),
        columns,
        partial(_parts, path, columns, rows),
        crs=str(info["crs"] or ""),
        has_geometry=True,
        note=f"{rows:,}" if rows >= 0 else "",
    )


def _unreadable(path: Path, error: Exception) -> BadFileError:
    return BadFileError(
        Text(f"{path.name} 无法读取：{error}", f"{path.name} cannot be read: {error}"),
        Text(
            "核对是否为完整的 GeoJSON 或 GeoPackage。",
            "Check that it is whole GeoJSON or GeoPackage.",
        ),
    )


def _parts(path: Path, columns: tuple[str, ...], rows: int) -> Iterator[Part]:
    first = 1
    try:
        with pyogrio.open_arrow(path, batch_size=ROWS, use_pyarrow=True) as (meta, reader):
            name = meta["geometry_name"] or "wkb_geometry"
            for batch in reader:
                lines = numbered(first, batch.num_rows)
                first += batch.num_rows
                made: dict[str, Any] = {
                    one: batch.column(one) for one in columns if one in batch.schema.names
                }
                shapes = from_wkb(batch.column(name))
                yield Part(made, lines, shapes, done=min(1.0, (first - 1) / max(1, rows)))
    except (*_FAULTS, pa.ArrowException, RuntimeError) as error:
        if first == 1:
            raise _unreadable(path, error) from error
        fault = Fault(first, "", str(error)[:80], _BROKEN)
        yield Part({}, numbered(first, 0), faults=(fault,), done=1.0)
