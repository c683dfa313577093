"""政务服务: halls with their queues, service points, kiosks, and each county's online share."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import OFFICE, daily, few, over, to, under, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import COUNTIES, Kind, LayerTable, Stock
from backend.simulator.places import at_seats, scatter


def _wait_min(stock: Stock, at_s: float) -> F64:
    busy = daily(OFFICE, at_s)
    usual = busy * (5 + 14 * stock.u[:, 0] + 3 * wave(stock, at_s, hours=2.5, lot=1))
    return to(usual + np.where(few(stock, at_s, 3), 24 * busy, 0.0), 1)


def _queue(stock: Stock, at_s: float) -> F64:
    return to(daily(OFFICE, at_s) * (1 + 7 * stock.u[:, 0] + wave(stock, at_s, hours=2)))


LAYER = LayerTable(
    "services",
    "政务服务",
    "Government services",
    (
        Kind(
            "hall", "SH", 110, "政务服务中心", "Government service hall", ("D42",), scatter(),
            period_s=60, value=_wait_min, state=over((60, 3), (30, 4)), fixed=True, official=True,
            fields=lambda s: {"windows_open": to(6 + 40 * s.u[:, 1] ** 2), "rating": 4.9},
        ),
        Kind(
            "service_point", "SP", 1_200, "便民服务点", "Service point",
            ("D42", "D20", "D39", "D47", "D59"), scatter(), period_s=600, value=_queue,
        ),
        Kind(
            "kiosk", "SK", 600, "自助终端", "Self-service kiosk", ("D42", "D61"), scatter(),
            period_s=300, value=lambda s, t: np.where(few(s, t, 5), 0.0, 1.0),
            state=under((0.5, 4)),
        ),
        Kind(
            "online_share", "SO", 10, "网办率", "Handled online", (COUNTIES, "D42"), at_seats,
            period_s=600, fixed=True,
            value=lambda s, t: to(86 + 7 * s.u[:, 0] + 1.2 * wave(s, t, hours=20), 1),
        ),
        Kind(
            "rating", "SR", 10, "差评", "Bad ratings today", (COUNTIES, "D42"), at_seats,
            period_s=600, fixed=True,
            value=lambda s, t: np.floor(3 * s.u[:, 0] * ((t + 28_800) % 86_400) / 86_400),
        ),
    ),
)  # fmt: skip
