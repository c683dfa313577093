"""What a user would take instead to find repeated reports: TF-IDF cosine, MinHash, rapidfuzz."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from backend.analytics.text.words import normal, words

F64 = npt.NDArray[np.float64]

_HASHES = 128
_GRAM = 3
_SEED = 1

Texts = Sequence[tuple[str, str]]
"""Title and text of each report."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Say how alike reports are, by their numbers: pairs, and one to all before it."""

    count: int
    of_pairs: Callable[[Sequence[tuple[int, int]]], F64]
    to_earlier: Callable[[int], F64]


def tfidf(texts: Texts) -> Likeness:
    """Compare words of title and text, rare ones more."""
    made = TfidfVectorizer(analyzer=_cut, sublinear_tf=True)
    rows = made.fit_transform([f"{title} {text}" for title, text in texts])

    def of_pairs(pairs: Sequence[tuple[int, int]]) -> F64:
        one, two = [a for a, _ in pairs], [b for _, b in pairs]
        return np.asarray(rows[one].multiply(rows[two]).sum(axis=1), dtype=np.float64).ravel()

    def to_earlier(at: int) -> F64:
        return np.asarray((rows[:at] @ rows[at].T).todense(), dtype=np.float64).ravel()

    return Likeness(len(texts), of_pairs, to_earlier)


def minhash(texts: Texts) -> Likeness:
    """Compare sets of three characters of title and text by 128 least hashes."""
    draw = np.random.default_rng(_SEED)
    prime = (1 << 31) - 1
    factor, shift = draw.integers(1, prime, (2, _HASHES, 1))
    grams = (_grams(f"{title} {text}") for title, text in texts)
    least = np.array([((one * factor + shift) % prime).min(axis=1) for one in grams])

    def of_pairs(pairs: Sequence[tuple[int, int]]) -> F64:
        one, two = [a for a, _ in pairs], [b for _, b in pairs]
        same: F64 = (least[one] == least[two]).mean(axis=1)
        return same

    def to_earlier(at: int) -> F64:
        same: F64 = (least[:at] == least[at]).mean(axis=1)
        return same

    return Likeness(len(texts), of_pairs, to_earlier)


def rapid(texts: Texts) -> Likeness:
    """Compare the words of titles (texts, where there is none) by edits."""
    cut = [" ".join(_cut(title or text[:60])) for title, text in texts]

    def of_pairs(pairs: Sequence[tuple[int, int]]) -> F64:
        return np.array([fuzz.token_set_ratio(cut[a], cut[b]) / 100 for a, b in pairs])

    def to_earlier(at: int) -> F64:
        found = process.cdist(cut[at : at + 1], cut[:at], scorer=fuzz.token_set_ratio)
        return np.asarray(found[0], dtype=np.float64) / 100

    return Likeness(len(texts), of_pairs, to_earlier)


RIVALS: dict[str, Callable[[Texts], Likeness]] = {
    "TF-IDF cosine": tfidf,
    "MinHash": minhash,
    "rapidfuzz": rapid,
}


def best_threshold(scores: F64, same: npt.NDArray[np.bool_]) -> float:
    """Give the threshold with most pairs right."""
    order = np.unique(scores)
    right = [((scores >= one) == same).mean() for one in order]
    return float(order[int(np.argmax(right))])


def likest(alike: Likeness) -> list[tuple[int, float]]:
    """Give for each report the likest earlier one and how alike it is."""
    found = [(0, -1.0)]
    for at in range(1, alike.count):
        scores = alike.to_earlier(at)
        best = int(np.argmax(scores))
        found.append((best, float(scores[best])))
    return found


def stream(nearest: Sequence[tuple[int, float]], threshold: float) -> list[int]:
    """Put each report into the cluster of its likest earlier one, or into a new one."""
    clusters: list[int] = []
    for at, (before, score) in enumerate(nearest):
        clusters.append(clusters[before] if score >= threshold else at)
    return clusters


def _cut(text: str) -> list[str]:
    return words(normal(text[:1_000]))


def _grams(text: str) -> npt.NDArray[np.int64]:
    plain = normal(text[:1_000]) + " " * _GRAM
    signs = np.frombuffer(plain.encode("utf-32-le", "replace"), "<u4").astype(np.int64)
    return (signs[:-2] * 1_000_003 + signs[1:-1] * 1_009 + signs[2:]) % ((1 << 31) - 1)
