"""How likely two reports are one event: by rule in a new city, by what was confirmed later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.analytics.text import modelfile
from backend.analytics.text.clues import CLUES, ORDER
from backend.analytics.text.modelfile import ModelFileError
from backend.domain.arrays import F64

Labels = npt.NDArray[np.bool_]
Parts = dict[str, npt.NDArray[np.generic]]

KIND: Final = "judge"

FEWEST: Final = 40
"""With fewer decided pairs, or fewer than ten of a kind, the rules alone judge."""

_FEWEST_OF_A_KIND: Final = 10
_PLACED: Final = 60  # pairs with coordinates, or filed, from which that is learned, not set
_GROUND: Final = ("near", "far", "beside", "beside_soon")
_FILING: Final = ("class_same", "class_other", "county_other")
_TREES: Final = 150
_DEEPEST: Final = 12
_HALF_TRUSTED: Final = 100  # decided pairs at which lessons weigh as much as the rules
_SEED: Final = 20261129
_STRONG: Final = 0.1  # inverse weight of the penalty: many clues say nearly the same

_BY_HAND: Final = {
    "all_words": 3.0,
    "signs": 3.0,
    "letters_most": 1.5,
    "title_things": 0.8,
    "things_most": 1.5,
    "name_share_least": 0.4,
    "name_share_most": 0.4,
    "name_rare_most": 0.35,
    "title_name_share_most": 0.6,
    "title_name_lost_least": -0.35,
    "area_other": -0.3,
    "title_number_other": -1.0,
    "title_number_same": 0.4,
    "title_matters": 0.5,
    "matters": 0.8,
    "matters_apart": -2.0,
    "asks": -0.3,
    "gap": -0.2,
    "same_day": 0.4,
}
_BY_HAND_BASE: Final = -4.4


@dataclass(frozen=True, slots=True)
class Linear:
    """Weigh clues and add them up. Shape: weights (clues,)."""

    weights: F64
    base: float

    def logit(self, clues: F64) -> F64:
        """Give the logarithm of the odds. Shape: clues (n, clues), result (n,)."""
        summed: F64 = clues @ self.weights + self.base
        return summed


@dataclass(frozen=True, slots=True)
class Forest:
    """Hold decision trees end to end, each node's two children together; a leaf is its own."""

    roots: npt.NDArray[np.int32]
    clue: npt.NDArray[np.int32]
    split: F64
    child: npt.NDArray[np.int32]
    share: F64
    depth: int

    def shares(self, clues: F64) -> F64:
        """Give the mean share of same events. Shape: clues (n, clues), result (n,)."""
        at = np.tile(self.roots, len(clues))
        line = np.repeat(np.arange(len(clues)) * clues.shape[1], len(self.roots))
        flat = clues.ravel()
        for _ in range(self.depth):
            at = self.child[2 * at + (flat[line + self.clue[at]] > self.split[at])]
        mean: F64 = self.share[at].reshape(len(clues), -1).mean(axis=1)
        return mean


@dataclass(frozen=True, slots=True)
class Judge:
    """Say how likely pairs are one event; `threshold` and `band` are the city's to set.

    A score from `band[0]` up to `band[1]` is a question to a person; `trust` is the forest's part.
    """

    linear: Linear
    forest: Forest | None = None
    trust: float = 0.5
    knows_ground: bool = False
    knows_filing: bool = False
    threshold: float = 0.5
    band: tuple[float, float] = (0.35, 0.65)
    sure: float = 0.0
    """The score from which what it says was right often enough to be done by itself."""

    def scores(self, clues: F64) -> F64:
        """Give the likelihood of one event, 0 to 1. Shape: clues (n, clues), result (n,)."""
        if not len(clues):
            return np.zeros(0)
        likely = sigmoid(self.linear.logit(clues))
        if self.forest is not None:
            likely += self.trust * (self.forest.shares(clues) - likely)
        if self.knows_ground and self.knows_filing:
            return likely
        odds = logit(likely)
        if not self.knows_ground:
            odds += ground(clues)
        if not self.knows_filing:
            odds += filing(clues)
        return sigmoid(odds)

    def at(self, threshold: float) -> Judge:
        """Give the same judge with another threshold, the band around it as wide as before."""
        half = (self.band[1] - self.band[0]) / 2
        band = (max(0.0, threshold - half), min(1.0, threshold + half))
        return replace(self, threshold=threshold, band=band)

    def asks(self, score: float) -> bool:
        """Tell whether a person should decide."""
        return self.band[0] <= score < self.band[1]

    def parts(self) -> Parts:
        """Give what a file must hold, as plain arrays."""
        made: Parts = {
            "weights": self.linear.weights,
            "set": np.array(
                [
                    self.linear.base,
                    self.threshold,
                    *self.band,
                    self.knows_ground,
                    self.knows_filing,
                    self.trust,
                    self.sure,
                ]
            ),
        }
        if self.forest is not None:
            tree = self.forest
            made |= {
                "roots": tree.roots, "clue": tree.clue, "split": tree.split, "child": tree.child,
                "share": tree.share, "depth": np.array([tree.depth]),
            }  # fmt: skip
        return made


