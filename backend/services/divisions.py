"""Divisions on the map: the counties, zones and townships our own facts know a place of."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from backend.services.features import Features
from backend.storage.database import Database
from backend_client.contract.feature import FeatureIn

LAYER: Final = "divisions"
FACTS: Final = Path(__file__).parents[2] / "resources" / "facts"
OWNER: Final = "D17"
_TOWN_ACCURACY: Final = "±3 km"


def show(database: Database, features: Features, folder: Path = FACTS) -> None:
    """Put the divisions on the map; what has not changed since the last start stays as it is."""
    rows = [*_counties(folder), *_towns(folder)]
    with database.write() as unit:
        features.project_all(unit, LAYER, rows)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _counties(folder: Path) -> Iterator[FeatureIn]:
    towns = _rows(folder / "townships.csv")
    for row in _rows(folder / "county_units.csv"):
        code = row["adcode"]
        yield _feature(
            code,
            kind="zone" if row["kind"] == "功能区" else "county",
            name=row["name"],
            at=(row["lon_wgs84_approx"], row["lat_wgs84_approx"]),
            region=code,
            more={
                "name_en": row["name_en"],
                "towns": sum(town["adcode"] == code for town in towns),
                "accuracy": "±1 km",
            },
        )


def _towns(folder: Path) -> Iterator[FeatureIn]:
    """Give the townships with a label point; the others have no place we know of."""
    county = {row["adcode"]: row["name"] for row in _rows(folder / "county_units.csv")}
    codes = {(row["adcode"], row["name"]): row["code9"] for row in _rows(folder / "townships.csv")}
    for row in _rows(folder / "township_points.csv"):
        code = codes.get((row["adcode"], row["name"]))
        yield _feature(
            code or f"{row['adcode']}-{row['name']}",
            kind="town",
            name=row["name"],
            at=(row["lon_wgs84"], row["lat_wgs84"]),
            region=code or row["adcode"],
            more={
                "name_en": row.get("name_en", ""),
                "county": county[row["adcode"]],
                "accuracy": _TOWN_ACCURACY,
            },
        )


def _feature(
    code: str,
    *,
    kind: str,
    name: str,
    at: tuple[str, str],
    region: str,
    more: dict[str, str | int],
) -> FeatureIn:
    return FeatureIn(
        id=code,
        kind=kind,
        name=name,
        lon=float(at[0]),
        lat=float(at[1]),
        region=region,
        department=OWNER,
        observed_at=datetime(2023, 6, 30, tzinfo=UTC),  # the statistics list the codes are from
        properties={"code": code, **{key: value for key, value in more.items() if value != ""}},
    )
