"""Ways to put a kind's objects somewhere: among people, along streets, in blocks, in cells."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

from backend.simulator.ground import (
    CELL_DEG,
    F64,
    I64,
    KM_LAT,
    KM_LON,
    Ground,
    Sites,
    Spread,
    draws,
)
from backend.simulator.kinds import Placed, Where, World
from backend.simulator.streets import walk
from backend_client.contract.columns import E7
from backend_client.contract.shapes import AREA, LINE, Shapes

_KERB_M: Final = 9.0


def scatter(spread: Spread = "people") -> Where:
    """Put points where people live, or evenly."""

    def where(world: World, draw: np.random.Generator, count: int) -> Placed:
        sites = world.ground.scatter(draw, count, spread)
        return Placed(sites.lon, sites.lat, sites.town)

    return where


def in_counties(*codes: str) -> Where:
    """Put points where people live in some counties."""

    def where(world: World, draw: np.random.Generator, count: int) -> Placed:
        mine = np.array([town.county in codes for town in world.ground.towns])
        sites = world.ground.scatter(draw, max(400, count * 40))
        kept = np.flatnonzero(mine[sites.town])[:count]
        return Placed(sites.lon[kept], sites.lat[kept], sites.town[kept])

    return where


def at_water(world: World, draw: np.random.Generator, count: int) -> Placed:
    """Put points on the bank: of many places the nearest to the shore."""
    sites = world.ground.scatter(draw, 60 * count, "even")
    shore = shapely.boundary(world.ground.land)
    far = shapely.distance(shapely.points(sites.lon, sites.lat), shore)
    kept = np.argsort(far, kind="stable")[:count]
    return Placed(sites.lon[kept], sites.lat[kept], sites.town[kept])


def at_seats(world: World, _draw: np.random.Generator, count: int) -> Placed:
    """Put one point into the largest town of every county."""
    towns = world.ground.towns
    seats = {town.county: index for index, town in reversed(list(enumerate(towns)))}
    for index, town in enumerate(towns):
        if town.people > towns[seats[town.county]].people:
            seats[town.county] = index
    chosen = np.array(list(seats.values()))[:count]
    lon, lat = (np.array([getattr(towns[i], at) for i in chosen]) for at in ("lon", "lat"))
    return Placed(lon, lat, chosen)


def at_kerbs(world: World, draw: np.random.Generator, count: int) -> Placed:
    """Put points beside the streets."""
    streets = world.streets
    total = np.cumsum(streets.length_km)
    link = np.searchsorted(total, draw.random(count) * total[-1])
    share, side = draw.random(count), draw.choice((-1.0, 1.0), count)
    line = streets.line[link]
    east, north = (line[:, 2] - line[:, 0]) * KM_LON, (line[:, 3] - line[:, 1]) * KM_LAT
    length = np.maximum(np.hypot(east, north), 1e-6)
    off_km = side * (_KERB_M + 4 * draw.random(count)) / 1000
    lon = line[:, 0] + share * (line[:, 2] - line[:, 0]) - north / length * off_km / KM_LON
    lat = line[:, 1] + share * (line[:, 3] - line[:, 1]) + east / length * off_km / KM_LAT
    town = world.ground.town_at(lon, lat)
    return Placed(lon, lat, np.where(town >= 0, town, streets.of_town[link]))


def at_crossings(world: World, draw: np.random.Generator, count: int) -> Placed:
    """Put points on street crossings, those with most arms first."""
    streets = world.streets
    arms = (streets.beside >= 0).sum(axis=1) + draw.random(streets.lon.size)
    node = np.argsort(-arms)[:count]
    return Placed(streets.lon[node], streets.lat[node], streets.town[node])


def blocks(width_m: tuple[float, float], corners: int = 4, spread: Spread = "people") -> Where:
    """Put areas of some corners: four make a building or an estate, more a park."""

    def where(world: World, draw: np.random.Generator, count: int) -> Placed:
        sites = world.ground.scatter(draw, count, spread)
        reach_m = draw.uniform(*width_m, count) / 2
        return Placed(
            sites.lon, sites.lat, sites.town, rings(sites, reach_m, corners, draw),
            {"reach_m": reach_m},
        )  # fmt: skip

    return where


def rings(sites: Sites, reach_m: F64, corners: int, draw: np.random.Generator) -> Shapes:
    """Draw closed rings around places, each turned and uneven in its own way."""
    count = sites.lon.size
    turn = draw.random((count, 1)) * np.pi
    if corners == 4:
        flat = draw.uniform(0.35, 0.9, (count, 1))
        x = np.array([[-1.0, 1.0, 1.0, -1.0]]) * np.ones((count, 1))
        y = np.array([[-1.0, -1.0, 1.0, 1.0]]) * flat
    else:
        angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        far = draw.uniform(0.75, 1.0, (count, corners))
        x, y = np.cos(angle) * far, np.sin(angle) * far
    east = (x * np.cos(turn) - y * np.sin(turn)) * reach_m[:, None] / 1000 / KM_LON
    north = (x * np.sin(turn) + y * np.cos(turn)) * reach_m[:, None] / 1000 / KM_LAT
    lon, lat = sites.lon[:, None] + east, sites.lat[:, None] + north
    return even(AREA, np.stack([np.c_[lon, lon[:, :1]], np.c_[lat, lat[:, :1]]], axis=2))


def even(form: int, points: npt.NDArray[np.float64]) -> Shapes:
    """Write shapes of one part and equally many points.

    Shape: points (n, k, 2) lon, lat in degrees.
    """
    count, size, _two = points.shape
    body = np.rint(points * E7).astype(np.int32).reshape(count, size * 2)
    head = np.tile(np.array([form, 1, size], np.int32), (count, 1))
    data = np.concatenate([head, body], axis=1)
    at = np.arange(count + 1, dtype=np.uint32) * np.uint32(data.shape[1])
    return Shapes(at, data.ravel())


def ragged(form: int, parts: list[list[F64]]) -> Shapes:
    """Write shapes of any parts, each (k, 2) lon, lat in degrees."""
    rows = []
    for one in parts:
        head = np.array([form, len(one), *(len(part) for part in one)], np.int32)
        body = [np.rint(part * E7).astype(np.int32).ravel() for part in one]
        rows.append(np.concatenate([head, *body]))
    lengths = np.array([row.size for row in rows], np.int64)
    at = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
    return Shapes(at, np.concatenate(rows) if rows else np.empty(0, np.int32))


def links(world: World, _draw: np.random.Generator, count: int) -> Placed:
    """Put the streets' own links, as lines."""
    line = world.streets.line[:count]
    return Placed(
        (line[:, 0] + line[:, 2]) / 2,
        (line[:, 1] + line[:, 3]) / 2,
        world.streets.of_town[:count],
        even(LINE, line.reshape(-1, 2, 2)),
        {"length_km": world.streets.length_km[:count]},
    )


