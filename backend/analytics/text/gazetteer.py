"""The places a city knows by name: counties, townships, stations, sluices, roads and waters."""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from backend.analytics.text.finder import Finder
from backend.analytics.text.words import common, normal
from backend_client.contract.base import CITY

FACTS: Final = Path(__file__).parents[3] / "resources" / "facts"
ALIASES_FILE: Final = Path(__file__).parents[3] / "resources" / "text" / "aliases.toml"

BLOT: Final = "*"
_NUMBERED: Final = re.compile("[0-9a-z]")  # 205国道 is no 204国道 with one sign wrong
FULL: Final = 0.97
CALLED: Final = 0.85  # what people call it
SHORT: Final = 0.75  # its name without what it is
PLAIN: Final = 0.35  # an everyday word that is a place's name as well
_EVERYDAY: Final = 3e-6  # share of all words from which a word is one

_KM: Final = 1000.0
_DEGREE_M: Final = 111_195.0
_OFF: Final = re.compile(r"(\d+)\s*km")
_BRACKETS: Final = re.compile(r"[(（].*?[)）]")
_ABOVE: Final = re.compile("^(?:江苏省)?(?:国营)?(?:南通市)?(?:..[区县市])?(?:国营)?")
_TOWN_ENDS: Final = ("街道", "镇", "乡")

LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """Hold a place known by name.

    Args:
        id: its region code, or its id in the facts.
        kind: city, county, town, unit, station, sluice, road, bridge, railway or water.
        name: its full name.
        region: the county it lies in; "" unknown.
        points: where it is, in degrees of WGS-84; several are a line, none is unknown.
        off_m: how wrong the points may be.
        reach_m: how far from its points one still is there.
    """

    id: str
    kind: str
    name: str
    region: str
    points: tuple[LonLat, ...] = ()
    off_m: float = 0.0
    reach_m: float = 0.0

    def away_m(self, lon: float, lat: float) -> float | None:
        """Say how far a place is from it, in metres; None where it is not known where it is."""
        if not self.points:
            return None
        wide = _DEGREE_M * math.cos(math.radians(lat))
        flat = [((east - lon) * wide, (north - lat) * _DEGREE_M) for east, north in self.points]
        if len(flat) == 1:
            return math.hypot(*flat[0])
        return min(_to_piece(a, b) for a, b in pairwise(flat))


def _to_piece(a: LonLat, b: LonLat) -> float:
    """Give the distance of the origin from a straight piece."""
    along = (b[0] - a[0], b[1] - a[1])
    whole = along[0] ** 2 + along[1] ** 2
    part = 0.0 if whole == 0 else -(a[0] * along[0] + a[1] * along[1]) / whole
    part = min(1.0, max(0.0, part))
    return math.hypot(a[0] + part * along[0], a[1] + part * along[1])


class Gazetteer:
    """Find spots by what they are called, by how that sounds, and by what it nearly is.

    Attributes:
        called: what each name stands for, and how surely.
        exact, heard: finders of names, and of how names sound.
        sounding, mixed: names by their sound, and by their characters in order of number.
        blotted, lacking: names by what is left with one character made unreadable or left out.
        ends, signs: the last characters of names, and all of them.
    """

    def __init__(self, named: Iterable[tuple[str, Spot, float]]) -> None:
        """Take names with what they stand for and how surely; the surest holds."""
        held: defaultdict[str, dict[Spot, float]] = defaultdict(dict)
        for words, spot, sure in named:
            name = normal(words)
            if len(name) > 1:
                held[name][spot] = max(sure, held[name].get(spot, 0.0))
        self.called = {name: tuple(spots.items()) for name, spots in held.items()}
        self.exact = Finder(self.called)
        long = [one for one in self.called if len(one) > 2 and not _NUMBERED.search(one)]
        self.sounding = _listed((spell(one), one) for one in self.called)
        self.heard = Finder(self.sounding)
        self.mixed = _listed((in_order(one), one) for one in long)
        self.blotted = _listed(
            (one[:at] + BLOT + one[at + 1 :], one) for one in long for at in range(len(one) - 1)
        )
        self.lacking = _listed(
            (one[:at] + one[at + 1 :], one)
            for one in long
            if len(one) > 4
            for at in range(len(one) - 1)
        )
        self.ends = frozenset(one[-1] for one in long)
        self.signs = frozenset("".join(long))
        self.spots = tuple(dict.fromkeys(spot for spots in held.values() for spot in spots))

    def with_spots(self, spots: Iterable[Spot]) -> Gazetteer:
        """Give a gazetteer that knows more: a city's own roads, estates, objects of its layers."""
        own = [(name, *one) for name, found in self.called.items() for one in found]
        return Gazetteer([*own, *((spot.name, spot, FULL) for spot in spots)])


