"""What a sorter sees of a report: its words, runs of one to three characters, duties named."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from backend.analytics.text.sample import Sample

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Sparse = Any  # scipy's rows; it has no types of its own

DUTIES_FILE: Final = Path(__file__).parents[3] / "resources" / "text" / "duties.toml"

_BITS: Final = 21  # of a character's number; three of them stand in one whole number
_LONGEST_RUN: Final = 3
_SEEN: Final = 2  # what stands in one example alone teaches nothing
_HEADS: Final = 0.3  # weights against words and runs; found on the development set, see docs
_TITLE: Final = 2.0  # a duty named at the start counts so much more


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Known terms of one kind and how much each tells.

    Shape: telling (terms,); keys (terms,), ascending, for runs of characters.
    """

    telling: F32
    keys: I64


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """Turn reports into rows of numbers; each kind of evidence has length 1 times its weight."""

    words: dict[str, int]
    of_words: F32
    runs: Terms
    heads: Terms
    duties: tuple[tuple[str, ...], ...]
    weights: tuple[float, float, float, float]

    def rows(self, samples: Sequence[Sample]) -> Sparse:
        """Give a row for each report.

        Shape: (reports, everything known).
        """
        parts = (
            _telling(_count_words(samples, self.words), self.of_words),
            _telling(
                _count_known([one.plain for one in samples], self.runs.keys), self.runs.telling
            ),
            _telling(
                _count_known([one.head for one in samples], self.heads.keys), self.heads.telling
            ),
            sparse.csr_matrix(duties_named(samples, self.duties)),
        )
        scaled = [
            part * math.sqrt(weight) for part, weight in zip(parts, self.weights, strict=True)
        ]
        return sparse.hstack(scaled, format="csr", dtype=np.float32)


def grind(samples: Sequence[Sample], *, duties: float) -> Lens:
    """Learn which words and runs there are and how much each tells.

    Args:
        samples: the examples.
        duties: weight of the duties named, against 1 for words and 1 for runs.
    """
    seen = Counter(word for one in samples for word in set(one.words))
    kept = sorted(word for word, count in seen.items() if count >= _SEEN)
    share = np.array([seen[word] for word in kept], dtype=np.float32)
    return Lens(
        words={word: at for at, word in enumerate(kept)},
        of_words=_rarity(share, len(samples)),
        runs=_learn_runs([one.plain for one in samples]),
        heads=_learn_runs([one.head for one in samples]),
        duties=read_duties(DUTIES_FILE) if duties else (),
        weights=(1.0, 1.0, _HEADS, duties),
    )


def read_duties(path: Path) -> tuple[tuple[str, ...], ...]:
    """Give the words of each duty."""
    with path.open("rb") as file:
        return tuple(
            tuple(sorted(set(one["words"].split()))) for one in tomllib.load(file).values()
        )


def runs(texts: Sequence[str]) -> tuple[I64, I64]:
    """Give every run of one to three characters as (number of its text, the run as a number)."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    owner = np.repeat(np.arange(len(texts)), lengths)
    signs = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), "<u4").astype(np.int64)
    owners, keys, key = [owner], [signs], signs
    for more in range(1, _LONGEST_RUN):
        key = key[:-1] | signs[more:] << _BITS * more
        whole = owner[: max(0, len(owner) - more)] == owner[more:]
        owners.append(owner[more:][whole])
        keys.append(key[whole])
    return np.concatenate(owners), np.concatenate(keys)


def duties_named(samples: Sequence[Sample], duties: Sequence[Sequence[str]]) -> F32:
    """Tell how much of a report's words belong to each duty.

    Shape: (reports, duties), rows of length 1 or 0.
    """
    found = np.zeros((len(samples), len(duties)), dtype=np.float32)
    for at, one in enumerate(samples):
        found[at] = [
            sum(
                math.log1p(count) + _TITLE * math.log1p(one.head.count(word))
                for word in duty
                if (count := one.plain.count(word))
            )
            for duty in duties
        ]
    long = np.sqrt((found**2).sum(axis=1, keepdims=True))
    found /= np.maximum(1e-9, long)
    return found


def _learn_runs(texts: Sequence[str]) -> Terms:
    owner, key = runs(texts)
    known, at = np.unique(key, return_inverse=True)
    seen = np.bincount(
        np.unique(owner * len(known) + at) % max(1, len(known)), minlength=len(known)
    )
    often = seen >= _SEEN
    return Terms(_rarity(seen[often].astype(np.float32), len(texts)), known[often])


def _rarity(seen: F32, reports: int) -> F32:
    """Weigh a term by how few reports have it. Source: Sparck Jones 1972, smoothed."""
    return (np.log((1 + reports) / (1 + seen)) + 1).astype(np.float32)


def _count_words(samples: Sequence[Sample], known: dict[str, int]) -> Sparse:
    columns = [[known[word] for word in one.words if word in known] for one in samples]
    starts = np.cumsum([0, *(len(one) for one in columns)])
    flat = np.array([at for one in columns for at in one], dtype=np.int64)
    shape = (len(samples), len(known))
    counted = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, starts), shape=shape)
    counted.sum_duplicates()
    return counted


def _count_known(texts: Sequence[str], keys: I64) -> Sparse:
    owner, key = runs(texts)
    at = np.minimum(np.searchsorted(keys, key), max(0, len(keys) - 1))
    known = keys[at] == key if len(keys) else np.zeros(len(key), dtype=bool)
    cells = (np.ones(int(known.sum()), np.float32), (owner[known], at[known]))
    return sparse.coo_matrix(cells, shape=(len(texts), len(keys))).tocsr()


def _telling(counted: Sparse, telling: F32) -> Sparse:
    """Dampen counts, weigh them by what each term tells, and make every row of length 1."""
    counted.data = (1 + np.log(counted.data)) * telling[counted.indices]
    squares = np.add.reduceat(
        np.append(counted.data**2, 0), np.minimum(counted.indptr[:-1], len(counted.data))
    )
    squares[np.diff(counted.indptr) == 0] = 1
    counted.data = (counted.data / np.repeat(np.sqrt(squares), np.diff(counted.indptr))).astype(
        np.float32
    )
    return counted
