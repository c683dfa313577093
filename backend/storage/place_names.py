"""Names of counties and towns with their label points, from the fact tables."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "resources" / "facts"


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A county or town; towns without a known label point have no place."""

    kind: str
    region: str
    name: str
    name_en: str
    lon: float | None
    lat: float | None


def load_places(folder: Path = FOLDER) -> tuple[PlaceName, ...]:
    """Read counties first, then towns."""
    points = {
        (row["adcode"], row["name"]): (float(row["lon_wgs84"]), float(row["lat_wgs84"]))
        for row in _rows(folder / "township_points.csv")
    }
    counties = [
        PlaceName(
            kind="county",
            region=row["adcode"],
            name=row["name"],
            name_en=row["name_en"],
            lon=float(row["lon_wgs84_approx"]),
            lat=float(row["lat_wgs84_approx"]),
        )
        for row in _rows(folder / "county_units.csv")
    ]
    towns = [
        PlaceName("town", row["code9"], row["name"], "", *points.get(_key(row), (None, None)))
        for row in _rows(folder / "townships.csv")
    ]
    return (*counties, *towns)


def _key(row: dict[str, str]) -> tuple[str, str]:
    return row["adcode"], row["name"]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
