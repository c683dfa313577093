"""警务: beats, patrols, checkpoints, key places, and calls as a summary without persons."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import few, over, to, under, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Fleet, Kind, LayerTable, Stock
from backend.simulator.movers import on_duty
from backend.simulator.people import names, pick, plates
from backend.simulator.places import at_crossings, cells, scatter

_PLACES = ("学校", "医院", "车站", "商圈", "加油站", "水厂", "银行网点", "体育场馆")
_CALLS = ("交通事故", "治安求助", "盗窃", "纠纷", "走失")
_OTHERS = ("噪声", "占道停车", "停水停电", "物业", "咨询")
_CYCLE_MIN = 55.0


def _minutes(stock: Stock, at_s: float) -> F64:
    """Give the arrival time of a call, NaN while the patrol is on its way."""
    since = (at_s / 60 + _CYCLE_MIN * stock.u[:, 0]) % _CYCLE_MIN
    turn = np.floor(at_s / 60 / _CYCLE_MIN + stock.u[:, 0])
    arrival = 3.2 + 5.5 * ((stock.u[:, 1] * 97 + turn * 0.37) % 1.0)
    return np.where(since < arrival, np.nan, to(arrival, 1))


def _late(stock: Stock, _value: F64, at_s: float) -> U8:
    return np.where(few(stock, at_s, 1.5, hours=1), 4, 0).astype(np.uint8)


def _call(word: str, code: str, count: int, sorts: tuple[str, ...], is_police: int) -> Kind:
    return Kind(
        word, code, count, "警情", "Call", ("D16",), scatter(), period_s=60, value=_minutes,
        state=_late, fields=lambda s: {"class": pick(s, sorts), "police": is_police},
    )  # fmt: skip


LAYER = LayerTable(
    "police",
    "警务",
    "Policing",
    (
        Kind(
            "beat", "BE", 420, "警务区", "Beat", ("D16",), cells, period_s=300, official=True,
            value=lambda s, t: np.maximum(0, to(1.5 * s.u[:, 0] + wave(s, t, hours=3))),
            state=over((6, 4)), fields=lambda s: {"leader": names(s, 1)},
        ),
        Kind(
            "patrol_car", "PC", 1_800, "巡逻车", "Patrol car", ("D16",), period_s=60,
            retell_s=600, value=lambda s, t: few(s, t, 160, hours=0.6).astype(np.float64),
            names=plates, fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=32, fix_s=5, ways=450, steps=60),
        ),
        Kind(
            "officer", "OF", 1_200, "巡逻警力", "Officer on patrol", ("D16",),
            period_s=300, retell_s=1_800,
            value=lambda s, t: on_duty(s, t).astype(np.float64), official=True,
            fleet=Fleet(kmh=4.5, fix_s=10, shift=(8, 14), ways=600, steps=12),
        ),
        Kind(
            "checkpoint", "CK", 180, "查报站", "Checkpoint", ("D16",), at_crossings, period_s=300,
            fixed=True, official=True, state=under((1, 4)),
            value=lambda s, t: np.where(
                few(s, t, 1.5), 0.0, to(180 + 500 * s.u[:, 0] + 60 * wave(s, t, hours=5))
            ),
        ),
        Kind(
            "key_place", "KP", 7_985, "重点场所", "Key place", ("D16",), scatter(),
            fields=lambda s: {"category": pick(s, _PLACES)}, official=True,
        ),
        _call("call", "CP", 26, _CALLS, 1),
        _call("call_other", "CO", 14, _OTHERS, 0),
    ),
)  # fmt: skip
