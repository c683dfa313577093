"""Where things may stand: the city's land in small cells, each in its county and town."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

from backend.simulator.facts import FOLDER, read_rows
from backend_client.geo import counties as installed
from backend_client.geo import shore

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

CELL_DEG: Final = 0.002
"""About 190 by 220 m."""
_INSET_DEG: Final = 0.0015
_WINDOW: Final = (120.18, 31.60, 122.00, 32.74)
KM_LAT: Final = 111.2
KM_LON: Final = 94.3  # at 32 degrees north
_ETDZ: Final = ("320671", "320613")  # the zone lies inside this county's area
_ZONES: Final = {"3206TW": 6.0, "3206SX": 3.0}  # zones without towns of their own: radius km
# Thousand residents, census of 2020 to the nearest ten; the zone's are counted with Chongchuan.
_PEOPLE: Final = {
    "320613": 1_310, "320671": 240, "320612": 1_230, "320614": 980, "320681": 960,
    "320682": 1_230, "320623": 870, "320685": 860,
}  # fmt: skip
_SHARE: Final = {"街道": 3.0, "镇": 1.0}  # of a county's people, by sort of unit; others 0.25
_OTHER_SHARE: Final = 0.25
_CORE_SHARE: Final = 0.75
_TRIES: Final = 40

Spread = Literal["people", "even"]


@dataclass(frozen=True, slots=True)
class Town:
    """A township-level unit; `placed` tells that no table gives its place and we chose one."""

    name: str
    region: str
    county: str
    county_name: str
    lon: float
    lat: float
    people: float
    core_km: float
    placed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Chosen places.

    Shape: every array (n,); town is an index into `Ground.towns`.
    """

    lon: F64
    lat: F64
    town: I64


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The city's land: `areas` by county, and cells that lie wholly inside one county.

    Shape: cell_lon, cell_lat, cell_town, people (n,); people sums to 1.
    """

    towns: tuple[Town, ...]
    areas: Mapping[str, Geometry]
    land: Geometry
    cell_lon: F64
    cell_lat: F64
    cell_town: I64
    people: F64
    lattice: I64

    def scatter(self, draw: np.random.Generator, count: int, spread: Spread = "people") -> Sites:
        """Choose places by where people live, or evenly over the land."""
        total = np.cumsum(self.people) if spread == "people" else None
        if total is None:
            cell = draw.integers(0, self.cell_lon.size, count)
        else:
            cell = np.searchsorted(total, draw.random(count) * total[-1])
            cell = np.minimum(cell, self.cell_lon.size - 1)
        slip = (draw.random((count, 2)) - 0.5) * CELL_DEG
        return Sites(
            self.cell_lon[cell] + slip[:, 0], self.cell_lat[cell] + slip[:, 1], self.cell_town[cell]
        )

    def town_at(self, lon: F64, lat: F64) -> I64:
        """Give the town of each place, -1 at sea, in the river or in another city."""
        column = ((lon - _WINDOW[0]) / CELL_DEG).astype(np.int64)
        row = ((lat - _WINDOW[1]) / CELL_DEG).astype(np.int64)
        rows, columns = self.lattice.shape
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        found = np.full(lon.shape, -1, np.int64)
        found[inside] = self.lattice[row[inside], column[inside]]
        return found

    def nearest(self, lon: F64, lat: F64) -> I64:
        """Give the nearest town of each place, wherever it is."""
        centres = np.array([(town.lon, town.lat) for town in self.towns])
        return _nearest(lon, lat, centres)

    def zone_km(self, index: int) -> float:
        """Give the radius of a zone without towns of its own."""
        return _ZONES[self.towns[index].county]


def draws(seed: int, *words: object) -> np.random.Generator:
    """Give a random source that depends on seed and words alone."""
    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, words)).encode())])


def survey(seed: int) -> Ground:
    """Read the tables and the installed areas; takes about a second."""
    units = read_rows(FOLDER / "county_units.csv")
    land = _land()
    areas = _areas(units, land)
    lon, lat = _centres()
    county = _county_of(areas, lon, lat)
    towns = _towns(seed, units, (lon, lat), county, list(areas))
    town = _town_of(towns, lon, lat, county, list(areas))
    people = _people(towns, lon, lat, town)
    kept = town >= 0
    shape = (_count(1, 3), _count(0, 2))
    return Ground(
        towns=towns,
        areas=areas,
        land=land or shapely.union_all(list(areas.values())),
        cell_lon=lon[kept],
        cell_lat=lat[kept],
        cell_town=town[kept],
        people=people[kept] / people[kept].sum(),
        lattice=town.reshape(shape),
    )


def _land() -> Geometry | None:
    ours = [
        shapely.Polygon([tuple(map(float, pair.split(","))) for pair in line.split()])
        for line in (row["coords_wgs84_lon_lat"] for row in read_rows(FOLDER / "shoreline.csv"))
    ]
    found = shore.read(ours)
    return shapely.clip_by_rect(found[0], *_WINDOW) if found else None


def _areas(units: Sequence[Mapping[str, str]], land: Geometry | None) -> dict[str, Geometry]:
    """Give every county's land; without the package, discs around its towns, cut by nearness."""
    codes = [row["adcode"] for row in units if row["kind"] != "功能区"]
    areas = {code: installed.area(code) for code in codes}
    found = {code: area for code, area in areas.items() if area is not None}
    if not found:
        found = _discs(codes)
    return {
        code: shapely.intersection(area, land) if land is not None else area
        for code, area in found.items()
    }


