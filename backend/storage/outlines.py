"""A layer's lines and areas in memory, and which of them a reader has already."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from backend.domain.arrays import Bools
from backend.storage.features import Chunk
from backend_client.contract.shapes import KEPT, NO_SHAPES, Shapes

REDRAWN_KEPT = 5_000
_KEPT_SHAPE = np.array([KEPT], "<i4").tobytes()


class _Shape(NamedTuple):
    """An outline, and the version from which whoever sees the object has it."""

    since: int
    body: bytes


class Redrawn(NamedTuple):
    """Outlines that changed since a count: their bodies, None for one that is gone."""

    drawn: int
    bodies: Mapping[int, bytes | None]


class Outlines:
    """Keep outlines by object; guarded by the layer that owns them."""

    def __init__(self) -> None:
        self._shapes: dict[int, _Shape] = {}
        self._count = 0
        self._redrawn: deque[int] = deque(maxlen=REDRAWN_KEPT)

    def put(self, version: int, chunk: Chunk, *, anew: Bools) -> None:
        """Take over outlines; one of an object that appears anew is sent whole again."""
        if "shape" in chunk.columns:
            bodies = chunk.columns["shape"].to_pylist()
            for oid, body, is_new in zip(chunk.oid.tolist(), bodies, anew.tolist(), strict=True):
                had = self._shapes.get(oid)
                if body is None:
                    self.drop(oid)
                elif had is None or had.body != body:
                    self._draw(oid, _Shape(version, body))
                elif is_new:
                    self._shapes[oid] = _Shape(version, body)
        elif self._shapes:
            for oid in chunk.oid[anew].tolist():
                if oid in self._shapes:
                    self._shapes[oid] = _Shape(version, self._shapes[oid].body)

    def drop(self, oid: int) -> None:
        """Forget the outline of an object that has none any more."""
        if self._shapes.pop(oid, None) is not None:
            self._changed(oid)

    def body(self, oid: int) -> bytes | None:
        """Give an object's outline as it is stored."""
        shape = self._shapes.get(oid)
        return None if shape is None else shape.body

    def shapes(self, oids: npt.NDArray[np.uint32], base: int) -> Shapes:
        """Give outlines for a block, only said to be as before where the reader has them.

        Args:
            oids: the objects of the block, ascending.
            base: the version the block is based on, 0 for a whole one.

        Shape: oids (n,).
        """
        if not self._shapes:
            return NO_SHAPES
        bodies = [b""] * len(oids)
        for place, oid in enumerate(oids.tolist()):
            shape = self._shapes.get(oid)
            if shape is not None:
                bodies[place] = _KEPT_SHAPE if base and shape.since <= base else shape.body
        if not any(bodies):
            return NO_SHAPES
        at = np.zeros(len(oids) + 1, np.uint32)
        np.cumsum(np.fromiter(map(len, bodies), np.int64, len(bodies)) // 4, out=at[1:])
        return Shapes(at, np.frombuffer(b"".join(bodies), "<i4").astype(np.int32, copy=False))

    def redrawn(self, since: int) -> Redrawn:
        """Give the outlines changed since a count, all of them when they are too many to tell."""
        missing = self._count - since
        if since < 0 or missing > len(self._redrawn):
            return Redrawn(self._count, {oid: shape.body for oid, shape in self._shapes.items()})
        size = len(self._redrawn)
        oids = (self._redrawn[place] for place in range(size - missing, size))
        return Redrawn(self._count, {oid: self.body(oid) for oid in oids})

    def is_told(self, since: int) -> bool:
        """Tell whether the changes since a count are still known one by one."""
        return since >= 0 and self._count - since <= len(self._redrawn)

    def _draw(self, oid: int, shape: _Shape) -> None:
        self._shapes[oid] = shape
        self._changed(oid)

    def _changed(self, oid: int) -> None:
        self._count += 1
        self._redrawn.append(oid)
