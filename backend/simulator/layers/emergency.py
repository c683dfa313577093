"""应急管理: teams, depots, shelters, risk spots, incidents, warned areas, evacuation routes."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, to, under
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Fleet, Kind, LayerTable, Stock
from backend.simulator.people import names, pick, plates
from backend.simulator.places import blocks, runs, scatter

_TEAMS = ("综合救援", "防汛抢险", "危化处置", "水上搜救", "电力抢修", "医疗救护", "森林消防")
_RISKS = ("低洼易涝", "危旧房屋", "临江堤段", "地下空间", "户外广告", "在建工地", "渔港码头")
_INCIDENTS = ("道路塌陷", "燃气泄漏", "水上险情", "火情", "停电")
_HAZARDS = ("雷电黄色", "大风蓝色", "暴雨蓝色", "大雾黄色", "高温黄色", "寒潮蓝色")


def _level(stock: Stock, at_s: float) -> F64:
    on = few(stock, at_s, 3, hours=4)
    return np.where(on, np.where(stock.u[:, 1] < 0.3, 3.0, 4.0), 0.0)


def _as_level(_stock: Stock, value: F64, _at_s: float) -> U8:
    return value.astype(np.uint8)


def _stock_pct(stock: Stock, at_s: float) -> F64:
    return to(np.where(few(stock, at_s, 4, hours=24), 52.0, 84 + 24 * stock.u[:, 0]))


LAYER = LayerTable(
    "emergency",
    "应急管理",
    "Emergency",
    (
        Kind(
            "team", "ET", 600, "救援队", "Rescue team", ("D33", "D53", "D54", "D60"), scatter(),
            period_s=60, retell_s=300, state=under((0.5, 4)), official=True,
            value=lambda s, t: np.where(few(s, t, 5), 0.0, 1.0),
            fields=lambda s: {
                "type": pick(s, _TEAMS), "leader": names(s, 1), "members": to(12 + 60 * s.u[:, 2]),
            },
        ),
        Kind(
            "depot", "ED", 400, "物资库", "Depot", ("D33", "D12", "D29", "D48", "D53"), scatter(),
            period_s=3_600, value=_stock_pct, state=under((60, 4)), official=True,
            fields=lambda s: {
                "leader": names(s, 1), "pumps": to(2 + 14 * s.u[:, 1]),
                "sandbags": to(500 + 9_000 * s.u[:, 2]),
            },
        ),
        Kind(
            "shelter", "ES", 1_500, "避难场所", "Shelter", ("D33", "D13", "D17", "D37", "D44"),
            scatter(), period_s=300, retell_s=900, value=lambda s, _t: np.zeros(s.size),
            fields=lambda s: {"capacity": to(100 + 2_400 * s.u[:, 1] ** 2)}, official=True,
        ),
        Kind(
            "risk_spot", "ER", 22_444, "风险点", "Risk spot", ("D33", "D21", "D30"), scatter(),
            period_s=3_600, retell_s=86_400,
            value=lambda s, _t: to(40 * s.u[:, 0] ** 3),
            state=lambda s, _v, t: np.where(few(s, t, 4, hours=8), 4, 0).astype(np.uint8),
            fields=lambda s: {"type": pick(s, _RISKS), "leader": names(s, 1)},
        ),
        Kind(
            "incident", "EI", 8, "突发事件", "Incident", ("D33",), scatter(), period_s=60,
            value=_level, state=_as_level, fixed=True,
            fields=lambda s: {"type": pick(s, _INCIDENTS)},
        ),
        Kind(
            "warning_area", "EW", 6, "预警区", "Warned area", ("D55",), blocks((9_000, 16_000), 12),
            period_s=300, value=_level, state=_as_level, fixed=True,
            fields=lambda s: {"hazard": [_HAZARDS[n % 6] for n in s.number.tolist()]},
        ),
        Kind(
            "route", "EV", 42, "转移路线", "Evacuation route", ("D33",), runs(12), period_s=300,
            fixed=True, value=lambda s, _t: np.zeros(s.size),
        ),
        Kind(
            "rescue_vehicle", "EC", 600, "救援车", "Rescue vehicle", ("D33",),
            period_s=300, value=lambda s, t: np.where(few(s, t, 20), 0.0, 1.0), names=plates,
            fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=36, fix_s=30, shift=(6, 16), ways=200, steps=40),
        ),
    ),
)  # fmt: skip