def _discs(codes: Sequence[str]) -> dict[str, Geometry]:
    points = {code: _labels(code) for code in codes}
    every = shapely.MultiPoint([point for found in points.values() for point in found])
    cells = shapely.get_parts(shapely.voronoi_polygons(every))
    areas = {}
    for code, found in points.items():
        near = shapely.union_all([shapely.Point(point).buffer(0.07) for point in found])
        mine = [c for c in cells if any(shapely.contains_xy(c, *point) for point in found)]
        areas[code] = shapely.intersection(near, shapely.union_all(mine))
    return areas


def _labels(code: str) -> list[tuple[float, float]]:
    rows = read_rows(FOLDER / "township_points.csv")
    return [(float(r["lon_wgs84"]), float(r["lat_wgs84"])) for r in rows if r["adcode"] == code]


def _count(low: int, high: int) -> int:
    return round((_WINDOW[high] - _WINDOW[low]) / CELL_DEG)


def _centres() -> tuple[F64, F64]:
    lon = _WINDOW[0] + (np.arange(_count(0, 2)) + 0.5) * CELL_DEG
    lat = _WINDOW[1] + (np.arange(_count(1, 3)) + 0.5) * CELL_DEG
    across, up = np.meshgrid(lon, lat)
    return across.ravel(), up.ravel()


def _county_of(areas: Mapping[str, Geometry], lon: F64, lat: F64) -> I64:
    """Give each cell's county, -1 when it is not wholly inside one."""
    county = np.full(lon.size, -1, np.int64)
    for number, area in enumerate(areas.values()):
        inner = shapely.buffer(area, -_INSET_DEG, quad_segs=2)
        shapely.prepare(inner)
        west, south, east, north = shapely.bounds(inner)
        near = np.flatnonzero((lon > west) & (lon < east) & (lat > south) & (lat < north))
        county[near[shapely.contains_xy(inner, lon[near], lat[near])]] = number
    return county


def _towns(
    seed: int,
    units: Sequence[Mapping[str, str]],
    cells: tuple[F64, F64],
    county: I64,
    codes: Sequence[str],
) -> tuple[Town, ...]:
    """List every township-level unit; those without a label point are placed by us, marked."""
    points = {(r["adcode"], r["name"]): r for r in read_rows(FOLDER / "township_points.csv")}
    found: list[Town] = []
    for unit in units:
        code = unit["adcode"]
        place = (float(unit["lon_wgs84_approx"]), float(unit["lat_wgs84_approx"]))
        members = [row for row in read_rows(FOLDER / "townships.csv") if row["adcode"] == code]
        rows = members or [{"name": unit["name"], "code9": code, "kind": "镇"}]
        known = {
            row["name"]: (float(at["lon_wgs84"]), float(at["lat_wgs84"]))
            for row in rows
            if (at := points.get((code, row["name"])))
        }
        if not members:
            known = {unit["name"]: place}
        outer = code if code in codes else _ETDZ[1]
        mine = np.flatnonzero(county == codes.index(outer)) if outer in codes else np.arange(0)
        chosen = _place(draws(seed, "towns", code), rows, known, place, cells, mine)
        weights = [_SHARE.get(row["kind"], _OTHER_SHARE) for row in rows]
        for row, weight in zip(rows, weights, strict=True):
            found.append(
                Town(
                    name=row["name"],
                    region=row["code9"],
                    county=code,
                    county_name=unit["name"],
                    lon=chosen[row["name"]][0],
                    lat=chosen[row["name"]][1],
                    people=_PEOPLE.get(code, 30) * weight / sum(weights),
                    core_km=1.1 if code in _ETDZ else 1.5,
                    placed=row["name"] not in known,
                )
            )
    return tuple(found)


