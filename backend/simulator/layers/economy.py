"""经济运行: firms above scale with their power use, parks, key projects, office buildings."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, to, under, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import Kind, LayerTable, Stock
from backend.simulator.people import pick
from backend.simulator.places import blocks, scatter

_TRADES = (
    "船舶海工",
    "高端纺织",
    "电子信息",
    "新材料",
    "装备制造",
    "生物医药",
    "新能源",
    "食品加工",
)
_STAGES = ("前期", "开工", "在建", "竣工", "投产")


def _power(stock: Stock, at_s: float) -> F64:
    usual = 96 + 14 * stock.u[:, 0] + 6 * wave(stock, at_s, hours=20, lot=1)
    return to(np.where(few(stock, at_s, 9, hours=8), 38 + 20 * stock.u[:, 2], usual), 1)


def _on_schedule(stock: Stock, at_s: float) -> F64:
    return np.where(few(stock, at_s, 6, hours=48), 0.0, 1.0)


LAYER = LayerTable(
    "economy",
    "经济运行",
    "Economy",
    (
        Kind(
            "firm", "FI", 29_300, "规上企业", "Firm above scale", ("D15", "D62"), scatter(),
            period_s=900, retell_s=3_600, value=_power, state=under((40, 3), (60, 4)),
            fields=lambda s: {
                "industry": pick(s, _TRADES),
                "output_myuan": to(20 + 900 * s.u[:, 2] ** 3, 1),
                "staff": to(20 + 600 * s.u[:, 3] ** 3),
            },
        ),
        Kind(
            "park", "PK", 60, "产业园区", "Industrial park", ("D15", "D14"),
            blocks((900, 2_600), 7), period_s=3_600, fixed=True, official=True,
            value=lambda s, t: to(101 + 6 * s.u[:, 0] + 3 * wave(s, t, hours=26), 1),
            fields=lambda s: {"firms": to(30 + 200 * s.u[:, 2])},
        ),
        Kind(
            "project", "PJ", 400, "重点项目", "Key project", ("D12",), scatter(),
            period_s=3_600, value=_on_schedule, state=under((0.5, 4)),
            fields=lambda s: {
                "stage": pick(s, _STAGES), "investment_myuan": to(80 + 4_000 * s.u[:, 2] ** 2)
            },
        ),
        Kind(
            "building", "OB", 240, "商务楼宇", "Office building", ("D29", "D19"), scatter(),
            period_s=86_400, value=lambda s, t: to(82 + 14 * s.u[:, 0] + wave(s, t, hours=90)),
            fields=lambda s: {"firms": to(10 + 140 * s.u[:, 2])},
        ),
    ),
)  # fmt: skip
