"""Names of regions and departments in both languages, read from the fact tables once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from app.theme import RESOURCES
from backend_client.contract.base import CITY, Text

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
    """

    counties: tuple[str, ...]
    regions: dict[str, Text]
    departments: dict[str, Text]

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
        """Name a place inside a region without saying the county twice."""
        where = self.where(code)
        if place.startswith(self.county(code).zh):
            return Text(place, place)
        return Text(f"{where.zh} {place}".strip(), f"{where.en} {place}".strip())


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
    return Names(tuple(row["adcode"] for row in counties), regions, departments)
