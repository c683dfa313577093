"""网格治理: grids that tile every town, their workers, disputes, stations, people cared for."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, over, to, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import COUNTIES, Fleet, Kind, LayerTable, Stock
from backend.simulator.movers import on_duty
from backend.simulator.people import masked, names, pick
from backend.simulator.places import cells, scatter

_SUBJECTS = ("邻里纠纷", "婚姻家庭", "物业矛盾", "劳资纠纷", "征地补偿", "债务纠纷", "噪声扰民")
_CARED = ("独居老人", "困境儿童", "重度残疾", "重点病患")


def _tasks(stock: Stock, at_s: float) -> F64:
    usual = np.maximum(0, to(2.2 + 3 * stock.u[:, 0] + 2 * wave(stock, at_s, hours=9)))
    return np.where(few(stock, at_s, 5, hours=3), 13.0, usual)


def _code(stock: Stock) -> list[str]:
    regions = stock.towns("region")
    return [f"{region}{n:03d}" for region, n in zip(regions, stock.number.tolist(), strict=True)]


LAYER = LayerTable(
    "grid",
    "网格治理",
    "Grid governance",
    (
        Kind(
            "grid", "GR", 6_000, "网格", "Grid", (COUNTIES, "D06"), cells,
            period_s=300, retell_s=1_800, value=_tasks, state=over((10, 4)),
            fields=lambda s: {
                "code": _code(s), "leader": names(s, 1), "households": to(180 + 320 * s.u[:, 1])
            },
        ),
        Kind(
            "grid_worker", "GW", 15_000, "网格员", "Grid worker", (COUNTIES, "D06"),
            period_s=300, retell_s=1_800, value=lambda s, t: on_duty(s, t).astype(np.float64),
            names=lambda s: [f"网格员{name}" for name in names(s, 1)],
            fields=lambda s: {"tasks": to(6 * s.u[:, 2])},
            fleet=Fleet(kmh=4.2, fix_s=20, shift=(7.6, 10.8), ways=5_000, steps=9),
        ),
        Kind(
            "dispute", "DI", 2_400, "矛盾纠纷", "Dispute", ("D06", "D18"), scatter(),
            period_s=3_600, value=lambda s, t: np.floor((t / 86_400 + 30 * s.u[:, 0]) % 12),
            state=lambda s, _v, t: np.where(few(s, t, 6, hours=12), 4, 0).astype(np.uint8),
            fields=lambda s: {
                "subject": pick(s, _SUBJECTS), "stage": pick(s, ("受理", "调解", "回访"), 2)
            },
        ),
        Kind(
            "station", "GS", 600, "网格服务站", "Grid station", (COUNTIES, "D06"), scatter(),
            value=lambda s, _t: to(3 + 6 * s.u[:, 0]),
            fields=lambda s: {"leader": names(s, 1)},
        ),
        Kind(
            "concern", "CA", 4_000, "关爱对象", "Person cared for", ("D17", "D51", "D52"),
            scatter(), period_s=86_400,
            value=lambda s, t: np.floor((t / 86_400 + 40 * s.u[:, 0]) % 9),
            state=lambda s, _v, t: np.where(few(s, t, 4, hours=24), 4, 0).astype(np.uint8),
            names=lambda s: [
                f"{town}{who}" for town, who in zip(s.towns("name"), masked(s), strict=True)
            ],
            fields=lambda s: {"category": pick(s, _CARED)},
        ),
    ),
)  # fmt: skip
