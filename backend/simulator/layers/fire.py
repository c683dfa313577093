"""消防与安全生产: stations and engines, hydrants, watched places, high-rises, fires."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import WATER_USE, daily, few, to, under, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Fleet, Kind, LayerTable, Stock
from backend.simulator.people import pick, plates
from backend.simulator.places import at_kerbs, blocks, scatter

_ENGINES = ("水罐", "泡沫", "云梯", "抢险")
_CYCLE_MIN = 240.0


def _pressure_mpa(stock: Stock, at_s: float) -> F64:
    usual = 0.30 + 0.08 * stock.u[:, 0] - 0.07 * daily(WATER_USE, at_s)
    return to(np.where(few(stock, at_s, 9, hours=12), 0.04, usual), 2)


def _minutes(stock: Stock, at_s: float) -> F64:
    return np.floor((at_s / 60 + _CYCLE_MIN * stock.u[:, 0]) % _CYCLE_MIN)


def _burning(_stock: Stock, value: F64, _at_s: float) -> U8:
    return np.where(value < 18, 3, np.where(value < 55, 4, 0)).astype(np.uint8)


def _alarmed(stock: Stock, _value: F64, at_s: float) -> U8:
    return np.where(few(stock, at_s, 2, hours=1), 4, 0).astype(np.uint8)


LAYER = LayerTable(
    "fire",
    "消防与安全生产",
    "Fire & work safety",
    (
        Kind(
            "station", "FS", 96, "消防救援站", "Fire station", ("D54",), scatter(), period_s=60,
            value=lambda s, t: to(3 + 2 * s.u[:, 0] + 0.6 * wave(s, t, hours=4)),
            fields=lambda s: {"crew": to(14 + 26 * s.u[:, 1])}, fixed=True, official=True,
        ),
        Kind(
            "hydrant", "FH", 30_000, "消火栓", "Hydrant", ("D54",), at_kerbs, period_s=3_600,
            retell_s=14_400, value=_pressure_mpa, state=under((0.10, 4)), slip=1_000.0,
            fields=lambda _s: {"diameter_mm": 100},
        ),
        Kind(
            "three_in_one", "FT", 44_000, "三合一场所", "Three-in-one place", ("D54", "D36"),
            scatter(), value=lambda s, _t: np.ceil(4 * s.u[:, 0] ** 0.4 + 1e-9),
            state=lambda s, _v, t: np.where(few(s, t, 10, hours=24), 4, 0).astype(np.uint8),
            fields=lambda s: {"reasons": [[a] for a in pick(s, ("用电", "用水", "用气", "租赁"))]},
        ),
        Kind(
            "high_rise", "FR", 3_000, "高层建筑", "High-rise", ("D54", "D23"), blocks((28, 60)),
            period_s=60, retell_s=3_600, value=lambda s, _t: to(10 + 30 * s.u[:, 0] ** 2),
            state=_alarmed, fields=lambda _s: {"pumps": 2},
        ),
        Kind(
            "alarm", "FA", 9, "火警", "Fire", ("D54",), scatter(), period_s=60, fixed=True,
            value=_minutes, state=_burning,
            fields=lambda s: {"type": pick(s, ("居民火灾", "厂房火灾", "车辆火灾", "垃圾起火"))},
        ),
        Kind(
            "engine", "EN", 400, "消防车", "Fire engine", ("D54",), period_s=60,
            retell_s=600, value=lambda s, t: np.where(few(s, t, 22, hours=1), 0.0, 1.0),
            names=plates,
            fields=lambda s: {"plate": plates(s), "type": pick(s, _ENGINES)},
            fleet=Fleet(kmh=38, fix_s=10, shift=(7, 14), ways=200, steps=40),
        ),
    ),
)  # fmt: skip
