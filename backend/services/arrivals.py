"""What a feed's rows are beside what the layer shows: doubles, and values in another unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.domain.arrays import F64, I64, Bools
from backend.services.sift import Fault
from backend.storage.columns import Layer
from backend_client.contract.base import Text

Suspect = Callable[[Mapping[str, npt.NDArray[np.intp]], F64, F64], dict[str, Text]]
"""Tell which kinds look as if in another unit: `Feeds.suspect` with its feed."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Rows whose unit changed, and why, by place."""

    rows: Bools
    why: Mapping[str, Fault]
    kinds: Sequence[str | None]

    def faults(self) -> list[tuple[int, Fault]]:
        """Name each such row with its reason."""
        odd = np.flatnonzero(self.rows).tolist()
        return [(row, self.why[self.kinds[row] or ""]) for row in odd]


def odd_units(
    memory: Layer, oid: I64, *, kinds: Sequence[str | None], values: F64, suspect: Suspect
) -> Odd:
    """Find the rows whose values look as if measured in another unit than those shown.

    Args:
        memory: the layer's columns.
        oid: the rows' objects, 0 for one not known.
        kinds: the rows' kinds.
        values: what was measured, NaN for nothing.
        suspect: the unit rule of the feed.

    Shape: oid, kinds, values (n,).
    """
    before, _ = memory.shown(oid)
    words = np.array([kind or "" for kind in kinds], dtype=np.str_)
    found = suspect(
        {str(kind): np.flatnonzero(words == kind) for kind in np.unique(words)}, before, values
    )
    why = {kind: Fault("value", note.zh, note.en) for kind, note in found.items()}
    return Odd(np.isin(words, list(why)) & ~np.isnan(values), why, kinds)


def doubled(memory: Layer, oid: I64, observed_ms: I64) -> int:
    """Count the rows the layer shows already.

    Shape: oid, observed_ms (n,).
    """
    _, seconds = memory.shown(oid)
    return int(((seconds > 0) & (seconds == observed_ms // 1000)).sum())
