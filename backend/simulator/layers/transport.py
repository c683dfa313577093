"""交通: road links by congestion, crossings, stops, car parks, buses, taxis, coaches, lorries."""

from __future__ import annotations

from typing import Final

import numpy as np

from backend.simulator.curves import RUSH, daily, few, local_hour, over, to, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Fleet, Kind, LayerTable, Stock
from backend.simulator.people import pick, plates
from backend.simulator.places import at_crossings, at_kerbs, at_water, in_counties, links, scatter
from backend.simulator.streets import CLASSES, SPEED_KMH

_BASE: Final = np.array(
    [1.7, 0.8, 0.9, 1.4, 0.9]
)  # by class of road: quiet index, rise at rush hour
_RISE: Final = np.array([2.6, 1.2, 1.0, 1.8, 1.0])
_CYCLE_MIN: Final = 70.0


def _index(stock: Stock, at_s: float) -> F64:
    """Give the congestion index 0 to 10 of every link, in steps of 0.2."""
    of_class = stock.world.streets.of_class[stock.number]
    busy = daily(RUSH, at_s)
    found = _BASE[of_class] + _RISE[of_class] * busy * (0.35 + stock.u[:, 0])
    found += 0.35 * wave(stock, at_s, hours=1.1, lot=1)
    jam = few(stock, at_s, 14 + 60 * busy, hours=0.8)
    return to(np.clip(np.where(jam, 6.3 + 2.2 * stock.u[:, 2], found), 0, 10) * 5) / 5


def _delay_min(stock: Stock, at_s: float) -> F64:
    usual = 5 * daily(RUSH, at_s) * stock.u[:, 0] - 1 + 1.5 * wave(stock, at_s, hours=1, lot=1)
    return to(np.where(few(stock, at_s, 5, hours=0.7), 12.0, usual))


def _free(stock: Stock, at_s: float) -> F64:
    spaces = to(40 + 500 * stock.u[:, 1] ** 2)
    day = np.sin(np.pi * np.clip((local_hour(at_s) - 6) / 15, 0, 1))
    share = 0.75 - 0.5 * day * stock.u[:, 0] + 0.06 * wave(stock, at_s, hours=1.5, lot=2)
    return to(spaces * np.clip(share, 0.02, 0.95))


def _open_min(stock: Stock, at_s: float) -> F64:
    return np.floor((at_s / 60 + _CYCLE_MIN * stock.u[:, 0]) % _CYCLE_MIN)


def _blocking(stock: Stock, value: F64, _at_s: float) -> U8:
    grave = np.where(stock.u[:, 1] < 0.15, 3, 4)
    return np.where(value < 40, grave, 0).astype(np.uint8)


LAYER = LayerTable(
    "transport",
    "交通",
    "Transport",
    (
        Kind(
            "road", "RD", 60_000, "路段", "Road link", ("D26", "D16"), links, period_s=120,
            retell_s=1_800, value=_index, state=over((8, 3), (6, 4)),
            names=lambda s: [s.world.streets.names[n] for n in s.number.tolist()],
            fields=lambda s: {
                "class": [CLASSES[i] for i in s.world.streets.of_class[s.number].tolist()],
                "length_m": to(s.placed.more["length_km"].astype(np.float64) * 1000),
                "speed_limit_kmh": SPEED_KMH[s.world.streets.of_class[s.number]] + 10,
            },
        ),
        Kind(
            "junction", "JN", 3_200, "信号路口", "Junction", ("D16",), at_crossings, period_s=300,
            retell_s=1_800, state=lambda s, _v, t: np.where(few(s, t, 3), 4, 0).astype(np.uint8),
            value=lambda s, t: to(12 + 90 * daily(RUSH, t) * s.u[:, 0] ** 2, -1),
        ),
        Kind(
            "bus_stop", "BS", 6_000, "公交站", "Bus stop", ("D26",), at_kerbs,
            value=lambda s, _t: np.ceil(7 * s.u[:, 0] ** 2 + 1e-9),
        ),
        Kind(
            "metro", "ME", 45, "地铁站", "Metro station", ("D26",),
            in_counties("320613", "320671"), period_s=60,
            value=lambda s, t: to(1_900 * daily(RUSH, t) * (0.3 + s.u[:, 0])),
            state=over((2_400, 4)), fixed=True, official=True,
        ),
        Kind(
            "port", "PO", 24, "港区码头", "Port", ("D64", "D58"), at_water, period_s=900,
            value=lambda s, t: to(2 + 5 * s.u[:, 0] + wave(s, t, hours=15)), fixed=True,
            official=True,
        ),
        Kind(
            "parking", "PA", 3_000, "停车场", "Car park", ("D26", "D25"), scatter(), period_s=60,
            retell_s=900, value=_free,
            fields=lambda s: {"spaces": to(40 + 500 * s.u[:, 1] ** 2)},
        ),
        Kind(
            "incident", "TI", 12, "交通事件", "Traffic incident", ("D16",), at_kerbs, period_s=60,
            value=_open_min, state=_blocking, fixed=True,
            fields=lambda s: {"type": pick(s, ("追尾", "抛锚", "施工占道", "剐蹭"), 2)},
        ),
        Kind(
            "bus", "BU", 4_000, "公交车", "Bus", ("D26",), period_s=300, retell_s=1_800,
            value=_delay_min, state=over((10, 4)), names=plates,
            fields=lambda s: {
                "plate": plates(s), "line": [f"{1 + n % 180}路" for n in s.number.tolist()]
            },
            fleet=Fleet(kmh=23, fix_s=12, shift=(5.5, 16.5), ways=180, steps=70),
        ),
        Kind(
            "taxi", "TX", 5_000, "出租车", "Taxi", ("D26",), period_s=300,
            retell_s=1_800, names=plates,
            value=lambda s, t: np.where(wave(s, t, hours=0.9) > 0.1, 1.0, 0.0),
            fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=31, fix_s=12, shift=(6, 20), ways=1_200, steps=80),
        ),
        Kind(
            "coach", "CH", 1_600, "客运车", "Coach", ("D26",), names=plates,
            fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=74, fix_s=15, shift=(6, 14), ways=120, steps=0),
        ),
        Kind(
            "lorry", "LO", 4_000, "重型货车", "Heavy lorry", ("D26",), names=plates,
            fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=66, fix_s=15, shift=(5, 18), ways=240, steps=0),
        ),
    ),
)  # fmt: skip
