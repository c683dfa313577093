"""Streets of the simulated city: a lattice around every town, and walks along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.simulator.facts import Line, LonLat, distance_km
from backend.simulator.ground import F64, I64, KM_LAT, KM_LON, Ground, draws

LINKS: Final = 60_000
"""At scale 1; domain 5, layer 12."""
ARTERIAL, STREET, COUNTY, NATIONAL, EXPRESSWAY = range(5)
CLASSES: Final = ("主干道", "支路", "县道", "国道", "高速")
SPEED_KMH: Final = np.array([44.0, 30.0, 52.0, 62.0, 96.0])
_ARTERIAL_EVERY: Final = 4
_JITTER: Final = 0.08
_LONG_KM: Final = 1.0
_FACT_CLASS: Final = {
    "expressway": EXPRESSWAY, "bridge": EXPRESSWAY, "road": NATIONAL, "county": COUNTY,
}  # fmt: skip
_NEAR, _FAR_KM = 3, 22.0
_EAST, _NORTH, _WEST, _SOUTH = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Nodes, and links between them.

    Shape: lon, lat, town (nodes,); beside (nodes, 4) the neighbour to the east, north, west and
        south, -1 for none; start, end, of_class, of_town (links,); line (links, 4) lon lat lon lat.
    """

    lon: F64
    lat: F64
    town: I64
    beside: I64
    line: F64
    of_class: I64
    of_town: I64
    names: tuple[str, ...]

    @property
    def length_km(self) -> F64:
        """Give each link's length."""
        line = self.line
        return np.hypot((line[:, 2] - line[:, 0]) * KM_LON, (line[:, 3] - line[:, 1]) * KM_LAT)


@dataclass(frozen=True, slots=True, eq=False)
class _Net:
    """One town's nodes and the pairs that are linked."""

    lon: F64
    lat: F64
    beside: I64
    column: I64
    row: I64


def lay(ground: Ground, lines: Sequence[Line], *, seed: int, scale: float) -> Streets:
    """Lay the streets of every town and the roads the tables name, so many links as planned."""
    want = round(LINKS * scale)
    long, long_class, names = _named(ground, [*lines, *_between(ground, seed, scale)])
    share = np.array([town.people for town in ground.towns]) ** 0.75
    size = np.bincount(ground.cell_town, minlength=share.size)
    share = np.where(size > 0, share, 0.0)
    per_town = np.ceil(share / share.sum() * max(0, want - len(long_class)) / 1.72).astype(int) + 4
    nets = [
        _net(ground, index, int(count), draws(seed, "streets", ground.towns[index].region))
        for index, count in enumerate(per_town)
    ]
    base = np.cumsum([0, *(net.lon.size for net in nets)])
    beside = np.concatenate(
        [
            np.where(net.beside >= 0, net.beside + at, -1)
            for net, at in zip(nets, base, strict=False)
        ]
    )
    lon, lat = (np.concatenate([getattr(net, name) for net in nets]) for name in ("lon", "lat"))
    town = np.repeat(np.arange(len(nets)), [net.lon.size for net in nets])
    start, side = np.nonzero(beside[:, [_EAST, _NORTH]] >= 0)
    end = beside[start, side]
    column, row = (np.concatenate([getattr(n, name) for n in nets]) for name in ("column", "row"))
    lane = np.where(side == 0, row[start], column[start])
    of_class = np.where(lane % _ARTERIAL_EVERY == 0, ARTERIAL, STREET)
    drop = draws(seed, "dropped").permutation(start.size)
    kept = np.sort(drop[: max(0, want - len(long_class))])
    line = np.column_stack([lon[start], lat[start], lon[end], lat[end]])[kept]
    words = [_STREETS[int(n)] for n in (lane[kept] * 2 + side[kept] + town[start[kept]]) % 36]
    middle = (long[:, :2] + long[:, 2:]) / 2
    return Streets(
        lon=lon,
        lat=lat,
        town=town,
        beside=beside,
        line=np.concatenate([line, long]),
        of_class=np.concatenate([of_class[kept], long_class]),
        of_town=np.concatenate([town[start[kept]], ground.town_at(middle[:, 0], middle[:, 1])]),
        names=(*words, *names),
    )


def walk(
    streets: Streets, draw: np.random.Generator, *, count: int, steps: int, starts: I64
) -> I64:
    """Walk so many ways of so many steps along the streets, mostly straight on.

    Shape: (count, steps + 1) node numbers; a way that cannot go on stays where it is.
    """
    way = np.empty((count, steps + 1), np.int64)
    way[:, 0] = starts
    heading = draw.integers(0, 4, count)
    for step in range(steps):
        at = way[:, step]
        chosen = np.full(count, -1, np.int64)
        turn = draw.random(count)
        quarter = np.where(turn < 0.5, 1, 3)
        wish = np.where(turn < 0.12, 1, np.where(turn > 0.88, 3, 0))
        for option in (wish, np.zeros_like(wish), quarter, 4 - quarter, np.full_like(wish, 2)):
            side = (heading + option) % 4
            open_ = (chosen < 0) & (streets.beside[at, side] >= 0)
            chosen = np.where(open_, side, chosen)
        heading = np.where(chosen >= 0, chosen, heading)
        way[:, step + 1] = np.where(chosen >= 0, streets.beside[at, heading], at)
    return way


