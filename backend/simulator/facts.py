"""Read the fact tables the city is built on: places, stations, canals and roads."""

from __future__ import annotations

import csv
import math
import random
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "resources" / "facts"
CITY = "3206"

LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Town:
    """A named place with its most exact region code."""

    name: str
    region: str
    county: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Station:
    """A named gauge as the table has it."""

    station_id: str
    name: str
    name_en: str
    kind: str
    region: str
    river: str
    lon: float
    lat: float
    warning_m: float | None
    datum: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """A schematic canal or road."""

    line_id: str
    name: str
    kind: str
    points: tuple[LonLat, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All tables together."""

    towns: tuple[Town, ...]
    stations: tuple[Station, ...]
    canals: tuple[Line, ...]
    roads: tuple[Line, ...]
    sluices: tuple[str, ...]


def dice(*words: object) -> random.Random:
    """Give a random source that depends on the words alone."""
    return random.Random("/".join(map(str, words)))  # noqa: S311  a city, not a secret


def distance_km(one: LonLat, two: LonLat) -> float:
    """Measure a short distance on a round earth."""
    across = (two[0] - one[0]) * math.cos(math.radians((one[1] + two[1]) / 2))
    return 111.2 * math.hypot(across, two[1] - one[1])


def load(folder: Path = FOLDER) -> Facts:
    """Read every table."""
    counties = {row["name"]: row["adcode"] for row in read_rows(folder / "county_units.csv")}
    codes = {
        (row["adcode"], row["name"]): row["code9"] for row in read_rows(folder / "townships.csv")
    }
    names = {code: name for name, code in counties.items()}
    towns = tuple(
        Town(
            name=row["name"],
            region=codes.get((row["adcode"], row["name"]), row["adcode"]),
            county=names[row["adcode"]],
            lon=float(row["lon_wgs84"]),
            lat=float(row["lat_wgs84"]),
        )
        for row in read_rows(folder / "township_points.csv")
    )
    stations = tuple(_station(row, counties) for row in read_rows(folder / "stations.csv"))
    lines = [_line(row) for row in read_rows(folder / "schematic_lines.csv")]
    return Facts(
        towns=towns,
        stations=stations,
        canals=tuple(line for line in lines if line.kind == "canal"),
        roads=tuple(line for line in lines if line.kind in ("expressway", "road", "bridge")),
        sluices=tuple(row["id"] for row in read_rows(folder / "sluices.csv")),
    )


def nearest_town(towns: tuple[Town, ...], place: LonLat) -> Town:
    """Find the town a place belongs to by its label point."""
    return min(towns, key=lambda town: distance_km((town.lon, town.lat), place))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read one table as rows by column name."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _station(row: dict[str, str], counties: dict[str, str]) -> Station:
    return Station(
        station_id=row["id"],
        name=row["name"],
        name_en=row["name_en"],
        kind=row["type"],
        region=_region(row, counties),
        river=row["river"],
        lon=float(row["lon_wgs84"]),
        lat=float(row["lat_wgs84"]),
        warning_m=float(row["warning_level_m"]) if row["warning_level_m"] else None,
        datum=row["datum"],
        note=row["source_note"],
    )


_NICKNAMES = {"开发区": "南通经济技术开发区"}


def _region(row: dict[str, str], counties: dict[str, str]) -> str:
    """Give the county's code; a gauge outside the city belongs to the city as a whole."""
    return counties.get(_NICKNAMES.get(row["county"], row["county"]), CITY)


def _line(row: dict[str, str]) -> Line:
    points = tuple(
        (float(lon), float(lat))
        for lon, lat in (pair.split(",") for pair in row["coords_wgs84_lon_lat"].split())
    )
    return Line(row["id"], row["name"], row["kind"], points)
