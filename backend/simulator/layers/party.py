"""党建引领: command centres with their double leaders, service points, volunteers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backend.simulator.curves import few, local_hour, to, wave
from backend.simulator.facts import FOLDER, read_rows
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Column, Kind, LayerTable, Placed, Stock, World
from backend.simulator.people import names
from backend.simulator.places import scatter

_CENTRES = 96
_CITY_SEAT = (120.894, 31.981)


def _seats(world: World, _draw: np.random.Generator, count: int) -> Placed:
    """Seat one centre for the city, one per county, and in the townships we chose."""
    towns = world.ground.towns
    units = [(float(r["lon_wgs84_approx"]), float(r["lat_wgs84_approx"])) for r in _units()]
    real = [i for i, town in enumerate(towns) if town.region != town.county]
    rank = sorted(real, key=lambda i: -towns[i].people)[: count - 1 - len(units)]
    places = [_CITY_SEAT, *units, *((towns[i].lon, towns[i].lat) for i in rank)]
    lon, lat = np.array(places).T
    near = world.ground.nearest(lon, lat)
    near[-len(rank) :] = rank
    return Placed(lon, lat, near, more={"rank": np.arange(count)})


def _units() -> list[dict[str, str]]:
    return read_rows(FOLDER / "county_units.csv")


def _seat_names(stock: Stock) -> list[str]:
    units = [row["name"] for row in _units()]
    towns = stock.towns("name")[1 + len(units) :]
    return [f"{name}指挥中心（演示）" for name in ("南通市", *units, *towns)]


def _leaders(stock: Stock, at_s: float) -> F64:
    day = 7.5 <= local_hour(at_s) <= 18.5
    present = np.where(stock.u[:, 0] < (0.97 if day else 0.25), 2.0, 1.0)
    return np.where(few(stock, at_s, 1.2, hours=1.0), 0.0, present)


def _centre_fields(stock: Stock) -> Mapping[str, Column]:
    rank = stock.number
    counties = len(_units())
    level = np.where(rank == 0, "city", np.where(rank <= counties, "county", "town"))
    return {
        "level": level,
        "secretary": names(stock, 1),
        "leaders": [[one, two] for one, two in zip(names(stock, 2), names(stock, 3), strict=True)],
        "chosen": "96 个镇街中心为演示选取 / the 96 town centres are our choice",
    }


def _nobody(_stock: Stock, value: F64, _at_s: float) -> U8:
    return np.where(value < 1, 4, 0).astype(np.uint8)


LAYER = LayerTable(
    "party",
    "党建引领",
    "Party-led grassroots",
    (
        Kind(
            "command_centre", "CC", 1 + 10 + _CENTRES, "指挥中心", "Command centre", ("D41",),
            _seats, period_s=300, value=_leaders, state=_nobody, fields=_centre_fields,
            fixed=True, names=_seat_names,
        ),
        Kind(
            "service_point", "PS", 9_393, "党群服务点", "Party service point", ("D03",),
            scatter(), value=lambda s, _t: to(12 + 90 * s.u[:, 0] ** 2),
            fields=lambda s: {"secretary": names(s, 1)}, official=True,
        ),
        Kind(
            "volunteer_team", "VT", 2_000, "志愿服务队", "Volunteer team",
            ("D09", "D50", "D49", "D51"), scatter(), period_s=3_600,
            value=lambda s, t: to((6 + 24 * s.u[:, 0]) * (1 + 0.3 * wave(s, t, hours=30))),
            fields=lambda s: {"leader": names(s, 1), "members": to(20 + 60 * s.u[:, 1])},
        ),
        Kind(
            "double_report", "DR", 500, "双报到单位", "Double-report unit",
            (
                "D10", "D01", "D02", "D04", "D05", "D07", "D08", "D11", "D18", "D32", "D34",
                "D35", "D38", "D40", "D43", "D45", "D46",
            ),
            scatter(), value=lambda s, _t: to(4 + 40 * s.u[:, 0]), official=True,
        ),
    ),
)  # fmt: skip
