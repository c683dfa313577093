"""Bulk features: take in what feeds say, keep the columns, give each reader what they may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa

from backend.domain.arrays import I64, Array, Bools, integers, numbers, pairs, words
from backend.domain.refused import not_found, refuse
from backend.services import rows as told_rows
from backend.services.arrivals import doubled, odd_units
from backend.services.feeds import Batch as Came
from backend.services.feeds import Feeds
from backend.services.judging import NEEDED, Judge, load_states
from backend.services.kept import Kept, scope_of
from backend.services.policy import Policy
from backend.services.rows import Merged, Told
from backend.services.sift import NOT_YOURS, UNKNOWN, Fault, owner_of, sift
from backend.storage import features as table
from backend.storage import past, series
from backend.storage.columns import FullError, Layer, Sees
from backend.storage.database import Database
from backend.storage.features import Chunk, milliseconds
from backend.storage.unit import Unit
from backend.storage.views import Left
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.columns import encode_parts
from backend_client.contract.feature import (
    Feature,
    FeatureIn,
    LayerInfo,
    Layers,
    Rejection,
    Series,
    Upserted,
)
from backend_client.contract.rows import Rows

AHEAD_S: Final = 60
AT_ONCE: Final = 5_000
"""Rows of one unit of work: a wide batch never keeps the writer from others for long."""
_BLOCKS_KEPT_BYTES = 256 * 1024 * 1024
_FORGET_EVERY_S = 600
_WORDS = frozenset({"name", "properties", "region", "department"})


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as they came, each with its place in the feed's batch."""

    rows: Sequence[tuple[int, FeatureIn]]
    remove: Sequence[str] = ()
    rejected: tuple[Rejection, ...] = ()
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of checked rows: the layer's version, rows left out, rows shown already.

    `oid` are the objects the newest rows are of, in their order.
    """

    version: int
    faults: Sequence[tuple[int, Fault]]
    doubled: int
    oid: I64


class Features:
    """Hold every layer's columns beside its table; the only writer of both."""

    def __init__(self, database: Database, policy: Policy, clock: Clock, feeds: Feeds) -> None:
        self._database, self._policy, self._clock = database, policy, clock
        self._feeds = feeds
        self._judge = Judge(load_states())
        self._blocks = Kept(_BLOCKS_KEPT_BYTES)
        self._forgotten_s = clock.steady_s()
        self._on_left: list[Callable[[str, Sequence[Left]], None]] = []
        self._on_changed: list[Callable[[str, int, I64], None]] = []
        with database.read() as view:
            self._layers = {
                name: Layer(name, version, table.load(view.connection, name))
                for name, version in table.layers(view.connection).items()
            }

    def on_left(self, hear: Callable[[str, Sequence[Left]], None]) -> None:
        """Call `hear` after a commit by which moving objects went, stood still or changed scope."""
        self._on_left.append(hear)

    def on_changed(self, hear: Callable[[str, int, I64], None]) -> None:
        """Call `hear` after each commit: layer, version, objects whose words may have changed."""
        self._on_changed.append(hear)

    def upsert(self, person: Person, layer: str, batch: Batch) -> Upserted:
        """Take in a feed's batch; good rows are kept when a neighbour is refused.

        Raises:
            Refused: 422 `too_many_kinds`, when the layer cannot name one more kind or scope.
        """
        places = [index for index, _ in batch.rows]
        told = Told(told_rows.batch_of([row for _, row in batch.rows]), batch.feed)
        done = self._take_all(person, layer, told, before=batch.rejected)
        version = self._remove_all(person, layer, batch.remove) or done.version
        refused = [one.model_copy(update={"index": places[one.index]}) for one in done.rejected]
        rejected = sorted((*batch.rejected, *refused), key=lambda one: one.index)
        return Upserted(accepted=done.accepted, rejected=tuple(rejected), version=version)

    def put_rows(self, person: Person, layer: str, rows: Rows) -> Upserted:
        """Take in a wide batch; good rows are kept when a neighbour is refused.

        Raises:
            Refused: 422 `too_many_kinds`, when the layer cannot name one more kind or scope.
        """
        return self._take_all(person, layer, Told(rows.batch, rows.feed))

    def project(self, unit: Unit, layer: str, feature: FeatureIn) -> int:
        """Write one object inside a caller's unit of work and give its oid.

        A unit that is rolled back leaves no trace, in the table or in memory.
        """
        return int(self._write(unit, layer, Told(told_rows.batch_of([feature]))).oid[0])

    def project_all(self, unit: Unit, layer: str, features: Sequence[FeatureIn]) -> None:
        """Write objects inside a caller's unit of work; those that stay the same stay."""
        self._write(unit, layer, Told(told_rows.batch_of(features)))

    def withdraw(self, unit: Unit, layer: str, feature_id: str) -> None:
        """Take one object out of its layer inside a caller's unit of work."""
        self._remove(unit, layer, [feature_id])

    def block(self, person: Person, layer: str, since: int) -> Sequence[bytes] | None:
        """Encode what a reader lacks of a layer, in parts, None when it lacks nothing.

        Raises:
            Refused: 404, there is no such layer or it is not open to the reader's role.
        """
        memory = self.layer(layer)
        if not self._policy.opens(person, layer):
            raise not_found(f"layer/{layer}")
        version, scope = memory.version, scope_of(person)
        if since == version:
            return None
        return self._blocks.give(
            (layer, version, since, scope), lambda: self._encode(memory, since, person)
        )

    def layers(self, person: Person) -> Layers:
        """List the layers with what the reader sees of them."""
        open_ = [name for name in self.names() if self._policy.opens(person, name)]
        return Layers(
            layers=tuple(
                LayerInfo(
                    layer=name,
                    version=self._layers[name].version,
                    count=self._layers[name].count(self.sees(person, name)),
                )
                for name in open_
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
        if scope is None or not self.sees(person, layer)(*scope):
            raise not_found(f"{layer}/{oid}")

    def sees(self, person: Person, layer: str) -> Sees:
        """Give the reader's sight in a layer as a question about region and department."""
        if not self._policy.opens(person, layer):
            return _sees_nothing
        return partial(self._policy.permits, person, "layer.view")

    def has_curve(self, layer: str, kind: str) -> bool:
        """Tell whether the values of a kind are kept over time."""
        return self._judge.has_curve(layer, kind)

    def reaches(self, person: Person, layer: str) -> bool:
        """Tell whether a reader is told of a layer's news: also when its last object has left."""
        return self._policy.opens(person, layer)

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

    def _encode(self, memory: Layer, since: int, person: Person) -> Sequence[bytes] | None:
        block = memory.block(since, self.sees(person, memory.name))
        return encode_parts(block) if block else None

    def _take_all(
        self, person: Person, layer: str, told: Told, *, before: Sequence[Rejection] = ()
    ) -> Upserted:
        """Check rows, write the good ones some thousand at a time, and tell the feed's record.

        Args:
            person: who brings them.
            layer: where they go.
            told: the rows.
            before: why other rows of the batch were refused on the way here.
        """
        source = self._feeds.source(person, told.feed, layer)
        may = partial(self._policy.permits, person, "layer.feed")
        latest = self._clock.now() + timedelta(seconds=AHEAD_S)
        good, rejected = sift(told.batch, layer, may=may, latest=latest)
        good, odd = self._units(source, layer, told, good)
        rejected += odd
        self._check_room(layer, told.batch.take(good))
        version, doubled, accepted = self._version(layer), 0, len(good)
        for start in range(0, len(good), AT_ONCE):
            part = good[start : start + AT_ONCE]
            some = replace(told, batch=told.batch.take(part))
            with self._database.write() as unit:
                done = self._write(unit, layer, some, may=may)
                self._forget_old(unit)
                counts = {"accepted": len(part) - len(done.faults), "feed": told.feed}
                unit.audit("layer.feed", f"layer/{layer}", by=person, detail=counts)
            version, doubled = done.version, doubled + done.doubled
            accepted -= len(done.faults)
            rejected += [fault.at(int(part[row])) for row, fault in done.faults]
        rejected.sort(key=lambda one: one.index)
        observed_ms = integers(told.batch.column("observed_ms").fill_null(0))
        doubled = min(doubled, accepted)
        refused = (*before, *rejected)
        self._feeds.heard(source, Came(observed_ms, accepted - doubled, refused, doubled))
        return Upserted(accepted=accepted, rejected=tuple(rejected), version=version)

    def _units(
        self, source: str | None, layer: str, told: Told, good: I64
    ) -> tuple[I64, list[Rejection]]:
        """Part rows whose unit changed from the others; only a registered feed has a record."""
        if source is None or "value" not in told.batch.schema.names:
            return good, []
        memory = self._layers.get(layer) or Layer(layer, 0)
        batch = told.batch.take(good)
        ids, which = words(batch.column("id"))
        with self._database.read() as view:
            oid = table.known(view.connection, layer, ids, ()).oid[which]
        is_whole = "kind" in batch.schema.names
        odd = odd_units(
            memory,
            oid,
            kinds=batch.column("kind").to_pylist() if is_whole else memory.kinds(oid),
            values=numbers(batch.column("value")),
            suspect=partial(self._feeds.suspect, source),
        )
        return good[~odd.rows], [fault.at(int(good[row])) for row, fault in odd.faults()]

    def _version(self, layer: str) -> int:
        memory = self._layers.get(layer)
        return memory.version if memory else 0

    def _check_room(self, layer: str, batch: pa.RecordBatch) -> None:
        names = batch.schema.names
        if "region" not in names:
            return
        none: Array = pa.nulls(batch.num_rows, pa.string())
        department = batch.column("department") if "department" in names else none
        scopes, _ = pairs(batch.column("region"), department.fill_null(owner_of(layer)))
        kinds = words(batch.column("kind"))[0] if "kind" in names else []
        try:
            (self._layers.get(layer) or Layer(layer, 0)).room(kinds, scopes)
        except FullError as error:
            raise refuse(
                422,
                "too_many_kinds",
                Text("该图层的类别或范围过多。", "The layer would have too many kinds or scopes."),
                Text("合并类别后再送。", "Merge kinds, then send again."),
                where=layer,
            ) from error

    def _write(
        self, unit: Unit, layer: str, told: Told, *, may: Callable[[str, str], bool] | None = None
    ) -> Written:
        """Write checked rows."""
        memory = self._layers.get(layer) or Layer(layer, 0)
        also = (*NEEDED, "state", "value") if self._judge.has_rules(layer) else ()
        owner = owner_of(layer)
        merged = told_rows.merge(unit, memory, told, owner=owner, also=also)
        faults: list[tuple[int, Fault]] = []
        out = np.zeros(len(merged.row), np.bool_)
        if may is not None:
            out = told_rows.barred(memory, merged.known.oid, may)
            faults = [(int(row), NOT_YOURS) for row in merged.row[out]]
        if "kind" not in told.batch.schema.names:
            strange = merged.unknown & ~out
            faults += [(int(row), UNKNOWN) for row in merged.row[strange]]
            out |= strange
        judged = self._judged(unit, memory, merged, ~out)
        fresh = judged.fresh & ~out
        oid = judged.known.oid.copy()
        version = memory.version
        if fresh.any():
            version = table.next_version(unit.connection, layer, unit.clock.now())
            new = fresh & (oid == 0)
            if new.any():
                oid[new] = table.number(unit.connection, layer, int(new.sum()))
            self._keep_past(unit, memory, judged, fresh, oid[new])
            chunk = told_rows.chunk_of(judged, oid, fresh)
            table.put(unit.connection, layer, chunk)
            unit.layer_moved(layer, version)
            unit.then(partial(self._apply, layer, version, chunk))
        self._keep_values(unit, memory, told, judged, oid)
        observed_ms = integers(judged.columns["observed_ms"])
        again = doubled(memory, judged.known.oid[~out], observed_ms[~out])
        return Written(version, faults, again, oid)

    def _judged(self, unit: Unit, memory: Layer, merged: Merged, allowed: Bools) -> Merged:
        """Give objects of judged kinds the state of their rule; raise and return their alarms."""
        rows = np.flatnonzero(merged.fresh & allowed)
        if not len(rows) or not self._judge.has_rules(memory.name):
            return merged
        columns = {name: one.take(rows) for name, one in merged.whole.items()}
        oid = merged.known.oid[rows]
        states = integers(merged.whole["state"].fill_null(0))
        states[rows] = self._judge.states(unit, memory.name, columns, oid, memory.state(oid))
        return replace(merged, columns={**merged.columns, "state": pa.array(states, pa.uint8())})

    def _keep_past(self, unit: Unit, memory: Layer, judged: Merged, fresh: Bools, new: I64) -> None:
        """Keep which states end now, and from which number on objects are new."""
        now_ms = milliseconds(unit.clock.now())
        if new.size:
            past.number(unit.connection, memory.name, int(new[0]), at_ms=now_ms)
        known, told = judged.known, judged.columns.get("state")
        if told is None:
            return
        before = np.where(known.gone, past.ABSENT, memory.state(known.oid))
        ends = fresh & (known.oid > 0) & (integers(told.fill_null(0)) != before)
        past.end(unit.connection, memory.name, known.oid[ends], before[ends], until_ms=now_ms)

    def _keep_values(self, unit: Unit, memory: Layer, told: Told, merged: Merged, oid: I64) -> None:
        """Keep the values measured of kinds that have a curve, late ones too."""
        if "value" not in told.batch.schema.names:
            return
        kinds = merged.columns.get("kind")
        words = memory.kinds(oid) if kinds is None else kinds.to_pylist()
        curved = {word: self._judge.has_curve(memory.name, word) for word in set(words)}
        keeps = np.array([curved[word] for word in words], np.bool_) & (oid > 0)
        series.append(unit.connection, memory.name, *told_rows.values(told, merged, oid, keeps))

    def _remove_all(self, person: Person, layer: str, ids: Sequence[str]) -> int | None:
        memory = self._layers.get(layer)
        if memory is None or not ids:
            return None
        may = partial(self._policy.permits, person, "layer.feed")
        named = list(dict.fromkeys(ids))
        with self._database.write() as unit:
            known = table.known(unit.connection, layer, named, ())
            there = (known.oid > 0) & ~known.gone & ~told_rows.barred(memory, known.oid, may)
            gone = [named[row] for row in np.flatnonzero(there).tolist()]
            if not gone:
                return None
            unit.audit("layer.feed", f"layer/{layer}", by=person, detail={"removed": len(gone)})
            return self._remove(unit, layer, gone)

    def _remove(self, unit: Unit, layer: str, ids: Sequence[str]) -> int | None:
        known = table.known(unit.connection, layer, ids, ())
        oids = known.oid[(known.oid > 0) & ~known.gone].tolist()
        if not oids:
            return None
        version = table.next_version(unit.connection, layer, unit.clock.now())
        table.remove(unit.connection, layer, oids)
        ends, memory = np.array(oids, np.int64), self._layers.get(layer)
        states = memory.state(ends) if memory else np.zeros_like(ends)
        now_ms = milliseconds(unit.clock.now())
        past.end(unit.connection, layer, ends, states, until_ms=now_ms)
        self._judge.gone(unit, layer, list(ids))
        unit.layer_moved(layer, version)
        unit.then(partial(self._apply, layer, version, None, oids))
        return version

    def _apply(
        self, layer: str, version: int, chunk: Chunk | None, gone: Sequence[int] = ()
    ) -> None:
        memory = self._layers.get(layer)
        if memory is None:
            memory = self._layers[layer] = Layer(layer, version - 1)
        left = memory.apply(version, chunk, gone)
        for hear in self._on_left if left else ():
            hear(layer, left)
        for told in self._on_changed:
            told(layer, version, _reworded(chunk, gone))

    def _forget_old(self, unit: Unit) -> None:
        if self._clock.steady_s() - self._forgotten_s > _FORGET_EVERY_S:
            self._forgotten_s = self._clock.steady_s()
            now_ms = milliseconds(unit.clock.now())
            series.forget(unit.connection, now_ms=now_ms)
            past.forget(unit.connection, now_ms=now_ms)


def _reworded(chunk: Chunk | None, gone: Sequence[int]) -> I64:
    """Give the objects whose words or scope a commit may have changed: readings change neither."""
    named = chunk is not None and not _WORDS.isdisjoint(chunk.columns)
    return np.concatenate([chunk.oid if chunk and named else [], gone]).astype(np.int64)


def _sees_nothing(_region: str, _department: str) -> bool:
    return False
