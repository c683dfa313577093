"""What the map showed at an instant: moving objects out of their history, layers back from now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from backend.domain.refused import not_found, refuse
from backend.services.features import Features
from backend.services.fixes import Moved, block_of
from backend.services.policy import Policy
from backend.services.positions import Positions
from backend.storage import features as table
from backend.storage import past
from backend.storage.columns import Layer, Sees
from backend.storage.database import Database
from backend.storage.features import milliseconds
from backend.storage.journal import Fixes
from backend.storage.past import ABSENT, KEPT_MS
from backend.storage.unit import View
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.columns import (
    E7,
    FEATURE_COLUMNS,
    NO_VALUE,
    FeatureBlock,
    FixBlock,
    empty_features,
    merge_features,
    places_among,
)
from backend_client.contract.feature import Feature

I64 = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp] | npt.NDArray[np.bool_]

HEARD_MS: Final = 15 * 60_000
"""A moving object not heard for so long before an instant is not shown at it."""
_NO_ONE: Final = np.empty(0, np.uint32)
_EPOCH: Final = "replay"


@dataclass(frozen=True, slots=True)
class Replay:
    """Answer for instants of the last week; a reader sees of them what they may see today."""

    features: Features
    moving: Positions
    database: Database
    policy: Policy
    clock: Clock

    def positions(self, person: Person, at: datetime) -> FixBlock:
        """Give where every moving object was last heard of until an instant.

        Raises:
            Refused: 422, the instant is in the future or more than a week ago.
        """
        at_ms = self._checked(at)
        parts = [self._moved(person, name, at_ms) for name in self.features.names()]
        return block_of([part for part in parts if part is not None], at_ms, _EPOCH)

    def layer(self, person: Person, name: str, at: datetime) -> FeatureBlock:
        """Give what leads from a layer as it is now back to an instant.

        Returns:
            A change on the present version: objects in another state or with another value,
            those that were there then, and as removed those that were not.

        Raises:
            Refused: 404, there is no such layer or it is not open to the reader; 422 as above.
        """
        at_ms = self._checked(at)
        memory = self.features.layer(name)
        if not self.policy.opens(person, name):
            raise not_found(f"layer/{name}")
        sees = self.features.sees(person, name)
        now = memory.block(0, sees) or empty_features(name)
        with self.database.read() as view:
            oid, state = past.states(view.connection, name, at_ms)
            first = past.first_after(view.connection, name, at_ms)
            if first is not None:
                oid, state = oid[oid < first], state[oid < first]
            gone = _returned(view, name, oid, state, now=now, sees=sees)
            then = self._then(view, memory, now, at_ms, states=(oid, state))
        absent = now.oid[np.isin(now.oid, oid[state == ABSENT])]
        if first is not None:
            absent = np.concatenate([absent, now.oid[now.oid >= first]])
            then = _taken(then, then.oid < first)
        then = _taken(then, ~np.isin(then.oid, absent))
        base = replace(then, version=now.version, base=0)
        joined = merge_features(base, replace(gone, version=now.version, base=now.version))
        return replace(joined, base=now.version, removed=np.unique(absent).astype(np.uint32))

    def _checked(self, at: datetime) -> int:
        at_ms, now_ms = milliseconds(at), milliseconds(self.clock.now())
        if at_ms > now_ms:
            raise refuse(
                422,
                "in_future",
                Text("回放时刻在未来。", "The instant is in the future."),
                Text("选择此刻之前的时间。", "Choose an instant before now."),
                where="at",
            )
        if at_ms < now_ms - KEPT_MS:
            raise refuse(
                422,
                "too_long_ago",
                Text("回放只保留最近七天。", "Replay goes back seven days."),
                Text("选择七天以内的时间。", "Choose an instant of the last seven days."),
                where="at",
            )
        return at_ms

    def _moved(self, person: Person, name: str, at_ms: int) -> Moved | None:
        fixes = self.moving.kept(name, at_ms - HEARD_MS, at_ms)
        if not len(fixes):
            return None
        last: Fixes = fixes[np.flatnonzero(np.diff(fixes["oid"].astype(np.int64), append=-1))]
        sight = self.features.layer(name).sight(
            last["oid"].astype(np.int64), self.features.sees(person, name)
        )
        rows = np.flatnonzero(sight.seen)
        seen = replace(sight, kind=sight.kind[rows], region=sight.region[rows])
        return Moved(name, last[rows], seen, _NO_ONE)

    def _then(
        self, view: View, memory: Layer, now: FeatureBlock, at_ms: int, *, states: tuple[I64, I64]
    ) -> FeatureBlock:
        """Give the objects there are that were in another state or measured something else."""
        oid, state = states
        at_s = at_ms // 1000
        row, known = places_among(now.oid, oid)
        other, was = row[known], state[known]
        newer = np.flatnonzero(now.observed_s > at_s)
        curved = [self.features.has_curve(memory.name, kind) for kind in now.kinds] or [False]
        measured = newer[np.array(curved)[now.kind[newer]]]
        rows = np.union1d(other, measured)
        found = _taken(now, rows)
        found.state[np.searchsorted(rows, other)] = np.where(was == ABSENT, 0, was)
        asked = now.oid[measured].astype(np.int64)
        told, value, second = past.values(view.connection, memory.name, asked, at_ms)
        found.value[np.searchsorted(rows, measured)] = NO_VALUE
        found.observed_s[:] = np.minimum(found.observed_s, at_s)
        place = np.searchsorted(found.oid, told)
        found.value[place], found.observed_s[place] = value, second
        return found


def _returned(
    view: View, name: str, oid: I64, state: I64, *, now: FeatureBlock, sees: Sees
) -> FeatureBlock:
    """Give the objects that were there and are no more."""
    _, known = places_among(now.oid, oid)
    back = ~known & (state != ABSENT)
    states = dict(zip(oid[back].tolist(), state[back].tolist(), strict=True))
    features = [
        one
        for one in table.gone(view.connection, name, list(states))
        if one.lon is not None and sees(one.region, one.department)
    ]
    return _block(name, features, states)


def _block(name: str, features: Sequence[Feature], states: dict[int, int]) -> FeatureBlock:
    """Write objects as columns, in the states they were in."""
    kinds = tuple(dict.fromkeys(one.kind for one in features))
    regions = tuple(dict.fromkeys(one.region for one in features))
    columns: dict[str, list[Any]] = {
        "oid": [one.oid for one in features],
        "lon_e7": [round((one.lon or 0.0) * E7) for one in features],
        "lat_e7": [round((one.lat or 0.0) * E7) for one in features],
        "kind": [kinds.index(one.kind) for one in features],
        "state": [states[one.oid] for one in features],
        "region": [regions.index(one.region) for one in features],
        "value": [NO_VALUE if one.value is None else one.value for one in features],
        "observed_s": [int(one.observed_at.timestamp()) for one in features],
    }
    none = empty_features(name)
    typed: dict[str, Any] = {
        key: np.array(rows, getattr(none, key).dtype) for key, rows in columns.items()
    }
    return replace(none, kinds=kinds, regions=regions, **typed)


def _taken(block: FeatureBlock, rows: Rows) -> FeatureBlock:
    """Give copies of some rows."""
    shapes = block.shapes.take(rows, block.oid.size)
    return replace(
        block, shapes=shapes, **{name: getattr(block, name)[rows] for name in FEATURE_COLUMNS}
    )
