"""The feeds the departments and counties bring: which kinds, how often, whom to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from backend.simulator.facts import FOLDER, read_rows
from backend.simulator.kinds import LayerTable, Stock, World
from backend.simulator.stock import owners_of
from backend_client.contract.base import CITY, Text
from backend_client.contract.feeds import FeedIn

BEAT_S: Final = 60.0
SLOW_BEAT_S: Final = 600.0
_SLOW_KIND_S: Final = 3_600.0
_FIX_S: Final = 30.0
"""Units promise a fix in so long; most send far oftener, and a hiccup is no dead feed."""
REQUESTS: Final = "requests"
WATER: Final = "water-gauges"
HAZMAT: Final = "hazmat-lorries"
_PUSH_S: Final = 900.0  # even a night's hour at a tenth of the city brings some requests


_OTHER_TITLES: Final = {
    REQUESTS: Text("民生诉求", "Requests"),
    WATER: Text("水位雨量站", "Gauges"),
    HAZMAT: Text("危化品车辆", "Hazmat vehicles"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """One feed: the unit that brings it, and how often it speaks."""

    feed_id: str
    layer: str
    region: str
    department: str
    beat_s: float
    period_s: float


@dataclass(frozen=True, slots=True)
class _Unit:
    short: str
    short_en: str


def feed_id(layer: str, region: str, department: str) -> str:
    """Name the feed that brings a layer's objects for a unit."""
    return f"{layer}-{department if region == CITY else region}"


def sources(tables: Sequence[LayerTable], world: World) -> dict[str, Source]:
    """List the feeds that bring the kinds of the tables, by id."""
    periods: dict[tuple[str, str, str], list[float]] = {}
    fixes: dict[tuple[str, str, str], list[float]] = {}
    for table in tables:
        for kind in table.kinds:
            for region, department in owners_of(kind, world):
                key = (table.layer, region, department)
                periods.setdefault(key, []).append(kind.period_s or _SLOW_KIND_S)
                if kind.fleet:
                    fixes.setdefault(key, []).append(kind.fleet.fix_s)
    found = {}
    for (layer, region, department), known in periods.items():
        slow = min(known) >= _SLOW_KIND_S
        beat_s = SLOW_BEAT_S if slow else BEAT_S
        fix_s = max(_FIX_S, min(fixes.get((layer, region, department), [beat_s])))
        period_s = min(beat_s, fix_s)
        one = feed_id(layer, region, department)
        found[one] = Source(one, layer, region, department, beat_s, period_s)
    return found


def feeds_of(stock: Stock) -> list[str]:
    """Name the feeds that bring a stock's objects, in the order of `Stock.owner`."""
    return [feed_id(stock.layer, *owner) for owner in owners_of(stock.kind, stock.world)]


def registrations(found: Mapping[str, Source], tables: Sequence[LayerTable]) -> dict[str, FeedIn]:
    """Give every feed as its owner registers it, those of gauges, lorries and requests too."""
    titles = {table.layer: Text(table.zh, table.en) for table in tables}
    every = {
        **found,
        WATER: Source(WATER, "water", CITY, "D27", BEAT_S, BEAT_S),
        HAZMAT: Source(HAZMAT, "hazmat", CITY, "D33", BEAT_S, _FIX_S),
        REQUESTS: Source(REQUESTS, "requests", CITY, "D42", _PUSH_S, _PUSH_S),
    }
    words = {**titles, **_OTHER_TITLES}
    return {
        key: _registration(source, words.get(key) or words[source.layer])
        for key, source in every.items()
    }


def _registration(source: Source, title: Text) -> FeedIn:
    unit = _units()[source.department if source.region == CITY else source.region]
    number = int(source.department[1:])
    return FeedIn(
        title=Text(f"{unit.short}·{title.zh}", f"{unit.short_en}: {title.en}"),
        layer=source.layer,
        region=source.region,
        department=source.department,
        period_s=source.period_s,
        contact=f"{unit.short}数据专员",
        phone=f"0513-8{int(source.region[-2:], 36) % 1000:03d}{number:03d}",
        generated=True,
    )


@cache
def _units() -> dict[str, _Unit]:
    departments = {
        f"D{int(row['no']):02d}": _Unit(row["short"], row["short_en"])
        for row in read_rows(FOLDER / "departments.csv")
    }
    counties = {
        row["adcode"]: _Unit(row["name"], row["name_en"])
        for row in read_rows(FOLDER / "county_units.csv")
    }
    return departments | counties
