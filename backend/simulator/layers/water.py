"""水利防汛, what the gauges and gates leave out: polder sluices, pumps, dikes, wells, boats."""

from __future__ import annotations

import numpy as np
import shapely

from backend.simulator.curves import few, to, under, wave
from backend.simulator.ground import F64, KM_LAT, KM_LON
from backend.simulator.kinds import U8, Fleet, Kind, LayerTable, Placed, Stock, World
from backend.simulator.people import names, pick
from backend.simulator.places import even, scatter
from backend_client.contract.shapes import LINE

_SECTION_KM = 2.0
_POINTS = 9
_SHORE_DEG = 0.004
_BANK_DEG = 0.0008


def _dikes(world: World, _draw: np.random.Generator, count: int) -> Placed:
    """Cut dikes of two kilometres from the shore, then along the named canals on both banks."""
    sections = [*_shore_sections(world), *_bank_sections(world)]
    step = max(1.0, len(sections) / count)
    chosen = [sections[int(i * step)] for i in range(min(count, len(sections)))]
    points = np.array(chosen)
    middle = points[:, _POINTS // 2]
    town = world.ground.nearest(middle[:, 0], middle[:, 1])
    return Placed(middle[:, 0], middle[:, 1], town, even(LINE, points))


def _shore_sections(world: World) -> list[F64]:
    city = shapely.union_all(list(world.ground.areas.values()))
    outer = shapely.simplify(shapely.boundary(world.ground.land), 0.001)
    ours = shapely.intersection(outer, shapely.buffer(city, _SHORE_DEG))
    merged = shapely.line_merge(ours) if ours.geom_type == "MultiLineString" else ours
    return [part for line in shapely.get_parts(merged) for part in _cut(np.asarray(line.coords))]


def _bank_sections(world: World) -> list[F64]:
    banks = [
        np.array(line.points) + side * _BANK_DEG for line in world.facts.canals for side in (-1, 1)
    ]
    found = [part for bank in banks for part in _cut(bank)]
    middle = np.array([part[_POINTS // 2] for part in found])
    dry = world.ground.town_at(middle[:, 0], middle[:, 1]) >= 0
    return [part for part, is_dry in zip(found, dry.tolist(), strict=True) if is_dry]


def _cut(points: F64) -> list[F64]:
    """Cut a line into sections of two kilometres, each of nine points."""
    step = np.hypot(np.diff(points[:, 0]) * KM_LON, np.diff(points[:, 1]) * KM_LAT)
    at = np.concatenate([[0.0], np.cumsum(step)])
    found = []
    for number in range(int(at[-1] // _SECTION_KM)):
        want = np.linspace(number * _SECTION_KM, (number + 1) * _SECTION_KM, _POINTS)
        lon, lat = (np.interp(want, at, points[:, axis]) for axis in (0, 1))
        found.append(np.column_stack([lon, lat]))
    return found


def _freeboard_m(stock: Stock, at_s: float) -> F64:
    usual = 2.2 + 1.4 * stock.u[:, 0] + 0.45 * wave(stock, at_s, hours=12.4)
    return to(np.where(few(stock, at_s, 2, hours=3), 0.9, usual), 1)


def _broken(stock: Stock, _value: F64, at_s: float) -> U8:
    return np.where(few(stock, at_s, 2, hours=5, salt=3), 4, 0).astype(np.uint8)


LAYER = LayerTable(
    "water",
    "水利防汛",
    "Water & flood",
    (
        Kind(
            "small_sluice", "WS", 2_084, "圩口闸", "Polder sluice", ("D27", "D28"), scatter("even"),
            period_s=300, retell_s=900, state=_broken,
            value=lambda s, t: to(np.maximum(0, 0.9 * wave(s, t, hours=18)) * s.u[:, 1], 1),
            fields=lambda s: {"leader": names(s, 1)},
        ),
        Kind(
            "pump_station", "WP", 60, "排涝泵站", "Drain pump", ("D27",), scatter("even"),
            period_s=300, state=_broken, fixed=True,
            value=lambda s, t: to(np.maximum(0, 8 * wave(s, t, hours=16) - 4) * s.u[:, 1], 1),
            fields=lambda s: {"capacity_m3s": to(4 + 26 * s.u[:, 2])},
        ),
        Kind(
            "dike", "WD", 750, "堤防", "Dike section", ("D27",), _dikes, period_s=300,
            retell_s=900, value=_freeboard_m, state=under((0.5, 3), (1.0, 4)), fixed=True,
            slip=100.0,
            fields=lambda s: {"grade": pick(s, ("2级", "3级", "4级")), "leader": names(s, 1)},
        ),
        Kind(
            "groundwater", "WG", 60, "地下水位井", "Groundwater well", ("D56",), scatter("even"),
            period_s=3_600, fixed=True, slip=100.0,
            value=lambda s, t: to(2.4 + 3 * s.u[:, 0] + 0.1 * wave(s, t, hours=70), 2),
        ),
        Kind(
            "patrol_boat", "WB", 400, "巡查艇", "Patrol boat", ("D57", "D60"),
            fleet=Fleet(kmh=14, fix_s=30, shift=(6, 13), ways=60, steps=0, water=True),
        ),
    ),
)  # fmt: skip
