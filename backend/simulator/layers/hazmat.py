"""危化品, what lorries and firms leave out: stay points, routes, protection zones."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, over, to, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import Kind, LayerTable, Stock
from backend.simulator.people import pick
from backend.simulator.places import at_kerbs, blocks, runs


def _stayed_min(stock: Stock, at_s: float) -> F64:
    usual = np.maximum(0, 34 + 40 * wave(stock, at_s, hours=6))
    return to(np.where(few(stock, at_s, 4, hours=3), 150.0, usual))


LAYER = LayerTable(
    "hazmat",
    "危化品",
    "Hazmat",
    (
        Kind(
            "stay_point", "HS", 300, "停留点", "Stay point", ("D33", "D26"), at_kerbs,
            period_s=300, value=_stayed_min, state=over((120, 4)),
            fields=lambda s: {"visits": to(1 + 20 * s.u[:, 1] ** 2)},
        ),
        Kind(
            "route", "HT", 60, "危货通行路线", "Hazmat route", ("D26",), runs(24), fixed=True,
            value=lambda s, _t: to(4 + 30 * s.u[:, 0]),
            fields=lambda s: {"goods": pick(s, ("易燃液体", "压缩气体", "腐蚀品"))},
        ),
        Kind(
            "protection", "HP", 70, "防护区", "Protection zone", ("D33",), blocks((500, 2_000), 12),
            fixed=True, value=lambda s, _t: to(s.placed.more["reach_m"].astype(np.float64)),
        ),
    ),
)  # fmt: skip