def _listed(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, name in pairs:
        found[key].append(name)
    return {key: tuple(names) for key, names in found.items()}


def in_order(name: str) -> str:
    """Give the characters of a name in order of their number: one for all orders."""
    return "".join(sorted(name))


_NUMERALS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_TEENS: Final = re.compile(r"(?<!\d)1(?=\d(?!\d))")
_LOOSE: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
_FIRST_SIGN: Final = 0xE000  # signs of private use stand for syllables


def spell(plain: str) -> str:
    """Write how each character sounds, a sign a syllable; digits sound as numerals.

    Tones are left out, zh and z, ch and c, sh and s, ng and n, l and n at the start are one.
    """
    return "".join(map(_sign, _TEENS.sub("十", plain).translate(_NUMERALS)))


_SYLLABLES: Final[dict[str, str]] = {}


@lru_cache(maxsize=32768)
def _sign(letter: str) -> str:
    if not "\u4e00" <= letter <= "\u9fff":
        return letter
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # 0.3 s, and only who compares names pays

    said = lazy_pinyin(letter)[0]
    for strict, loose in _LOOSE:
        said = said.replace(strict, loose)
    said = "l" + said[1:] if said[0] == "n" else said
    return _SYLLABLES.setdefault(said, chr(_FIRST_SIGN + len(_SYLLABLES)))


def read_gazetteer(folder: Path = FACTS, aliases: Path = ALIASES_FILE) -> Gazetteer:
    """Read the places of the fact tables and what people call them."""
    with aliases.open("rb") as file:
        told = tomllib.load(file)
    plain = frozenset(told["plain"].split())
    spots = [*_counties(folder), *_towns(folder), *_works(folder), *_lines(folder)]
    spots += _waters(folder, {spot.name for spot in spots})
    counties = frozenset(spot.name[:-1] for spot in spots if spot.kind == "county")
    named: list[tuple[str, Spot, float]] = []
    for spot in spots:
        hints = plain if spot.kind == "county" else plain | counties
        own = dict.fromkeys(told["aliases"].get(spot.name, "").split(), CALLED)
        own |= {one: SHORT for one in _short(spot) if one not in own}
        if spot.kind == "station":  # who writes 平潮 means the town, not the gauge in it
            named += [(_BRACKETS.sub("", spot.name) + end, spot, PLAIN) for end in ("", "站")]
        else:
            named.append((spot.name, spot, FULL))
        named += [(one, spot, _sure(one, spot, own[one], hints)) for one in own]
    return Gazetteer(named)


def _sure(name: str, spot: Spot, sure: float, plain: frozenset[str]) -> float:
    """Say how surely a name means a spot: everyday words hardly do."""
    everyday = common(name) > _EVERYDAY and spot.kind not in ("city", "county")
    return PLAIN if name in plain or (everyday and len(name) == 2) else sure


def _short(spot: Spot) -> list[str]:
    """Give the shorter names that follow from a full one."""
    if spot.kind == "city":
        return ["南通"]
    if spot.kind == "town":
        stem = _stem(spot.name)
        return [stem, *(stem + end for end in ("镇", "街道"))]
    if spot.kind == "unit":
        bare = _ABOVE.sub("", _BRACKETS.sub("", spot.name))
        return [bare] if len(bare) > 3 else []
    bare = _BRACKETS.sub("", spot.name)
    if spot.kind == "station":
        return [bare + "水位站", bare + "潮位站"]
    if spot.kind == "sluice":
        return [bare.replace("新闸", "闸"), bare.replace("节制闸", "闸")]
    return [bare.removesuffix("河")] if bare.endswith("运河河") else []


def _stem(name: str) -> str:
    for end in _TOWN_ENDS:
        if name.endswith(end) and len(name) > len(end) + 1:
            return name.removesuffix(end)
    return name


def _counties(folder: Path) -> list[Spot]:
    found = [Spot(CITY, "city", "南通市", "")]
    for row in _rows(folder / "county_units.csv"):
        code = row["adcode"]
        at = (float(row["lon_wgs84_approx"]), float(row["lat_wgs84_approx"]))
        found.append(Spot(code, "county", row["name"], code, (at,), 3 * _KM, 30 * _KM))
    return found


def _towns(folder: Path) -> list[Spot]:
    points = {
        (row["adcode"], row["name"]): (float(row["lon_wgs84"]), float(row["lat_wgs84"]))
        for row in _rows(folder / "township_points.csv")
    }
    found = []
    for row in _rows(folder / "townships.csv"):
        at = points.get((row["adcode"], _BRACKETS.sub("", row["name"])))
        kind = "town" if row["kind"] in ("街道", "镇", "乡") else "unit"
        held = (at,) if at else ()
        found.append(Spot(row["code9"], kind, row["name"], row["adcode"], held, 3 * _KM, 9 * _KM))
    return found


def _works(folder: Path) -> list[Spot]:
    found = []
    for table, kind in (("stations.csv", "station"), ("sluices.csv", "sluice")):
        for row in _rows(folder / table):
            off = _OFF.search(row["position_accuracy"])
            at = (float(row["lon_wgs84"]), float(row["lat_wgs84"]))
            wrong = _KM * float(off[1]) if off else 3 * _KM
            found.append(Spot(row["id"], kind, row["name"], row["county"], (at,), wrong, 1.5 * _KM))
    codes = {row["name"]: row["adcode"] for row in _rows(folder / "county_units.csv")}
    codes["开发区"] = codes["南通经济技术开发区"]
    return [replace(one, region=codes.get(one.region, "")) for one in found]


def _lines(folder: Path) -> list[Spot]:
    kinds = {"canal": "water", "expressway": "road"}
    found = []
    for row in _rows(folder / "schematic_lines.csv"):
        pairs = (pair.split(",") for pair in row["coords_wgs84_lon_lat"].split())
        line = tuple((float(lon), float(lat)) for lon, lat in pairs)
        kind = kinds.get(row["kind"], row["kind"])
        found.append(Spot(row["id"], kind, row["name"], "", line, 4 * _KM, 2 * _KM))
    return found


def _waters(folder: Path, known: set[str]) -> list[Spot]:
    """Give the rivers that sluices and stations stand on; where they run is not known."""
    said = {
        _BRACKETS.sub("", name)
        for table in ("sluices.csv", "stations.csv")
        for row in _rows(folder / table)
        for name in row["river"].split("/")
    }
    names = sorted(one for one in said - known if len(one) > 1 and one != "内河")
    return [Spot(f"W-{name}", "water", name, "") for name in names]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
