"""One layer in memory as typed arrays: what blocks, the lasso and the rules read."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from backend.storage.features import Stored
from backend_client.contract.columns import E7, NO_VALUE, FeatureBlock
from backend_client.contract.shapes import NO_SHAPES

Bools = npt.NDArray[np.bool_]
I64 = npt.NDArray[np.int64]
Code = TypeVar("Code", np.uint8, np.uint16)
Sees = Callable[[str, str], bool]
"""Tell whether a reader sees things of a region and department."""

NOWHERE = np.int32(np.iinfo(np.int32).min)
GONE_KEPT = 50_000
_TYPES: dict[str, type[np.generic]] = {
    "lon_e7": np.int32,
    "lat_e7": np.int32,
    "kind": np.uint8,
    "state": np.uint8,
    "pair": np.uint16,
    "value": np.float32,
    "observed_s": np.uint32,
    "changed": np.int64,
    "placed": np.int64,
    "alive": np.bool_,
}
MAX_KINDS = 255
MAX_PAIRS = 65_535


class FullError(ValueError):
    """The layer has more different kinds or scopes than its arrays can name."""


class _Gone(NamedTuple):
    """An object that left the map or its scope, and the scope it was seen in until then."""

    version: int
    oid: int
    pair: int


class _Codes:
    """Number words in order of appearance."""

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []
        self._places: dict[tuple[str, ...], int] = {}

    def of(self, *word: str) -> int:
        place = self._places.setdefault(word, len(self.words))
        if place == len(self.words):
            self.words.append(word)
        return place


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """A layer's fixed objects as the lasso reads them; the arrays are never written again.

    `placed` is a count that grows whenever any object of the layer appears, moves or goes.

    Shape: every array (n,), row i is the object `i + 1`.
    """

    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    observed_s: npt.NDArray[np.uint32]
    seen: Bools
    kinds: tuple[str, ...]
    moved: I64
    placed: int


class Layer:
    """Keep one layer's columns, dense by oid, and what is needed to tell changes apart.

    Written by the one writer thread after each commit, read by any thread.
    """

    def __init__(self, name: str, version: int, rows: Iterable[Stored] = ()) -> None:
        self.name = name
        self._lock = threading.RLock()
        self._version = version
        self._floor = version  # changes up to here can no longer be told apart
        self._placed = 0
        self._kinds = _Codes()
        self._pairs = _Codes()
        self._columns = {key: np.zeros(0, dtype=kind) for key, kind in _TYPES.items()}
        self._size = 0
        self._moving: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._gone: deque[_Gone] = deque()
        self._copied: tuple[int, dict[str, npt.NDArray[Any]]] | None = None
        self._write(version, list(rows))

    @property
    def version(self) -> int:
        """Give the newest version readers are served."""
        return self._version

    def apply(self, version: int, rows: Sequence[Stored], gone: Sequence[int] = ()) -> None:
        """Take over what was committed as a version."""
        with self._lock:
            self._write(version, rows)
            for oid in gone:
                self._drop(version, oid)
            self._version = version
            while len(self._gone) > GONE_KEPT:
                self._floor = self._gone.popleft().version

    def room(self, kinds: Iterable[str], pairs: Iterable[tuple[str, str]]) -> None:
        """Refuse more kinds or scopes than the arrays can name.

        Raises:
            FullError: the batch would be the one too many.
        """
        with self._lock:
            all_kinds = {word[0] for word in self._kinds.words} | set(kinds)
            all_pairs = set(self._pairs.words) | set(pairs)
        if len(all_kinds) > MAX_KINDS or len(all_pairs) > MAX_PAIRS:
            raise FullError(self.name)

    def observed_s(self, oid: int) -> int | None:
        """Give when the newest state of an object was observed, None when there is none."""
        with self._lock:
            if not 1 <= oid <= self._size or not self._columns["alive"][oid - 1]:
                return None
            return int(self._columns["observed_s"][oid - 1])

    def shown(self, oids: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], I64]:
        """Give the value and the second of observation shown of objects, 0 for unknown ones.

        Shape: both (n,); NaN and 0 where there is none.
        """
        with self._lock:
            value, seconds = np.full(oids.size, np.nan), np.zeros(oids.size, np.int64)
            inside = (oids >= 1) & (oids <= self._size)
            inside[inside] = self._columns["alive"][oids[inside] - 1]
            value[inside] = self._columns["value"][oids[inside] - 1]
            seconds[inside] = self._columns["observed_s"][oids[inside] - 1]
            return value, seconds

    def state(self, oid: int) -> int:
        """Give an object's present state, 0 when it is unknown."""
        with self._lock:
            return int(self._columns["state"][oid - 1]) if 1 <= oid <= self._size else 0

    def scope(self, oid: int) -> tuple[str, str] | None:
        """Give region and department of an object, None when there is none."""
        with self._lock:
            if not 1 <= oid <= self._size or not self._columns["alive"][oid - 1]:
                return None
            region, department = self._pairs.words[int(self._columns["pair"][oid - 1])]
            return region, department

    def moving(self, feature_id: str) -> int | None:
        """Give the oid of a moving object, None when no such object is registered."""
        return self._moving.get(feature_id)

    def moving_name(self, oid: int) -> str:
        """Give the id of a moving object."""
        return self._names.get(oid, "")

    def count(self, sees: Sees) -> int:
        """Count the objects a reader sees, moving ones included."""
        with self._lock:
            return int(self._visible(sees).sum())

    def seen(self, sees: Sees) -> tuple[Bools, npt.NDArray[np.uint16], tuple[str, ...]]:
        """Tell for every object whether a reader sees it, and its region.

        Shape: masks and region codes (n,), row i is the object `i + 1`.
        """
        with self._lock:
            region, regions = self._regions(self._columns["pair"][: self._size])
            return self._visible(sees), region, regions

    def kind_names(self) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
        """Give every object's kind code and the words."""
        with self._lock:
            return self._columns["kind"][: self._size].copy(), self._words()

    def places(self, sees: Sees, *, since: int) -> Places:
        """Give the fixed objects for the lasso, and which moved after a count of `placed`."""
        with self._lock:
            if self._copied is None or self._copied[0] != self._version:
                columns = {key: self._columns[key][: self._size].copy() for key in _ASKED}
                self._copied = (self._version, columns)
            columns = self._copied[1]
            return Places(
                **columns,
                seen=self._visible(sees) & (columns["lon_e7"] != NOWHERE),
                kinds=self._words(),
                moved=np.flatnonzero(self._columns["placed"][: self._size] > since),
                placed=self._placed,
            )

    def block(self, since: int, sees: Sees) -> FeatureBlock | None:
        """Give what a reader lacks: nothing, the changes since a version, or the whole layer."""
        with self._lock:
            if since == self._version:
                return None
            base = since if self._floor <= since < self._version else 0
            visible = self._visible(sees) & (self._columns["lon_e7"][: self._size] != NOWHERE)
            if base:
                visible &= self._columns["changed"][: self._size] > base
            rows = np.flatnonzero(visible)
            taken = {key: values[rows] for key, values in self._columns.items()}
            kind, kinds = _used(taken["kind"], self._words())
            region, regions = _used(*self._regions(taken["pair"]))
            oid = (rows + 1).astype(np.uint32)
            return FeatureBlock(
                layer=self.name,
                version=self._version,
                base=base,
                kinds=kinds,
                regions=regions,
                oid=oid,
                kind=kind,
                region=region,
                removed=np.setdiff1d(self._left(base, sees), oid),
                shapes=NO_SHAPES,
                **{key: taken[key] for key in _SENT},
            )

    def _left(self, base: int, sees: Sees) -> npt.NDArray[np.uint32]:
        """Give the objects that went after a version out of a scope the reader sees."""
        if not base:
            return np.zeros(0, dtype=np.uint32)
        granted = [sees(*pair) for pair in self._pairs.words]
        gone = [one.oid for one in self._gone if one.version > base and granted[one.pair]]
        return np.array(gone, dtype=np.uint32)

    def _visible(self, sees: Sees) -> Bools:
        granted = np.array([sees(*pair) for pair in self._pairs.words], dtype=np.bool_)
        alive = self._columns["alive"][: self._size]
        if granted.all():
            return alive.copy()
        mask: Bools = alive & granted[self._columns["pair"][: self._size]]
        return mask

    def _regions(
        self, pair: npt.NDArray[np.uint16]
    ) -> tuple[npt.NDArray[np.uint16], tuple[str, ...]]:
        words = list(dict.fromkeys(region for region, _ in self._pairs.words))
        place = {word: index for index, word in enumerate(words)}
        table = np.array([place[region] for region, _ in self._pairs.words] or [0], dtype=np.uint16)
        return table[pair], tuple(words)

    def _words(self) -> tuple[str, ...]:
        return tuple(word for (word,) in self._kinds.words)

    def _write(self, version: int, rows: Sequence[Stored]) -> None:
        if not rows:
            return
        rows = list({row.oid: row for row in rows}.values())
        self._grow(max(row.oid for row in rows))
        at = np.array([row.oid - 1 for row in rows], dtype=np.int64)
        new = self._coded(rows)
        old = {key: self._columns[key][at] for key in ("lon_e7", "lat_e7", "pair", "alive")}
        stays = old["alive"] & (new["lon_e7"] == old["lon_e7"]) & (new["lat_e7"] == old["lat_e7"])
        if not stays.all():
            self._placed += 1
            self._columns["placed"][at[~stays]] = self._placed
        left = old["alive"] & (old["lon_e7"] != NOWHERE)
        left &= (new["pair"] != old["pair"]) | (new["lon_e7"] == NOWHERE)
        pairs = old["pair"][left].tolist()
        for oid, pair in zip((at[left] + 1).tolist(), pairs, strict=True):
            self._gone.append(_Gone(version, oid, pair))
        for key, values in new.items():
            self._columns[key][at] = values
        self._columns["alive"][at] = True
        self._columns["changed"][at] = version
        self._remember(rows)

    def _remember(self, rows: Sequence[Stored]) -> None:
        for row in rows:
            if row.lon is None:
                self._moving[row.id] = row.oid
                self._names[row.oid] = row.id
            elif row.oid in self._names:
                self._forget(row.oid)

    def _forget(self, oid: int) -> None:
        self._moving.pop(self._names.pop(oid, ""), None)

    def _coded(self, rows: Sequence[Stored]) -> dict[str, npt.NDArray[np.generic]]:
        lon = np.array([np.nan if row.lon is None else row.lon for row in rows])
        lat = np.array([np.nan if row.lat is None else row.lat for row in rows])
        still = np.isnan(lon)
        columns = {
            "lon_e7": np.where(still, NOWHERE, np.rint(np.where(still, 0, lon) * E7)),
            "lat_e7": np.where(still, NOWHERE, np.rint(np.where(still, 0, lat) * E7)),
            "kind": np.array([self._kinds.of(row.kind) for row in rows]),
            "state": np.array([row.state for row in rows]),
            "pair": np.array([self._pairs.of(row.region, row.department) for row in rows]),
            "value": np.array([NO_VALUE if row.value is None else row.value for row in rows]),
            "observed_s": np.array([max(row.observed_ms, 0) // 1000 for row in rows]),
        }
        return {key: values.astype(_TYPES[key]) for key, values in columns.items()}

    def _drop(self, version: int, oid: int) -> None:
        if not 1 <= oid <= self._size or not self._columns["alive"][oid - 1]:
            return
        self._columns["alive"][oid - 1] = False
        self._placed += 1
        self._columns["placed"][oid - 1] = self._placed
        self._gone.append(_Gone(version, oid, int(self._columns["pair"][oid - 1])))
        self._forget(oid)

    def _grow(self, size: int) -> None:
        room = len(self._columns["alive"])
        if size > room:
            more = max(size, room * 2, 1024) - room
            self._columns = {
                key: np.concatenate([values, np.zeros(more, dtype=values.dtype)])
                for key, values in self._columns.items()
            }
        self._size = max(self._size, size)


def _used(
    codes: npt.NDArray[Code], words: tuple[str, ...]
) -> tuple[npt.NDArray[Code], tuple[str, ...]]:
    """Number anew the words that occur, so that no other word is sent."""
    present = np.flatnonzero(np.bincount(codes, minlength=len(words)))
    table = np.zeros(max(len(words), 1), dtype=codes.dtype)
    table[present] = np.arange(present.size)
    return table[codes], tuple(words[place] for place in present)


_ASKED = ("lon_e7", "lat_e7", "kind", "state", "observed_s")
_SENT = ("lon_e7", "lat_e7", "state", "value", "observed_s")
