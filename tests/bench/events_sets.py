"""The development files beside the repository, parted so that near repeats stay on one side."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from backend.analytics.text.words import normal, words

HOME = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "text"

Rows = list[dict[str, str]]
Folds = npt.NDArray[np.int64]

_SAME_TEXT = 0.7  # TF-IDF cosine from which two reports are near repeats


def rows(path: Path) -> Rows:
    """Read a table, packed or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, table: Rows) -> Path:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        made = csv.DictWriter(file, list(table[0]))
        made.writeheader()
        made.writerows(table)
    return path


def near_repeats(texts: Sequence[str]) -> Folds:
    """Give each text the number of its group of near repeats."""
    found = TfidfVectorizer(analyzer=_cut, sublinear_tf=True).fit_transform(texts)
    near = [
        sparse.coo_matrix(found[first : first + 500] @ found.T >= _SAME_TEXT)
        for first in range(0, len(texts), 500)
    ]
    group: Folds = connected_components(sparse.vstack(near), directed=False)[1].astype(np.int64)
    return group


def _cut(text: str) -> list[str]:
    return text.split() if " " in text[:40] else words(normal(text[:1_000]))


def folds(groups: Sequence[object] | Folds, count: int, seed: int) -> Folds:
    """Deal whole groups onto folds of like size.

    Shape: (reports,), the number of each one's fold.
    """
    members: dict[object, list[int]] = {}
    for at, group in enumerate(groups):
        members.setdefault(group, []).append(at)
    order = sorted(members.values(), key=lambda one: one[0])
    Random(seed).shuffle(order)
    order.sort(key=len, reverse=True)
    load, found = [0] * count, np.zeros(len(groups), dtype=np.int64)
    for one in order:
        fold = int(np.argmin(load))
        load[fold] += len(one)
        found[one] = fold
    return found


def joined(pairs: Iterable[tuple[str, str]], ids: Sequence[str]) -> dict[str, str]:
    """Give each id the name of the cluster that pairs make of it."""
    head = {one: one for one in ids}

    def find(one: str) -> str:
        while head[one] != one:
            head[one] = head[head[one]]
            one = head[one]
        return one

    for one, two in pairs:
        head[find(one)] = find(two)
    return {one: find(one) for one in ids}


@dataclass(frozen=True, slots=True)
class Merging:
    """Hold the reports, the decided pairs of both readings, and what is known of events."""

    messages: Rows
    pairs: Rows
    consensus: Rows
    events: dict[str, str]
    status: dict[str, str]

    def parted(self, count: int, seed: int) -> dict[str, int]:
        """Deal reports onto folds, whole clusters of decided pairs and events together."""
        ids = [one["id"] for one in self.messages]
        known = set(ids)
        every = [(one["id_a"], one["id_b"]) for one in [*self.pairs, *self.consensus]]
        first: dict[str, str] = {}
        every += [(first.setdefault(event, one), one) for one, event in self.events.items()]
        head = joined([one for one in every if known.issuperset(one)], ids)
        fold = folds([head[one] for one in ids], count, seed)
        return dict(zip(ids, fold.tolist(), strict=True))


def merging() -> Merging:
    """Read what there is to judge merging by."""
    events = rows(HOME / "merge" / "events_dev.csv")
    return Merging(
        messages=rows(HOME / "merge" / "messages_dev.csv.gz"),
        pairs=rows(HOME / "merge" / "pairs_dev.csv"),
        consensus=rows(HOME / "second_reading" / "pairs_consensus_dev.csv"),
        events={one["id"]: one["event_id"] for one in events},
        status={one["id"]: one["status"] for one in events},
    )
