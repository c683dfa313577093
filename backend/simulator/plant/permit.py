"""The device's own interlocks: permissives asked at select, at operate and in travel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from backend.simulator.plant.bay import SWITCH_SHARE, Bay
from backend.simulator.plant.water import HEAD_MARGIN_M, permitted_m

LEVEL_M = 0.10  # a mitre gate moves only on level water
HEARTBEAT_S = 5.0


class Standing(Protocol):
    """What the permissives read of a device."""

    bays: list[Bay]
    inner_m: float
    outer_m: float
    chamber_m: float
    valve: int
    levelling: int
    silent_s: float

    def side_m(self, no: int) -> float:
        """Give the level on a mitre gate's outside."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One leaf asked to go to a target."""

    device: Standing
    bay: Bay
    target_m: float

    @property
    def opens(self) -> bool:
        """Tell whether the leaf would open further."""
        return self.target_m > self.bay.opening_m

    @property
    def other(self) -> Bay:
        """Give the opposite mitre gate of a lock."""
        return next(b for b in self.device.bays if b.no != self.bay.no)


@dataclass(frozen=True, slots=True)
class Permissive:
    """One condition, by the word the device refuses with.

    `at_start` ones are asked before motion only; the rest again at every step in travel.
    """

    key: str
    holds: Callable[[Ask], bool]
    at_start: bool = False


GENERAL: tuple[Permissive, ...] = (
    Permissive("not_remote", lambda a: a.bay.mode == "remote"),
    Permissive("tripped", lambda a: a.bay.trip is None),
    Permissive("no_heartbeat", lambda a: a.device.silent_s <= HEARTBEAT_S),
    Permissive("in_motion", lambda a: not a.bay.moving, at_start=True),
    Permissive("out_of_range", lambda a: 0 <= a.target_m <= a.bay.full_open_m),
)

SLUICE: tuple[Permissive, ...] = (
    Permissive(
        "outer_above_inner",
        lambda a: not a.opens or a.device.outer_m <= a.device.inner_m - HEAD_MARGIN_M,
    ),
    Permissive(
        "opening_above_permitted",
        lambda a: (
            not a.opens
            or a.target_m
            <= permitted_m(a.bay.full_open_m, a.device.inner_m - a.device.outer_m) + 1e-9
        ),
        at_start=True,
    ),
)

LOCK: tuple[Permissive, ...] = (
    Permissive("other_gate_switch", lambda a: not a.opens or a.other.closed_switch),
    Permissive(
        "other_gate_open",
        lambda a: not a.opens or a.other.opening_m <= SWITCH_SHARE * a.other.full_open_m,
    ),
    Permissive("other_gate_open_switch", lambda a: not a.opens or not a.other.open_switch),
    Permissive("other_gate_tripped", lambda a: not a.opens or a.other.trip is None),
    Permissive("other_gate_moving", lambda a: not a.opens or not a.other.moving),
    Permissive("other_gate_waiting", lambda a: not a.opens or a.device.levelling != a.other.no),
    Permissive("other_valve_open", lambda a: not a.opens or a.device.valve != a.other.no),
)
LEVEL = Permissive(
    "water_not_level",
    lambda a: not a.opens or abs(a.device.chamber_m - a.device.side_m(a.bay.no)) <= LEVEL_M,
)


def table(*, lock: bool) -> tuple[Permissive, ...]:
    """Give the permissives of a kind of device."""
    return GENERAL + (LOCK if lock else SLUICE)


def first_refusal(ask: Ask, permissives: tuple[Permissive, ...], *, started: bool) -> str | None:
    """Give the word of the first condition that does not hold, or None."""
    for permissive in permissives:
        if started and permissive.at_start:
            continue
        if not permissive.holds(ask):
            return permissive.key
    return None
