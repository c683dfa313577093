"""How units and reporters of the simulated city are: who sends back, asks for time, is content.

Everything is drawn from the seed, the matter and the minute it was reported, so the same city has
the same rates; units differ, so a ranking of them has something to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from backend.simulator.facts import dice
from backend_client.contract.events import Satisfaction

_RETURNS, _GRANTED = 0.06, 0.6
_EXTENDS, _ALLOWED = 0.08, 0.75
_UNSATISFIED, _UNREACHED = 0.08, 0.12
_REDONE = 0.7
_WORST: Final = 3.0
"""The worst unit does such things so much more often than the usual one, the best hardly ever."""
RETURN_REASONS: Final = ("不属本单位职责", "辖区不符，应由属地办理", "权属单位另有其人")
EXTEND_REASONS: Final = ("需等配件到货", "需多部门会商", "连日降雨无法施工")
REDO_REASON: Final = "来件人对处置结果不满意"
DECIDED: Final = "经核实"
SWAPS: Final = {"D24": "D25", "D25": "D24", "D23": "D25", "D22": "D23", "D16": "D26"}
"""Whose it is when a unit rightly sends it back; any other unit's goes to urban management."""
ELSEWHERE: Final = "D25"


@dataclass(frozen=True, slots=True)
class Manner:
    """How one event goes off the straight line, if at all."""

    returns: bool
    granted: bool
    extends: bool
    allowed: bool
    longer: timedelta
    says: tuple[Satisfaction, ...]
    redoes: bool
    reason: str
    plea: str


def manner_of(seed: int, title: str, minute: object, department: str) -> Manner:
    """Draw how an event goes."""
    draw = dice(seed, "manner", title, minute)
    much = _WORST * dice(seed, "unit", department).random() ** 2
    return Manner(
        returns=draw.random() < _RETURNS * much,
        granted=draw.random() < _GRANTED,
        extends=draw.random() < _EXTENDS * much,
        allowed=draw.random() < _ALLOWED,
        longer=timedelta(hours=draw.randint(24, 72)),
        says=tuple(_answer(draw, much) for _ in range(3)),
        redoes=draw.random() < _REDONE,
        reason=draw.choice(RETURN_REASONS),
        plea=draw.choice(EXTEND_REASONS),
    )


def _answer(draw: Random, much: float) -> Satisfaction:
    """Draw what a reporter says who is called back."""
    if draw.random() < _UNREACHED:
        return Satisfaction.UNREACHED
    unhappy = draw.random() < _UNSATISFIED * much
    return Satisfaction.UNSATISFIED if unhappy else Satisfaction.SATISFIED
