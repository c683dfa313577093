"""What is odd about a report's coordinates: said as remarks, nothing is ever changed."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from backend.analytics.text.gazetteer import FACTS, LonLat, Spot
from backend.analytics.text.whereabouts import Mention
from backend_client.contract.base import Text
from backend_client.geo import counties
from backend_client.geo.datum import bd09_to_gcj02, gcj02_to_wgs84

_DEGREE_M: Final = 111_195.0
_COAST_M: Final = 5_000.0  # so far outside its areas the city is still meant: quays, sluices, sea
_BORDER_M: Final = 2_000.0  # so far outside a county people still say its name
_FAR_DEG: Final = 0.35  # from every county's label, where no areas are installed
_EXACT_M: Final = 150.0  # only places known so well can tell one datum from another
_OFFSET_M: Final = 250.0  # both offsets are larger in this city
_TURN: Final = 180.0
_COARSE_DIGITS: Final = 2  # of a degree: a kilometre


@dataclass(frozen=True, slots=True)
class Remark:
    """Hold something a person should look at: what kind, and in words."""

    kind: str
    words: Text


class Ground:
    """Know the areas of the counties where they are installed, else their label points."""

    @cached_property
    def _areas(self) -> dict[str, tuple[Text, Geometry | None, LonLat]]:
        found = {}
        with (FACTS / "county_units.csv").open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                area = counties.area(row["adcode"])
                if area is not None:
                    shapely.prepare(area)
                label = (float(row["lon_wgs84_approx"]), float(row["lat_wgs84_approx"]))
                found[row["adcode"]] = (Text(row["name"], row["name_en"]), area, label)
        return found

    def name(self, county: str) -> Text:
        """Name a county."""
        return self._areas[county][0]

    def county(self, lon: float, lat: float) -> str | None:
        """Give the county whose area holds a place, None where none does."""
        for code, (_, area, _label) in self._areas.items():
            if area is not None and shapely.contains_xy(area, lon, lat):
                return code
        return None

    def away_m(self, county: str, lon: float, lat: float) -> float | None:
        """Say how far a place is outside a county's area, 0 inside; None where it has none."""
        area = self._areas[county][1]
        if area is None:
            return None
        line = shapely.shortest_line(area, shapely.Point(lon, lat))
        (x, y), (east, north) = shapely.get_coordinates(line)
        return math.hypot((east - x) * math.cos(math.radians(lat)), north - y) * _DEGREE_M

    def in_city(self, lon: float, lat: float) -> bool:
        """Tell whether a place is in the city or just off its coast."""
        if self.county(lon, lat) is not None:
            return True
        away = [self.away_m(code, lon, lat) for code in self._areas]
        known = [one for one in away if one is not None]
        if known:
            return min(known) <= _COAST_M
        labels = (label for _, _, label in self._areas.values())
        return any(math.hypot((x - lon) * 0.85, y - lat) <= _FAR_DEG for x, y in labels)


def look(lon: float, lat: float, mentions: Sequence[Mention], ground: Ground) -> tuple[Remark, ...]:
    """Say what is odd about where a report says it is.

    Args:
        lon: as given, in degrees.
        lat: as given, in degrees.
        mentions: the places its words name.
        ground: the city's areas.
    """
    if not (abs(lon) <= _TURN and abs(lat) <= _TURN):  # no number is none as well
        return (Remark("invalid", Text("坐标无效", "the coordinates are none")),)
    if not ground.in_city(lon, lat):
        return (_outside(lon, lat, ground),)
    chosen = [one.chosen for one in mentions if one.chosen is not None]
    found = [*_contradictions(lon, lat, chosen, ground), *_datums(lon, lat, chosen)]
    if all(_digits(one) <= _COARSE_DIGITS for one in (lon, lat)):
        zh, en = "坐标只精确到约 1 公里", "the coordinates are exact to about 1 km only"
        found.append(Remark("coarse", Text(zh, en)))
    return tuple(found)


def _outside(lon: float, lat: float, ground: Ground) -> Remark:
    if ground.in_city(lat, lon):
        zh = f"经纬度似乎颠倒：{lon:g}, {lat:g} 对调后在本市"
        en = f"longitude and latitude look swapped: {lon:g}, {lat:g} the other way is in the city"
        return Remark("swapped", Text(zh, en))
    zh, en = f"坐标 {lon:g}, {lat:g} 不在本市", f"{lon:g}, {lat:g} is outside the city"
    return Remark("outside", Text(zh, en))


def _contradictions(
    lon: float, lat: float, chosen: Sequence[Spot], ground: Ground
) -> Iterator[Remark]:
    """Name the places said that are not where the coordinates are, and how far they are."""
    for spot in chosen:
        area = ground.away_m(spot.id, lon, lat) if spot.kind == "county" else None
        away = spot.away_m(lon, lat) if area is None else area
        may_be = spot.reach_m + spot.off_m if area is None else _BORDER_M
        if away is None or away <= may_be:
            continue
        here = ground.county(lon, lat)
        at = Text("", "") if here is None else ground.name(here)
        zh = f"坐标{f'在{at.zh}，' if at.zh else ''}距文中的“{spot.name}”约 {away / 1000:.1f} 公里"
        en = f"the coordinates{f', in {at.en},' if at.en else ''} are about {away / 1000:.1f} km "
        yield Remark("far", Text(zh, f"{en}from “{spot.name}” in the text"))


def _datums(lon: float, lat: float, chosen: Sequence[Spot]) -> Iterator[Remark]:
    """Say where another datum would put the report on the place it names.

    Only a place known to some tens of metres can tell: the fact tables' are not, a city's are.
    """
    given = np.array([[lon, lat]])
    datums = {"GCJ-02": gcj02_to_wgs84(given), "BD-09": gcj02_to_wgs84(bd09_to_gcj02(given))}
    for spot in chosen:
        away = spot.away_m(lon, lat)
        if spot.off_m > _EXACT_M or away is None or away < _OFFSET_M:
            continue
        undone = {
            name: spot.away_m(float(place[0, 0]), float(place[0, 1])) or 0.0
            for name, place in datums.items()
        }
        datum = min(undone, key=lambda name: undone[name])
        if undone[datum] <= _EXACT_M + spot.off_m and undone[datum] * 3 < away:
            zh = f"坐标可能是 {datum}：按其还原后距“{spot.name}”{undone[datum]:.0f} 米，"
            en = f"the coordinates may be {datum}: taken so they are {undone[datum]:.0f} m from "
            zh += f"按 WGS-84 为 {away:.0f} 米"
            yield Remark("datum", Text(zh, f"{en}“{spot.name}”, as WGS-84 {away:.0f} m"))


def _digits(degrees: float) -> int:
    return len(f"{degrees:.7f}".rstrip("0").split(".")[1])
