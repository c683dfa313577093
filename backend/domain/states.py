"""State rules as rows of a table: which value of which kind is abnormal, and what it calls for.

The table is `resources/states.toml`; a kind without a rule keeps the state its source gives it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field, JsonValue, TypeAdapter

from backend_client.contract.base import Frozen, Id, Line, Number, State, Text
from backend_client.contract.feature import LayerId

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

NORMAL: Final = 0
_DIGITS: Final = 6  # limits and readings are compared to a millionth of their unit
_Seconds = Annotated[float, Field(ge=0, le=86_400)]


class Level(Frozen):
    """One limit of a rule: a number, or the object's own field that holds it.

    An alarm is raised only where an action says what has to be done.
    """

    model_config = ConfigDict(arbitrary_types_allowed=False)

    level: State
    limit: Number | None = None
    field: Id | None = None
    title: Text = Text("", "")
    action: Text | None = None


class StateRule(Frozen):
    """When a kind's value is abnormal; levels from the worst down.

    Args:
        over: abnormal at or over a limit; else at or under it.
        dead_band: how far beyond the limit the value must be back, in the value's unit.
        on_s: how long a worse state must last before it counts.
        off_s: how long a better one must.
        source: where the limits come from.
    """

    layer: LayerId
    kind: Id
    name: Id
    over: bool = True
    dead_band: Number = 0.0
    on_s: _Seconds = 0.0
    off_s: _Seconds = 0.0
    digits: Annotated[int, Field(ge=0, le=6)] = 2
    owner: Text
    source: Line
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=4)]

    @property
    def calls(self) -> bool:
        """Tell whether any of its levels calls for something to be done."""
        return any(one.action is not None for one in self.levels)

    @property
    def fields(self) -> tuple[str, ...]:
        """Name the objects' own fields that hold limits."""
        return tuple(one.field for one in self.levels if one.field)


class _Table(Frozen):
    rule: tuple[StateRule, ...] = ()
    curves: Mapping[LayerId, tuple[Id, ...]] = {}


@dataclass(frozen=True, slots=True)
class States:
    """The table, by layer and kind; `curves` names the kinds whose values are kept over time."""

    rules: Mapping[str, Mapping[str, StateRule]]
    curves: Mapping[str, frozenset[str]]

    def has_curve(self, layer: str, kind: str | None) -> bool:
        """Tell whether a kind's values are kept; those of a layer the table does not name are."""
        return layer not in self.curves or kind in self.curves[layer]


def read_states(text: str) -> States:
    """Read the table.

    Raises:
        ValueError: it is not TOML, or a rule is not whole.
    """
    table = TypeAdapter(_Table).validate_python(tomllib.loads(text), strict=False)
    rules: dict[str, dict[str, StateRule]] = {}
    for rule in table.rule:
        if rule.kind in rules.setdefault(rule.layer, {}):
            raise ValueError(f"two rules for {rule.layer}/{rule.kind}")
        rules[rule.layer][rule.kind] = rule
    return States(rules, {layer: frozenset(kinds) for layer, kinds in table.curves.items()})


def limits_of(rule: StateRule, properties: Mapping[str, JsonValue]) -> list[float]:
    """Give the limits that hold for one object, NaN where it has none."""
    return [_limit(one, properties) for one in rule.levels]


def _limit(level: Level, properties: Mapping[str, JsonValue]) -> float:
    value = properties.get(level.field) if level.field else level.limit
    if isinstance(value, bool) or not isinstance(value, int | float):
        return np.nan
    return float(value)


def judge(rule: StateRule, values: F64, limits: F64, was: I64) -> I64:
    """Give the states of some values: at a limit it is abnormal, back only past the dead-band.

    Args:
        rule: the kind's rule.
        values: what was measured.
        limits: each object's limits, NaN where it has none.
        was: the states before.

    Shape: values, was and result (n,); limits (n, levels).
    """
    sign = 1 if rule.over else -1
    states = np.full(len(values), NORMAL, np.int64)
    for place in range(len(rule.levels) - 1, -1, -1):
        state = rule.levels[place].level
        beyond = np.round(sign * (values - limits[:, place]), _DIGITS)
        held = (was > NORMAL) & (was <= state)
        states[(beyond >= 0) | (held & (beyond > -rule.dead_band))] = state
    return states


def is_judged(limits: F64) -> npt.NDArray[np.bool_]:
    """Tell which objects have a limit at all.

    Shape: limits (n, levels); result (n,).
    """
    return np.asarray(~np.isnan(limits).all(axis=1), np.bool_)


def is_worse(state: int, was: int) -> bool:
    """Tell whether a state is worse than another: I before IV, normal last."""
    return state != NORMAL and (was == NORMAL or state < was)


def cause_of(rule: StateRule, feature_id: str) -> str:
    """Name the cause under which an object's alarm is raised and returned."""
    return f"{rule.layer}.{rule.name}.{feature_id}"[:64]


def words_for(
    rule: StateRule, state: int, *, names: Text, value: float, limits: Sequence[float]
) -> tuple[Text, Text] | None:
    """Say what an abnormal state is and what has to be done, None when nothing has to be."""
    place = next((at for at, one in enumerate(rule.levels) if one.level == state), None)
    if place is None or rule.levels[place].action is None:
        return None
    level = rule.levels[place]
    numbers = {"value": f"{value:.{rule.digits}f}", "limit": f"{limits[place]:.{rule.digits}f}"}
    title = Text(
        level.title.zh.format(name=names.zh, **numbers),
        level.title.en.format(name=names.en, **numbers),
    )
    return title, level.action or Text("", "")
