"""How right answers are: pairs, streams, clusters, classes, ranked units."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def accuracy_f1(said: Flags, same: Flags) -> tuple[float, float]:
    """Give the share right and F1 of "same"."""
    both, told, is_so = (said & same).sum(), said.sum(), same.sum()
    return float((said == same).mean()), float(2 * both / max(1, told + is_so))


def precision_at(scores: F64, same: Flags, recall: float) -> float:
    """Give the best precision among thresholds that reach a recall."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(same[order])
    fits = hits / max(1, same.sum()) >= recall
    return float((hits / np.arange(1, len(same) + 1))[fits].max())


def macro_f1(said: Sequence[str], gold: Sequence[str]) -> float:
    """Give the mean F1 of the classes there are."""
    found = []
    for label in sorted(set(gold)):
        both = sum(a == b == label for a, b in zip(said, gold, strict=True))
        told = sum(a == label for a in said) + sum(b == label for b in gold)
        found.append(2 * both / max(1, told))
    return sum(found) / len(found)


def hit(ranked: Sequence[Sequence[str]], gold: Sequence[Sequence[str]], first: int) -> float:
    """Give the share of reports with a right unit among the first ones."""
    return float(
        np.mean([bool(set(a[:first]) & set(b)) for a, b in zip(ranked, gold, strict=True)])
    )


@dataclass(frozen=True, slots=True)
class Streamed:
    """Say how a stream went: shares of reports right, of first reports, of repeats, and errors."""

    right: float
    new: float
    repeat: float
    wrong_merges: float
    b_cubed: float
    scored: int


def streamed(
    order: Sequence[str],
    clusters: Mapping[str, str],
    truth: Mapping[str, str],
    skipped: frozenset[str] = frozenset(),
    unscored: frozenset[str] = frozenset(),
) -> Streamed:
    """Judge a stream: a repeat joins what is mostly its own event, a first report opens another.

    Args:
        order: ids as they came.
        clusters: where each was put.
        truth: the event each is of.
        skipped: left out entirely, nobody knows their event.
        unscored: part of the stream, but not counted.
    """
    members: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[str] = set()
    marks: list[tuple[bool, bool, bool]] = []
    for one in order:
        if one in skipped:
            continue
        event, held = truth[one], members[clusters[one]]
        mine = bool(held) and held.most_common(1)[0][0] == event
        right = mine if event in seen else not held
        if one not in unscored:
            marks.append((right, event not in seen, bool(held) and not mine))
        held[event] += 1
        seen.add(event)
    counted = [one for one in order if one not in skipped and one not in unscored]
    table = np.array(marks, dtype=bool)
    is_right, is_new, is_wrong = table[:, 0], table[:, 1], table[:, 2]
    return Streamed(
        right=float(is_right.mean()),
        new=float(is_right[is_new].mean()),
        repeat=float(is_right[~is_new].mean()),
        wrong_merges=float(is_wrong.mean()),
        b_cubed=b_cubed([clusters[one] for one in counted], [truth[one] for one in counted]),
        scored=len(marks),
    )


def b_cubed(clusters: Sequence[str], truth: Sequence[str]) -> float:
    """Give B-cubed F1. Source: Bagga & Baldwin 1998."""
    cell, put, real = Counter(zip(clusters, truth, strict=True)), Counter(clusters), Counter(truth)
    precision = sum(n * n / put[a] for (a, _), n in cell.items()) / len(truth)
    recall = sum(n * n / real[b] for (_, b), n in cell.items()) / len(truth)
    return 2 * precision * recall / (precision + recall)