def _place(
    draw: np.random.Generator,
    rows: Sequence[Mapping[str, str]],
    known: Mapping[str, tuple[float, float]],
    seat: tuple[float, float],
    cells: tuple[F64, F64],
    mine: I64,
) -> dict[str, tuple[float, float]]:
    """Put units without a label point into their county, apart from the others, streets inside."""
    chosen = dict(known)
    seated = any(math.dist(seat, point) < 0.02 for point in chosen.values())
    for row in rows:
        if row["name"] in chosen:
            continue
        if not seated and row["kind"] == "街道":
            chosen[row["name"]], seated = seat, True
            continue
        if mine.size == 0:
            chosen[row["name"]] = (seat[0] + draw.normal(0, 0.03), seat[1] + draw.normal(0, 0.03))
            continue
        lon, lat = cells[0][mine], cells[1][mine]
        far_km = np.hypot((lon - seat[0]) * KM_LON, (lat - seat[1]) * KM_LAT)
        reach_km = 4.0 if row["kind"] == "街道" or len(rows) < 8 else 25.0
        weight = np.exp(-((far_km / reach_km) ** 2)) + 1e-9
        tries = draw.choice(mine.size, _TRIES, p=weight / weight.sum())
        others = np.array(list(chosen.values()) or [(0.0, 0.0)])
        apart = np.hypot(lon[tries][:, None] - others[:, 0], lat[tries][:, None] - others[:, 1])
        best = tries[int(np.argmax(apart.min(axis=1)))]
        chosen[row["name"]] = (float(lon[best]), float(lat[best]))
    return chosen


def _town_of(towns: Sequence[Town], lon: F64, lat: F64, county: I64, codes: Sequence[str]) -> I64:
    """Give each cell its nearest town of the same county; the zones take what is near them."""
    town = np.full(lon.size, -1, np.int64)
    for number, code in enumerate(codes):
        names = [code, _ETDZ[0]] if code == _ETDZ[1] else [code]
        mine = np.array([i for i, one in enumerate(towns) if one.county in names], np.int64)
        cells = np.flatnonzero(county == number)
        centres = np.array([(towns[i].lon, towns[i].lat) for i in mine])
        town[cells] = mine[_nearest(lon[cells], lat[cells], centres)]
    for index, one in enumerate(towns):
        if reach_km := _ZONES.get(one.county):
            far_km = np.hypot((lon - one.lon) * KM_LON, (lat - one.lat) * KM_LAT)
            town[(far_km < reach_km) & (county >= 0)] = index
    return town


def _nearest(lon: F64, lat: F64, centres: F64) -> I64:
    best = np.zeros(lon.size, np.int64)
    least = np.full(lon.size, np.inf)
    for index, (east, north) in enumerate(centres):
        far = ((lon - east) * KM_LON) ** 2 + ((lat - north) * KM_LAT) ** 2
        best = np.where(far < least, index, best)
        least = np.minimum(far, least)
    return best


def _people(towns: Sequence[Town], lon: F64, lat: F64, town: I64) -> F64:
    """Give each cell's people: a town's core falls off with distance, a rest is everywhere."""
    people = np.zeros(lon.size)
    for index, one in enumerate(towns):
        cells = np.flatnonzero(town == index)
        if cells.size == 0:
            continue
        far_km = np.hypot((lon[cells] - one.lon) * KM_LON, (lat[cells] - one.lat) * KM_LAT)
        core = np.exp(-0.5 * (far_km / one.core_km) ** 2)
        share = _CORE_SHARE * core / core.sum() if core.sum() > 0 else 0.0
        people[cells] = one.people * (share + (1 - _CORE_SHARE) / cells.size)
    return people
