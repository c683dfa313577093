"""The user's own GeoJSON: county areas, water and lines that replace ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import shapely
from shapely import Geometry

from backend_client.geo.datum import bd09_to_gcj02, gcj02_to_wgs84
from maps import facts

COUNTIES: Final = "counties.geojson"
WATER: Final = "water.geojson"
LINES: Final = "lines.geojson"


class BadShapesError(ValueError):
    """A file in the user's folder is not GeoJSON as the manual asks for it."""


@dataclass(frozen=True, slots=True, eq=False)
class UserShapes:
    """What the user's folder holds; None where ours stays."""

    counties: dict[str, Geometry] | None = None
    water: Geometry | None = None
    lines: tuple[facts.Line, ...] | None = None
    names: tuple[str, ...] = ()


_Feature = tuple[dict[str, object], Geometry]


def _to_wgs84(shape: Geometry, datum: object) -> Geometry:
    if datum == "bd09":
        shape = shapely.transform(shape, bd09_to_gcj02)
    if datum in ("bd09", "gcj02"):
        shape = shapely.transform(shape, gcj02_to_wgs84)
    return shape


def _features(path: Path) -> Iterator[_Feature]:
    try:
        top = json.loads(path.read_text("utf-8"))
        for feature in top["features"]:
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            yield dict(feature.get("properties") or {}), _to_wgs84(shape, top.get("datum"))
    except (OSError, ValueError, KeyError, TypeError, shapely.GEOSException) as error:
        raise BadShapesError(f"{path}: {error}") from error


def _lines(path: Path) -> Iterator[facts.Line]:
    for properties, shape in _features(path):
        for part in shapely.get_parts(shape):
            lonlat = tuple((float(lon), float(lat)) for lon, lat in part.coords)
            kind = str(properties.get("kind", "road"))
            yield facts.Line(str(properties.get("name", "")), kind, 1, lonlat)


def read(folder: Path | None) -> UserShapes:
    """Read whichever of the three files the folder has.

    Raises:
        BadShapesError: a file is there and cannot be read.
    """
    if folder is None:
        return UserShapes()
    counties, water, lines = folder / COUNTIES, folder / WATER, folder / LINES
    return UserShapes(
        counties={str(p.get("adcode")): shapely.make_valid(s) for p, s in _features(counties)}
        if counties.is_file()
        else None,
        water=shapely.union_all([shapely.make_valid(s) for _, s in _features(water)])
        if water.is_file()
        else None,
        lines=tuple(_lines(lines)) if lines.is_file() else None,
        names=tuple(path.name for path in (counties, water, lines) if path.is_file()),
    )
