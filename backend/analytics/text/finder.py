"""Find many words in a text at once: one look per character, whatever the number of words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HEAD = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """Hold a word found and the character it begins at."""

    at: int
    word: str

    @property
    def end(self) -> int:
        """Give the character after its last."""
        return self.at + len(self.word)


class Finder:
    """Find words of two characters or more, the longest where several begin."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words.

        Raises:
            ValueError: one is a single character, which stands in everything.
        """
        heads: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(set(words), key=len, reverse=True):
            if len(word) < _HEAD:
                raise ValueError(f"“{word}” 太短 / is too short")
            heads[word[:_HEAD]].append(word)
        self._heads = dict(heads)

    def find(self, plain: str) -> Iterator[Hit]:
        """Give the words that stand in a text; what lies inside a longer one is left out."""
        covered = 0
        for at in range(len(plain) - 1):
            for word in self._heads.get(plain[at : at + _HEAD], ()):
                if plain.startswith(word, at):
                    if at + len(word) > covered:
                        covered = at + len(word)
                        yield Hit(at, word)
                    break
