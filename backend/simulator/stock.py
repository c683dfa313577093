"""Make a kind's objects: places, lots, ids, and the feed that brings each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from backend.simulator.ground import I64, draws
from backend.simulator.kinds import COUNTIES, Kind, Placed, Stock, World
from backend.simulator.movers import park


def count_at(kind: Kind, scale: float) -> int:
    """Give how many objects of a kind a city of a scale has."""
    return kind.count if kind.fixed else max(1, round(kind.count * scale))


def make(layer: str, kind: Kind, world: World) -> Stock:
    """Make the objects of a kind; the same seed gives the same ones."""
    count = count_at(kind, world.scale)
    draw = draws(world.seed, layer, kind.word, "where")
    if kind.fleet is not None:
        placed = park(world, kind.fleet, draw, count)
    elif kind.where is not None:
        placed = kind.where(world, draw, count)
    else:
        raise ValueError(f"{layer}/{kind.word} is nowhere")
    size = placed.lon.size
    ids = pa.array([f"SIM-{kind.code}{number:05d}" for number in range(size)], pa.string())
    return Stock(
        layer=layer,
        kind=kind,
        world=world,
        placed=placed,
        u=draws(world.seed, layer, kind.word, "lot").random((size, 4)),
        ids=ids,
        owner=_owners(kind, world, placed.town),
        first=0,
        total=size,
    )


def run_of(stock: Stock, low: int, high: int) -> Stock:
    """Give the objects from one number up to another as a stock of their own."""
    placed, rows = stock.placed, np.arange(low, min(high, stock.size))
    part = Placed(
        placed.lon[rows],
        placed.lat[rows],
        placed.town[rows],
        placed.shapes.take(rows, stock.size),
        {key: column[rows] for key, column in placed.more.items()},
    )
    return replace(
        stock,
        placed=part,
        u=stock.u[rows],
        ids=stock.ids.slice(low, rows.size),
        owner=stock.owner[rows],
        first=stock.first + low,
    )


def owners_of(kind: Kind, world: World) -> tuple[tuple[str, str], ...]:
    """Give (region, department) of each feed that brings a kind."""
    if kind.owners[0] == COUNTIES:
        codes = dict.fromkeys(town.county for town in world.ground.towns)
        return tuple((code, kind.owners[1]) for code in codes)
    return tuple(("3206", department) for department in kind.owners)


def _owners(kind: Kind, world: World, town: I64) -> I64:
    if kind.owners[0] != COUNTIES:
        return np.arange(town.size) % len(kind.owners)
    codes = [code for code, _department in owners_of(kind, world)]
    of_town = np.array([codes.index(one.county) for one in world.ground.towns])
    return of_town[town]
