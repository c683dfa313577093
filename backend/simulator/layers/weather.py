"""气象: rain echoes on a grid over the city, weather stations, a warning in force now and then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np

from backend.simulator.curves import HOUR_S, daily, to, wave
from backend.simulator.gauges import rain_mm_h
from backend.simulator.ground import F64
from backend.simulator.kinds import Kind, LayerTable, Placed, Stock, World
from backend.simulator.places import blocks, even, scatter
from backend_client.contract.shapes import AREA

_WINDOW: Final = (120.20, 31.63, 122.00, 32.74)
_COLUMNS: Final = 36
_ROWS: Final = 26
_WARM: Final = (
    .1, .05, 0, 0, 0, .1, .2, .35, .5, .65, .8, .9, .95, 1, 1, .95, .9, .8, .65, .5, .4, .3,
    .25, .15,
)  # fmt: skip
_WARNING_H: Final = 12.0


def _grid(world: World, _draw: np.random.Generator, _count: int) -> Placed:
    """Cover city, river mouth and near sea with cells of five kilometres."""
    west, south, east, north = _WINDOW
    x, y = np.linspace(west, east, _COLUMNS + 1), np.linspace(south, north, _ROWS + 1)
    left, low = (part.ravel() for part in np.meshgrid(x[:-1], y[:-1]))
    right, high = left + (x[1] - x[0]), low + (y[1] - y[0])
    lon = np.stack([left, right, right, left, left], axis=1)
    lat = np.stack([low, low, high, high, low], axis=1)
    middle = ((left + right) / 2, (low + high) / 2)
    town = world.ground.nearest(*middle)
    return Placed(*middle, town, even(AREA, np.stack([lon, lat], axis=2)))


def _echo_mm_h(stock: Stock, at_s: float) -> F64:
    """Give the rain the gauges below would measure: one sky over the whole city."""
    at = datetime.fromtimestamp(at_s // 360 * 360, UTC)
    places = zip(stock.placed.lon.tolist(), stock.placed.lat.tolist(), strict=True)
    found = [rain_mm_h(stock.world.seed, place, at) for place in places]
    return to(np.array(found), 1)


def _wind_ms(stock: Stock, at_s: float) -> F64:
    return to(3.5 + 2.5 * daily(_WARM, at_s) + 1.5 * wave(stock, at_s, hours=7), 1)


def _colour(stock: Stock, at_s: float) -> F64:
    """Give the colour in force: 1 red to 4 blue, none as NaN; blue wind by turns, else nothing."""
    turn = np.floor(at_s / (_WARNING_H * HOUR_S) + 3 * stock.u[:, 0])
    return np.where(turn % 3 == 0, 4.0, np.nan)


LAYER = LayerTable(
    "weather",
    "气象",
    "Weather",
    (
        Kind(
            "echo", "WE", _COLUMNS * _ROWS, "降雨回波", "Rain echo", ("D55",), _grid,
            period_s=360, fixed=True, value=_echo_mm_h, official=True,
        ),
        Kind(
            "station", "WS", 96, "气象站", "Weather station", ("D55",), scatter("even"),
            period_s=600, fixed=True, official=True, value=_wind_ms,
            fields=lambda s: {"wind_deg": to(360 * s.u[:, 1]), "temp_c": to(14 + 6 * s.u[:, 2], 1)},
        ),
        Kind(
            "warning", "WW", 3, "大风预警区域", "Gale warning area", ("D55",),
            blocks((16_000, 24_000), 14, "even"), period_s=600, fixed=True, official=True,
            value=_colour, fields=lambda _s: {"hazard": "大风", "colour": "蓝色"},
        ),
    ),
)  # fmt: skip
