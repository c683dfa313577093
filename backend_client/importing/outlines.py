"""Lines and areas of many rows at once as the contract's integers."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from backend_client.contract.base import Text
from backend_client.contract.shapes import AREA, LINE
from backend_client.importing.part import I64, Column, Geometries, Mask, whole_numbers

MOST_PARTS: Final = 1_000
MOST_POINTS: Final = 20_000
_POINTS: Final = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
_LINES: Final = (
    *(shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    shapely.GeometryType.LINEARRING,
)
_AREAS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

NO_GEOMETRY: Final = Text("没有几何。", "It has no geometry.")
MIXED: Final = Text("几何集合不能导入。", "A geometry collection cannot be imported.")
TOO_FINE: Final = Text(
    f"顶点过多：一个部分至多 {MOST_POINTS} 个，至多 {MOST_PARTS} 个部分。",
    f"Too fine: at most {MOST_POINTS} corners a part and {MOST_PARTS} parts.",
)


def faults(shapes: Geometries) -> list[tuple[Mask, str, Text]]:
    """Tell which geometries cannot be taken, and why."""
    kind = shapely.get_type_id(shapes)
    most = np.zeros(len(shapes), np.int64)
    rings, row = _rings(shapes)
    np.maximum.at(most, row, shapely.get_num_coordinates(rings))
    return [
        (shapely.is_missing(shapes) | shapely.is_empty(shapes), "geometry", NO_GEOMETRY),
        (~np.isin(kind, [*_POINTS, *_LINES, *_AREAS]), "geometry", MIXED),
        ((most > MOST_POINTS) | (np.bincount(row, minlength=len(shapes)) > MOST_PARTS), "geometry",
         TOO_FINE),
    ]  # fmt: skip


def anchors(shapes: Geometries) -> npt.NDArray[np.float64]:
    """Give one place on each geometry.

    Shape: (n, 2) lon, lat.
    """
    on = shapely.point_on_surface(shapes)
    return np.column_stack([shapely.get_x(on), shapely.get_y(on)])


def encode_all(shapes: Geometries) -> Column | None:
    """Write every line and area; a point has none. None when all are points.

    Shape: as one row of `contract.shapes.encode` each.
    """
    kind = shapely.get_type_id(shapes)
    form = np.where(np.isin(kind, _AREAS), AREA, np.where(np.isin(kind, _LINES), LINE, 0))
    if not form.any():
        return None
    rings, row = _rings(shapes)
    points: I64 = shapely.get_num_coordinates(rings).astype(np.int64)
    parts = np.bincount(row, minlength=len(shapes)).astype(np.int64)
    corners = np.bincount(row, weights=points, minlength=len(shapes)).astype(np.int64)
    length = np.where(form > 0, 2 + parts + 2 * corners, 0)
    at = np.concatenate([[0], np.cumsum(length)])
    data = np.empty(int(at[-1]), np.int32)
    drawn = np.flatnonzero(form)
    data[at[drawn]] = form[drawn]
    data[at[drawn] + 1] = parts[drawn]
    nth = np.arange(row.size) - np.concatenate([[0], np.cumsum(parts)])[row]
    data[at[row] + 2 + nth] = points
    flat = np.rint(shapely.get_coordinates(rings) * 1e7).astype(np.int32).ravel()
    owner = np.repeat(row, 2 * points)
    before = np.concatenate([[0], np.cumsum(2 * corners)])[owner]
    data[at[owner] + 2 + parts[owner] + np.arange(flat.size) - before] = flat
    return pa.ListArray.from_arrays(whole_numbers(at.astype(np.int32)), whole_numbers(data))


def _rings(shapes: Geometries) -> tuple[Geometries, I64]:
    """Give every line and ring with the row it belongs to, in the order of rows."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    kind = shapely.get_type_id(parts)
    flat = np.isin(kind, _LINES)
    rings, which = shapely.get_rings(parts[np.isin(kind, _AREAS)], return_index=True)
    owner = row[np.isin(kind, _AREAS)][which]
    every = np.concatenate([parts[flat], rings])
    rows = np.concatenate([row[flat], owner]).astype(np.int64)
    order = np.argsort(rows, kind="stable")
    return every[order], rows[order]
