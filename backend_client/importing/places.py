"""Places as files write them: degrees, minutes, other datums and systems; into WGS-84."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely
from pyproj.exceptions import ProjError

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.geo.datum import bd09_to_gcj02, gcj02_to_wgs84
from backend_client.importing.part import F64, Column, Geometries
from backend_client.importing.part import compute as pc

To = Callable[[F64], F64]

WGS84: Final = "wgs84"
_SAME: Final = 4326
_DATUMS: Final[Mapping[str, To]] = {
    WGS84: lambda lonlat: lonlat,
    "gcj02": gcj02_to_wgs84,
    "bd09": lambda lonlat: gcj02_to_wgs84(bd09_to_gcj02(lonlat)),
}
DATUMS: Final = tuple(_DATUMS)
_DEGREES: Final = re.compile(
    r"^\s*([NSEW东西南北])?[经纬]?\s*([-+]?\d+(?:\.\d+)?)\s*[°度d:\-\s]\s*"
    r"(?:(\d+(?:\.\d+)?)\s*[′'’分m:\-\s]?\s*)?(?:(\d+(?:\.\d+)?)\s*[″\"”秒s]?\s*)?"
    r"([NSEW东西南北])?\s*$",
    re.IGNORECASE,
)
_NEGATIVE: Final = frozenset("SWsw西南")


def to_wgs84(crs: str, own: str = "") -> To:
    """Give the way from a file's coordinates to WGS-84.

    Args:
        crs: what the person says: a datum of `DATUMS`, a system pyproj knows, or nothing.
        own: the system the file names itself.

    Raises:
        BadFileError: there is no such system.
    """
    datum = _DATUMS.get(crs.lower().replace("-", "")) if crs else None
    if crs and datum is None:
        return _projected(crs)
    first = _projected(own) if own else _DATUMS[WGS84]
    return first if datum is None else partial(_both, first, datum)


def _both(first: To, then: To, lonlat: F64) -> F64:
    return then(first(lonlat))


def _projected(crs: str) -> To:
    try:
        system = pyproj.CRS.from_user_input(crs)
        way = pyproj.Transformer.from_crs(system, _SAME, always_xy=True)
    except ProjError as error:
        raise BadFileError(
            Text(f"不认识坐标系 {crs[:80]}。", f"Unknown coordinate system {crs[:80]}."),
            Text(
                "用 --crs wgs84、gcj02、bd09 或 EPSG 编号。",
                "Give --crs wgs84, gcj02, bd09 or an EPSG number.",
            ),
        ) from error
    if system.to_epsg() == _SAME:
        return _DATUMS[WGS84]
    return partial(_transform, way)


def _transform(way: pyproj.Transformer, lonlat: F64) -> F64:
    lon, lat = way.transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([lon, lat])


def move(shapes: Geometries, way: To) -> Geometries:
    """Give geometries in WGS-84, without heights."""
    flat = shapely.force_2d(shapes)
    moved: Geometries = shapely.transform(flat, way)
    return moved


def degrees(column: Column) -> F64:
    """Read numbers or degrees, minutes and seconds; what is neither is NaN.

    Units: degrees, or whatever the file's own system counts in.
    """
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, pa.string())
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        return _floats(pc.cast(column, pa.float64()))
    trimmed = pc.utf8_trim_whitespace(column)
    try:
        return _floats(pc.cast(trimmed, pa.float64()))
    except pa.ArrowInvalid:
        return np.array([degree(cell) for cell in trimmed.to_pylist()], np.float64)


def _floats(column: Column) -> F64:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def degree(cell: str | None) -> float:
    """Read one number or degrees, minutes and seconds; NaN when it is neither."""
    if not cell:
        return np.nan
    try:
        return float(cell)
    except ValueError:
        found = _DEGREES.match(cell)
    if found is None:
        return np.nan
    before, whole, minutes, seconds, after = found.groups()
    low, high = float(minutes or 0), float(seconds or 0)
    if low >= 60 or high >= 60:
        return np.nan
    value = abs(float(whole)) + low / 60 + high / 3600
    side = before or after or ""
    return -value if whole.startswith("-") or side in _NEGATIVE else value


NO_NUMBER: Final = Text("不是数。", "Not a number.")
SWAPPED: Final = Text("经纬度似乎颠倒了。", "Longitude and latitude look swapped.")
OFF_GLOBE: Final = Text("不在地球上。", "Not on the globe.")
NOWHERE: Final = Text("经纬度为 0，视为没有位置。", "0, 0 is taken for no place.")


def faults(lonlat: F64) -> list[tuple[npt.NDArray[np.bool_], str, Text]]:
    """Tell which places are none, for which column, and why; the first that holds counts."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    with np.errstate(invalid="ignore"):
        return [
            (~np.isfinite(lon), "lon", NO_NUMBER),
            (~np.isfinite(lat), "lat", NO_NUMBER),
            ((np.abs(lat) > 90) & (np.abs(lon) <= 90), "lat", SWAPPED),
            (np.abs(lon) > 180, "lon", OFF_GLOBE),
            (np.abs(lat) > 90, "lat", OFF_GLOBE),
            ((lon == 0) & (lat == 0), "lon", NOWHERE),
        ]
