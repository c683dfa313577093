"""What a layer's columns answer: places, chosen objects, sight, and what moving objects left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from backend.domain.arrays import F64, I64, Bools


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where some of a layer's fixed objects stand; `placed` counts every move in the layer.

    Shape: row, lon_e7, lat_e7 (n,); row i is the object `i + 1`.
    """

    placed: int
    row: I64
    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """Chosen fixed objects in a reader's sight.

    Shape: every array (n,); `kinds[kind[i]]` is what object i is.
    """

    oid: I64
    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    observed_s: npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Some objects as a reader sees them.

    Shape: seen, kind, region (n,); `kinds[kind[i]]` and `regions[region[i]]` are the words.
    """

    seen: Bools
    kind: npt.NDArray[np.integer[Any]]
    kinds: tuple[str, ...]
    region: npt.NDArray[np.integer[Any]]
    regions: tuple[str, ...]


class Things(NamedTuple):
    """Objects of one kind, every array (n,); those that `move` have their state in their fixes."""

    regions: tuple[str, ...]
    oid: I64
    region: I64
    state: I64
    value: F64
    moves: Bools


class Left(NamedTuple):
    """A moving object that is gone, stands now, or is in another scope; the scope it left."""

    oid: int
    scope: tuple[str, str]
