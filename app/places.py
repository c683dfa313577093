"""Names of regions and departments in both languages, read from the fact tables once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from app.theme import RESOURCES
from backend_client.contract.base import CITY, Text
from backend_client.contract.feature import Feature

FACTS = RESOURCES / "facts"
_SHORT_ZH = {
    "320671": "开发区",
    "3206TW": "通州湾",
    "3206SX": "苏锡通",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Say what codes stand for.

    Args:
        counties: county units in the order of the fact table.
        regions: every known region code.
        departments: department ids, `D27`.
        long: the full Chinese names of the regions people call by a shorter one.
    """

    counties: tuple[str, ...]
    regions: dict[str, Text]
    departments: dict[str, Text]
    long: dict[str, str]

    def region(self, code: str) -> Text:
        """Name a region: the township, else its county, else the city."""
        for known in (code, code[:6], code[:4]):
            if known in self.regions:
                return self.regions[known]
        return Text(code, code)

    def county(self, code: str) -> Text:
        """Name the county a region lies in."""
        return self.region(code[:6])

    def department(self, department: str) -> Text:
        """Name a department."""
        return self.departments.get(department, Text(department, department))

    def where(self, code: str) -> Text:
        """Name county and township, as people say an address."""
        county, town = self.county(code), self.region(code)
        if len(code) <= 6 or town == county:
            return county
        named = town.en != town.zh  # the fact table has no English names of townships
        return Text(f"{county.zh} {town.zh}", f"{town.en}, {county.en}" if named else county.en)

    def address(self, code: str, place: str) -> Text:
        """Name a place inside a region; what the place says of county and town is said once."""
        where = self.where(code)
        spot = place
        for code_ in (code[:4], code[:6], code):
            for name in self._said_as(code_):
                spot = spot.removeprefix(name).lstrip()
        town = self.region(code)
        unnamed = town.zh if town.en == town.zh and town != self.county(code) else ""
        return Text(f"{where.zh} {spot}".strip(), f"{where.en} {unnamed}{spot}".strip())

    def _said_as(self, code: str) -> tuple[str, ...]:
        """Give the words a place begins with when it lies in a region."""
        known = self.regions.get(code)
        return (self.long.get(code, known.zh), known.zh) if known else ()


def feature_name(feature: Feature) -> Text:
    """Name an object of a layer: its source may give an English name as well."""
    english = feature.properties.get("name_en")
    return Text(feature.name, english if isinstance(english, str) and english else feature.name)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_names(folder: Path = FACTS) -> Names:
    """Read the names of counties, townships and departments."""
    counties = _rows(folder / "county_units.csv")
    regions = {CITY: Text("南通市", "Nantong")}
    for row in counties:
        short = _SHORT_ZH.get(row["adcode"], row["name"])
        regions[row["adcode"]] = Text(short, row["name_en"])
    for row in _rows(folder / "townships.csv"):
        regions[row["code9"]] = Text(row["name"], row.get("name_en") or row["name"])
    departments = {
        f"D{int(row['no']):02d}": Text(row["short"], row["short_en"])
        for row in _rows(folder / "departments.csv")
    }
    long = {row["adcode"]: row["name"] for row in counties if row["adcode"] in _SHORT_ZH}
    return Names(tuple(row["adcode"] for row in counties), regions, departments, long)