def near(streets: Streets, lon: F64, lat: F64, town: I64) -> I64:
    """Give for each place a street node of its town, the nearest of some."""
    order = np.argsort(streets.town, kind="stable")
    low = np.searchsorted(streets.town[order], town, "left")
    high = np.searchsorted(streets.town[order], town, "right")
    best, least = np.zeros(lon.size, np.int64), np.full(lon.size, np.inf)
    for share in np.linspace(0, 0.999, 48):
        node = order[np.minimum(low + (share * (high - low)).astype(np.int64), order.size - 1)]
        far = ((streets.lon[node] - lon) * KM_LON) ** 2 + ((streets.lat[node] - lat) * KM_LAT) ** 2
        best, least = np.where(far < least, node, best), np.minimum(far, least)
    return best


def _net(ground: Ground, index: int, count: int, draw: np.random.Generator) -> _Net:
    """Lay one town's lattice from its centre outwards, on its own land only."""
    town = ground.towns[index]
    cells = int((ground.cell_town == index).sum())
    room_km2 = max(0.05, cells * 0.042)
    pitch_km = float(np.clip(0.92 * np.sqrt(0.62 * room_km2 / count), 0.11, 0.42))
    reach = int(np.ceil(np.sqrt(room_km2) / pitch_km * 1.3)) + 2
    turn = draw.normal(0, 0.22)
    side = np.arange(-reach, reach + 1)
    column, row = (axis.ravel() for axis in np.meshgrid(side, side))
    slip = draw.uniform(-_JITTER, _JITTER, (2, column.size))
    east, north = (column + slip[0]) * pitch_km, (row + slip[1]) * pitch_km
    lon = town.lon + (east * np.cos(turn) - north * np.sin(turn)) / KM_LON
    lat = town.lat + (east * np.sin(turn) + north * np.cos(turn)) / KM_LAT
    mine = np.flatnonzero(ground.town_at(lon, lat) == index)
    far = np.hypot(east[mine], north[mine]) / _lobes(np.arctan2(north[mine], east[mine]), draw)
    kept = mine[np.argsort(far, kind="stable")[:count]]
    numbers = np.full((side.size + 2, side.size + 2), -1, np.int64)
    at = (row[kept] + reach + 1, column[kept] + reach + 1)
    numbers[at] = np.arange(kept.size)
    beside = np.column_stack(
        [numbers[at[0] + up, at[1] + right] for right, up in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    )
    return _Net(lon[kept], lat[kept], beside.reshape(-1, 4), column[kept], row[kept])


def _lobes(angle: F64, draw: np.random.Generator) -> F64:
    """Let a town grow further in some directions than in others."""
    lobes = ((2, 0.30), (3, 0.22), (5, 0.12))
    turns = draw.random(len(lobes)) * 2 * np.pi
    waves = [size * np.cos(n * angle + t) for (n, size), t in zip(lobes, turns, strict=True)]
    reach: F64 = np.maximum(0.35, 1 + np.sum(waves, axis=0))
    return reach


def _between(ground: Ground, seed: int, scale: float) -> list[Line]:
    """Draw county roads from every town to the nearest others, a little bent."""
    lon, lat = (np.array([getattr(town, at) for town in ground.towns]) for at in ("lon", "lat"))
    far_km = np.hypot((lon[:, None] - lon) * KM_LON, (lat[:, None] - lat) * KM_LAT)
    near = np.argsort(far_km, axis=1)[:, 1 : 1 + round(_NEAR * min(1.0, 3 * scale))]
    pairs = sorted({(min(a, b), max(a, b)) for a in range(lon.size) for b in near[a].tolist()})
    draw = draws(seed, "county roads")
    bends = draw.normal(0, 0.08, len(pairs))
    return [
        Line(f"X{number:03d}", f"X{200 + number}县道", "county", _bent(start, end, bend))
        for number, ((a, b), bend) in enumerate(zip(pairs, bends, strict=True))
        for start, end in [((lon[a], lat[a]), (lon[b], lat[b]))]
        if far_km[a, b] < _FAR_KM
    ]


def _bent(start: LonLat, end: LonLat, bend: float) -> tuple[LonLat, ...]:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    side = (start[1] - end[1], end[0] - start[0])
    return start, (middle[0] + bend * side[0], middle[1] + bend * side[1]), end


def _named(ground: Ground, lines: Sequence[Line]) -> tuple[F64, npt.NDArray[np.int64], list[str]]:
    """Cut the roads of the tables into links of about a kilometre, those on our land."""
    found: list[tuple[float, float, float, float]] = []
    classes: list[int] = []
    names: list[str] = []
    for line in lines:
        for start, end in zip(line.points, line.points[1:], strict=False):
            parts = max(1, round(distance_km(start, end) / _LONG_KM))
            lon, lat = (np.linspace(start[axis], end[axis], parts + 1) for axis in (0, 1))
            dry = ground.town_at(lon, lat) >= 0
            middle = ground.town_at((lon[1:] + lon[:-1]) / 2, (lat[1:] + lat[:-1]) / 2)
            inside = (middle >= 0) & dry[1:] & dry[:-1]
            for i in np.flatnonzero(inside):
                found.append((lon[i], lat[i], lon[i + 1], lat[i + 1]))
                classes.append(_FACT_CLASS[line.kind])
                names.append(line.name)
    return np.array(found, np.float64).reshape(-1, 4), np.array(classes, np.int64), names


_STREETS: Final = (
    "人民路", "青年路", "工农路", "世纪大道", "通富路", "江海大道", "长江路", "黄海路", "解放路",
    "健康路", "建设路", "新胜路", "园林路", "外环路", "通京大道", "东方大道", "民主路", "中心路",
    "校西路", "段家坝路", "跃龙路", "孩儿巷", "濠北路", "城山路", "洪江路", "永兴大道", "通盛大道",
    "江通路", "星湖大道", "崇文路", "虹桥路", "钟秀路", "太平路", "通吕路", "启秀路", "濠阳路",
)  # fmt: skip
