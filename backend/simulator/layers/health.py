"""医疗卫生: hospitals with beds, clinics, ambulances and their stations, blood, isolation sites."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, over, to, under, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Fleet, Kind, LayerTable, Stock
from backend.simulator.people import pick, plates
from backend.simulator.places import blocks, scatter


def _beds(stock: Stock) -> F64:
    return to(60 + 1_500 * stock.u[:, 1] ** 3)


def _free(stock: Stock, at_s: float) -> F64:
    share = 0.13 + 0.16 * stock.u[:, 0] + 0.03 * wave(stock, at_s, hours=22, lot=2)
    share = np.where(few(stock, at_s, 3, hours=6), 0.02, share)
    return to(_beds(stock) * share)


def _crowded(stock: Stock, value: F64, _at_s: float) -> U8:
    share = value / _beds(stock)
    return np.where(share < 0.01, 3, np.where(share < 0.03, 4, 0)).astype(np.uint8)


def _response_min(stock: Stock, at_s: float) -> F64:
    usual = 7.5 + 3.5 * stock.u[:, 0] + 1.5 * wave(stock, at_s, hours=1.3)
    return to(np.where(few(stock, at_s, 1.5, hours=1), 16.5, usual), 1)


LAYER = LayerTable(
    "health",
    "医疗卫生",
    "Health",
    (
        Kind(
            "hospital", "HO", 210, "医院", "Hospital", ("D31",), scatter(), period_s=900,
            value=_free, state=_crowded, fixed=True, official=True,
            fields=lambda s: {
                "level": pick(s, ("二级", "二级", "三级"), 3), "beds_total": _beds(s),
                "icu_total": to(_beds(s) * 0.04),
            },
        ),
        Kind(
            "clinic", "CL", 3_180, "社区卫生服务站", "Clinic", ("D31",), scatter(),
            value=lambda s, _t: to(2 + 8 * s.u[:, 0]), official=True,
        ),
        Kind(
            "station_120", "HA", 60, "急救站", "Ambulance station", ("D31",), scatter(),
            period_s=60, value=_response_min, state=over((15, 4)), fixed=True, official=True,
        ),
        Kind(
            "blood", "BL", 12, "献血点", "Blood site", ("D31",), scatter(), period_s=900,
            fixed=True, value=lambda s, t: to(6 + 4 * s.u[:, 0] + wave(s, t, hours=40), 1),
            state=under((2, 3), (3, 4)), official=True,
        ),
        Kind(
            "isolation", "IS", 38, "医学观察点", "Isolation site", ("D31",), blocks((160, 300)),
            period_s=900, fixed=True, official=True,
            value=lambda s, t: np.maximum(0, to(3 * s.u[:, 0] + 3 * wave(s, t, hours=30))),
            fields=lambda s: {"capacity": to(40 + 120 * s.u[:, 1])},
        ),
        Kind(
            "ambulance", "AM", 250, "救护车", "Ambulance", ("D31",), period_s=60,
            retell_s=600, value=lambda s, t: np.where(few(s, t, 34, hours=0.7), 0.0, 1.0),
            names=plates, fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=42, fix_s=10, ways=125, steps=40),
        ),
    ),
)  # fmt: skip
