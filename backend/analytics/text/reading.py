"""A report read: cut into words, places, numbers and matters, each weighed by how telling it is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import add
from typing import Final

from backend.analytics.text import matters, places
from backend.analytics.text.message import Message
from backend.analytics.text.tree import city_tree
from backend.analytics.text.words import LONGEST, common, cutter, normal, telling

_PRIOR: Final = 300.0
_MEAN_WORDS: Final = 80.0
_NAMES: Final = 10
_TELLING: Final = 4.0  # a name is no less telling for being in every report of a large event
_HEADLINE: Final = 40  # what a channel without titles says first
_TITLE_TWICE: Final = 2.0
_UNLIKELY: Final = 0.02  # a class less likely than this is not kept
_RUNS: Final = re.compile(r"[^\W_]+")

Weights = dict[str, float]


class Wording:
    """Count in how many reports a word stands; new words are as rare as in the language."""

    def __init__(self) -> None:
        """Begin without reports."""
        self.reports = 0
        self._in: Counter[str] = Counter()

    def see(self, marks: Iterable[str]) -> None:
        """Take the words of one more report."""
        self.reports += 1
        self._in.update(marks)

    def forget(self, marks: Iterable[str]) -> None:
        """Count a report no more that was seen."""
        self.reports -= 1
        for mark in marks:
            self._in[mark] -= 1
            if self._in[mark] <= 0:
                del self._in[mark]

    def rarity(self, word: str) -> float:
        """Say how telling a word is: the logarithm of one over its share of reports."""
        share = min(1.0, _MEAN_WORDS * common(word))
        seen = self._in.get(word, 0) + _PRIOR * share
        return math.log((self.reports + _PRIOR + 1.0) / (seen + 0.5))

    def rarity_of_sign(self, sign: str) -> float:
        """Say how telling a character, a pair of them or a name is, by what was read alone."""
        return math.log((self.reports + 40.0) / (self._in.get(sign, 0) + 1.0))


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold one report cut up: its words, signs, places, numbers and matters.

    `subjects` says how likely it is of which class of the tree, by code.
    """

    message: Message
    title: str
    plain: str
    title_words: tuple[str, ...]
    words: tuple[str, ...]
    title_names: tuple[places.Name, ...]
    names: tuple[places.Name, ...]
    areas: frozenset[str]
    title_numbers: dict[str, frozenset[str]]
    numbers: dict[str, frozenset[str]]
    title_matters: frozenset[str]
    matters: frozenset[str]
    wish: str
    denies: bool
    subjects: Weights

    def marks(self) -> set[str]:
        """Give all that is counted of it, each once."""
        found = set(self.words) | set(self.title_words)
        found.update("@" + name.core for name in self.names)
        found.update("~" + pair for pair in _pairs(self.plain))
        found.update("#" + area for area in self.areas)
        found.update("." + letter for letter in self.title)
        return found

    def bare(self) -> str:
        """Give the title without the places named."""
        bare = places.without_areas(self.title)
        for name in self.names:
            bare = bare.replace(name.full, " ").replace(name.core, " ")
        return bare


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold a report with the weight of each of its words; made once, compared often."""

    cut: Cut
    title_words: Weights
    words: Weights
    things: Weights
    title_things: Weights
    title_signs: Weights
    signs: Weights
    letters: Weights
    names: Weights
    areas: Weights
    thing_signs: Weights


def cut(message: Message) -> Cut:
    """Cut a report up."""
    title, text = (normal(one[: 2 * LONGEST])[:LONGEST] for one in (message.title, message.text))
    title = title or text[:_HEADLINE]
    place = normal(message.place)[:LONGEST]
    if place and place not in title:
        title = f"{title} {place}"
    plain = f"{title}\n{text}"
    pieces = list(cutter().cut(places.without_areas(plain), HMM=False))
    length = 0
    for at, piece in enumerate(pieces):
        if piece == "\n":
            length = at
            break
    names = places.names(pieces)
    own = places.names(pieces[:length])
    return Cut(
        message=message,
        title=title,
        plain=plain,
        title_words=tuple(telling([one for one in pieces[:length] if one[0].isalnum()])),
        words=tuple(telling([one for one in pieces[length:] if one[0].isalnum()])),
        title_names=tuple(own[:_NAMES]),
        names=tuple(names[:_NAMES]),
        areas=places.areas(plain),
        title_numbers=places.numbers(title),
        numbers=places.numbers(plain),
        title_matters=matters.matters(title),
        matters=matters.matters(plain),
        wish=matters.wish(title),
        denies=matters.denies(title),
        subjects=_subjects(title, plain, names),
    )


def _subjects(title: str, plain: str, names: list[places.Name]) -> Weights:
    """Give the classes of the city's tree a report may be of, and how likely."""
    guesses = city_tree().guesses(title, plain, [name.full for name in names])
    return {one.matter.code: round(one.share, 3) for one in guesses if one.share >= _UNLIKELY}


def weigh(one: Cut, wording: Wording) -> Reading:
    """Weigh the words of a report by how telling they are."""
    counts: Weights = dict.fromkeys(one.words, 0.0)
    for word in one.words:
        counts[word] += 1.0
    for word in one.title_words:
        counts[word] = counts.get(word, 0.0) + _TITLE_TWICE
    words = {word: (1.0 + math.log(count)) * wording.rarity(word) for word, count in counts.items()}
    title = {word: words[word] / (1.0 + math.log(counts[word])) for word in one.title_words}
    words, title = unit(words), unit(title)
    return Reading(
        cut=one,
        title_words=title,
        words=words,
        things=things_of(one, words),
        title_things=things_of(one, title),
        title_signs=unit(_signs(_pairs(one.title), wording)),
        signs=unit(_signs(_pairs(one.plain), wording)),
        letters=unit({x: wording.rarity_of_sign("." + x) for x in letters_of(one.title)}),
        names={
            name.core: min(_TELLING, wording.rarity_of_sign("@" + name.core)) for name in one.names
        },
        areas={area: wording.rarity_of_sign("#" + area) for area in one.areas},
        thing_signs=unit(_signs(_pairs(one.bare()), wording)),
    )


def things_of(one: Cut, words: Weights) -> Weights:
    """Give of a report's words those that name no place, with the length 1."""
    within = "".join(name.full for name in one.names) + "".join(one.areas)
    return unit({word: weight for word, weight in words.items() if word not in within})


def letters_of(title: str) -> dict[str, None]:
    """Give the characters of a title that are weighed, each once, in their order."""
    return dict.fromkeys(letter for letter in title if letter.isalnum())


def weighed_pairs(plain: str) -> dict[str, None]:
    """Give the pairs of characters that are weighed, each once, in their order."""
    return dict.fromkeys(_pairs(plain))


def unit(weights: Weights) -> Weights:
    """Give weights the length 1."""
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {key: weight / length for key, weight in weights.items()}


def cosine(one: Weights, other: Weights) -> float:
    """Give the cosine of two weighings of length 1."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return sum([short[key] * long[key] for key in short.keys() & long.keys()])


def _signs(pairs: list[str], wording: Wording) -> Weights:
    counts = Counter(pairs)
    return {
        pair: (1.0 + math.log(count)) * wording.rarity_of_sign("~" + pair)
        for pair, count in counts.items()
    }


def _pairs(plain: str) -> list[str]:
    found: list[str] = []
    for run in _RUNS.findall(plain):
        found += map(add, run, run[1:])
    return found
