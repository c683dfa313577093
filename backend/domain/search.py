"""What is found by which words: folding, the fields that are searched, grams, the best first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from pydantic import JsonValue

START, END, REGION, DEPARTMENT = "\ue000", "\ue001", "\ue002", "\ue003"
"""Marks no text can hold: folding drops them."""

WORDS_MOST: Final = 64
GRAM: Final = 3
NUMBERS: Final = frozenset({"plate", "no", "code", "waybill", "phone"})
"""An own field is searched when this is the last word of its key: `part_code`, `duty_phone`."""
_TEXT_MOST: Final = 64
_BETWEEN: Final = re.compile(r"[\W_]+")
_TOWN, _COUNTY = 9, 6
_CITY: Final = 4
_ENDING: Final = 6
_ENDING_RUNS: Final = 4
"""Numbers of one sort begin alike: runs that half the city holds are dear to ask and tell nothing.

So many different runs at the end of one leave about one thing in a hundred thousand to be read.
"""


class Rank(IntEnum):
    """How well a text fits, the best first."""

    EXACT = 0
    BEGINS = 1
    HOLDS = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """Where somebody may look; empty sets mean everywhere."""

    regions: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Write a text as it is compared: one width, small letters, nothing but letters and digits."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return _BETWEEN.sub("", wide)[:WORDS_MOST]


def fields_of(own_id: str, name: str, properties: Mapping[str, JsonValue]) -> dict[str, str]:
    """Give the texts of an object that are searched: name, id, `name_en`, plates and numbers."""
    found = {"name": name, "id": own_id}
    for key, value in properties.items():
        if key != "name_en" and key.rsplit("_", 1)[-1] not in NUMBERS:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            continue
        if 0 < len(text := str(value)) <= _TEXT_MOST:
            found[key] = text
    return found


def rank_of(words: str, text: str) -> Rank | None:
    """Tell how well a text fits folded words, None when it does not hold them."""
    folded = fold(text)
    if words not in folded:
        return None
    if words == folded:
        return Rank.EXACT
    return Rank.BEGINS if folded.startswith(words) else Rank.HOLDS


def best(words: str, fields: Mapping[str, str]) -> tuple[Rank, str] | None:
    """Give the field that fits folded words best, with how well it does."""
    ranked = ((rank_of(words, text), key) for key, text in fields.items())
    fitting = [(rank, key) for rank, key in ranked if rank is not None]
    return min(fitting, key=lambda pair: pair[0], default=None)


def tokens(texts: Iterable[str], region: str, department: str) -> str:
    """Give what is indexed of one thing: every run of three letters, and where it belongs."""
    grams: dict[str, None] = {}
    for folded in filter(None, map(fold, texts)):
        grams |= dict.fromkeys(_runs(folded))
    places = [REGION + region[:size] for size in (_COUNTY, _TOWN) if len(region) >= size]
    return " ".join([*grams, *places, DEPARTMENT + department])


def question(words: str, rank: Rank, scope: Scope) -> str:
    """Give the full-text question for folded words.

    It may let through texts that hold the runs apart from each other: `best` tells those.
    """
    return " AND ".join([_asked(words, rank), *_where(scope)])


def _runs(folded: str) -> list[str]:
    """Cut a folded text into runs of three, the marks of start and end among the letters."""
    marked = f"{START}{folded}{END}"
    return [marked[at : at + GRAM] for at in range(len(marked) - 1)]


def _asked(words: str, rank: Rank) -> str:
    marked = words if rank is Rank.HOLDS else START + words
    if rank is Rank.EXACT:
        marked += END
    if len(marked) < GRAM:
        return f'"{marked}" *'
    runs = [marked[at : at + GRAM] for at in range(len(marked) - GRAM + 1)]
    chosen = list(dict.fromkeys(runs[::-1]))[::-1]
    if words[-_ENDING:].isdecimal():
        chosen = chosen[-_ENDING_RUNS:]
    return " AND ".join(f'"{run}"' for run in chosen)


def _where(scope: Scope) -> list[str]:
    """Narrow to a reader's scope where the index can; whoever answers checks it again."""
    narrow = all(len(region) in (_COUNTY, _TOWN) for region in scope.regions)
    parts = [[REGION + region for region in scope.regions]] if scope.regions and narrow else []
    if scope.departments:
        parts.append([DEPARTMENT + department for department in scope.departments])
    return [_any(words) for words in parts]


def _any(words: Sequence[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"
