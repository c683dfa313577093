"""城市管理: 1.14 million city parts, cases, sites, illegal structures, parks, muck trucks."""

from __future__ import annotations

from typing import Final

import numpy as np

from backend.simulator.curves import few, over, to, under, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import Column, Fleet, Kind, LayerTable, Stock
from backend.simulator.movers import on_duty
from backend.simulator.people import pick, plates
from backend.simulator.places import at_kerbs, blocks, scatter

PARTS: Final = 1_140_000  # domain 1.1, source S7: six classes
# Code: class times 100 plus number; name; English; share. Classes as in GB/T 30428.2 (general
# knowledge): public facilities, roads, city face, greens, buildings, others.
_PARTS: Final = (
    (101, "上水井盖", "Water cover", 60), (102, "污水井盖", "Sewer cover", 110),
    (103, "雨水井盖", "Storm cover", 120), (105, "电力井盖", "Power cover", 60),
    (109, "消防设施", "Fire point", 25), (112, "路灯", "Street lamp", 210),
    (124, "变压器箱", "Transformer box", 20), (201, "停车设施", "Parking", 25),
    (204, "人行护栏", "Railing", 40), (208, "交通标志牌", "Traffic sign", 60),
    (214, "信号灯", "Signal", 14), (301, "公共厕所", "Toilet", 4),
    (303, "垃圾箱", "Litter bin", 70), (308, "广告牌匾", "Billboard", 24),
    (401, "行道树", "Street tree", 250), (402, "护树设施", "Tree guard", 18),
    (406, "花架花钵", "Planter", 16), (501, "宣传栏", "Notice board", 10),
    (505, "房屋地下室", "Basement", 2), (601, "重大危险源", "Hazard source", 1),
    (603, "水域附属设施", "Waterside", 7),
)  # fmt: skip
_CUT: Final = np.cumsum([row[3] for row in _PARTS]) / sum(row[3] for row in _PARTS)


def _sort(stock: Stock) -> list[int]:
    found: list[int] = np.searchsorted(_CUT, stock.u[:, 0], "right").tolist()
    return found


def _part_names(stock: Stock) -> list[str]:
    words = [row[1] for row in _PARTS]
    numbers = stock.number.tolist()
    return [f"{words[i]}{n + 1}" for n, i in zip(numbers, _sort(stock), strict=True)]


def _part_code(stock: Stock, _at_s: float) -> F64:
    codes = np.array([row[0] for row in _PARTS], np.float64)
    return codes[np.searchsorted(_CUT, stock.u[:, 0], "right")]


def _part_fields(stock: Stock) -> dict[str, Column]:
    sort = _sort(stock)
    return {"part_code": [_PARTS[i][0] for i in sort], "part_en": [_PARTS[i][2] for i in sort]}


def _hours_left(stock: Stock, at_s: float) -> F64:
    usual = 1 + ((at_s / 3600 + 48 * stock.u[:, 0]) % 48)
    return to(np.where(few(stock, at_s, 14, hours=6), -3.0, usual), 1)


def _hectares(stock: Stock, _at_s: float) -> F64:
    reach_m = stock.placed.more["reach_m"].astype(np.float64)
    return to(2.6 * (reach_m / 100) ** 2, 1)


def _pm10(stock: Stock, at_s: float) -> F64:
    usual = 58 + 40 * stock.u[:, 0] + 14 * wave(stock, at_s, hours=7, lot=1)
    return to(np.where(few(stock, at_s, 3), 176.0, usual))


LAYER = LayerTable(
    "urban",
    "城市管理",
    "Urban management",
    (
        Kind(
            "case", "UC", 740, "城管案件", "Case", ("D25",), at_kerbs, period_s=300,
            value=_hours_left, state=under((0, 4)),
            fields=lambda s: {"part_code": [_PARTS[i][0] for i in _sort(s)]},
        ),
        Kind(
            "site", "US", 1_100, "建筑工地", "Construction site", ("D25", "D23"), blocks((90, 320)),
            period_s=300, value=_pm10, state=over((150, 4)),
            fields=lambda s: {"cameras": to(1 + 5 * s.u[:, 2])},
        ),
        Kind(
            "illegal_structure", "UI", 1_600, "违法建设", "Illegal structure", ("D25",), scatter(),
            value=lambda s, _t: to(6 + 180 * s.u[:, 0] ** 2),
            fields=lambda s: {"stage": pick(s, ("责令停工", "立案处罚", "限期拆除"), 2)},
        ),
        Kind(
            "park_green", "UP", 360, "公园绿地", "Park", ("D24",), blocks((180, 900), 9),
            value=_hectares,
            official=True,
        ),
        Kind(
            "muck_truck", "MT", 2_500, "渣土车", "Muck truck", ("D25",), period_s=60,
            retell_s=1_800, value=lambda s, t: np.where(few(s, t, 5, hours=0.8), 0.0, 1.0),
            state=under((0.5, 4)), names=plates,
            fields=lambda s: {
                "plate": plates(s), "permit": [f"ZT{n:05d}" for n in s.number.tolist()]
            },
            fleet=Fleet(kmh=34, fix_s=15, shift=(8, 15), ways=300, steps=90),
        ),
        Kind(
            "sanitation", "SA", 3_000, "环卫车", "Sanitation vehicle", ("D25",),
            period_s=300, retell_s=1_800, value=lambda s, t: on_duty(s, t).astype(np.float64),
            names=plates,
            fields=lambda s: {"plate": plates(s), "type": pick(s, ("洒水车", "清扫车", "清运车"))},
            fleet=Fleet(kmh=13, fix_s=30, shift=(5, 12), ways=400, steps=60),
        ),
        Kind(
            "part", "P", PARTS, "部件", "City part", ("D25",), at_kerbs, value=_part_code,
            names=_part_names, fields=_part_fields,
        ),
    ),
)  # fmt: skip
