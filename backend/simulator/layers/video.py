"""视频点位: cameras along streets, rivers, at sites and on high points; no pictures yet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backend.simulator.curves import few, under
from backend.simulator.ground import F64
from backend.simulator.kinds import Column, Kind, LayerTable, Stock
from backend.simulator.people import pick
from backend.simulator.places import at_kerbs, scatter

_CLASSES = ("公开", "内部", "受限")
_STEP_DEG = 15.0
_STREET, _RIVER, _SITE, _HIGH = "道路视频", "河道视频", "场所视频", "高空瞭望"


def _live(stock: Stock, at_s: float) -> F64:
    """Tell which cameras give a picture: 1 yes, 0 no."""
    return np.where(few(stock, at_s, 60, hours=6), 0.0, 1.0)


def _fields(stock: Stock) -> Mapping[str, Column]:
    heading = np.floor(stock.u[:, 0] * 360 / _STEP_DEG) * _STEP_DEG
    return {
        "gb28181": [f"3206000000132{number:07d}" for number in stock.number.tolist()],
        "heading_deg": heading,
        "angle_deg": np.where(stock.u[:, 1] < 0.2, 120.0, 60.0),
        "range_m": np.round(40 + 160 * stock.u[:, 2], -1),
        "permission": pick(stock, _CLASSES, lot=1),
    }


LAYER = LayerTable(
    "video",
    "视频点位",
    "Cameras",
    (
        Kind(
            "street", "CS", 42_000, _STREET, "Street camera", ("D16", "D25"), at_kerbs,
            period_s=300, value=_live, state=under((0.5, 4)), fields=_fields,
        ),
        Kind(
            "site", "CP", 14_800, _SITE, "Site camera", ("D16", "D23"), scatter(),
            period_s=300, value=_live, state=under((0.5, 4)), fields=_fields,
        ),
        Kind(
            "river", "CR", 2_000, _RIVER, "River camera", ("D27",), scatter("even"),
            period_s=300, value=_live, state=under((0.5, 4)), fields=_fields,
        ),
        Kind(
            "high", "CH", 1_200, _HIGH, "High-point camera", ("D63",), scatter("even"),
            period_s=300, value=_live, state=under((0.5, 4)), fields=_fields,
        ),
    ),
)  # fmt: skip