def of_parts(parts: Mapping[str, npt.NDArray[np.generic]]) -> Judge:
    """Make the judge that `Judge.parts` gave.

    Raises:
        ValueError: the parts belong to other clues.
    """
    weights = parts["weights"].astype(np.float64)
    if weights.shape != (len(CLUES),):
        raise ValueError(
            f"模型有 {weights.size} 个线索，程序有 {len(CLUES)} 个；请重新训练 / the model has "
            f"{weights.size} clues, the program {len(CLUES)}; train it again"
        )
    # A file made before `sure` was measured has none: the policy's own bound is all it has.
    base, threshold, low, high, ground_known, filing_known, trust, *sure = map(
        float, parts["set"].tolist()
    )
    forest = None
    if "roots" in parts:
        forest = Forest(
            roots=parts["roots"].astype(np.int32),
            clue=parts["clue"].astype(np.int32),
            split=parts["split"].astype(np.float64),
            child=parts["child"].astype(np.int32),
            share=parts["share"].astype(np.float64),
            depth=int(parts["depth"].tolist()[0]),
        )
        _whole(forest)
    return Judge(
        Linear(weights, base),
        forest,
        trust,
        knows_ground=bool(ground_known),
        knows_filing=bool(filing_known),
        threshold=threshold,
        band=(low, high),
        sure=sure[0] if sure else 0.0,
    )


def _whole(forest: Forest) -> None:
    """Look that every tree ends where it says and asks for clues there are.

    Raises:
        ValueError: it does not.
    """
    nodes = len(forest.clue)
    sizes = {len(forest.split), len(forest.share), len(forest.child) / 2}
    ends = np.concatenate([forest.roots, forest.child])
    if (
        sizes != {nodes}
        or not len(forest.roots)
        or not ((ends >= 0) & (ends < nodes)).all()
        or not ((forest.clue >= 0) & (forest.clue < len(CLUES))).all()
        or not 0 <= forest.depth <= _DEEPEST
    ):
        raise ValueError("决策树不完整；请重新训练 / the trees are not whole; train it again")


def save(judge: Judge, path: Path) -> None:
    """Write a judge into a model file."""
    modelfile.save(path, KIND, {"clues": CLUES}, judge.parts())


def load(path: Path) -> Judge:
    """Read a judge from a model file.

    Raises:
        ModelFileError: it is none, or learned of other clues.
    """
    about, held = modelfile.load(path, KIND)
    try:
        if tuple(about["clues"]) != CLUES:
            raise ValueError("线索不同 / other clues")  # noqa: TRY301  told below with the file's name
        return of_parts(held)
    except (KeyError, IndexError, TypeError, ValueError) as fault:
        raise ModelFileError(
            f"{path} 不适用于本程序（{fault}）；请重新训练生成 / "
            f"{path} does not fit this program ({fault}); train it again"
        ) from fault


def by_hand() -> Judge:
    """Give the judge of a new city: rules alone, weights set by judgement."""
    weights = np.zeros(len(CLUES))
    for name, weight in _BY_HAND.items():
        weights[ORDER[name]] = weight
    return Judge(Linear(weights, _BY_HAND_BASE))


def learned(clues: F64, same: Labels, weights: F64 | None = None) -> Judge:
    """Learn from decided pairs; with too few of them the rules stay.

    Both kinds count the same in sum, so that what was asked more often is not believed more.
    Shape: clues (n, clues), same (n,), weights (n,).
    """
    kinds = int(same.sum()), int((~same).sum())
    if len(same) < FEWEST or min(kinds) < _FEWEST_OF_A_KIND:
        return by_hand()
    each = np.ones(len(same)) if weights is None else weights
    each = each * np.where(same, 1 / each[same].sum(), 1 / each[~same].sum()) * each.sum() / 2
    used = clues.copy()
    knows = []
    for names in (_GROUND, _FILING):
        at = [ORDER[name] for name in names]
        knows.append(int(np.count_nonzero(clues[:, at].any(axis=1))) >= _PLACED)
        if not knows[-1]:
            used[:, at] = 0.0
    trust = len(same) / (len(same) + _HALF_TRUSTED)
    linear = _mixed(_fit_linear(used, same, each), by_hand().linear, trust)
    return Judge(
        linear,
        _fit_forest(used, same, each),
        trust / 2,
        knows_ground=knows[0],
        knows_filing=knows[1],
    )


