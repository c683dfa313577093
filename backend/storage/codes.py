"""Words as small numbers: what a column of codes points into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

Code = TypeVar("Code", np.uint8, np.uint16)
T = TypeVar("T", bound=np.generic)
_PIECE: Final = 32_768


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
    codes: npt.NDArray[Code], words: Sequence[str]
) -> tuple[npt.NDArray[Code], tuple[str, ...]]:
    """Number anew the words that occur, so that no other word is sent.

    Args:
        codes: places in `words`.
        words: the words; one that stands there twice is one word.
    """
    counts = np.zeros(len(words), np.int64)
    for piece in pieces(codes.size):
        counts += np.bincount(codes[piece], minlength=len(words))
    present = np.flatnonzero(counts).tolist()
    places = {word: at for at, word in enumerate(dict.fromkeys(words[one] for one in present))}
    table = np.zeros(max(len(words), 1), dtype=codes.dtype)
    table[present] = [places[words[one]] for one in present]
    return taken(table, codes), tuple(places)


def taken(column: npt.NDArray[T], rows: npt.NDArray[np.integer[Any]]) -> npt.NDArray[T]:
    """Copy chosen rows of a column; what numpy makes on the way stays in the processor's cache.

    Shape: rows and result (n,); no row lies outside the column.
    """
    made = np.empty(rows.size, column.dtype)
    for piece in pieces(rows.size):
        np.take(column, rows[piece], out=made[piece], mode="clip")  # only clipping needs no copy
    return made


def pieces(count: int) -> Iterator[slice]:
    """Cut so many rows into runs."""
    return (slice(at, at + _PIECE) for at in range(0, count, _PIECE))
