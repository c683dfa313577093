"""市政公用: substations, transformers, towers, valves, nodes, mains, repair vans."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import POWER, WATER_USE, daily, few, over, to, under, wave
from backend.simulator.ground import F64
from backend.simulator.kinds import U8, Fleet, Kind, LayerTable, Stock
from backend.simulator.people import pick, plates
from backend.simulator.places import at_kerbs, runs, scatter


def _load_pct(stock: Stock, at_s: float) -> F64:
    usual = daily(POWER, at_s) * (48 + 26 * stock.u[:, 0]) + 3 * wave(stock, at_s, hours=3, lot=1)
    return to(np.where(few(stock, at_s, 2, hours=3), 93.0, usual))


def _served(stock: Stock, at_s: float) -> F64:
    return np.where(few(stock, at_s, 5, hours=3), 0.0, 1.0)


def _water_mpa(stock: Stock, at_s: float) -> F64:
    usual = 0.36 + 0.08 * stock.u[:, 0] - 0.10 * daily(WATER_USE, at_s)
    return to(np.where(few(stock, at_s, 3), 0.12, usual), 2)


def _gas_mpa(stock: Stock, _at_s: float) -> F64:
    return to(0.20 + 0.15 * stock.u[:, 0], 2)


def _gas_found(stock: Stock, _value: F64, at_s: float) -> U8:
    return np.where(few(stock, at_s, 1.5, hours=2), 4, 0).astype(np.uint8)


def _depth_m(stock: Stock, at_s: float) -> F64:
    usual = 0.15 + 0.35 * stock.u[:, 0] + 0.08 * wave(stock, at_s, hours=6)
    return to(np.where(few(stock, at_s, 3), 1.1, usual), 2)


def _main(medium: str, code: str, count: int, zh: str, department: str) -> Kind:
    return Kind(
        f"main_{medium}", code, count, zh, f"{medium.capitalize()} main", (department,), runs(4),
        value=lambda s, _t: to(s.placed.more["length_km"].astype(np.float64), 2),
        state=lambda s, _v, t: np.where(few(s, t, 1, hours=24), 4, 0).astype(np.uint8),
        fields=lambda s: {
            "medium": medium, "diameter_mm": [int(d) for d in pick(s, ("100", "200", "300", "500"))]
        },
    )  # fmt: skip


LAYER = LayerTable(
    "utilities",
    "市政公用",
    "Utilities",
    (
        Kind(
            "substation", "SU", 320, "变电站", "Substation", ("D62",), scatter(), period_s=60,
            retell_s=300, value=_load_pct, state=over((100, 3), (90, 4)), official=True,
            fields=lambda s: {"kv": [int(v) for v in pick(s, ("35", "110", "110", "220"))]},
        ),
        Kind(
            "transformer", "TR", 18_000, "配电变压器", "Transformer", ("D62",), at_kerbs,
            period_s=900, retell_s=3_600, value=lambda s, t: to(_load_pct(s, t) / 5) * 5,
            state=over((92, 4)),
        ),
        Kind(
            "tower", "TW", 9_006, "通信基站", "Tower", ("D63",), scatter(), period_s=300,
            retell_s=3_600, value=_served, state=under((0.5, 4)),
            fields=lambda s: {"operator": pick(s, ("电信", "移动", "联通", "铁塔"))},
        ),
        Kind(
            "valve_gas", "VG", 6_000, "燃气阀井", "Gas valve", ("D24",), at_kerbs, period_s=300,
            retell_s=3_600, value=_gas_mpa, state=_gas_found, slip=1_000.0,
        ),
        Kind(
            "water_node", "NW", 4_000, "供水节点", "Water node", ("D24",), at_kerbs, period_s=300,
            retell_s=1_800, value=_water_mpa, state=under((0.14, 4)), slip=1_000.0,
        ),
        Kind(
            "drain_node", "ND", 2_680, "排水节点", "Drain node", ("D24",), at_kerbs, period_s=300,
            retell_s=1_800, value=_depth_m, state=over((1.0, 4)), slip=100.0,
        ),
        _main("power", "MP", 9_000, "电力线路", "D62"),
        _main("water", "MW", 6_000, "供水管线", "D24"),
        _main("gas", "MG", 5_000, "燃气管线", "D24"),
        _main("drain", "MD", 6_000, "排水管线", "D24"),
        Kind(
            "repair_van", "RV", 1_200, "抢修车", "Repair van", ("D24", "D62", "D63"),
            period_s=300, retell_s=1_800, names=plates,
            value=lambda s, t: few(s, t, 130, hours=1).astype(np.float64),
            fields=lambda s: {"plate": plates(s)},
            fleet=Fleet(kmh=29, fix_s=30, shift=(7, 13), ways=300, steps=60),
        ),
    ),
)  # fmt: skip
