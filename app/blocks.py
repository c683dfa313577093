"""Columnar stores: one block per bulk layer, and the latest fix of every moving object."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from backend_client.contract.clock import Clock
from backend_client.contract.columns import (
    E7,
    FEATURE_COLUMNS,
    FIX_COLUMNS,
    FeatureBlock,
    FixBlock,
    empty_features,
    merge_features,
)

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Columns = dict[str, Any]  # arrays by column name
UNKNOWN_AGE_S = float("inf")


class Blocks(QObject):
    """Hold the newest whole block of every layer.

    Signals:
        changed(str): the layer whose block was replaced.
    """

    changed = Signal(str)

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._blocks: dict[str, FeatureBlock] = {}
        self._received_s: dict[str, float] = {}
        self._replaceable: set[str] = set()

    def layers(self) -> tuple[str, ...]:
        """List the layers that have a block."""
        return tuple(self._blocks)

    def get(self, layer: str) -> FeatureBlock:
        """Give a layer's block; an unknown layer is empty and of version 0."""
        return self._blocks.get(layer) or empty_features(layer)

    def at(self, layer: str, lon: float, lat: float) -> int | None:
        """Find the object that stands at a place to a few centimetres; None when none does."""
        block = self.get(layer)
        east, north = round(lon * E7), round(lat * E7)
        level = (block.lat_e7 >= north - 1) & (block.lat_e7 <= north + 1)
        rows = np.flatnonzero(level & (block.lon_e7 >= east - 1) & (block.lon_e7 <= east + 1))
        return int(block.oid[rows[0]]) if rows.size else None

    def version(self, layer: str) -> int:
        """Give the version held, 0 when the block may come from another service's history."""
        return 0 if layer in self._replaceable else self.get(layer).version

    def age_s(self, layer: str) -> float:
        """Give the seconds since the block was known to be the newest; infinite when none is."""
        received_s = self._received_s.get(layer)
        return UNKNOWN_AGE_S if received_s is None else self._clock.steady_s() - received_s

    def put(self, block: FeatureBlock, *, age_s: float = 0.0) -> bool:
        """Take a whole block or a delta on the present one; an older version is refused.

        Args:
            block: what came down or out of the cache.
            age_s: how old it was when it came.

        Returns:
            True when it was taken.

        Raises:
            BadBlockError: a delta on another version than the present one.
        """
        have = self.get(block.layer)
        if block.version <= have.version and block.layer not in self._replaceable:
            return False
        whole = merge_features(have, block)
        for name in FEATURE_COLUMNS:
            getattr(whole, name).flags.writeable = False
        self._blocks[block.layer] = whole
        self._replaceable.discard(block.layer)
        self.touch(block.layer, age_s=age_s)
        self.changed.emit(block.layer)
        return True

    def touch(self, layer: str, *, age_s: float = 0.0) -> None:
        """Note that the block held is the service's newest, without a change."""
        self._received_s[layer] = self._clock.steady_s() - age_s

    def drop(self, layer: str) -> None:
        """Empty a layer that is no longer in the reader's sight."""
        self._received_s.pop(layer, None)
        if self._blocks.pop(layer, None) is not None:
            self.changed.emit(layer)

    def restart(self) -> None:
        """Let any version replace the blocks held: the service's history began anew."""
        self._replaceable = set(self._blocks)


class Positions(QObject):
    """Hold the latest fix of every moving object; no object ever goes back in time.

    Signals:
        changed(): some fixes were replaced.
    """

    changed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._fixes: dict[str, FixBlock] = {}
        self._received_s: dict[str, float] = {}
        self._seq = 0
        self._epoch = ""

    @property
    def seq(self) -> int:
        """Give the sequence number the picture stands at."""
        return self._seq

    @property
    def epoch(self) -> str:
        """Give the epoch the sequence belongs to."""
        return self._epoch

    def layers(self) -> tuple[str, ...]:
        """List the layers that have moving objects."""
        return tuple(self._fixes)

    def latest(self, layer: str) -> FixBlock:
        """Give one layer's latest fixes, sorted by oid.

        Shape: `layers` is `(layer,)` and the column `layer` all zero.
        """
        return self._fixes.get(layer) or empty_fixes(layer)

    def age_s(self, layer: str) -> float:
        """Give the seconds since the last fix of the layer came; infinite when none did."""
        received_s = self._received_s.get(layer)
        return UNKNOWN_AGE_S if received_s is None else self._clock.steady_s() - received_s

    def apply(self, block: FixBlock, *, whole: bool = False, age_s: float = 0.0) -> None:
        """Merge a batch; `whole` drops the objects it does not name.

        Args:
            block: fixes of any number of layers.
            whole: the batch answers `since=0`, so what is absent is out of sight.
            age_s: how old the batch was when it came.
        """
        parts = split(block)
        gone = set(self._fixes) - set(parts) if whole else set()
        for layer in gone:
            del self._fixes[layer]
        for layer, part in parts.items():
            self._fixes[layer] = merge_fixes(self.latest(layer), part, whole=whole)
            self._received_s[layer] = self._clock.steady_s() - age_s
        self._seq = block.seq
        self._epoch = block.epoch
        if parts or gone:
            self.changed.emit()

    def replace(self, block: FixBlock) -> None:
        """Show these fixes and no others, also where they are older than those shown."""
        self._fixes = {}
        self._received_s = {}
        self.apply(block, whole=True)

    def hold(self, layers: tuple[str, ...]) -> None:
        """Know of layers that have moving objects, though none is heard of."""
        more = [layer for layer in layers if layer not in self._fixes]
        self._fixes |= {layer: empty_fixes(layer) for layer in more}
        if more:
            self.changed.emit()

    def clear(self) -> None:
        """Forget every object."""
        self._fixes.clear()
        self._received_s.clear()
        self._seq, self._epoch = 0, ""
        self.changed.emit()


