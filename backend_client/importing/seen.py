"""Which ids of a file came before: a sorted hash of each, eight bytes a row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend_client.importing.part import Mask

_Run = npt.NDArray[np.int64]


class Seen:
    """Remember ids in sorted runs that are merged like equals: n log n, 8 bytes a row."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def repeated(self, ids: list[str]) -> Mask:
        """Tell which of the ids came before, here or earlier, and remember the others."""
        marks = np.fromiter(map(hash, ids), np.int64, len(ids))
        fresh, first = np.unique(marks, return_index=True)
        again = np.ones(marks.size, np.bool_)
        again[first] = self._known(fresh)
        new = fresh[~again[first]]
        if new.size:
            self._keep(new)
        return again

    def _known(self, marks: _Run) -> Mask:
        found = np.zeros(marks.size, np.bool_)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, marks), run.size - 1)
            found |= run[at] == marks
        return found

    def _keep(self, run: _Run) -> None:
        while self._runs and self._runs[-1].size <= 2 * run.size:
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")
        self._runs.append(run)
