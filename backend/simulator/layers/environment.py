"""生态环境: air and water stations, outfalls, key sources, noise, waste."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import RUSH, daily, few, over, to, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import Fleet, Kind, LayerTable, Stock
from backend.simulator.people import plates
from backend.simulator.places import at_kerbs, scatter


def _aqi(stock: Stock, at_s: float) -> F64:
    usual = (
        46 + 14 * stock.u[:, 0] + 12 * daily(RUSH, at_s) + 9 * wave(stock, at_s, hours=30, lot=1)
    )
    return to(np.where(few(stock, at_s, 3, hours=4), 112.0, usual))


def _class(stock: Stock, at_s: float) -> F64:
    usual = 2 + np.floor(2 * stock.u[:, 0] + 0.4)
    return np.where(few(stock, at_s, 2, hours=24), 5.0, usual)


def _share_pct(stock: Stock, at_s: float) -> F64:
    usual = 32 + 40 * stock.u[:, 0] + 8 * wave(stock, at_s, hours=5, lot=1)
    return to(np.where(few(stock, at_s, 3), 108.0, usual))


def _noise_db(stock: Stock, at_s: float) -> F64:
    usual = 44 + 10 * daily(RUSH, at_s) + 6 * stock.u[:, 0] + 2 * wave(stock, at_s, hours=2)
    return to(np.where(few(stock, at_s, 1.5), 73.0, usual))


LAYER = LayerTable(
    "environment",
    "生态环境",
    "Environment",
    (
        Kind(
            "air", "AI", 400, "空气微站", "Air station", ("D22",), scatter(), period_s=3_600,
            value=_aqi, state=over((200, 2), (150, 3), (100, 4)), official=True,
            fields=lambda s: {"pm25": to(18 + 20 * s.u[:, 1]), "o3": to(60 + 50 * s.u[:, 2])},
        ),
        Kind(
            "surface_water", "SW", 300, "水质站", "Water quality station", ("D22",),
            scatter("even"), period_s=14_400, value=_class,
            state=over((5.5, 3), (4.5, 4)), official=True,
            fields=lambda s: {
                "cod": to(9 + 12 * s.u[:, 1], 1), "nh3n": to(0.2 + 0.9 * s.u[:, 2], 2)
            },
        ),
        Kind(
            "outfall", "OU", 3_000, "入河排口", "Outfall", ("D22",), scatter("even"),
            value=lambda s, _t: to(120 * s.u[:, 0] ** 3, 1),
            fields=lambda s: {"permit": [f"排{n:05d}" for n in s.number.tolist()]},
        ),
        Kind(
            "polluter", "PL", 480, "重点源", "Key source", ("D22",), scatter(), period_s=300,
            retell_s=900, value=_share_pct, state=over((100, 4)),
            fields=lambda s: {"cod": to(20 + 60 * s.u[:, 2]), "limit": 100},
        ),
        Kind(
            "noise", "NO", 121, "噪声监测点", "Noise", ("D22",), at_kerbs, period_s=3_600,
            value=_noise_db, state=over((70, 4)), fields=lambda _s: {"limit_db": 70},
        ),
        Kind(
            "waste", "WT", 90, "固废处置点", "Waste site", ("D22",), scatter("even"),
            period_s=3_600,
            value=lambda s, t: to(48 + 30 * s.u[:, 0] + 8 * wave(s, t, hours=40)),
            state=over((95, 4)), fixed=True,
        ),
        Kind(
            "good_days", "GD", 1, "优良天数", "Good days", ("D22",), scatter(), period_s=3_600,
            fixed=True, value=lambda s, _t: np.full(s.size, 84.2),
        ),
        Kind(
            "monitor_car", "MC", 50, "走航监测车", "Monitoring car", ("D22",),
            names=plates, fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=26, fix_s=15, shift=(8, 11), ways=50, steps=80),
        ),
    ),
)  # fmt: skip
