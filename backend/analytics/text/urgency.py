"""How much haste there is: words of danger, and whether they are denied, past, feared or over."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from backend.analytics.text.finder import Finder, Hit
from backend.analytics.text.words import normal
from backend_client.contract.base import Text

URGENCY_FILE: Final = Path(__file__).parents[3] / "resources" / "text" / "urgency.toml"

ORDINARY: Final = 4
_FEARED: Final = 3  # the most that what has not happened yet asks for
_BREAKS: Final = re.compile(r"[，,；;：:、。！!？?\n]")
_ENDS: Final = re.compile(r"[。！!？?；;\n]")
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_LOOKED_BEHIND: Final = 16  # characters; what is farther speaks of something else
_FEARED_BEFORE: Final = 8
_REPEATED: Final = 8  # what is said more often stands no other way

Standing = Literal["now", "denied", "past", "feared", "over"]
_SAID: Final[dict[Standing, Text]] = {
    "now": Text("正在发生", "happening"),
    "denied": Text("文中否认", "denied in the text"),
    "past": Text("说的是过去", "told of the past"),
    "feared": Text("只是担心或假设", "feared or supposed only"),
    "over": Text("已经过去或处置完毕", "over or dealt with"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """Hold a word of danger: what it stands for, its level when it is so, how it stands here."""

    id: str
    name: Text
    level: int
    words: str
    standing: Standing

    def why(self) -> Text:
        """Say it in words."""
        how = _SAID[self.standing]
        return Text(
            f"{self.name.zh}（“{self.words}”，{how.zh}）",
            f"{self.name.en} (“{self.words}”, {how.en})",
        )


@dataclass(frozen=True, slots=True)
class Urgency:
    """Hold the level suggested, 1 the most urgent to 4 the ordinary, and the signs that say so."""

    level: int
    signs: tuple[Sign, ...]


class Alarms:
    """Read the haste of a report after a table of words."""

    def __init__(self, path: Path = URGENCY_FILE) -> None:
        """Read the table."""
        with path.open("rb") as file:
            told = tomllib.load(file)
        self._signals = {
            normal(word): (id_, Text(one["zh"], one["en"]), int(one["level"]))
            for id_, one in told["signals"].items()
            for word in one["words"].split()
        }
        self._finder = Finder(self._signals)
        around = {key: _any(words) for key, words in told["around"].items()}
        between = f"(?:{around['between']}){{0,3}}"
        self._no = re.compile(f"(?:(?:{around['no']}){between})+$")
        self._no_word = re.compile(around["no"])
        self._past, self._now = re.compile(around["past"]), re.compile(around["now"])
        self._feared, self._after = re.compile(around["feared"]), re.compile(around["feared_after"])
        self._over = re.compile(f"(?<![没未有])(?:{around['over']})")

    def read(self, plain: str, year: int | None = None) -> Urgency:
        """Say how much haste a report asks for.

        Args:
            plain: the report in normal writing.
            year: when it was made; a year before it, named, is the past.
        """
        found: dict[tuple[str, Standing], Sign] = {}
        seen: Counter[str] = Counter()
        for hit in self._finder.find(plain):
            seen[hit.word] += 1
            if seen[hit.word] > _REPEATED:
                continue
            id_, name, level = self._signals[hit.word]
            standing = self._standing(plain, hit, year)
            found.setdefault((id_, standing), Sign(id_, name, level, hit.word, standing))
        signs = sorted(found.values(), key=lambda one: (_asked(one), one.level))
        return Urgency(min(map(_asked, signs), default=ORDINARY), tuple(signs))

    def _standing(self, plain: str, hit: Hit, year: int | None) -> Standing:
        """Tell how a word stands in its sentence."""
        sentence = _ENDS.split(plain[max(0, hit.at - 60) : hit.at])[-1]
        before = _BREAKS.split(sentence)[-1]
        behind = _ENDS.split(plain[hit.end : hit.end + _LOOKED_BEHIND])[0]
        close = _BREAKS.split(behind)[0]
        if (chain := self._no.search(before)) and len(self._no_word.findall(chain[0])) % 2:
            return "denied"
        if self._over.search(behind):
            return "over"
        if self._is_past(sentence, year):
            return "past"
        if self._after.search(close) or self._feared.search(before[-_FEARED_BEFORE:]):
            return "feared"
        return "now"

    def _is_past(self, sentence: str, year: int | None) -> bool:
        """Tell whether a sentence so far speaks of the past and was not brought back since."""
        last = max((one.end() for one in self._past.finditer(sentence)), default=-1)
        if year is not None:
            years = (one.end() for one in _YEAR.finditer(sentence) if int(one[1]) < year)
            last = max(last, *years, -1)
        return last >= 0 and not self._now.search(sentence, last)


def _any(words: str) -> str:
    """Write words as one choice, the longest first."""
    return "|".join(re.escape(normal(w)) for w in sorted(words.split(), key=len, reverse=True))


def _asked(sign: Sign) -> int:
    """Say the level a sign asks for as it stands."""
    if sign.standing == "now":
        return sign.level
    return max(_FEARED, sign.level) if sign.standing == "feared" else ORDINARY
