"""Hazmat of the simulated city: firms, parking, ports, and lorries driving between them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from pydantic import JsonValue

from backend.simulator.facts import Facts, LonLat, Town, dice, nearest_town
from backend.simulator.goods import (
    CARRIER_KINDS,
    FIRM_KINDS,
    FIRM_WORDS,
    GIVEN,
    GOODS,
    SURNAMES,
)
from backend.simulator.roads import Roads
from backend_client.contract.feature import FeatureIn
from backend_client.contract.positions import PositionIn

LAYER = "hazmat"

FIRMS, PARKING, LORRIES, _MOVING = 2_000, 60, 4_000, 1_500
PORTS = 8
_NOISE_M = 8.0
_LATE_SHARE = 0.006
_PAUSE_S = 1_200.0
_NO_WAYBILL, _ODD_STOP = 3, 4
_EXPIRED_SHARE = 0.004
_ODD_EVERY = 150


@dataclass(frozen=True, slots=True)
class _Round:
    """One lorry's round trip: where it is at which second; it starts again at the end."""

    at_s: tuple[float, ...]
    places: tuple[LonLat, ...]
    phase_s: float
    period_s: float
    offset_s: float
    state: int

    def where(self, seconds: float) -> tuple[LonLat, float, float]:
        """Give place, speed in km/h and heading in degrees."""
        into = (seconds + self.phase_s) % self.at_s[-1]
        index = min(bisect_right(self.at_s, into), len(self.at_s) - 1)
        start, end = self.places[index - 1], self.places[index]
        span = self.at_s[index] - self.at_s[index - 1]
        share = (into - self.at_s[index - 1]) / span if span else 0.0
        place = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
        east = (end[0] - start[0]) * math.cos(math.radians(start[1])) * 111.2
        north = (end[1] - start[1]) * 111.2
        speed = math.hypot(east, north) / span * 3600 if span else 0.0
        return place, speed, math.degrees(math.atan2(east, north)) % 360 if speed else 0.0


