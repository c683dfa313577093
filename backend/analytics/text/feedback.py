"""Learning from what operators decide: ask what is least sure, keep a lesson only if it helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.analytics.text.judge import Judge, Labels, learned
from backend.domain.arrays import F64

_PARTS: Final = 4
_FRESH: Final = 1.5  # a decision of this city, beside one the city began with
_FORGOTTEN: Final = 0.02
_LOSS_FLOOR: Final = 0.02


@dataclass(frozen=True, slots=True)
class Lessons:
    """Hold decided pairs: their clues, what was decided, and the event of each.

    Pairs of one event lie in one group, so that none is examined by its like.
    Shape: clues (n, clues), same (n,), groups (n,).
    """

    clues: F64
    same: Labels
    groups: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Give how many pairs were decided."""
        return len(self.same)

    def some(self, chosen: npt.NDArray[np.bool_]) -> Lessons:
        """Give the pairs that are marked."""
        return Lessons(self.clues[chosen], self.same[chosen], self.groups[chosen])


def taught(start: Judge, base: Lessons, fresh: Lessons) -> Judge:
    """Learn anew with what was decided; keep the start where that does not help.

    The gate asks pairs of events the new judge has not seen: it must be right at least as
    often as the start, and no less sure of what is right. It must also still know the base:
    decisions at odds with all that was decided before are looked at, not learned.
    """
    if not len(fresh):
        return start
    likely, asked = _unseen(base, fresh)
    if not asked.any():
        return start
    before = start.scores(fresh.clues[asked])
    truth = fresh.same[asked]
    if _right(likely[asked], truth) < _right(before, truth, start.threshold):
        return start
    if _loss(likely[asked], truth) > _loss(before, truth):
        return start
    made = _learn(base, fresh)
    known = base.same
    then, now = (one.scores(base.clues) for one in (start, made))
    forgets = _right(now, known) < _right(then, known, start.threshold) - _FORGOTTEN
    return start if forgets else made


def questions(judge: Judge, clues: F64, most: int) -> npt.NDArray[np.int64]:
    """Choose the pairs to ask a person about: the least sure, as many of one kind as of the other.

    Only pairs the judge takes for one event and pairs it does not in equal number keep an
    operator attentive, and teach both.
    Shape: clues (n, clues), result (at most `most`,).
    """
    likely = judge.scores(clues)
    unsure = np.argsort(np.abs(likely - judge.threshold), kind="stable")
    said_same = likely[unsure] >= judge.threshold
    half = (most + 1) // 2
    kinds = [unsure[said_same][:half], unsure[~said_same][:half]]
    chosen = np.concatenate(kinds)
    if len(chosen) < most:
        rest = unsure[~np.isin(unsure, chosen)]
        chosen = np.concatenate([chosen, rest[: most - len(chosen)]])
    return chosen[:most].astype(np.int64)


def curve(
    start: Judge, base: Lessons, pool: Lessons, exam: Lessons, rounds: Sequence[int], seed: int
) -> list[float]:
    """Simulate an operator: the share of the exam judged right at the start and after each round.

    A round shows a chance half of what is undecided, as a shift sees part of what comes; the
    least sure of it are decided as the pool says.
    """
    chance = np.random.default_rng(seed)
    decided = np.zeros(len(pool), dtype=np.bool_)
    judge = start
    right = [_right(judge.scores(exam.clues), exam.same, judge.threshold)]
    for many in rounds:
        seen = np.flatnonzero(~decided & (chance.random(len(pool)) < 0.5))
        decided[seen[questions(judge, pool.clues[seen], many)]] = True
        judge = taught(start, base, pool.some(decided))
        right.append(_right(judge.scores(exam.clues), exam.same, judge.threshold))
    return right


def _unseen(base: Lessons, fresh: Lessons) -> tuple[F64, Labels]:
    groups, where = np.unique(fresh.groups, return_inverse=True)
    part = np.arange(len(groups))[where] % _PARTS
    likely = np.zeros(len(fresh))
    asked = np.zeros(len(fresh), dtype=np.bool_)
    for one in range(min(_PARTS, len(groups))):
        out = part == one
        likely[out] = _learn(base, fresh.some(~out)).scores(fresh.clues[out])
        asked |= out
    return likely, asked


def _learn(base: Lessons, fresh: Lessons) -> Judge:
    clues = np.concatenate([base.clues, fresh.clues])
    same = np.concatenate([base.same, fresh.same])
    weights = np.concatenate([np.ones(len(base)), np.full(len(fresh), _FRESH)])
    return learned(clues, same, weights)


def _right(likely: F64, same: Labels, threshold: float = 0.5) -> float:
    return float(np.mean((likely >= threshold) == same)) if len(same) else 0.0


def _loss(likely: F64, same: Labels) -> float:
    kept = np.clip(likely, _LOSS_FLOOR, 1 - _LOSS_FLOOR)
    return float(-np.mean(np.log(np.where(same, kept, 1 - kept))))
