"""Moving objects: whose shift it is, which way they take, what fix is due when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.simulator.curves import HOUR_S, LOCAL_S, noise
from backend.simulator.ground import F64, I64, KM_LAT, KM_LON
from backend.simulator.kinds import Fleet, Placed, Stock, World
from backend.simulator.roads import Roads
from backend.simulator.streets import near, walk
from backend.simulator.tracks import Tracks, to_and_fro

_SLIP_H: Final = 1.0
_OFF_EVERY: Final = 60
"""Who is off duty says where it stands this much more seldom."""
_NOISE_M: Final = 4.0
_PACE: Final = (0.86, 1.12)


@dataclass(frozen=True, slots=True, eq=False)
class Fixes:
    """Fixes of one kind, oldest first.

    Shape: every array (n,); row is the object's place in its stock.
    """

    row: I64
    at_ms: I64
    lon: F64
    lat: F64
    speed_kmh: F64
    heading_deg: F64


def park(world: World, fleet: Fleet, draw: np.random.Generator, count: int) -> Placed:
    """Give moving objects their ways, and the town each way begins in as their home."""
    number = min(count, max(1, round(fleet.ways * world.scale)))
    ways, kmh = (_town_ways if fleet.steps else _long_ways)(world, fleet, draw, number)
    tracks = to_and_fro(ways, kmh, draw, count)
    start = np.array([way[0] for way in ways])
    town = world.ground.nearest(start[:, 0], start[:, 1])[tracks.way]
    none = np.full(count, np.nan)
    return Placed(none, none, town, tracks=tracks)


def on_duty(stock: Stock, at_s: float) -> npt.NDArray[np.bool_]:
    """Tell who is on duty."""
    on, _worked = _worked_s(stock, np.arange(stock.size), np.full(stock.size, at_s))
    return on


def due(stock: Stock, since_s: float, until_s: float) -> Fixes:
    """Give the fixes measured after one instant and up to another, oldest first."""
    fleet = _fleet(stock)
    slip = np.floor(stock.u[:, 3] * fleet.fix_s * 10) / 10
    first = np.floor((since_s - slip) / fleet.fix_s) + 1
    rounds = range(int((until_s - since_s) // fleet.fix_s) + 1)
    rows, turns = [], []
    for more in rounds:
        turn = first + more
        found = np.flatnonzero(slip + turn * fleet.fix_s <= until_s)
        rows.append(found)
        turns.append(turn[found])
    row, turn = np.concatenate(rows), np.concatenate(turns)
    at_s = slip[row] + turn * fleet.fix_s
    on, worked_s = _worked_s(stock, row, at_s)
    told = on | ((turn.astype(np.int64) + row) % _OFF_EVERY == 0)
    row, at_s, on, worked_s = row[told], at_s[told], on[told], worked_s[told]
    order = np.argsort(at_s, kind="stable")
    return _measured(stock, row[order], at_s[order], on[order], worked_s[order])


def _measured(stock: Stock, row: I64, at_s: F64, on: npt.NDArray[np.bool_], worked_s: F64) -> Fixes:
    tracks = _tracks(stock)
    lon, lat, speed, heading = tracks.at(row, worked_s)
    at_ms = np.rint(at_s * 1000).astype(np.int64)
    word = at_ms + row * 7_919
    slip_m = np.where(on & (speed > 0), _NOISE_M, _NOISE_M / 4)
    east, north = ((noise(word * 3 + salt) - 0.5) * 2 * slip_m / 1000 for salt in (0, 1))
    pace = 0.94 + 0.12 * noise(word * 3 + 2)
    return Fixes(
        row=row,
        at_ms=at_ms,
        lon=lon + east / KM_LON,
        lat=lat + north / KM_LAT,
        speed_kmh=np.where(on, np.round(speed * pace, 1), 0.0),
        heading_deg=np.round(heading, 1) % 360,
    )


def _worked_s(stock: Stock, row: I64, at_s: F64) -> tuple[npt.NDArray[np.bool_], F64]:
    """Tell who is on duty, and how long each has worked in all: who rests stands still."""
    fleet = _fleet(stock)
    start_h, length_h = fleet.shift
    if length_h >= 24:
        return np.ones(row.size, np.bool_), at_s
    begin_s = (start_h + (stock.u[row, 2] - 0.5) * _SLIP_H) * HOUR_S
    local = at_s + LOCAL_S - begin_s
    day, into = np.floor(local / 86_400), local % 86_400
    length_s = length_h * HOUR_S
    return into < length_s, day * length_s + np.minimum(into, length_s)


def _town_ways(
    world: World, fleet: Fleet, draw: np.random.Generator, number: int
) -> tuple[list[F64], list[F64]]:
    sites = world.ground.scatter(draw, number)
    starts = near(world.streets, sites.lon, sites.lat, sites.town)
    nodes = walk(world.streets, draw, count=number, steps=fleet.steps, starts=starts)
    places = np.stack([world.streets.lon[nodes], world.streets.lat[nodes]], axis=2)
    pace = fleet.kmh * draw.uniform(*_PACE, (number, 1))
    speed = pace * draw.uniform(0.8, 1.15, (number, fleet.steps))
    return list(places), list(speed)


def _long_ways(
    world: World, fleet: Fleet, draw: np.random.Generator, number: int
) -> tuple[list[F64], list[F64]]:
    """Drive between towns on the named roads, or up and down the named canals."""
    if fleet.water:
        canals = world.facts.canals
        chosen = [np.array(canals[int(i)].points) for i in draw.integers(0, len(canals), number)]
        return chosen, [fleet.kmh * draw.uniform(*_PACE, len(way) - 1) for way in chosen]
    roads, towns = Roads(world.facts.roads), world.facts.towns
    ways, kmh = [], []
    for _ in range(number):
        one, two = (towns[int(i)] for i in draw.choice(len(towns), 2, replace=False))
        start = (one.lon, one.lat)
        legs = roads.way(start, (two.lon, two.lat))
        ways.append(np.array([start, *(leg.end for leg in legs)]))
        top = fleet.kmh * float(draw.uniform(*_PACE))
        kmh.append(np.array([min(leg.kmh, top) for leg in legs]))
    return ways, kmh


def _fleet(stock: Stock) -> Fleet:
    if stock.kind.fleet is None:
        raise ValueError(f"{stock.kind.word} does not move")
    return stock.kind.fleet


def _tracks(stock: Stock) -> Tracks:
    if stock.placed.tracks is None:
        raise ValueError(f"{stock.kind.word} has no ways")
    return stock.placed.tracks
