"""Finished cases, found again by class, words and place; memory is bounded, old ones give way."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from backend.analytics.text import places
from backend.analytics.text.clues import metres_to
from backend.analytics.text.message import Message
from backend.analytics.text.words import cutter, normal, telling
from backend.domain.arrays import F64

MOST: Final = 60_000
"""Cases of one generation; there are two, so that the newest 60,000 at least are known."""
_READ: Final = 600  # characters of a report: what it is about is said by then
_KEYS: Final = 40  # of a case, so that one long letter takes no more room than forty words
_FEW: Final = 400  # a word in fewer cases is always looked up
_SHARE: Final = 0.05  # one in more cases than this tells nothing
_GROUP: Final = 2  # signs of a class code that name its group
_TEXT, _CLASS, _PLACE = 0.5, 0.3, 0.2  # what each of the three can bring (G)
_SAME_GROUP: Final = 0.4
_SAME_COUNTY: Final = 0.2
_NEAR_M: Final = 400.0
_LEAST: Final = 0.3
"""What is less like than this is no hint."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is compared of a case: its keys, class, county and point."""

    keys: tuple[str, ...]
    matter: str
    county: str
    lon: float | None
    lat: float | None


def told(report: Message) -> Told:
    """Read what is compared of a report; who reported it is no part of it."""
    plain = normal(f"{report.title}\n{report.place}\n{report.text[:_READ]}")
    pieces = list(cutter().cut(places.without_areas(plain), HMM=False))
    words = [f"@{one.core}" for one in places.names(pieces)]
    words += telling([piece for piece in pieces if piece and piece[0].isalnum()])
    keys = tuple(dict.fromkeys(words))[:_KEYS]
    return Told(keys, report.kind, report.region, report.lon, report.lat)


@dataclass(frozen=True, slots=True)
class Like:
    """A case that is like another, and what each of the three says, 0 to 1."""

    case_id: str
    share: float
    text: float
    same_class: bool
    metres: float | None


@dataclass(slots=True, eq=False)
class _Shelf:
    """One generation: cases by slot, the slots of each key, the rest as columns."""

    ids: list[str] = field(default_factory=list)
    holds: dict[str, array[int]] = field(default_factory=dict)
    columns: F64 = field(default_factory=lambda: np.zeros((64, 5)))  # matter county lon lat keys
    codes: dict[str, int] = field(default_factory=dict)

    def put(self, case_id: str, case: Told) -> None:
        slot = len(self.ids)
        if slot == len(self.columns):
            self.columns = np.concatenate([self.columns, np.zeros_like(self.columns)])
        lon = math.nan if case.lon is None else case.lon
        lat = math.nan if case.lat is None else case.lat
        self.columns[slot] = (
            self._code(case.matter),
            self._code(case.county),
            lon,
            lat,
            len(case.keys),
        )
        self.ids.append(case_id)
        for key in case.keys:
            self.holds.setdefault(key, array("I")).append(slot)

    def like(self, case: Told, most: int, counties: Sequence[str]) -> list[Like]:
        size = len(self.ids)
        if not size:
            return []
        rows = self.columns[:size]
        text = self._text(case, size, rows[:, 4])
        kind = self._kind(case.matter, size, rows[:, 0])
        metres = _metres(case, rows)
        at_hand = np.exp(-np.nan_to_num(metres, nan=np.inf) / _NEAR_M)
        county = np.where(rows[:, 1] == self.codes.get(case.county, -1), _SAME_COUNTY, 0.0)
        whole = _TEXT * text + _CLASS * kind + _PLACE * np.maximum(at_hand, county)
        whole[text + kind <= 0] = 0.0  # a place alone is no likeness of what happened there
        if counties:
            sight = [self.codes[one] for one in self.codes if one.startswith(tuple(counties))]
            whole[~np.isin(rows[:, 1], sight)] = 0.0
        best = np.flatnonzero(whole >= _LEAST)
        order = best[np.argsort(-whole[best], kind="stable")[:most]]
        return [
            Like(
                self.ids[slot],
                min(1.0, float(whole[slot])),
                float(text[slot]),
                bool(kind[slot] == 1.0),
                None if math.isnan(metres[slot]) else float(metres[slot]),
            )
            for slot in order.tolist()
        ]

    def _text(self, case: Told, size: int, counts: F64) -> F64:
        longest = max(_FEW, int(_SHARE * size))
        found = np.zeros(size)
        whole = 0.0
        for key in case.keys:
            held = self.holds.get(key)
            if held is not None and len(held) > longest:
                continue
            worth = math.log(1 + size / (1 + (len(held) if held is not None else 0)))
            whole += worth
            if held is not None:
                found[np.frombuffer(held, np.uint32)] += worth
        if not whole:
            return found
        usual = whole / max(1, len(case.keys))
        return found / np.sqrt(whole * np.maximum(counts * usual, whole / 2))

    def _kind(self, matter: str, size: int, column: F64) -> F64:
        if not matter:
            return np.zeros(size)
        group = [
            self.codes[one]
            for one in self.codes
            if one[:_GROUP] == matter[:_GROUP] and len(one) <= len(matter)
        ]
        alike = np.where(np.isin(column, group), _SAME_GROUP, 0.0)
        return np.where(column == self.codes.get(matter, -1), 1.0, alike)

    def _code(self, word: str) -> int:
        return self.codes.setdefault(word, len(self.codes))


class Cases:
    """Keep finished cases by id; the same id again is the same case."""

    def __init__(self, most: int = MOST) -> None:
        """Begin empty.

        Args:
            most: cases of a generation; when it is full the one before it is forgotten.
        """
        self._most = most
        self._shelves = [_Shelf()]
        self._known: dict[str, None] = {}

    def __len__(self) -> int:
        """Give how many cases are known."""
        return sum(len(shelf.ids) for shelf in self._shelves)

    def __contains__(self, case_id: str) -> bool:
        """Tell whether a case is known."""
        return case_id in self._known

    def put(self, case_id: str, case: Told) -> None:
        """Take a case in; one that is known already stays as it is."""
        if case_id in self._known:
            return
        if len(self._shelves[-1].ids) >= self._most:
            self._shelves.append(_Shelf())
        if len(self._shelves) > 2:
            for gone in self._shelves.pop(0).ids:
                del self._known[gone]
        self._shelves[-1].put(case_id, case)
        self._known[case_id] = None

    def like(self, case: Told, most: int, counties: Sequence[str] = ()) -> Iterator[Like]:
        """Give the cases like one, the likest first.

        Args:
            case: what they are compared with.
            most: how many of each generation at most.
            counties: only cases whose county begins with one of these; empty for all.
        """
        found = [one for shelf in self._shelves for one in shelf.like(case, most, counties)]
        return iter(sorted(found, key=lambda one: -one.share))


def shared(one: Told, other: Told, most: int = 3) -> tuple[str, ...]:
    """Give the words both have, names of places left out, the longest first."""
    common = [key for key in one.keys if key in set(other.keys) and not key.startswith("@")]
    return tuple(sorted(common, key=lambda word: -len(word))[:most])


def _metres(case: Told, rows: F64) -> F64:
    if case.lon is None or case.lat is None:
        return np.full(len(rows), np.nan)
    return metres_to(case.lon, case.lat, rows[:, 2], rows[:, 3])