class Lorries:
    """Say where every lorry is at an instant; the rounds are drawn once from the seed."""

    def __init__(self, facts: Facts, *, seed: int, scale: float) -> None:
        self._facts, self._seed = facts, seed
        self._firms = [self._firm(number) for number in range(round(FIRMS * scale))]
        self._yards = list(self._fixed(scale))
        count = round(LORRIES * scale)
        self._ids = [f"SIM-V{number:05d}" for number in range(count)]
        roads = Roads(facts.roads)
        moving = min(count, round(_MOVING * scale))
        self._rounds = [self._round(number, roads) for number in range(moving)]

    def places(self, at: datetime) -> list[FeatureIn]:
        """Give firms, parking, service areas and ports."""
        return [
            _place(town, kind, at, number)
            for number, (town, kind) in enumerate([*self._firms, *self._yards])
        ]

    def register(self, at: datetime) -> list[FeatureIn]:
        """Give every lorry with its present waybill; one that is parked has none."""
        return [self._lorry(number, at) for number in range(len(self._ids))]

    def fixes(self, since: datetime, until: datetime) -> list[PositionIn]:
        """Give the fixes measured after one instant and up to another, oldest first."""
        low, high = since.timestamp(), until.timestamp()
        found = [
            (moment, number)
            for number, one in enumerate(self._rounds)
            for moment in _moments(one, low, high)
        ]
        return [self._fix(number, moment) for moment, number in sorted(found)]

    def is_late(self, fix: PositionIn) -> bool:
        """Tell whether a fix is one of the few that reach the feed late."""
        return dice(self._seed, "late", fix.id, fix.observed_at).random() < _LATE_SHARE

    def _fix(self, number: int, moment: float) -> PositionIn:
        one = self._rounds[number]
        (lon, lat), speed, heading = one.where(moment)
        draw = dice(self._seed, number, moment)
        slip_m = _NOISE_M if speed else _NOISE_M / 3
        return PositionIn(
            id=self._ids[number],
            lon=round(lon + draw.gauss(0, slip_m) / (111_200 * math.cos(math.radians(lat))), 7),
            lat=round(lat + draw.gauss(0, slip_m) / 111_200, 7),
            speed_kmh=round(max(0.0, speed * draw.uniform(0.92, 1.06)), 1),
            heading_deg=round(heading, 1) % 360,
            state=one.state,
            observed_at=_instant(moment),
        )

    def _firm(self, number: int) -> tuple[Town, str]:
        draw = dice(self._seed, "firm", number)
        town = draw.choice(self._facts.towns)
        name = f"{town.name}{draw.choice(FIRM_WORDS)}{draw.choice(FIRM_KINDS)}有限公司"
        return self._near(town, draw, name), "enterprise"

    def _fixed(self, scale: float) -> Iterator[tuple[Town, str]]:
        for number in range(max(4, round(PARKING * scale))):
            draw = dice(self._seed, "parking", number)
            town = draw.choice(self._facts.towns)
            yield self._near(town, draw, f"{town.name}危货车辆停车场"), "parking"
        for line in (road for road in self._facts.roads if road.kind == "expressway"):
            middle = line.points[len(line.points) // 2]
            town = nearest_town(self._facts.towns, middle)
            yield Town(f"{line.name}服务区", town.region, town.county, *middle), "service_area"
        for number in range(PORTS):
            draw = dice(self._seed, "port", number)
            station = self._facts.stations[number % 8]
            place = (station.lon + 0.01, station.lat + 0.015)
            town = nearest_town(self._facts.towns, place)
            name = f"{station.name}危化品码头{draw.randint(1, 9)}号泊位"
            yield Town(name, town.region, town.county, *place), "port"

    def _near(self, town: Town, draw: Random, name: str) -> Town:
        return Town(
            name=name,
            region=town.region,
            county=town.county,
            lon=round(town.lon + draw.gauss(0, 0.02), 5),
            lat=round(town.lat + draw.gauss(0, 0.016), 5),
        )

    def _round(self, number: int, roads: Roads) -> _Round:
        draw = dice(self._seed, "round", number)
        towns = [town for town, _ in (*self._firms, *self._yards)]
        home, away = draw.sample(towns, 2)
        start, end = (home.lon, home.lat), (away.lon, away.lat)
        pace = draw.uniform(0.85, 1.08)
        at_s, places = [0.0], [start]
        for goal, way in ((end, roads.way(start, end)), (start, roads.way(end, start))):
            for leg in way:
                at_s.append(at_s[-1] + leg.km / (leg.kmh * pace * draw.uniform(0.9, 1.08)) * 3600)
                places.append(leg.end)
            at_s.append(at_s[-1] + draw.uniform(0.6, 1.6) * _PAUSE_S)
            places.append(goal)
        return _Round(
            at_s=tuple(at_s),
            places=tuple(places),
            phase_s=draw.uniform(0, at_s[-1]),
            period_s=round(draw.uniform(10, 15), 1),
            offset_s=round(draw.uniform(0, 10), 1),
            state=_state(number),
        )

    def _lorry(self, number: int, at: datetime) -> FeatureIn:
        draw = dice(self._seed, "lorry", number)
        town = draw.choice(self._facts.towns)
        moving = number < len(self._rounds)
        state = self._rounds[number].state if moving else 0
        plate = f"苏F{draw.choice('ABCDEFGHJK')}{draw.randrange(10_000):04d}"
        fields: dict[str, JsonValue] = {
            "generated": True,
            "plate": plate,
            "carrier": f"{draw.choice(FIRM_WORDS)}{draw.choice(CARRIER_KINDS)}有限公司",
            "driver": _person(draw),
            "escort": _person(draw),
            "contact": "车队调度",
            "phone": f"0513-8{draw.randrange(10**6):06d}1",
        }
        if moving:
            goods = draw.choice(GOODS)
            fields |= {
                "un_no": goods.un_no,
                "goods": goods.name,
                "goods_en": goods.name_en,
                "class": goods.hazard_class,
                "quantity_t": round(draw.uniform(4, 28), 1),
                "waybill": None if state == _NO_WAYBILL else f"EW{at:%Y%m%d}{number:05d}",
            }
        return FeatureIn(
            id=self._ids[number],
            kind="vehicle",
            name=plate,
            lon=None,
            lat=None,
            region=town.region,
            department="D33",
            state=state,
            value=float(moving and state != _NO_WAYBILL),
            observed_at=at,
            properties=fields,
        )


def _state(number: int) -> int:
    """Give the state of a lorry: a few have no waybill, a few stand where they should not."""
    if number % _ODD_EVERY == 7:
        return _NO_WAYBILL
    return _ODD_STOP if number % _ODD_EVERY == 61 else 0


def _moments(one: _Round, low: float, high: float) -> Iterator[float]:
    """Give the instants in (low, high] at which a lorry measures, in tenths of a second."""
    number = math.floor((low - one.offset_s) / one.period_s) + 1
    while True:
        moment = round(one.offset_s + number * one.period_s, 1)
        if moment > high:
            return
        if moment > low:
            yield moment
        number += 1


def _instant(moment: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(moment * 1000))


def _person(draw: Random) -> str:
    return draw.choice(SURNAMES) + draw.choice(GIVEN) + draw.choice(("", draw.choice(GIVEN)))


def _place(town: Town, kind: str, at: datetime, number: int) -> FeatureIn:
    draw = dice("place", kind, number)
    goods = draw.sample(GOODS, 3)
    fields: dict[str, JsonValue] = {
        "generated": True,
        "contact": f"{draw.choice(SURNAMES)}{'主任' if kind != 'enterprise' else '经理'}",
        "phone": f"0513-8{draw.randrange(10**6):06d}2",
    }
    left_days: float | None = None
    if kind == "enterprise":
        span = (-60, -1) if draw.random() < _EXPIRED_SHARE else (45, 1_000)
        licence = at.replace(day=1) + timedelta(days=draw.randint(*span))
        left_days = float((licence - at).days)
        fields |= {
            "goods": [one.name for one in goods],
            "licence_until": f"{licence:%Y-%m-%d}",
            "major_hazard": draw.random() < 0.1,
        }
    if kind in ("parking", "service_area"):
        fields |= {"spaces": draw.randint(12, 90)}
    return FeatureIn(
        id=f"SIM-{kind[0].upper()}{number:05d}",
        kind=kind,
        name=town.name,
        lon=town.lon,
        lat=town.lat,
        region=town.region,
        department="D33",
        state=4 if left_days is not None and left_days < 0 else 0,
        value=left_days,
        observed_at=at,
        properties=fields,
    )
