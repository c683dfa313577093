"""What a report names: roads, estates, bodies, numbers of things; numbers of people are masked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from backend.analytics.text import places

_GAP: Final = r"[ \-.·]?"
_PRIVATE: Final = (
    ("identity", re.compile(r"(?<![0-9a-z])[1-9]\d{5}(?:19|20)\d{9}[\dx](?![0-9a-z])")),
    ("mobile", re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9]\d(?:{_GAP}\d){{8}}(?!\d)")),
    ("landline", re.compile(rf"(?<![\d.])(?:\(?0\d{{2,3}}\)?{_GAP})\d{{7,8}}(?!\d)")),
    ("landline", re.compile(r"(?<=电话)[:： ]?\d{7,8}(?!\d)")),
    ("account", re.compile(r"(?<!\d)\d(?:[ \-]?\d){15,18}(?!\d)")),
)
_MANY: Final = re.compile(r"\d(?:[ \-.·()]{0,2}\d){6}")  # no number of a person is shorter
_SHOWN: Final = (3, 2)  # characters left at the start and at the end


@dataclass(frozen=True, slots=True)
class Entity:
    """Hold something named: of which kind, and its words, masked where they are a person's."""

    kind: str
    words: str


def entities(plain: str, names: Sequence[places.Name]) -> tuple[Entity, ...]:
    """Give what a report names, each once.

    Args:
        plain: the report in normal writing.
        names: the names cut out of it.
    """
    bare = masked(plain)
    found = [*_private(plain), *(Entity(one.kind, masked(one.full)) for one in names)]
    found += [
        Entity(unit, one) for unit, ones in places.numbers(bare).items() for one in sorted(ones)
    ]
    return tuple(dict.fromkeys(found))


def masked(written: str) -> str:
    """Give writing with the numbers of telephones, identity papers and accounts made unreadable."""
    for _, form in _PRIVATE if _MANY.search(written) else ():
        written = form.sub(lambda one: _masked(one[0]), written)
    return written


def _private(plain: str) -> Iterator[Entity]:
    for kind, form in _PRIVATE if _MANY.search(plain) else ():
        for one in form.finditer(plain):
            yield Entity(kind, _masked(one[0].strip(":： ")))
        plain = form.sub(" ", plain)


def _masked(number: str) -> str:
    first, last = _SHOWN
    hidden = re.sub(r"[\dx]", "*", number[first:-last])
    return number[:first] + hidden + number[-last:]