def empty_fixes(layer: str) -> FixBlock:
    """Give a layer without moving objects."""
    return FixBlock(
        seq=0,
        epoch="",
        layers=(layer,),
        kinds=(),
        regions=(),
        oid=np.empty(0, np.uint32),
        layer=np.empty(0, np.uint8),
        lon_e7=np.empty(0, np.int32),
        lat_e7=np.empty(0, np.int32),
        kind=np.empty(0, np.uint8),
        state=np.empty(0, np.uint8),
        region=np.empty(0, np.uint16),
        speed_kmh=np.empty(0, np.float32),
        heading_deg=np.empty(0, np.float32),
        observed_ms=np.empty(0, np.int64),
    )


def take(block: FixBlock, rows: Mask | Rows) -> FixBlock:
    """Give the chosen rows of a block, in the order chosen."""
    return replace(block, **{name: getattr(block, name)[rows] for name in FIX_COLUMNS})


def split(block: FixBlock) -> dict[str, FixBlock]:
    """Give one block per layer that has rows or removed objects, each sorted by oid."""
    parts = {}
    for index, layer in enumerate(block.layers):
        rows = np.flatnonzero(block.layer == index)
        removed = block.removed[block.removed_layer == index]
        if not rows.size and not removed.size:
            continue
        part = block if rows.size == block.oid.size else take(block, rows)
        if not (part.oid[1:] > part.oid[:-1]).all():  # most sources send them in order
            part = take(part, np.argsort(part.oid, kind="stable"))
        parts[layer] = replace(
            part,
            layers=(layer,),
            layer=np.zeros(rows.size, np.uint8),
            removed=removed,
            removed_layer=np.zeros(removed.size, np.uint8),
        )
    return parts


def join(seq: int, epoch: str, blocks: tuple[FixBlock, ...]) -> FixBlock:
    """Put blocks of different layers into one."""
    base = replace(empty_fixes(""), seq=seq, epoch=epoch, layers=())
    for block in blocks:
        names = (*base.layers, *block.layers)
        recoded = _recode(base, block)
        moved = replace(recoded, layer=(block.layer + len(base.layers)).astype(np.uint8))
        named = replace(recoded, layers=names, seq=seq, epoch=epoch)
        base = replace(named, **_append(base, moved))
    return base


def merge_fixes(old: FixBlock, new: FixBlock, *, whole: bool = False) -> FixBlock:
    """Merge two blocks of one layer by oid; the newer fix of an object wins, removed ones go.

    Shape: both sorted by oid with each oid once; so is the result. n log n, and a copy of the
    old one's columns when every object of the new one is known, which is the usual case.
    """
    if new.removed.size:
        old = take(old, ~np.isin(old.oid, new.removed))
    recoded = _recode(old, new)
    columns = _merged(old, recoded, whole=whole)
    for column in columns.values():
        column.flags.writeable = False
    none = empty_fixes("")
    named = replace(
        recoded, layers=old.layers, removed=none.removed, removed_layer=none.removed_layer
    )
    return replace(named, **columns)


def _merged(old: FixBlock, new: FixBlock, *, whole: bool) -> Columns:
    if np.array_equal(old.oid, new.oid) and (new.observed_ms >= old.observed_ms).all():
        return {name: getattr(new, name).view() for name in FIX_COLUMNS}  # everybody moved
    place = np.minimum(np.searchsorted(old.oid, new.oid), max(old.oid.size - 1, 0))
    known = (old.oid[place] == new.oid) if old.oid.size else np.zeros(new.oid.size, bool)
    behind = known.copy()
    behind[known] = new.observed_ms[known] < old.observed_ms[place[known]]
    if known.all() and not whole:
        return _overwrite(old, place[~behind], take(new, ~behind))
    stays = np.full(old.oid.size, not whole)
    stays[place[known]] = False
    stays[place[behind]] = True
    return _interleave(take(old, stays), take(new, ~behind))


def _overwrite(old: FixBlock, rows: Rows, new: FixBlock) -> Columns:
    columns = {name: getattr(old, name).copy() for name in FIX_COLUMNS}
    for name, column in columns.items():
        column[rows] = getattr(new, name)
    return columns


def _interleave(first: FixBlock, second: FixBlock) -> Columns:
    columns = _append(first, second)
    order = np.argsort(columns["oid"], kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _append(first: FixBlock, second: FixBlock) -> Columns:
    return {
        name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in FIX_COLUMNS
    }


def _recode(old: FixBlock, new: FixBlock) -> FixBlock:
    """Give the new block with its codes pointing into the old one's words and what it adds."""
    kinds, kind = _pointed(old.kinds, new.kinds, new.kind)
    regions, region = _pointed(old.regions, new.regions, new.region)
    return replace(
        new,
        kinds=kinds,
        regions=regions,
        kind=kind.astype(np.uint8, copy=False),
        region=region.astype(np.uint16, copy=False),
    )


def _pointed(
    words: tuple[str, ...], own: tuple[str, ...], codes: npt.NDArray[Any]
) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
    both = tuple(dict.fromkeys(words + own))
    if own == both[: len(own)]:
        return both, codes
    place = {word: index for index, word in enumerate(both)}
    table = np.array([place[word] for word in own] or [0], np.int64)
    return both, table[codes]
