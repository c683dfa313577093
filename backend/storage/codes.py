"""Words as small numbers: what a column of codes points into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Code = TypeVar("Code", np.uint8, np.uint16)


class Codes:
    """Number words in order of appearance."""

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []
        self._places: dict[tuple[str, ...], int] = {}

    def of(self, *word: str) -> int:
        """Give a word's number, the next one for a new word."""
        place = self._places.setdefault(word, len(self.words))
        if place == len(self.words):
            self.words.append(word)
        return place

    def count(self, words: Iterable[tuple[str, ...]]) -> int:
        """Count the words there would be with some more."""
        return len(self.words) + len({word for word in words if word not in self._places})


def used(
    codes: npt.NDArray[Code], words: tuple[str, ...]
) -> tuple[npt.NDArray[Code], tuple[str, ...]]:
    """Number anew the words that occur, so that no other word is sent."""
    present = np.flatnonzero(np.bincount(codes, minlength=len(words)))
    table = np.zeros(max(len(words), 1), dtype=codes.dtype)
    table[present] = np.arange(present.size)
    return table[codes], tuple(words[place] for place in present)
