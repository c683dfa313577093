"""Water of the simulated city: level stations, rain gauges, spots where streets flood."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from backend.simulator import tide
from backend.simulator.facts import CITY, Facts, LonLat, Station, dice, nearest_town
from backend_client.contract.feature import FeatureIn

LAYER = "water"
MINUTE = timedelta(minutes=1)

LEVELS, RAIN, SPOTS = 400, 350, 120
_TIDAL = ("长江", "长江北支", "黄海")
_INNER_KIND = ("水位站", "闸上水位站")
# Usual inner levels in m, generated but for 洋口外闸 (1.8 m) and 海安, which the notes give.
_INNER_M = {"NT-G09": 2.45, "NT-G10": 1.30, "NT-G16": 2.30, "NT-G17": 1.82, "NT-G18": 2.25}
_INNER_USUAL_M = 2.50
# Some generated stations stand over their demonstration limits, so that every hour shows what an
# alarm is: one over warning, one over guarantee, one that comes and goes. (over warning m, swing m)
_HOT = {3: (0.22, 0.0), 9: (0.62, 0.0), 17: (-0.35, 0.55)}
_HOT_EVERY = 160
_CENTRE: LonLat = (121.0, 32.15)
_FORECAST_H, _FORECAST_STEP_MIN = 30, 30
_OFFICE = "0513-8500"


@dataclass(frozen=True, slots=True)
class _Gauge:
    """One generated gauge: where it stands and how it swings."""

    gauge_id: str
    name: str
    name_en: str
    region: str
    place: LonLat
    river: str
    base_m: float
    tidal_m: float
    warning_m: float


@dataclass(frozen=True, slots=True)
class _Point:
    """A rain gauge or a low spot near a town."""

    point_id: str
    name: str
    name_en: str
    region: str
    place: LonLat


class Gauges:
    """Say what every gauge shows at an instant; nothing is remembered between two answers."""

    def __init__(self, facts: Facts, *, seed: int, scale: float) -> None:
        self._facts, self._seed = facts, seed
        self._levels = self._along_canals(max(0, round(LEVELS * scale) - len(facts.stations)))
        self._rain = self._near_towns("R", round(RAIN * scale), "雨量站", "rain gauge")
        self._spots = self._near_towns("W", round(SPOTS * scale), "易涝点", "waterlogging spot")

    def due(self, at: datetime) -> list[FeatureIn]:
        """Give what is reported at a minute: named gauges each minute, others each five."""
        return [*self._named(at), *self._others(at, turn=int(at.timestamp()) // 60 % 5)]

    def all(self, at: datetime) -> list[FeatureIn]:
        """Give what every gauge shows at an instant."""
        return [*self._named(at), *self._others(at, turn=None)]

    def past(self, at: datetime, hours: int) -> Iterator[FeatureIn]:
        """Give older levels for the curves: named gauges every ten minutes, others hourly."""
        for step in range(hours * 6, 0, -1):
            then = at - step * 10 * MINUTE
            yield from (self._station(station, then, bare=True) for station in self._facts.stations)
            if step % 6 == 0:
                yield from (self._level(gauge, then) for gauge in self._levels)

    def rain_mm(self, place: LonLat, at: datetime, hours: int) -> float:
        """Give the rain that fell on a place in the hours before an instant."""
        steps = 6 * hours if hours <= 3 else 24
        span = timedelta(hours=hours) / steps
        rain = sum(rain_mm_h(self._seed, place, at - span * (i + 0.5)) for i in range(steps))
        return round(rain * hours / steps, 1)

    def _named(self, at: datetime) -> list[FeatureIn]:
        return [self._station(station, at) for station in self._facts.stations]

    def _others(self, at: datetime, *, turn: int | None) -> Iterator[FeatureIn]:
        for index, gauge in enumerate(self._levels):
            if turn is None or index % 5 == turn:
                yield self._level(gauge, at)
        for index, point in enumerate(self._rain):
            if turn is None or index % 5 == turn:
                yield self._rainfall(point, at)
        for index, point in enumerate(self._spots):
            if turn is None or index % 5 == turn:
                yield self._flooding(point, at)

    def _station(self, station: Station, at: datetime, *, bare: bool = False) -> FeatureIn:
        fields: dict[str, JsonValue] = {}
        if not bare:
            fields = self._station_fields(station, at)
        return FeatureIn(
            id=station.station_id,
            kind="level_station",
            name=station.name,
            lon=station.lon,
            lat=station.lat,
            region=station.region,
            department="D27",
            value=self._station_m(station, at),
            observed_at=at,
            properties=fields,
        )

    def _station_m(self, station: Station, at: datetime) -> float:
        if station.river in _TIDAL and station.kind not in _INNER_KIND:
            site = tide.site_for(station.river, station.lon, station.lat)
            return round(tide.observed_m(site, at, seed=self._seed), 2)
        base_m = _INNER_M.get(station.station_id, _INNER_USUAL_M)
        return round(base_m + _swing_m(self._seed, station.station_id, at), 2)

    def _station_fields(self, station: Station, at: datetime) -> dict[str, JsonValue]:
        fields: dict[str, JsonValue] = {
            "name_en": station.name_en,
            "river": station.river,
            "station_kind": station.kind,
            "contact": "市水文值班" if station.region == CITY else f"{station.name}值班",
            "phone": f"{_OFFICE}{100 + int(station.station_id[-2:]):04d}",
            "source": station.note[:200],
        }
        if station.warning_m is not None:
            fields["warning_level_m"] = station.warning_m
        if station.datum:
            fields["datum"] = station.datum
        if station.river in _TIDAL and station.kind not in _INNER_KIND:
            fields["datum"] = station.datum or "吴淞"
            since = at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)
            site = tide.site_for(station.river, station.lon, station.lat)
            fields["forecast"] = [
                [then.isoformat(), level_m]
                for then, level_m in tide.curve(
                    site, since, hours=_FORECAST_H, step_min=_FORECAST_STEP_MIN
                )
            ]
        return fields

    def _level(self, gauge: _Gauge, at: datetime) -> FeatureIn:
        level_m = gauge.base_m + _swing_m(self._seed, gauge.gauge_id, at)
        if gauge.tidal_m:
            phase = dice(self._seed, gauge.gauge_id, "turn").random()
            level_m += gauge.tidal_m * math.sin(2 * math.pi * (at.timestamp() / 25_200 + phase))
        return FeatureIn(
            id=gauge.gauge_id,
            kind="level_station",
            name=gauge.name,
            lon=gauge.place[0],
            lat=gauge.place[1],
            region=gauge.region,
            department="D27",
            value=round(level_m, 2),
            observed_at=at,
            properties={
                "generated": True,
                "name_en": gauge.name_en,
                "river": gauge.river,
                "contact": "水利站值班",
                "phone": _phone(gauge.gauge_id),
                "datum": "吴淞",
                "warning_level_m": gauge.warning_m,
                "guarantee_level_m": round(gauge.warning_m + 0.4, 2),
                "limits": "演示 / demonstration",
            },
        )

    def _rainfall(self, point: _Point, at: datetime) -> FeatureIn:
        one, three, day = (self.rain_mm(point.place, at, hours) for hours in (1, 3, 24))
        return _spot(
            point,
            "rain_gauge",
            at,
            value=one,
            state=next((s for limit, s in ((50, 2), (30, 3), (16, 4)) if one >= limit), 0),
            fields={"rain_1h_mm": one, "rain_3h_mm": three, "rain_24h_mm": day},
        )

    def _flooding(self, point: _Point, at: datetime) -> FeatureIn:
        fallen = self.rain_mm(point.place, at, 3)
        low = dice(self._seed, point.point_id, "low").uniform(12, 30)
        depth_m = round(min(0.6, max(0.0, (fallen - low) / 90)), 2)
        limits = ((0.27, 2), (0.15, 3), (0.05, 4))
        return _spot(
            point,
            "waterlogging",
            at,
            value=depth_m,
            state=next((state for limit, state in limits if depth_m >= limit), 0),
            fields={"depth_m": depth_m, "close_at_m": 0.27},
        )

    def _along_canals(self, count: int) -> list[_Gauge]:
        gauges = []
        for number in range(count):
            draw = dice(self._seed, "level", number)
            canal = draw.choice(self._facts.canals)
            index = draw.randrange(len(canal.points) - 1)
            share = draw.random()
            start, end = canal.points[index], canal.points[index + 1]
            place = (
                round(start[0] + share * (end[0] - start[0]), 5),
                round(start[1] + share * (end[1] - start[1]), 5),
            )
            base_m = round(draw.uniform(2.1, 2.7), 2)
            over_m, tidal_m = _HOT.get(number % _HOT_EVERY, (-0.6, 0.0))
            town = nearest_town(self._facts.towns, place)
            gauges.append(
                _Gauge(
                    gauge_id=f"SIM-L{number:04d}",
                    name=f"{canal.name}{town.name}站",
                    name_en=f"Level station L{number:04d}",
                    region=town.region,
                    place=place,
                    river=canal.name,
                    base_m=base_m,
                    tidal_m=tidal_m,
                    warning_m=round(base_m - over_m, 2),
                )
            )
        return gauges

    def _near_towns(self, letter: str, count: int, word: str, english: str) -> list[_Point]:
        points = []
        for number in range(count):
            draw = dice(self._seed, letter, number)
            town = self._facts.towns[number % len(self._facts.towns)]
            points.append(
                _Point(
                    point_id=f"SIM-{letter}{number:04d}",
                    name=f"{town.name}{word}",
                    name_en=f"{english} {letter}{number:04d}",
                    region=town.region,
                    place=(
                        round(town.lon + draw.gauss(0, 0.015), 5),
                        round(town.lat + draw.gauss(0, 0.012), 5),
                    ),
                )
            )
        return points


def batches(rows: Sequence[FeatureIn], size: int) -> Iterator[Sequence[FeatureIn]]:
    """Cut rows into batches."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _spot(
    point: _Point,
    kind: str,
    at: datetime,
    *,
    value: float,
    state: int,
    fields: dict[str, JsonValue],
) -> FeatureIn:
    return FeatureIn(
        id=point.point_id,
        kind=kind,
        name=point.name,
        lon=point.place[0],
        lat=point.place[1],
        region=point.region,
        department="D27",
        state=state,
        value=value,
        observed_at=at,
        properties={
            "generated": True,
            "name_en": point.name_en,
            "contact": "镇街防汛值班",
            "phone": _phone(point.point_id),
            **fields,
        },
    )


def _phone(word: str) -> str:
    return f"0513-8{dice(word, 'phone').randrange(10**6):06d}0"


def _swing_m(seed: int, word: str, at: datetime) -> float:
    """Let an inner level rise and fall slowly, at its own pace."""
    draw = dice(seed, word, "swing")
    seconds = at.timestamp()
    slow = 0.11 * math.sin(2 * math.pi * (seconds / 93_600 + draw.random()))
    quick = 0.04 * math.sin(2 * math.pi * (seconds / 31_000 + draw.random()))
    return slow + quick


def rain_mm_h(seed: int, place: LonLat, at: datetime) -> float:
    """Let one shower wander over the city and come and go."""
    draw = dice(seed, "storm")
    seconds = at.timestamp()
    strength = max(0.0, math.sin(2 * math.pi * (seconds / 39_600 + draw.random()))) ** 2
    turn = 2 * math.pi * (seconds / 61_000 + draw.random())
    lon = _CENTRE[0] + 0.45 * math.cos(turn)
    lat = _CENTRE[1] + 0.28 * math.sin(turn)
    far = ((place[0] - lon) / 0.22) ** 2 + ((place[1] - lat) / 0.18) ** 2
    return 34.0 * strength * math.exp(-far)
