"""Water levels: when a station is over warning or over guarantee, and what has to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from backend_client.contract.base import Text
from backend_client.contract.feature import FeatureIn

LAYER: Final = "water"
LEVEL_STATION: Final = "level_station"
DEAD_BAND_MM: Final = 20  # domain rule 17: 2 cm on every analogue water limit
NORMAL: Final = 0
OVER_WARNING: Final = 3
OVER_GUARANTEE: Final = 2
_MM = 1000

OWNER: Final = Text("市水利局", "Water Resources Bureau")
_TITLES: Final[Mapping[int, Text]] = {
    OVER_WARNING: Text(
        "{name}水位 {level} 米，超警戒 {limit} 米", "{name} at {level} m, over warning {limit} m"
    ),
    OVER_GUARANTEE: Text(
        "{name}水位 {level} 米，超保证 {limit} 米", "{name} at {level} m, over guarantee {limit} m"
    ),
}
_ACTIONS: Final[Mapping[int, Text]] = {
    OVER_WARNING: Text(
        "核对水位，通知属地防汛值班，安排巡查，视潮位开闸预降。",
        "Verify the level, tell the local flood duty, send patrols, open sluices in the tide "
        "window.",
    ),
    OVER_GUARANTEE: Text(
        "立即报告值班领导，组织抢险队伍上堤，抢潮排水，准备转移险段人员。",
        "Report to the duty leader now, man the dike, drain at every tide, prepare to move people.",
    ),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """A station's limits; one that is not known is not applied.

    Units: m in the station's own datum.
    """

    warning_m: float | None
    guarantee_m: float | None


@dataclass(frozen=True, slots=True)
class Call:
    """What an abnormal level calls for: who has to do what."""

    cause: str
    level: int
    title: Text
    action: Text
    owner: Text


def limits_of(properties: Mapping[str, JsonValue]) -> Limits:
    """Read a station's limits from its own fields."""
    return Limits(
        _number(properties.get("warning_level_m")), _number(properties.get("guarantee_level_m"))
    )


def judge(level_m: float, limits: Limits, *, was: int) -> int:
    """Give the state of a level: at a limit it is over, back only 2 cm below it.

    Args:
        level_m: the measured level.
        limits: the station's limits.
        was: the state before this measurement.
    """
    level_mm = round(level_m * _MM)
    for state, limit_m in ((OVER_GUARANTEE, limits.guarantee_m), (OVER_WARNING, limits.warning_m)):
        if limit_m is None:
            continue
        held = NORMAL < was <= state
        if level_mm >= round(limit_m * _MM) - (DEAD_BAND_MM - 1 if held else 0):
            return state
    return NORMAL


def is_judged(feature: FeatureIn) -> bool:
    """Tell whether the state of an object follows from its level by this rule."""
    if feature.kind != LEVEL_STATION or feature.value is None:
        return False
    limits = limits_of(feature.properties)
    return limits.warning_m is not None or limits.guarantee_m is not None


def cause_of(feature_id: str) -> str:
    """Name the cause under which a station's alarm is raised and returned."""
    return f"water.level.{feature_id}"[:64]


def call_for(feature: FeatureIn, state: int) -> Call:
    """Say what an abnormal station calls for."""
    english = feature.properties.get("name_en")
    limits = limits_of(feature.properties)
    limit_m = limits.guarantee_m if state == OVER_GUARANTEE else limits.warning_m
    values = {"level": _metres(feature.value), "limit": _metres(limit_m)}
    name_en = english if isinstance(english, str) else feature.name
    title = _TITLES[state]
    return Call(
        cause=cause_of(feature.id),
        level=state,
        title=Text(
            title.zh.format(name=feature.name, **values), title.en.format(name=name_en, **values)
        ),
        action=_ACTIONS[state],
        owner=OWNER,
    )


def _metres(value_m: float | None) -> str:
    return "?" if value_m is None else f"{value_m:.2f}"


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
