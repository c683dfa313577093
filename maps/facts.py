"""Our own tables of the city: units, town labels, schematic lines, shoreline."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend_client.contract.base import Text

FOLDER: Final = Path(__file__).resolve().parents[1] / "resources" / "facts"


@dataclass(frozen=True, slots=True)
class Unit:
    """A county or functional area with its label point."""

    code: str
    name: Text
    lon: float
    lat: float
    is_county: bool


@dataclass(frozen=True, slots=True)
class Town:
    """A township's label point."""

    name: Text
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Line:
    """A hand-drawn line, for decoration only; rank 1 is the most important.

    Shape: lonlat (n, 2) as pairs lon, lat.
    """

    name: str
    kind: str
    rank: int
    lonlat: tuple[tuple[float, float], ...]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as source:
        yield from csv.DictReader(source)


def _pairs(text: str) -> tuple[tuple[float, float], ...]:
    pairs = (pair.split(",") for pair in text.split())
    return tuple((float(lon), float(lat)) for lon, lat in pairs)


def units() -> tuple[Unit, ...]:
    """Give the counties and functional areas."""
    return tuple(
        Unit(
            code=row["adcode"],
            name=Text(row["name"], row["name_en"]),
            lon=float(row["lon_wgs84_approx"]),
            lat=float(row["lat_wgs84_approx"]),
            is_county=row["kind"] != "功能区",
        )
        for row in _rows("county_units.csv")
    )


def towns() -> tuple[Town, ...]:
    """Give the townships that have a label point; their names are not translated."""
    return tuple(
        Town(Text(row["name"], row["name"]), float(row["lon_wgs84"]), float(row["lat_wgs84"]))
        for row in _rows("township_points.csv")
    )


def lines() -> tuple[Line, ...]:
    """Give the schematic canals, roads, railways and bridges."""
    return tuple(
        Line(row["name"], row["kind"], int(row["rank"]), _pairs(row["coords_wgs84_lon_lat"]))
        for row in _rows("schematic_lines.csv")
    )


def shoreline() -> tuple[Line, ...]:
    """Give the land our own hand added outside the older public shoreline."""
    return tuple(
        Line(row["name"], row["kind"], 1, _pairs(row["coords_wgs84_lon_lat"]))
        for row in _rows("shoreline.csv")
    )
