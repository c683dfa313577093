"""Bulk features: take in what feeds say, keep the columns, give each reader what they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from backend.domain import water
from backend.domain.alarms import Cause
from backend.domain.refused import not_found, refuse
from backend.services.alarms import raise_alarm, return_alarm
from backend.services.arrivals import Arrivals, compare
from backend.services.feeds import Feeds
from backend.services.kept import Kept, scope_of
from backend.services.policy import Policy
from backend.services.sift import owner_of, sift
from backend.storage import features as table
from backend.storage import series
from backend.storage.columns import FullError, Layer, Sees
from backend.storage.database import Database
from backend.storage.features import Stored, milliseconds
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.columns import encode_features
from backend_client.contract.feature import (
    Feature,
    FeatureIn,
    LayerInfo,
    Layers,
    Rejection,
    Series,
    Upserted,
)

AHEAD_S: Final = 60
_BLOCKS_KEPT_BYTES = 256 * 1024 * 1024
_FORGET_EVERY_S = 600


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as they came, each with its place in the feed's batch."""

    rows: Sequence[tuple[int, FeatureIn]]
    remove: Sequence[str] = ()
    rejected: tuple[Rejection, ...] = ()
    feed: str = ""


class Features:
    """Hold every layer's columns beside its table; the only writer of both."""

    def __init__(self, database: Database, policy: Policy, clock: Clock, feeds: Feeds) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self._feeds = feeds
        self._blocks = Kept(_BLOCKS_KEPT_BYTES)
        self._forgotten_s = clock.steady_s()
        with database.read() as view:
            self._layers = {
                name: Layer(name, version, table.load(view.connection, name))
                for name, version in table.layers(view.connection).items()
            }

    def upsert(self, person: Person, layer: str, batch: Batch) -> Upserted:
        """Take in a feed's batch; good rows are kept when a neighbour is refused.

        Raises:
            Refused: 422 `too_many_kinds`, when the layer cannot name one more kind or scope.
        """
        source = self._feeds.source(person, batch.feed, layer)
        arrived = self._arrived(source, layer, batch)
        good, refused = sift(
            arrived.rows,
            layer,
            may=partial(self._policy.permits, person, "layer.feed"),
            latest=self._clock.now() + timedelta(seconds=AHEAD_S),
        )
        memory = self._layers.get(layer)
        self._check_room(memory, layer, good)
        with self._database.write() as unit:
            version = self._write(unit, layer, good)
            version = self._remove(unit, layer, self._removable(person, layer, batch)) or version
            self._forget_old(unit)
            unit.audit(
                "layer.feed",
                f"layer/{layer}",
                by=person,
                detail={"accepted": len(good), "removed": len(batch.remove)},
            )
        rejected = sorted((*batch.rejected, *arrived.rejected, *refused), key=lambda one: one.index)
        self._feeds.heard(source, arrived.told(len(good), rejected))
        return Upserted(accepted=len(good), rejected=tuple(rejected), version=version)

    def project(self, unit: Unit, layer: str, feature: FeatureIn) -> int:
        """Write one object inside a caller's unit of work and give its oid.

        A unit that is rolled back leaves no trace, in the table or in memory.
        """
        self._write(unit, layer, [feature])
        return table.known_ids(unit.connection, layer, [feature.id])[feature.id]

    def withdraw(self, unit: Unit, layer: str, feature_id: str) -> None:
        """Take one object out of its layer inside a caller's unit of work."""
        self._remove(unit, layer, [feature_id])

    def block(self, person: Person, layer: str, since: int) -> bytes | None:
        """Encode what a reader lacks of a layer, None when it lacks nothing.

        Raises:
            Refused: 404, there is no such layer.
        """
        memory = self.layer(layer)
        version, scope = memory.version, scope_of(person)
        if since == version:
            return None
        return self._blocks.give(
            (layer, version, since, scope), lambda: self._encode(memory, since, person)
        )

    def layers(self, person: Person) -> Layers:
        """List the layers with what the reader sees of them."""
        sees = self.sees(person)
        return Layers(
            layers=tuple(
                LayerInfo(layer=name, version=memory.version, count=memory.count(sees))
                for name, memory in sorted(self._layers.items())
            )
        )

    def feature(self, person: Person, layer: str, oid: int) -> Feature:
        """Read one object with its own fields.

        Raises:
            Refused: 404, there is none or the reader may not know of it.
        """
        self.check_sight(person, layer, oid)
        with self._database.read() as view:
            feature = table.get(view.connection, layer, oid)
        if feature is None:
            raise not_found(f"{layer}/{oid}")
        return feature

    def series(self, person: Person, layer: str, oid: int, *, hours: int) -> Series:
        """Read one object's measured values over the last hours.

        Raises:
            Refused: 404, there is none or the reader may not know of it.
        """
        self.check_sight(person, layer, oid)
        since = milliseconds(self._clock.now() - timedelta(hours=hours))
        with self._database.read() as view:
            points = series.read(view.connection, layer, oid, since_ms=since)
        return Series(layer=layer, oid=oid, points=points)

    def check_sight(self, person: Person, layer: str, oid: int) -> None:
        """Refuse what is not there and what the reader may not see in the same words.

        Raises:
            Refused: 404.
        """
        memory = self._layers.get(layer)
        scope = memory.scope(oid) if memory else None
        if scope is None or not self._policy.permits(person, "layer.view", *scope):
            raise not_found(f"{layer}/{oid}")

    def sees(self, person: Person) -> Sees:
        """Give the reader's sight as a question about region and department."""
        return partial(self._policy.permits, person, "layer.view")

    def layer(self, name: str) -> Layer:
        """Give a layer's columns.

        Raises:
            Refused: 404, there is no such layer.
        """
        memory = self._layers.get(name)
        if memory is None:
            raise not_found(f"layer/{name}")
        return memory

    def find(self, name: str) -> Layer | None:
        """Give a layer's columns, None when nothing was ever put into it."""
        return self._layers.get(name)

    def names(self) -> tuple[str, ...]:
        """Name the layers there are."""
        return tuple(sorted(self._layers))

    def _arrived(self, source: str | None, layer: str, batch: Batch) -> Arrivals:
        if source is None:
            return Arrivals(batch.rows)
        with self._database.read() as view:
            known = table.known_ids(view.connection, layer, [row.id for _, row in batch.rows])
        return compare(
            batch.rows, known, self._layers.get(layer), partial(self._feeds.suspect, source)
        )

    def _encode(self, memory: Layer, since: int, person: Person) -> bytes | None:
        block = memory.block(since, self.sees(person))
        return encode_features(block) if block else None

    def _check_room(self, memory: Layer | None, layer: str, rows: Sequence[FeatureIn]) -> None:
        kinds = {row.kind for row in rows}
        pairs = {(row.region, row.department or owner_of(layer)) for row in rows}
        try:
            (memory or Layer(layer, 0)).room(kinds, pairs)
        except FullError as error:
            raise refuse(
                422,
                "too_many_kinds",
                Text("该图层的类别或范围过多。", "The layer would have too many kinds or scopes."),
                Text("合并类别后再送。", "Merge kinds, then send again."),
                where=layer,
            ) from error

    def _write(self, unit: Unit, layer: str, rows: Sequence[FeatureIn]) -> int:
        """Write rows and give the layer's version after them."""
        memory = self._layers.get(layer)
        newest = {row.id: row for row in sorted(rows, key=lambda one: one.observed_at)}
        known = table.known_ids(unit.connection, layer, list(newest))
        fresh = [row for row in newest.values() if not _is_late(memory, known.get(row.id), row)]
        version = memory.version if memory else 0
        if fresh:
            version = table.next_version(unit.connection, layer, unit.clock.now())
            known |= table.number(unit.connection, layer, [row.id for row in fresh])
        stored = {row.id: _stored(layer, known[row.id], row) for row in fresh}
        if layer == water.LAYER:
            stored |= self._judged(unit, memory, [(stored[row.id], row) for row in fresh])
        if fresh:
            table.put(unit.connection, layer, [(stored[row.id], row) for row in fresh])
            unit.layer_moved(layer, version)
            unit.then(partial(self._apply, layer, version, list(stored.values())))
        series.append(unit.connection, layer, [_stored(layer, known[row.id], row) for row in rows])
        return version

    def _judged(
        self, unit: Unit, memory: Layer | None, rows: Sequence[tuple[Stored, FeatureIn]]
    ) -> dict[str, Stored]:
        """Give level stations the state of the rule; raise and return their alarms."""
        judged: dict[str, Stored] = {}
        for stored, feature in rows:
            if not water.is_judged(feature) or feature.value is None:
                continue
            was = memory.state(stored.oid) if memory else water.NORMAL
            limits = water.limits_of(feature.properties)
            state = water.judge(feature.value, limits, was=was)
            judged[stored.id] = replace(stored, state=state)
            if state == was:
                continue
            if state == water.NORMAL:
                return_alarm(unit, water.cause_of(feature.id))
            else:
                raise_alarm(unit, _cause(stored, feature, state))
        return judged

    def _removable(self, person: Person, layer: str, batch: Batch) -> list[str]:
        memory = self._layers.get(layer)
        if memory is None or not batch.remove:
            return []
        with self._database.read() as view:
            known = table.known_ids(view.connection, layer, batch.remove)
        scopes = {feature_id: memory.scope(oid) for feature_id, oid in known.items()}
        return [
            feature_id
            for feature_id, scope in scopes.items()
            if scope and self._policy.permits(person, "layer.feed", *scope)
        ]

    def _remove(self, unit: Unit, layer: str, ids: Sequence[str]) -> int | None:
        known = table.known_ids(unit.connection, layer, ids) if ids else {}
        if not known:
            return None
        version = table.next_version(unit.connection, layer, unit.clock.now())
        table.remove(unit.connection, layer, list(known.values()))
        if layer == water.LAYER:
            for feature_id in known:
                return_alarm(unit, water.cause_of(feature_id))
        unit.layer_moved(layer, version)
        unit.then(partial(self._apply, layer, version, [], tuple(known.values())))
        return version

    def _apply(
        self, layer: str, version: int, rows: Sequence[Stored], gone: Sequence[int] = ()
    ) -> None:
        memory = self._layers.get(layer)
        if memory is None:
            memory = self._layers[layer] = Layer(layer, 0)
        memory.apply(version, rows, gone)

    def _forget_old(self, unit: Unit) -> None:
        if self._clock.steady_s() - self._forgotten_s > _FORGET_EVERY_S:
            self._forgotten_s = self._clock.steady_s()
            series.forget(unit.connection, now_ms=milliseconds(unit.clock.now()))


def _is_late(memory: Layer | None, oid: int | None, row: FeatureIn) -> bool:
    """Tell whether a newer state is shown already: no object goes back in time."""
    shown = memory.observed_s(oid) if memory and oid else None
    return shown is not None and milliseconds(row.observed_at) // 1000 < shown


def _stored(layer: str, oid: int, row: FeatureIn) -> Stored:
    return Stored(
        oid=oid,
        id=row.id,
        kind=row.kind,
        lon=row.lon,
        lat=row.lat,
        region=row.region,
        department=row.department or owner_of(layer),
        state=row.state,
        value=row.value,
        observed_ms=milliseconds(row.observed_at),
    )


def _cause(stored: Stored, feature: FeatureIn, state: int) -> Cause:
    call = water.call_for(feature, state)
    return Cause(
        cause=call.cause,
        source_kind="feature",
        source_id=feature.id,
        layer=water.LAYER,
        level=call.level,
        title=call.title,
        action=call.action,
        owner=call.owner,
        region=stored.region,
        department=stored.department,
        lon=stored.lon,
        lat=stored.lat,
    )