def runs(steps: int) -> Where:
    """Put lines that follow some street links, as pipes and cables do."""

    def where(world: World, draw: np.random.Generator, count: int) -> Placed:
        streets = world.streets
        start = draw.integers(0, streets.lon.size, count)
        way = walk(streets, draw, count=count, steps=steps, starts=start)
        slip = draw.normal(0, 6.0, (count, 1)) / 1000
        lon, lat = streets.lon[way] + slip / KM_LON, streets.lat[way] + slip / KM_LAT
        length = np.hypot(np.diff(lon) * KM_LON, np.diff(lat) * KM_LAT).sum(axis=1)
        middle = way[:, steps // 2]
        return Placed(
            streets.lon[middle], streets.lat[middle], streets.town[middle],
            even(LINE, np.stack([lon, lat], axis=2)), {"length_km": length},
        )  # fmt: skip

    return where


def cells(world: World, _draw: np.random.Generator, count: int) -> Placed:
    """Cut every town's land into cells that do not overlap, more where more people live."""
    return _tiled(world.ground, world.seed, count)


def _tiled(ground: Ground, seed: int, count: int) -> Placed:
    weight = np.array([town.people for town in ground.towns]) ** 0.8
    weight *= np.bincount(ground.cell_town, minlength=weight.size) > 0
    per_town = _apportion(weight, count)
    parts: list[list[F64]] = []
    anchors: list[tuple[float, float]] = []
    town_of: list[int] = []
    areas = town_areas(ground)
    for index in np.flatnonzero(per_town):
        draw = draws(seed, "cells", ground.towns[index].region)
        for cell in _cells_of(ground, int(index), areas[index], int(per_town[index]), draw):
            point = shapely.point_on_surface(cell)
            anchors.append((point.x, point.y))
            parts.append(_rings_of(cell))
            town_of.append(int(index))
    places = np.array(anchors)
    return Placed(places[:, 0], places[:, 1], np.array(town_of), ragged(AREA, parts))


def _apportion(weight: F64, count: int) -> I64:
    """Share a count out by weight so that the parts sum up to it, nobody with weight left out."""
    exact = weight / weight.sum() * count
    given: I64 = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - given))[: count - int(given.sum())]
    given[rest] += 1
    return given


