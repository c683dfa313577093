"""What a feed's rows are beside what the layer shows: doubles, and values in another unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from backend.domain.units import F64
from backend.services.feeds import Batch
from backend.storage.columns import Layer
from backend.storage.features import milliseconds
from backend_client.contract.base import Text
from backend_client.contract.feature import FeatureIn, Rejection

Rows = Sequence[tuple[int, FeatureIn]]
Suspect = Callable[[Mapping[str, npt.NDArray[np.intp]], F64, F64], dict[str, Text]]
"""Tell which kinds look as if in another unit: `Feeds.suspect` with its feed."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A batch's rows without those in another unit.

    Args:
        rows: what is left to be looked at, each with its place in the batch.
        rejected: rows whose unit changed.
        doubled: rows that were there already.
        observed_ms: when each row of the batch was measured.
    """

    rows: Rows
    rejected: Sequence[Rejection] = ()
    doubled: int = 0
    observed_ms: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def told(self, good: int, rejected: Sequence[Rejection]) -> Batch:
        """Say what became of the batch, for the feed's health."""
        doubled = min(self.doubled, good)
        return Batch(self.observed_ms, good - doubled, rejected, doubled)


def compare(
    rows: Rows, known: Mapping[str, int], memory: Layer | None, suspect: Suspect
) -> Arrivals:
    """Compare a feed's rows with what its layer shows.

    Args:
        rows: each row with its place in the batch.
        known: oids of the rows' ids.
        memory: the layer's columns, None when nothing was ever put into it.
        suspect: the unit rule of the feed.
    """
    observed_ms = np.array([milliseconds(row.observed_at) for _, row in rows], np.int64)
    oids = np.array([known.get(row.id, 0) for _, row in rows], np.int64)
    nothing = np.full(oids.size, np.nan), np.zeros(oids.size, np.int64)
    before, seconds = memory.shown(oids) if memory else nothing
    now = np.array([np.nan if row.value is None else row.value for _, row in rows], np.float64)
    kinds = np.array([row.kind for _, row in rows], dtype=np.str_)
    odd = suspect(
        {str(kind): np.flatnonzero(kinds == kind) for kind in np.unique(kinds)}, before, now
    )
    return Arrivals(
        rows=[pair for pair in rows if pair[1].value is None or pair[1].kind not in odd],
        rejected=[
            Rejection(index=index, where="value", zh=odd[row.kind].zh, en=odd[row.kind].en)
            for index, row in rows
            if row.value is not None and row.kind in odd
        ],
        doubled=int(((seconds > 0) & (seconds == observed_ms // 1000)).sum()),
        observed_ms=observed_ms,
    )
