"""One layer in memory as typed arrays: what blocks, the lasso and the rules read."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from backend.domain.arrays import F64, I64, Bools, integers, numbers, pairs, texts, words
from backend.storage.codes import Codes, taken, used
from backend.storage.features import Chunk
from backend.storage.outlines import Outlines, Redrawn
from backend.storage.views import Left, Picked, Places, Sight, Things
from backend_client.contract.columns import E7, FeatureBlock

Sees = Callable[[str, str], bool]
"""Tell whether a reader sees things of a region and department."""

I32 = npt.NDArray[np.int32]
NOWHERE = np.int32(np.iinfo(np.int32).min)
GONE_KEPT = 50_000
MOVES_KEPT = 100_000
"""Rows of the log of moves, 0.4 MB a layer; who is further behind costs a look at each object."""
_MOVE = 50
"""A version's own weight in the log of moves, in rows of 4 bytes: most write a single row."""
_TYPES: dict[str, type[np.generic]] = {
    "lon_e7": np.int32,
    "lat_e7": np.int32,
    "kind": np.uint8,
    "state": np.uint8,
    "pair": np.uint16,
    "value": np.float32,
    "observed_s": np.uint32,
    "changed": np.uint32,  # versions since the layer was loaded
    "placed": np.uint32,
    "alive": np.bool_,
}
_GROWTH = 1.25
MAX_KINDS = 255
MAX_PAIRS = 65_535


class FullError(ValueError):
    """The layer has more different kinds or scopes than its arrays can name."""


class _Gone(NamedTuple):
    """An object that left the map or its scope, and the scope it was seen in until then."""

    version: int
    oid: int
    pair: int