def _cells_of(
    ground: Ground, index: int, area: Geometry, count: int, draw: np.random.Generator
) -> list[Geometry]:
    if count == 1:
        return [area]
    mine = np.flatnonzero(ground.cell_town == index)
    slip = draw.uniform(-0.4, 0.4, (2, mine.size)) * CELL_DEG
    lon, lat = ground.cell_lon[mine] + slip[0], ground.cell_lat[mine] + slip[1]
    shapely.prepare(area)
    inside = np.flatnonzero(shapely.contains_xy(area, lon, lat))
    people = ground.people[mine[inside]] ** 0.6
    chosen = draw.choice(inside, count, replace=False, p=people / people.sum())
    return [shapely.intersection(cell, area) for cell in _nearness(lon[chosen], lat[chosen], area)]


def _nearness(lon: F64, lat: F64, area: Geometry) -> list[Geometry]:
    """Give for each point what is nearer to it than to the others, on the ground."""
    squeeze = KM_LON / KM_LAT
    points = shapely.MultiPoint(np.c_[lon * squeeze, lat])
    reach = shapely.transform(area, lambda xy: xy * (squeeze, 1.0))
    found = shapely.voronoi_polygons(points, extend_to=reach, ordered=True)
    return [
        shapely.make_valid(shapely.transform(cell, lambda xy: xy / (squeeze, 1.0)))
        for cell in shapely.get_parts(found)
    ]


def town_areas(ground: Ground) -> list[Geometry]:
    """Give each town's land: what of its county is nearest to it, zones as discs."""
    outer = {"320671": "320613"}
    inner = {
        index: shapely.Point(town.lon, town.lat)
        for index, town in enumerate(ground.towns)
        if town.county not in ground.areas and town.county not in outer
    }
    zones = {index: _disc(point, ground.zone_km(index)) for index, point in inner.items()}
    areas: list[Geometry] = [shapely.Polygon()] * len(ground.towns)
    for code, area in ground.areas.items():
        for index, disc in zones.items():
            areas[index] = shapely.union(areas[index], shapely.intersection(disc, area))
            area = shapely.difference(area, disc)  # noqa: PLW2901  what is left for the towns
        mine = [
            index
            for index, town in enumerate(ground.towns)
            if outer.get(town.county, town.county) == code
        ]
        lon, lat = (np.array([getattr(ground.towns[i], at) for i in mine]) for at in ("lon", "lat"))
        for index, cell in zip(mine, _nearness(lon, lat, area), strict=True):
            areas[index] = shapely.intersection(cell, area)
    return areas


def _disc(point: Geometry, radius_km: float) -> Geometry:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    lon = point.x + radius_km / KM_LON * np.cos(angle)
    return shapely.Polygon(np.c_[lon, point.y + radius_km / KM_LAT * np.sin(angle)])


def _rings_of(area: Geometry) -> list[F64]:
    return [
        np.asarray(ring.coords)
        for part in shapely.get_parts(area)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
