"""Interlocks shown before the device is asked: each with its live value, in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend_client.contract.base import Text
from backend_client.contract.gates import Bay, BayMode, Gate, GateKind, Interlock, fault_text

G_MS2 = 9.81
DISCHARGE = 0.6


@dataclass(frozen=True, slots=True)
class Limits:
    """The editable limits of `resources/gates/limits.toml`.

    `openings` are (head up to m, share of full opening), ascending.
    """

    enabled: bool
    head_margin_m: float
    data_age_s: float
    dispatch_pattern: str
    openings: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """A wished movement against the gate as last read."""

    gate: Gate
    bays: tuple[int, ...]
    target_m: float
    dispatch_no: str
    now: datetime
    limits: Limits

    @property
    def named(self) -> tuple[Bay, ...]:
        """Give the bays concerned."""
        return tuple(bay for bay in self.gate.bays if bay.no in self.bays)

    @property
    def closes(self) -> bool:
        """Tell whether no leaf would open further: closing is always the safe way."""
        return all(self.target_m <= bay.opening_m + 1e-6 for bay in self.named)

    @property
    def head_m(self) -> float | None:
        """Give inner minus outer, None without both levels."""
        if self.gate.inner_level_m is None or self.gate.outer_level_m is None:
            return None
        return self.gate.inner_level_m - self.gate.outer_level_m


def flow_m3s(wish: Wish) -> float | None:
    """Predict the flow through all leaves once the named ones stand at the target.

    Source: Q = m·B·e·√(2gH), H the difference of the levels; a lock passes none.
    """
    if wish.gate.gate_kind is GateKind.LOCK:
        return 0.0
    if wish.head_m is None:
        return None
    opening_m = sum(
        wish.target_m if bay.no in wish.bays else bay.opening_m for bay in wish.gate.bays
    )
    speed = math.sqrt(2 * G_MS2 * abs(wish.head_m))
    flow = DISCHARGE * wish.gate.bay_width_m * opening_m * speed
    return round(math.copysign(flow, wish.head_m), 1)


def permitted_m(wish: Wish) -> float:
    """Give the widest opening the table allows at the present head."""
    head_m = abs(wish.head_m) if wish.head_m is not None else math.inf
    share = next((share for limit, share in wish.limits.openings if head_m <= limit), 0.0)
    return share * wish.gate.full_open_m


STOPPED = Text("已停航", "stopped")
OPEN = Text("通航中", "open to traffic")


def check(wish: Wish) -> tuple[Interlock, ...]:
    """Give every interlock that concerns this kind of gate, with its live value."""
    lock = wish.gate.gate_kind is GateKind.LOCK
    return tuple(
        Interlock(key=rule.key, name=rule.name, value=value, ok=ok)
        for rule in RULES
        if rule.at is None or rule.at is lock
        for ok, value in (rule.test(wish),)
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """One interlock: `at` None for every kind, True for locks only, False for all but locks."""

    key: str
    name: Text
    test: Callable[[Wish], tuple[bool, Text]]
    at: bool | None = None


def _same(value: str) -> Text:
    """Say what reads alike in both languages: numbers, units, signs."""
    return Text(value, value)


def _head(wish: Wish) -> tuple[bool, Text]:
    gate, margin = wish.gate, wish.limits.head_margin_m
    if wish.head_m is None:
        return wish.closes, _same("—")
    value = f"{gate.outer_level_m:.2f} / {gate.inner_level_m:.2f} m"
    return wish.closes or wish.head_m >= margin - 1e-9, _same(value)


def _opening(wish: Wish) -> tuple[bool, Text]:
    allowed = permitted_m(wish)
    ok = wish.closes or wish.target_m <= allowed + 1e-9
    return ok, _same(f"{wish.target_m:.2f} / {allowed:.2f} m")


def _vessels(wish: Wish) -> tuple[bool, Text]:
    count = wish.gate.vessels_near
    return count == 0, _same("—" if count is None else str(count))


def _traffic(wish: Wish) -> tuple[bool, Text]:
    stopped = wish.gate.navigation_stopped is True
    return stopped, STOPPED if stopped else OPEN


def _other_gate(wish: Wish) -> tuple[bool, Text]:
    others = [bay for bay in wish.gate.bays if bay.no not in wish.bays]
    widest = max((bay.opening_m for bay in others), default=0.0)
    both = len(wish.bays) > 1 and wish.target_m > 0
    shut = widest <= 0.02 * wish.gate.full_open_m and not any(bay.moving for bay in others)
    return wish.closes or (shut and not both), _same(f"{widest:.2f} m")


def _remote(wish: Wish) -> tuple[bool, Text]:
    modes = [bay.mode for bay in wish.named]
    remote = sum(mode is BayMode.REMOTE for mode in modes)
    return remote == len(modes), _same(f"{remote} / {len(modes)}")


def _healthy(wish: Wish) -> tuple[bool, Text]:
    faults = [(bay.no, fault_text(bay.fault)) for bay in wish.named if bay.fault]
    if not faults:
        return True, _same("—")
    zh = ";".join(f"{no}:{said.zh}" for no, said in faults)
    return False, Text(zh, "; ".join(f"{no}: {said.en}" for no, said in faults))


def _still(wish: Wish) -> tuple[bool, Text]:
    moving = [str(bay.no) for bay in wish.gate.bays if bay.moving]
    return not moving, _same(", ".join(moving) or "—")


def _age(wish: Wish) -> tuple[bool, Text]:
    if wish.gate.observed_at is None:
        return False, _same("—")
    age_s = (wish.now - wish.gate.observed_at).total_seconds()
    return age_s + 1 >= 0 and age_s <= wish.limits.data_age_s, _same(f"{max(age_s, 0):.0f} s")


def _dispatch(wish: Wish) -> tuple[bool, Text]:
    fits = bool(re.match(wish.limits.dispatch_pattern, wish.dispatch_no))
    return fits, _same(wish.dispatch_no)


def _discharge(wish: Wish) -> tuple[bool, Text]:
    flow, design = flow_m3s(wish), wish.gate.design_flow_m3s
    if design is None:
        return True, _same(f"{'—' if flow is None else flow} / — m³/s")
    within = flow is not None and abs(flow) <= design
    return wish.closes or within, _same(f"{'—' if flow is None else flow} / {design:g} m³/s")


RULES: tuple[Rule, ...] = (
    Rule(
        "head",
        Text("外水位低于内水位(外/内)", "Outer below inner"),
        _head,
        at=False,
    ),
    Rule(
        "opening",
        Text("不超过当前水头允许开度", "Within permitted opening"),
        _opening,
        at=False,
    ),
    Rule("vessels", Text("上下游无船", "No vessels near"), _vessels),
    Rule("traffic", Text("船闸已停航", "Lock traffic stopped"), _traffic, at=True),
    Rule("other_gate", Text("另一道闸门已关闭", "Opposite gate closed"), _other_gate, at=True),
    Rule("remote", Text("所选闸孔处于远控", "Bays in remote mode"), _remote),
    Rule("healthy", Text("所选闸孔无故障", "Bays without fault"), _healthy),
    Rule("still", Text("闸门均静止", "Every bay at rest"), _still),
    Rule("age", Text("数据不超过 60 秒", "Data no older than 60 s"), _age),
    Rule("dispatch", Text("调度令号有效", "Valid dispatch number"), _dispatch),
    Rule(
        "discharge",
        Text("流量不超过设计流量", "Within design flow"),
        _discharge,
        at=False,
    ),
)