class Layer:
    """Keep one layer's columns, dense by oid, and what is needed to tell changes apart.

    Written by the one writer thread after each commit, read by any thread.
    """

    def __init__(self, name: str, version: int, chunks: Iterable[Chunk] = ()) -> None:
        self.name = name
        self._lock = threading.RLock()
        self._version = version
        self._first = version
        self._floor = version  # changes up to here can no longer be told apart
        self._placed = 0
        self._kinds = Codes()
        self._pairs = Codes()
        self._columns = {key: np.zeros(0, dtype=kind) for key, kind in _TYPES.items()}
        self._size = 0
        self._moving: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._outlines = Outlines()
        self._gone: deque[_Gone] = deque()
        self._moves: deque[tuple[int, I32]] = deque()  # what each version wrote, the newest last
        self._moves_held = 0
        self._moves_floor = version
        self._left_moving: list[Left] = []
        for chunk in chunks:
            self._write(version, chunk)

    @property
    def version(self) -> int:
        """Give the newest version readers are served."""
        return self._version

    def apply(self, version: int, chunk: Chunk | None, gone: Sequence[int] = ()) -> list[Left]:
        """Take over what was committed as a version; give the moving objects that left."""
        with self._lock:
            self._left_moving = []
            if chunk is not None:
                self._write(version, chunk)
                self._moves.append((version, (chunk.oid - 1).astype(np.int32)))
                self._moves_held += len(chunk.oid) + _MOVE
            for oid in gone:
                self._drop(version, oid)
            self._version = version
            while len(self._gone) > GONE_KEPT:
                self._floor = self._gone.popleft().version
            while self._moves_held > MOVES_KEPT:
                self._moves_floor, rows = self._moves.popleft()
                self._moves_held -= len(rows) + _MOVE
            return self._left_moving

    def room(self, kinds: Iterable[str], pairs: Iterable[tuple[str, str]]) -> None:
        """Refuse more kinds or scopes than the arrays can name.

        Raises:
            FullError: the batch would be the one too many.
        """
        with self._lock:
            all_kinds = self._kinds.count((kind,) for kind in kinds)
            all_pairs = self._pairs.count(pairs)
        if all_kinds > MAX_KINDS or all_pairs > MAX_PAIRS:
            raise FullError(self.name)

    def observed_s(self, oid: I64) -> I64:
        """Give when the newest state of each object was observed, -1 where there is none.

        Shape: oid and result (n,).
        """
        return self._of("observed_s", oid, missing=-1)

    def shown(self, oid: I64) -> tuple[F64, I64]:
        """Give the value and the second of observation shown of objects, 0 for unknown ones.

        Shape: both (n,); NaN and 0 where there is none.
        """
        with self._lock:
            value, seconds = np.full(oid.size, np.nan), np.zeros(oid.size, np.int64)
            inside = (oid >= 1) & (oid <= self._size)
            inside[inside] = self._columns["alive"][oid[inside] - 1]
            value[inside] = self._columns["value"][oid[inside] - 1]
            seconds[inside] = self._columns["observed_s"][oid[inside] - 1]
            return value, seconds

    def state(self, oid: I64) -> I64:
        """Give each object's present state, 0 where it is unknown.

        Shape: oid and result (n,).
        """
        return self._of("state", oid, missing=0)

    def kinds(self, oid: I64) -> list[str | None]:
        """Give each object's kind, None where there is none."""
        with self._lock:
            codes = self._of("kind", oid, missing=-1).tolist()
            return [None if code < 0 else self._kinds.words[code][0] for code in codes]

    def scopes(self, oid: I64) -> list[tuple[str, str] | None]:
        """Give region and department of each object, None where there is none."""
        with self._lock:
            pairs = self._of("pair", oid, missing=-1).tolist()
            return [None if pair < 0 else self._pair(pair) for pair in pairs]

    def scope(self, oid: int) -> tuple[str, str] | None:
        """Give region and department of an object, None when there is none."""
        return self.scopes(np.array([oid]))[0]

    def moving(self, ids: Sequence[str]) -> I64:
        """Give the oids of moving objects, 0 where no such object is registered.

        Shape: ids and result (n,).
        """
        found = map(self._moving.get, ids, repeat(0))
        return np.fromiter(found, np.int64, len(ids))

    def count(self, sees: Sees) -> int:
        """Count the objects a reader sees, moving ones included."""
        with self._lock:
            return int(self._visible(sees).sum())

    def sight(self, oid: I64, sees: Sees) -> Sight:
        """Tell which of some objects a reader sees, and their kinds and regions."""
        with self._lock:
            rows = np.clip(oid - 1, 0, max(self._size - 1, 0))
            if not self._size:
                return Sight(np.zeros(len(oid), np.bool_), rows, (), rows, ())
            region, regions = self._regions(self._columns["pair"][rows])
            known = (oid >= 1) & (oid <= self._size)
            kind = self._columns["kind"][rows]
            return Sight(known & self._sees(sees, rows), kind, self._words(), region, regions)

    def of_kind(self, kind: str) -> Things:
        """Give the objects of one kind, whoever may see them."""
        with self._lock:
            words, size = self._words(), self._size
            code = words.index(kind) if kind in words else MAX_KINDS
            is_one = (self._columns["kind"][:size] == code) & self._columns["alive"][:size]
            rows = np.flatnonzero(is_one)
            region, regions = self._regions(self._columns["pair"][rows])
            state, value = (self._columns[name][rows] for name in ("state", "value"))
            moves = self._columns["lon_e7"][rows] == NOWHERE
            codes = (region.astype(np.int64), state.astype(np.int64))
            return Things(regions, rows + 1, *codes, value.astype(np.float64), moves)

    @property
    def size(self) -> int:
        """Give how many objects the layer ever had."""
        return self._size

    @property
    def kind_words(self) -> tuple[str, ...]:
        """Name the kinds there are."""
        with self._lock:
            return self._words()

    def placed(self, since: int = -1) -> Places:
        """Give where the objects stand that appeared, moved or went after a count."""
        with self._lock:
            if since == self._placed:
                rows = np.zeros(0, np.int64)
            else:
                moved = self._columns["placed"][: self._size].astype(np.int64) > since
                rows = np.flatnonzero(moved)
            lon_e7, lat_e7 = (self._columns[name][rows] for name in ("lon_e7", "lat_e7"))
            return Places(self._placed, rows, lon_e7, lat_e7)

    def pick(self, rows: I64, sees: Sees) -> Picked:
        """Give what the lasso shows of chosen objects, those in sight only.

        Shape: rows (n,), row i is the object `i + 1`.
        """
        with self._lock:
            rows = rows[self._sees(sees, rows) & (self._columns["lon_e7"][rows] != NOWHERE)]
            columns = {name: self._columns[name][rows] for name in _ASKED}
            return Picked(oid=rows + 1, **columns)

    def redrawn(self, since: int) -> Redrawn | None:
        """Give the outlines changed since a count, None when that is too long ago to tell."""
        with self._lock:
            return self._outlines.redrawn(since) if self._outlines.is_told(since) else None

    def drawn(self) -> Redrawn:
        """Give every outline."""
        with self._lock:
            return self._outlines.redrawn(-1)

    def outline(self, oid: int) -> bytes | None:
        """Give an object's outline as it is stored."""
        with self._lock:
            return self._outlines.body(oid)

    def block(self, since: int, sees: Sees) -> FeatureBlock | None:
        """Give what a reader lacks: nothing, the changes since a version, or the whole layer.

        A change costs what it holds, whatever the layer holds.
        """
        with self._lock:
            if since == self._version:
                return None
            base = since if self._floor <= since < self._version else 0
            rows = self._shown_since(base, sees) if base else self._shown(sees)
            sent = {key: taken(self._columns[key], rows) for key in ("kind", "pair", *_SENT)}
            kind, kinds = used(sent.pop("kind"), self._words())
            region, regions = used(sent.pop("pair"), [word for word, _ in self._pairs.words])
            oid, left = rows.astype(np.uint32), self._left(base, sees)
            oid += 1  # in place: another array of rows would cost as much as a column
            return FeatureBlock(
                layer=self.name,
                version=self._version,
                base=base,
                kinds=kinds,
                regions=regions,
                oid=oid,
                kind=kind,
                region=region,
                removed=np.setdiff1d(left, oid) if left.size else left,
                shapes=self._outlines.shapes(oid, base),
                **sent,
            )

    def _of(self, column: str, oid: I64, *, missing: int) -> I64:
        with self._lock:
            here = (oid >= 1) & (oid <= self._size)
            here[here] = self._columns["alive"][oid[here] - 1]
            found = np.full(len(oid), missing, np.int64)
            found[here] = self._columns[column][oid[here] - 1]
            return found

    def _pair(self, code: int) -> tuple[str, str]:
        region, department = self._pairs.words[code]
        return region, department

    def _shown(self, sees: Sees) -> I64:
        """List the rows a reader sees on the map, ascending."""
        mask = self._visible(sees) & (self._columns["lon_e7"][: self._size] != NOWHERE)
        return np.flatnonzero(mask)

    def _shown_since(self, base: int, sees: Sees) -> I64:
        """List those of them written after a version."""
        rows = self._written_since(base)
        mask: Bools = self._sees(sees, rows) & (self._columns["lon_e7"][rows] != NOWHERE)
        return rows[mask]

    def _written_since(self, base: int) -> I64:
        """List the rows written after a version, ascending."""
        if base < self._moves_floor:
            return np.flatnonzero(self._columns["changed"][: self._size] > base - self._first)
        parts: list[I32] = []
        for version, rows in reversed(self._moves):
            if version <= base:
                break
            parts.append(rows)
        found = np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int32)
        return found.astype(np.int64)

    def _left(self, base: int, sees: Sees) -> npt.NDArray[np.uint32]:
        """Give the objects that went after a version out of a scope the reader sees."""
        gone: list[int] = []
        for one in reversed(self._gone) if base else ():
            if one.version <= base:
                break
            if sees(*self._pair(one.pair)):
                gone.append(one.oid)
        return np.array(gone, dtype=np.uint32)

    def _visible(self, sees: Sees) -> Bools:
        granted = self._granted(sees)
        alive = self._columns["alive"][: self._size]
        if granted.all():
            return alive.copy()
        mask: Bools = alive & taken(granted, self._columns["pair"][: self._size])
        return mask

    def _sees(self, sees: Sees, rows: I64) -> Bools:
        """Tell which of some objects are there and in a reader's sight."""
        granted = self._granted(sees)
        mask: Bools = self._columns["alive"][rows] & granted[self._columns["pair"][rows]]
        return mask

    def _granted(self, sees: Sees) -> Bools:
        """Tell of each scope whether a reader sees it; where there is none yet, of one, no."""
        return np.array([sees(*pair) for pair in self._pairs.words] or [False], dtype=np.bool_)

    def _regions(
        self, pair: npt.NDArray[np.uint16]
    ) -> tuple[npt.NDArray[np.uint16], tuple[str, ...]]:
        words = list(dict.fromkeys(region for region, _ in self._pairs.words))
        place = {word: index for index, word in enumerate(words)}
        table = np.array([place[region] for region, _ in self._pairs.words] or [0], dtype=np.uint16)
        return table[pair], tuple(words)

    def _words(self) -> tuple[str, ...]:
        return tuple(word for (word,) in self._kinds.words)

    def _write(self, version: int, chunk: Chunk) -> None:
        if not len(chunk.oid):
            return
        self._grow(int(chunk.oid.max()))
        at = chunk.oid - 1
        new = self._coded(chunk)
        old = {key: self._columns[key][at] for key in ("lon_e7", "lat_e7", "pair", "alive")}
        now = {key: new.get(key, old[key]) for key in old}
        stays = old["alive"] & (now["lon_e7"] == old["lon_e7"]) & (now["lat_e7"] == old["lat_e7"])
        if not stays.all():
            self._placed += 1
            self._columns["placed"][at[~stays]] = self._placed
        shown = old["alive"] & (old["lon_e7"] != NOWHERE)
        left = shown & ((now["pair"] != old["pair"]) | (now["lon_e7"] == NOWHERE))
        pairs = old["pair"][left].tolist()
        for oid, pair in zip((at[left] + 1).tolist(), pairs, strict=True):
            self._gone.append(_Gone(version, oid, pair))
        moved = old["alive"] & (old["lon_e7"] == NOWHERE)
        moved &= (now["pair"] != old["pair"]) | (now["lon_e7"] != NOWHERE)
        for row in np.flatnonzero(moved).tolist():
            self._left_moving.append(Left(int(chunk.oid[row]), self._pair(int(old["pair"][row]))))
        for key, values in new.items():
            self._columns[key][at] = values
        self._columns["alive"][at] = True
        self._columns["changed"][at] = version - self._first
        self._outlines.put(version, chunk, anew=~shown | left)
        if "lon" in chunk.columns and "id" in chunk.columns:
            self._remember(chunk, now["lon_e7"] == NOWHERE)

    def _remember(self, chunk: Chunk, is_moving: Bools) -> None:
        """Note the ids of moving objects, and forget those that stand now."""
        rows = np.flatnonzero(is_moving)
        ids = texts(chunk.columns["id"].take(rows))
        for oid, own_id in zip(chunk.oid[rows].tolist(), ids, strict=True):
            self._moving[own_id] = oid
            self._names[oid] = own_id
        for oid in chunk.oid[~is_moving].tolist() if self._names else ():
            self._forget(oid)

    def _forget(self, oid: int) -> None:
        self._moving.pop(self._names.pop(oid, ""), None)

    def _coded(self, chunk: Chunk) -> dict[str, npt.NDArray[Any]]:
        """Give the columns of a chunk as the arrays keep them."""
        given = chunk.columns
        made: dict[str, npt.NDArray[Any]] = {}
        for name in ("lon", "lat"):
            if name in given:
                degrees = numbers(given[name])
                still = np.isnan(degrees)
                e7 = np.where(still, NOWHERE, np.rint(np.where(still, 0, degrees) * E7))
                made[f"{name}_e7"] = e7.astype(np.int32)
        if "kind" in given:
            found, codes = words(given["kind"])
            table = np.array([self._kinds.of(word) for word in found] or [0])
            made["kind"] = table[codes].astype(np.uint8)
        if "region" in given:
            scopes, codes = pairs(given["region"], given["department"])
            table = np.array([self._pairs.of(*scope) for scope in scopes] or [0])
            made["pair"] = table[codes].astype(np.uint16)
        if "state" in given:
            made["state"] = integers(given["state"]).astype(np.uint8)
        if "value" in given:
            made["value"] = numbers(given["value"]).astype(np.float32)
        observed_ms = integers(given["observed_ms"])
        made["observed_s"] = (np.maximum(observed_ms, 0) // 1000).astype(np.uint32)
        return made

    def _drop(self, version: int, oid: int) -> None:
        if not 1 <= oid <= self._size or not self._columns["alive"][oid - 1]:
            return
        self._columns["alive"][oid - 1] = False
        if self._columns["lon_e7"][oid - 1] == NOWHERE:
            scope = self._pair(int(self._columns["pair"][oid - 1]))
            self._left_moving.append(Left(oid, scope))
        self._placed += 1
        self._columns["placed"][oid - 1] = self._placed
        self._gone.append(_Gone(version, oid, int(self._columns["pair"][oid - 1])))
        self._outlines.drop(oid)
        self._forget(oid)

    def _grow(self, size: int) -> None:
        room = len(self._columns["alive"])
        if size > room:
            more = max(size, int(room * _GROWTH), 1024) - room
            self._columns = {
                key: np.concatenate([values, np.zeros(more, dtype=values.dtype)])
                for key, values in self._columns.items()
            }
        self._size = max(self._size, size)


_ASKED = ("lon_e7", "lat_e7", "kind", "state", "observed_s")
_SENT = ("lon_e7", "lat_e7", "state", "value", "observed_s")