def _mixed(one: Linear, other: Linear, share: float) -> Linear:
    return Linear(
        share * one.weights + (1 - share) * other.weights,
        share * one.base + (1 - share) * other.base,
    )


def _fit_linear(clues: F64, same: Labels, each: F64) -> Linear:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # 1 s, only who learns pays

    mean, spread = clues.mean(axis=0), clues.std(axis=0)
    spread[spread < 1e-9] = np.inf  # a clue that never differs tells nothing
    model = LogisticRegression(C=_STRONG, max_iter=2000).fit((clues - mean) / spread, same, each)
    weights = model.coef_[0] / spread
    return Linear(weights, float(model.intercept_[0] - mean @ weights))


def _fit_forest(clues: F64, same: Labels, each: F64) -> Forest:
    from sklearn.ensemble import ExtraTreesClassifier  # noqa: PLC0415  # as above

    model = ExtraTreesClassifier(
        _TREES,
        min_samples_leaf=3,
        max_depth=_DEEPEST,
        max_features=0.4,
        random_state=_SEED,
        n_jobs=1,
    ).fit(clues, same, each)
    trees = [one.tree_ for one in model.estimators_]
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])
    child = []
    for tree, start in zip(trees, starts[:-1].tolist(), strict=True):
        own = np.arange(tree.node_count)
        both = np.column_stack([tree.children_left, tree.children_right])
        child.append(np.where(both < 0, own[:, None], both).ravel() + start)
    share = [tree.value[:, 0, 1] / tree.value[:, 0, :].sum(axis=1) for tree in trees]
    return Forest(
        roots=starts[:-1].astype(np.int32),
        clue=np.concatenate([np.maximum(tree.feature, 0) for tree in trees]).astype(np.int32),
        split=np.concatenate([tree.threshold for tree in trees]),
        child=np.concatenate(child).astype(np.int32),
        share=np.concatenate(share),
        depth=max(int(tree.max_depth) for tree in trees),
    )


def bounds(
    scores: F64, same: Labels, auto_right: float = 0.98, ask_right: float = 0.5
) -> tuple[float, float]:
    """Choose from decided pairs the score that joins by itself and the one to ask a person from.

    Give scores of pairs the judge did not learn from. Of those from the first on at least
    `auto_right` are one event, of those between the two at least `ask_right`; where none is
    that sure, nothing joins by itself.
    Shape: scores (n,), same (n,). Result: (auto, ask).
    """
    order = np.argsort(-scores, kind="stable")
    ranked, is_same = scores[order], same[order]
    auto, sure = _lowest(ranked, is_same, auto_right)
    ask, _ = _lowest(ranked[sure:], is_same[sure:], ask_right)
    return auto, min(auto, ask)


def _lowest(ranked: F64, same: Labels, right: float) -> tuple[float, int]:
    """Give the lowest score down to which enough are one event, and how many that are."""
    many = np.arange(1, len(same) + 1)
    ends = np.append(ranked[1:] < ranked[:-1], True)[: len(same)]  # like scores stay together
    fits = np.flatnonzero((np.cumsum(same) / many >= right) & ends)
    if not len(fits):
        return 1.0, 0
    return float(ranked[fits[-1]]), int(fits[-1]) + 1


def ground(clues: F64) -> F64:
    """Say what the distance of two places is worth where nothing was learned of it.

    Standing together speaks for one event, 300 m against it; no distance says more than
    a wrong place can: channels do send wrong places.
    Shape: clues (n, clues), result (n,) in logarithms of odds.
    """
    near, far = clues[:, ORDER["near"]], clues[:, ORDER["far"]]
    worth: F64 = np.maximum(-3.5, 2.0 - 3.0 * far)
    return np.where(near + far > 0, worth, 0.0)


def filing(clues: F64) -> F64:
    """Say what the class and the county a report is filed under are worth, if not learned.

    Clerks file one trouble in two ways, so that neither decides alone.
    Shape: clues (n, clues), result (n,) in logarithms of odds.
    """
    same, other, away = (clues[:, ORDER[name]] for name in _FILING)
    worth: F64 = 0.5 * same - 1.0 * other - 1.5 * away
    return worth


def logit(likely: F64) -> F64:
    """Give the logarithm of the odds, never infinite."""
    kept = np.clip(likely, 1e-6, 1 - 1e-6)
    odds: F64 = np.log(kept / (1 - kept))
    return odds


def sigmoid(odds: F64) -> F64:
    """Give the likelihood of a logarithm of odds."""
    likely: F64 = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
    return likely


def evenly(likelihoods: list[tuple[float, float]]) -> float:
    """Join likelihoods by their weights, in logarithms of odds."""
    whole = sum(weight for _, weight in likelihoods)
    mean = sum(weight * math.log((p + 0.01) / (1.01 - p)) for p, weight in likelihoods) / whole
    return 1 / (1 + math.exp(-mean))
