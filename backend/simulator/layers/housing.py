"""群租房: leads with a score by their stage, watched buildings, estates with all dwellings."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, to
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Kind, LayerTable, Stock
from backend.simulator.people import pick
from backend.simulator.places import blocks, scatter

_REASONS = ("用水异常", "用电异常", "多人登记", "门禁频次", "投诉举报", "外卖快递")
_SOURCES = ("供电", "供水", "公安", "网格", "12345")
DWELLINGS = 2_600_000


def _lead(word: str, code: str, count: int, stage: tuple[str, str], few_state: int) -> Kind:
    def state(stock: Stock, _value: F64, at_s: float) -> U8:
        chosen = few(stock, at_s, 4, hours=12) if few_state else np.zeros(stock.size, bool)
        return np.where(chosen, few_state, 0).astype(np.uint8)

    return Kind(
        word, code, count, "群租线索", stage[1], ("D23",), scatter(), period_s=3_600,
        retell_s=86_400, value=lambda s, _t: to(42 + 52 * s.u[:, 0] ** 1.6), state=state,
        fields=lambda s: {
            "stage": stage[0],
            "reasons": [[one] for one in pick(s, _REASONS)],
            "sources": [[a] for a in pick(s, _SOURCES, 3)],
        },
    )  # fmt: skip


LAYER = LayerTable(
    "housing",
    "群租房",
    "Group-rented housing",
    (
        _lead("lead_new", "HN", 5_400, ("新线索", "New lead"), 3),
        _lead("lead_visited", "HV", 8_100, ("已走访", "Visited lead"), 0),
        _lead("lead_confirmed", "HC", 6_300, ("已确认", "Confirmed group rental"), 4),
        _lead("lead_rectified", "HR", 7_200, ("已整改", "Rectified"), 0),
        Kind(
            "building", "HB", 6_000, "重点楼栋", "Watched building", ("D23",), blocks((26, 70)),
            value=lambda s, _t: to(1 + 5 * s.u[:, 0] ** 2),
            fields=lambda s: {"floors": to(5 + 28 * s.u[:, 1] ** 2)},
        ),
        Kind(
            "estate", "HE", 3_000, "小区", "Estate", ("D23",), blocks((130, 420)),
            value=lambda s, _t: to(2 * DWELLINGS / 3_000 * s.u[:, 0]),
        ),
    ),
)  # fmt: skip
