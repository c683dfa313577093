"""群租房: leads with a score by their stage, watched buildings, estates with all dwellings."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, to
from backend.simulator.ground import F64, I64
from backend.simulator.kinds import U8, Kind, LayerTable, Stock
from backend.simulator.people import pick
from backend.simulator.places import blocks, scatter

_REASONS = ("用水异常", "用电异常", "多人登记", "门禁频次", "投诉举报", "外卖快递")
_SOURCES = ("供电", "供水", "公安", "网格", "12345")
DWELLINGS = 2_600_000


_STAGES = ("lead_new", "lead_visited", "lead_confirmed", "lead_rectified")
_COUNTS = (5_400, 8_100, 6_300, 7_200)
_CYCLE_S = 45 * 86_400.0
"""From one tip about a dwelling to the next; a lead stays in a stage as long as its share."""
_STATES = (3, 0, 4, 0)


def _stages(stock: Stock, at_s: float) -> tuple[tuple[str, ...], I64]:
    """Tell in which stage each lead is: in all as many in each as their counts say."""
    ends = np.cumsum(_COUNTS) / sum(_COUNTS)
    first = _STAGES.index(stock.kind.word)
    begins = ends[first] - _COUNTS[first] / sum(_COUNTS)
    lot = begins + stock.u[:, 2] * (ends[first] - begins)
    phase = (lot + at_s / _CYCLE_S) % 1.0
    return _STAGES, np.minimum(np.searchsorted(ends, phase, side="right"), 3).astype(np.int64)


def _lead_state(stock: Stock, _value: F64, at_s: float) -> U8:
    chosen = few(stock, at_s, 4, hours=12)
    return np.where(chosen, np.array(_STATES)[_stages(stock, at_s)[1]], 0).astype(np.uint8)


def _lead(word: str, code: str, count: int) -> Kind:
    return Kind(
        word, code, count, "群租线索", "Lead", ("D23",), scatter(), period_s=3_600,
        retell_s=86_400, value=lambda s, _t: to(42 + 52 * s.u[:, 0] ** 1.6), state=_lead_state,
        words=_stages,
        fields=lambda s: {
            "reasons": [[one] for one in pick(s, _REASONS)],
            "sources": [[a] for a in pick(s, _SOURCES, 3)],
        },
    )  # fmt: skip


LAYER = LayerTable(
    "housing",
    "群租房",
    "Group-rented housing",
    (
        _lead("lead_new", "HN", _COUNTS[0]),
        _lead("lead_visited", "HV", _COUNTS[1]),
        _lead("lead_confirmed", "HC", _COUNTS[2]),
        _lead("lead_rectified", "HR", _COUNTS[3]),
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
