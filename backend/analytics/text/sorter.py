"""Sort reports into labels learned from examples: a weight per label and piece of evidence.

Ridge regression to one target per label: on few, noisy examples it beat SVM, logistic regression
and naive Bayes (docs/events.md), and it says how much each word counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from backend.analytics.text import modelfile
from backend.analytics.text.lens import F32, Lens, Sparse, Terms, grind
from backend.analytics.text.modelfile import ModelFileError
from backend.analytics.text.sample import Sample

F64 = npt.NDArray[np.float64]

KIND: Final = "sorter"

_EASE: Final = 1.0  # how strongly weights are held small; 0.5 to 2 were alike
_CLOSE: Final = 1e-3  # the rest that may stay when weights are found; labels no longer change
_MOST_TURNS: Final = 100
_ASIDE: Final = 5  # every fifth example is set aside to learn how sure to be
_STEPS: Final = np.geomspace(0.5, 20, 60)
_AT_ONCE: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Sorter:
    """Give each report a number per label; the largest is the answer.

    Shape: weights (evidence, labels); base (labels,).
    """

    lens: Lens
    labels: tuple[str, ...]
    weights: F32
    base: F32
    sharp: float

    def marks(self, samples: Sequence[Sample]) -> F64:
        """Say how much speaks for each label.

        Shape: (reports, labels).
        """
        if not samples:
            return np.zeros((0, len(self.labels)))
        parts = [
            self.lens.rows(samples[first : first + _AT_ONCE]) @ self.weights + self.base
            for first in range(0, len(samples), _AT_ONCE)
        ]
        return np.concatenate(parts).astype(np.float64)

    def shares(self, samples: Sequence[Sample]) -> F64:
        """Say how likely each label is; of answers given .9, about nine in ten are right.

        Shape: (reports, labels), rows sum to 1.
        """
        return _shares(self.marks(samples), self.sharp)

    def save(self, path: Path) -> None:
        """Write the sorter into a model file."""
        lens = self.lens
        about = {
            "labels": self.labels,
            "words": list(lens.words),
            "duties": lens.duties,
            "weights": lens.weights,
            "sharp": self.sharp,
        }
        arrays = {
            "weights": self.weights,
            "base": self.base,
            "of_words": lens.of_words,
            "runs": lens.runs.keys,
            "of_runs": lens.runs.telling,
            "heads": lens.heads.keys,
            "of_heads": lens.heads.telling,
        }
        modelfile.save(path, KIND, about, arrays)


def load(path: Path) -> Sorter:
    """Read a sorter from a model file.

    Raises:
        ModelFileError: it is none.
    """
    about, held = modelfile.load(path, KIND)
    try:
        return _sorter(about, held)
    except (KeyError, TypeError, ValueError) as fault:
        raise ModelFileError(
            f"{path} 内容不全（{fault}）；请重新训练生成 / "
            f"{path} is not complete ({fault}); train it again"
        ) from fault


def learn(samples: Sequence[Sample], *, duties: float) -> Sorter:
    """Learn from examples.

    Args:
        samples: examples with labels.
        duties: weight of the duties named.

    Raises:
        ValueError: there is no example.
    """
    if not samples:
        raise ValueError("no examples")
    aside = np.arange(len(samples)) % _ASIDE == _ASIDE - 1
    whole = _learn(samples, duties, 1.0)
    if aside.sum() < len(whole.labels):
        return whole
    part = _learn([one for one, out in zip(samples, aside, strict=True) if not out], duties, 1.0)
    kept = [one for one, out in zip(samples, aside, strict=True) if out]
    kept = [one for one in kept if set(one.labels) & set(part.labels)]
    sharp = _sharp(part.marks(kept), targets(kept, part.labels))
    return Sorter(whole.lens, whole.labels, whole.weights, whole.base, sharp)


def targets(samples: Sequence[Sample], labels: Sequence[str]) -> F32:
    """Give 1 where an example has a label.

    Shape: (examples, labels).
    """
    at = {label: column for column, label in enumerate(labels)}
    found = np.zeros((len(samples), len(labels)), dtype=np.float32)
    for row, one in enumerate(samples):
        found[row, [at[label] for label in one.labels if label in at]] = 1
    return found


def solve(rows: Sparse, wanted: F32, ease: float) -> F32:
    """Find the weights of ridge regression by conjugate gradients over the examples.

    Args:
        rows: the evidence, one row an example.
        wanted: the targets, mean 0.
        ease: the penalty on squared weights.

    Shape: rows (examples, evidence), wanted (examples, labels) → (evidence, labels).
    Source: Hestenes & Stiefel 1952, each label a system of its own in step with the others.
    """
    turned = rows.T.tocsr()
    share = np.zeros_like(wanted)
    rest = wanted.copy()
    way = rest.copy()
    size = (rest**2).sum(axis=0)
    enough = _CLOSE**2 * np.maximum(size, 1e-12)
    for _turn in range(_MOST_TURNS):
        if (size <= enough).all():
            break
        moved = rows @ (turned @ way) + ease * way
        step = size / np.maximum((way * moved).sum(axis=0), 1e-12)
        share += step * way
        rest -= step * moved
        left = (rest**2).sum(axis=0)
        way = rest + left / np.maximum(size, 1e-12) * way
        size = left
    weights: F32 = (turned @ share).astype(np.float32)
    return weights


def _learn(samples: Sequence[Sample], duties: float, sharp: float) -> Sorter:
    labels = tuple(sorted({label for one in samples for label in one.labels}))
    lens = grind(samples, duties=duties)
    wanted = targets(samples, labels)
    base = wanted.mean(axis=0)
    weights = solve(lens.rows(samples), wanted - base, _EASE)
    return Sorter(lens, labels, weights, base, sharp)


def _shares(marks: F64, sharp: float) -> F64:
    raised = np.exp(sharp * (marks - marks.max(axis=1, keepdims=True)))
    shares: F64 = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _sharp(marks: F64, wanted: F32) -> float:
    """Choose how steeply marks become shares, by what the examples set aside say."""
    right = wanted > 0
    fits = [np.log(_shares(marks, one)[right] + 1e-9).mean() for one in _STEPS]
    return float(_STEPS[int(np.argmax(fits))])


def _sorter(about: dict[str, Any], held: modelfile.Arrays) -> Sorter:
    words = {str(word): at for at, word in enumerate(about["words"])}
    one, two, three, four = (float(part) for part in about["weights"])
    lens = Lens(
        words=words,
        of_words=held["of_words"],
        runs=Terms(held["of_runs"], held["runs"]),
        heads=Terms(held["of_heads"], held["heads"]),
        duties=tuple(tuple(duty) for duty in about["duties"]),
        weights=(one, two, three, four),
    )
    labels = tuple(str(label) for label in about["labels"])
    evidence = len(words) + len(held["runs"]) + len(held["heads"]) + len(lens.duties)
    if held["weights"].shape != (evidence, len(labels)) or held["base"].shape != (len(labels),):
        raise ValueError(f"weights {held['weights'].shape} ≠ {(evidence, len(labels))}")
    return Sorter(lens, labels, held["weights"], held["base"], float(about["sharp"]))


def best(shares: F64, labels: Sequence[str], count: int) -> Iterator[list[tuple[str, float]]]:
    """Give each report's most likely labels, the likeliest first; ties in the labels' order."""
    for row in shares:
        order = np.argsort(-row, kind="stable")[:count]
        yield [(labels[at], float(row[at])) for at in order]
