"""Give objects the state of their kind's rule, and raise or return the alarms that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import JsonValue
from pydantic_core import from_json

from backend.domain import states as rules
from backend.domain.alarms import Cause
from backend.domain.arrays import F64, I64, Array, integers, numbers, texts
from backend.domain.states import NORMAL, StateRule, States, read_states
from backend.services.alarms import raise_alarm, return_alarm
from backend.storage.unit import Unit
from backend_client.contract.base import Text

STATES_FILE: Final = Path(__file__).parents[2] / "resources" / "states.toml"
NEEDED: Final = ("id", "kind", "name", "lon", "lat", "region", "department", "properties")

Columns = Mapping[str, Array]


def load_states(path: Path = STATES_FILE) -> States:
    """Read the table of state rules."""
    return read_states(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Objects of one kind with what their rule is applied to.

    Shape: rows, oid, was and values (n,); limits (n, levels).
    """

    rule: StateRule
    rows: I64
    oid: I64
    was: I64
    values: F64
    limits: F64


class Judge:
    """Apply the rules; remember which new states have not lasted long enough yet."""

    def __init__(self, states: States) -> None:
        self._states = states
        self._waiting: dict[tuple[str, int], tuple[int, int]] = {}

    def has_rules(self, layer: str) -> bool:
        """Tell whether any kind of a layer has a rule."""
        return layer in self._states.rules

    def has_curve(self, layer: str, kind: str | None) -> bool:
        """Tell whether a kind's values are kept over time."""
        return self._states.has_curve(layer, kind)

    def states(self, unit: Unit, layer: str, columns: Columns, oid: I64, was: I64) -> I64:
        """Give the states of objects that were told of anew, with alarms inside the unit.

        Args:
            unit: where alarms are raised and returned.
            layer: the objects' layer.
            columns: those of `NEEDED`, with `state`, `value` and `observed_ms`.
            oid: the objects.
            was: their states before.

        Shape: oid, was, result (n,).
        """
        states = integers(columns["state"].fill_null(0))
        for judged in self._judged(layer, columns, oid, was):
            observed_ms = integers(columns["observed_ms"])[judged.rows]
            made = rules.judge(judged.rule, judged.values, judged.limits, judged.was)
            lasting = self._lasting(unit, layer, judged, made, observed_ms)
            states[judged.rows] = lasting
            changed = np.flatnonzero(lasting != judged.was) if judged.rule.calls else ()
            for place in map(int, changed):
                _tell(unit, judged, place, int(lasting[place]), columns)
        return states

    def gone(self, unit: Unit, layer: str, ids: list[str]) -> None:
        """Return the alarms of objects that are taken out of their layer."""
        for rule in self._states.rules.get(layer, {}).values():
            for feature_id in ids if rule.calls else ():
                return_alarm(unit, rules.cause_of(rule, feature_id))

    def _judged(self, layer: str, columns: Columns, oid: I64, was: I64) -> list[Judged]:
        kinds = np.array(columns["kind"].to_pylist(), dtype=object)
        values = numbers(columns["value"])
        found: list[Judged] = []
        for kind, rule in self._states.rules.get(layer, {}).items():
            rows = np.flatnonzero((kinds == kind) & ~np.isnan(values))
            limits = _limits(rule, rows, columns)
            has_limit = rules.is_judged(limits)
            rows, limits = rows[has_limit], limits[has_limit]
            found.append(Judged(rule, rows, oid[rows], was[rows], values[rows], limits))
        return found

    def _lasting(self, unit: Unit, layer: str, judged: Judged, made: I64, observed_ms: I64) -> I64:
        """Hold a new state back until it has lasted as long as its rule asks."""
        rule, lasting = judged.rule, made.copy()
        if not rule.on_s and not rule.off_s:
            return lasting
        for place in range(len(made)):
            key, now, was = (layer, int(judged.oid[place])), int(made[place]), judged.was[place]
            delay_ms = (rule.on_s if rules.is_worse(now, int(was)) else rule.off_s) * 1000
            target, since_ms = self._waiting.get(key, (-1, 0))
            at_ms = int(observed_ms[place])
            if now == was or not delay_ms:
                unit.then(partial(self._settle, key))
            elif target != now:
                lasting[place] = was
                unit.then(partial(self._waiting.__setitem__, key, (now, at_ms)))
            elif at_ms - since_ms < delay_ms:
                lasting[place] = was
            else:
                unit.then(partial(self._settle, key))
        return lasting

    def _settle(self, key: tuple[str, int]) -> None:
        self._waiting.pop(key, None)


def _limits(rule: StateRule, rows: I64, columns: Columns) -> F64:
    if not rule.fields:
        return np.tile(np.array(rules.limits_of(rule, {})), (len(rows), 1))
    fields = map(from_json, texts(columns["properties"].take(rows)))
    limits = [rules.limits_of(rule, one) for one in fields]
    return np.array(limits, np.float64).reshape(len(rows), len(rule.levels))


def _tell(unit: Unit, judged: Judged, place: int, state: int, columns: Columns) -> None:
    """Raise the alarm of a state that calls for something, return that of one that does not."""
    said = {name: columns[name][int(judged.rows[place])].as_py() for name in NEEDED}
    cause = rules.cause_of(judged.rule, said["id"])
    if state == NORMAL:
        return_alarm(unit, cause)
        return
    fields: dict[str, JsonValue] = from_json(said["properties"])
    english = fields.get("name_en")
    words = rules.words_for(
        judged.rule,
        state,
        names=Text(said["name"], english if isinstance(english, str) else said["name"]),
        value=float(judged.values[place]),
        limits=judged.limits[place].tolist(),
    )
    if words is None:
        return_alarm(unit, cause)
        return
    title, action = words
    raise_alarm(
        unit,
        Cause(
            cause=cause,
            source_kind="feature",
            source_id=said["id"],
            layer=judged.rule.layer,
            level=state,
            title=title,
            action=action,
            owner=judged.rule.owner,
            region=said["region"],
            department=said["department"],
            lon=said["lon"],
            lat=said["lat"],
        ),
    )
