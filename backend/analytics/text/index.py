"""Which earlier reports may be of the same event: a search by words, names and ground."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from backend.analytics.text import places
from backend.analytics.text.clues import metres_to
from backend.analytics.text.reading import Reading
from backend.domain.arrays import F64

_WORDS: Final = 24  # of a report, the most telling; the rest finds everybody
_SIGNS: Final = 24
_NAME: Final = 0.35  # a name beside the weights of words, which have the length 1
_SOUND: Final = 0.25
_SIGN: Final = 0.5
_FEW: Final = 400  # a key in fewer reports is always looked up
_SHARE: Final = 0.03  # one in more reports than this tells nothing
_CELL: Final = 0.004  # degrees, about 400 m
_CELL_KEEPS: Final = 48
_BITS: Final = 8
_PARTS: Final = (1 << _BITS) - 1
_LEAST: Final = 0.1  # of the likest; sorting all that share one word took 26 ms of 50,000
_BESIDE: Final = 0.7
_NONE: Final = array("I")
_NEAREST: Final = 8
_NEAR_M: Final = 150.0

_Cell = tuple[int, int]


class Index:
    """Find readings like a reading by the numbers they were put in under."""

    def __init__(self) -> None:
        """Begin empty."""
        self._holds: dict[str, array[int]] = {}
        self._cells: defaultdict[_Cell, array[int]] = defaultdict(_slots)
        self._when_where = np.zeros((64, 3))  # time, lon, lat by slot
        self._held = 0
        self._size = 0

    def __len__(self) -> int:
        """Give how many readings are in."""
        return self._held

    def time(self, slot: int) -> float:
        """Give the time of what was put in under a number. Units: seconds since 1970."""
        return float(self._when_where[slot, 0])

    def put(self, slot: int, reading: Reading) -> None:
        """Take a reading in under a small number that no other has."""
        self._size = max(self._size, slot + 1)
        if self._size > len(self._when_where):
            self._when_where = np.concatenate([self._when_where, np.zeros_like(self._when_where)])
        sent = reading.cut.message
        self._when_where[slot] = sent.time, sent.lon or 0.0, sent.lat or 0.0
        self._held += 1
        holds, base = self._holds, slot << _BITS
        for key, weight in _keys(reading):  # `_entry` in place: a call a key was a third of it
            part = round(weight * _PARTS)
            entry = base | (part if 1 <= part <= _PARTS else 1 if part < 1 else _PARTS)
            held = holds.get(key)
            if held is None:
                holds[key] = array("I", (entry,))
            else:
                held.append(entry)
        cell = _cell(reading)
        if cell is not None:
            self._cells[cell].append(slot)

    def forget(self, slot: int, reading: Reading) -> None:
        """Find a reading no more; its number is free."""
        self._held -= 1
        for key, weight in _keys(reading):
            held = self._holds[key]
            held[held.index(_entry(slot, weight))] = held[-1]
            held.pop()
            if not held:
                del self._holds[key]
        cell = _cell(reading)
        if cell is not None:
            self._cells[cell].remove(slot)
            if not self._cells[cell]:
                del self._cells[cell]

    def like(self, reading: Reading, most: int, within_s: float = math.inf) -> list[int]:
        """Give the slots of the readings most like one, the likest first, then the nearest.

        The nearest, where there is a place, come on top: they may share no word with it. What is
        further off in time is passed over. Units: within_s in seconds.
        """
        if not self._held:
            return []
        found = self._sums(reading)
        cell = _cell(reading)
        near = {} if cell is None else self._beside(cell, reading)
        for slot, worth in near.items():
            found[slot] += worth
        if within_s < math.inf:
            late = np.abs(self._when_where[: self._size, 0] - reading.cut.message.time) > within_s
            found[late] = 0.0
            near = {slot: worth for slot, worth in near.items() if not late[slot]}
        best = np.flatnonzero(found > _LEAST * found.max())
        likest = best[np.argsort(-found[best], kind="stable")[:most]].tolist()
        nearest = sorted(near.keys() - set(likest), key=lambda slot: -near[slot])
        return [*map(int, likest), *nearest[:_NEAREST]]

    def _sums(self, reading: Reading) -> F64:
        longest = max(_FEW, int(_SHARE * self._held))
        found, weights = [], []
        for key, weight in _keys(reading):
            held = self._holds.get(key)
            if held is not None and len(held) <= longest:
                found.append(np.frombuffer(held, np.uint32))
                weights.append(weight / _PARTS)
        if not found:
            return np.zeros(self._size)
        every = np.concatenate(found)
        worth = np.repeat(weights, list(map(len, found))) * (every & _PARTS)
        return np.bincount(every >> _BITS, worth, self._size).astype(np.float64)

    def _beside(self, cell: _Cell, reading: Reading) -> dict[int, float]:
        """Give what lies around and how near, from 1 down; of a crowded cell the latest."""
        slots = [
            slot
            for east in (-1, 0, 1)
            for north in (-1, 0, 1)
            for slot in self._cells.get((cell[0] + east, cell[1] + north), _NONE)[-_CELL_KEEPS:]
        ]
        sent, places_ = reading.cut.message, self._when_where[slots, 1:].reshape(-1, 2)
        apart = metres_to(sent.lon or 0.0, sent.lat or 0.0, places_[:, 0], places_[:, 1])
        return dict(zip(slots, (_BESIDE * np.exp(-apart / _NEAR_M)).tolist(), strict=True))


def _slots() -> array[int]:
    return array("I")


def _entry(slot: int, weight: float) -> int:
    """Give a number and a weight in one: the weight in 255 parts of the most."""
    return slot << _BITS | min(_PARTS, max(1, round(weight * _PARTS)))


def _keys(reading: Reading) -> Iterator[tuple[str, float]]:
    yield from _best(reading.words, _WORDS)
    for sign, weight in _best(reading.title_signs, _SIGNS):
        yield "~" + sign, _SIGN * weight
    for name in reading.cut.names:
        rare = math.sqrt(reading.names[name.core])
        yield "@" + name.core, _NAME * rare
        if len(name.core) > 1:
            yield "'" + places.sound(name.core), _SOUND * rare


def _best(weights: dict[str, float], most: int) -> list[tuple[str, float]]:
    if len(weights) <= most:
        return list(weights.items())
    return sorted(weights.items(), key=lambda one: -one[1])[:most]


def _cell(reading: Reading) -> _Cell | None:
    lon, lat = reading.cut.message.lon, reading.cut.message.lat
    if lon is None or lat is None:
        return None
    return math.floor(lon / _CELL), math.floor(lat / _CELL)
