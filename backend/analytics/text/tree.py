"""What class a report is of: the city's tree, and how much its words speak for each class."""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from backend.analytics.text.finder import Finder, Hit
from backend.analytics.text.matters import wish
from backend.analytics.text.words import normal
from backend_client.contract.base import Text

MATTERS_FILE: Final = Path(__file__).parents[3] / "resources" / "text" / "matters.toml"

_HEADLINE: Final = 2.0  # what is said first is what it is about
_SPECIFIC: Final = {2: 1.0, 3: 1.5}  # longer words are meant more exactly
_LONG: Final = 2.0
_SHARP: Final = 2.0
_DOUBT: Final = 1.0  # what always speaks for none of them: one everyday word
_ASKED: Final = {"ask": 1.6, "against": 0.7}  # how an enquiry's words count, by the title's wish
_PLACED: Final = 0.3  # words that only say where: 人民公园, 博物馆对面
_BESIDE_WORDS: Final = "对面 旁 附近 门口 门前 边上 北侧 南侧 东侧 西侧 北门 南门 东门 西门"
_BESIDE: Final = tuple(_BESIDE_WORDS.split())
_TOLD: Final = 4  # words named as the reason


@dataclass(frozen=True, slots=True)
class Matter:
    """Hold a class of the tree; `lead` and `assist` are ids of units, or `county`."""

    code: str
    name: Text
    kind: str
    lead: str
    assist: tuple[str, ...]
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """Say how likely a class is, 0 to 1, and by which words."""

    matter: Matter
    share: float
    words: tuple[str, ...]


class Tree:
    """Guess the class of a report by the words that stand in it."""

    def __init__(self, matters: tuple[Matter, ...]) -> None:
        """Take the classes."""
        self.matters = {one.code: one for one in matters}
        self._of: defaultdict[str, list[Matter]] = defaultdict(list)
        for one in matters:
            for cue in one.cues:
                self._of[cue].append(one)
        self._finder = Finder(self._of)

    def guesses(self, head: str, plain: str, names: Iterable[str] = ()) -> tuple[Guess, ...]:
        """Give the classes that anything speaks for, the likeliest first.

        Args:
            head: the title, or how the report begins, in normal writing.
            plain: all of it, in normal writing.
            names: the names in it; their words say where it is rather than what.
        """
        counts, placed = self._counted(plain, names)
        heard = {hit.word for hit in self._finder.find(head)}
        marks: defaultdict[str, float] = defaultdict(float)
        said: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        for cue, count in counts.items():
            worth = _SPECIFIC.get(len(cue), _LONG) * (1 + math.log(count))
            worth *= (_HEADLINE if cue in heard else 1.0) / math.sqrt(len(self._of[cue]))
            worth *= _PLACED if placed[cue] == count else 1.0
            for one in self._of[cue]:
                marks[one.code] += worth
                said[one.code].append((-worth, cue))
        asks = _ASKED.get(wish(head), 1.0)
        raised = {
            code: (mark * (asks if self.matters[code].kind == "ask" else 1.0)) ** _SHARP
            for code, mark in marks.items()
        }
        whole = sum(raised.values()) + _DOUBT**_SHARP
        found = [
            Guess(self.matters[code], part / whole, tuple(w for _, w in sorted(said[code])[:_TOLD]))
            for code, part in raised.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.share, one.matter.code)))

    def _counted(self, plain: str, names: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
        """Count the cues of a report, and those that only say where it is."""
        counts: Counter[str] = Counter()
        placed: Counter[str] = Counter()
        longer = [name for name in names if len(name) > 2]
        for hit in self._finder.find(plain):
            counts[hit.word] += 1
            own = any(hit.word in name and _is_in(plain, hit, name) for name in longer)
            placed[hit.word] += own or plain.startswith(_BESIDE, hit.end)
        return counts, placed


def _is_in(plain: str, hit: Hit, name: str) -> bool:
    return plain.startswith(name, max(0, hit.at - name.find(hit.word))) and name != hit.word


def read_tree(path: Path = MATTERS_FILE) -> Tree:
    """Read the tree."""
    with path.open("rb") as file:
        told = tomllib.load(file)
    return Tree(
        tuple(
            Matter(
                code=code,
                name=Text(one["zh"], one["en"]),
                kind=told["groups"][code[:2]]["kind"],
                lead=one["lead"],
                assist=tuple(one["assist"].split()),
                cues=tuple(dict.fromkeys(normal(cue) for cue in one["cues"].split())),
            )
            for code, one in told["classes"].items()
        )
    )


@lru_cache(maxsize=1)
def city_tree() -> Tree:
    """Give the tree of this city, read once."""
    return read_tree()


def read_groups(path: Path = MATTERS_FILE) -> dict[str, Text]:
    """Read the groups of classes, by the first two signs of their codes."""
    with path.open("rb") as file:
        told = tomllib.load(file)
    return {code: Text(one["zh"], one["en"]) for code, one in told["groups"].items()}
