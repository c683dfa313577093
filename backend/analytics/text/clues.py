"""Two reports side by side: the clues for and against one event."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from backend.analytics.text import matters, places
from backend.analytics.text.message import Message
from backend.analytics.text.reading import Cut, Reading, Weights, cosine
from backend.domain.arrays import F64

AKIN: Final = 0.6
"""Names less alike than this are other names."""

_HOUR: Final = 3_600.0
_SOON_H: Final = 2.0  # in which most of those who see a thing have told of it
_SHIFT_H: Final = 8.0
_BESIDE_M: Final = 60.0
_EARTH_M: Final = 6_371_000.0
_NEAR_M: Final = 150.0  # a GPS fix and the length of a block
_COUNTY: Final = 6  # digits of a county's code; more are a town's
_SPECIFIC: Final = {places.VILLAGE: 0.6}
"""A town holds many events, a house few; every other kind of name counts in full."""

CLUES: Final = (
    "title_words", "all_words", "title_signs", "signs", "letters", "things", "title_things",
    "thing_signs", "said_least", "said_most", "things_least", "things_most", "letters_least",
    "letters_most",
    "title_name_best_least", "title_name_best_most", "title_name_rare_least",
    "title_name_rare_most", "title_name_share_least", "title_name_share_most",
    "title_name_lost_least", "title_name_lost_most",
    "name_best_least", "name_best_most", "name_rare_least", "name_rare_most",
    "name_share_least", "name_share_most", "name_lost_least", "name_lost_most",
    "titles_with_names", "area_same", "area_other",
    "title_number_same", "title_number_other", "number_same", "number_other", "house_apart",
    "gap", "same_day", "hours", "soon",
    "title_matters", "title_matters_told", "matters", "matters_other",
    "matters_apart", "cores", "cores_apart",
    "wish_same", "asks", "urges", "denies_one", "subjects_same", "subjects_apart",
    "shortest", "title_shortest", "lengths",
    "shared_best", "shared_three", "shared_words",
    "near", "far", "beside", "beside_soon", "one_channel",
    "class_same", "class_other", "county_other",
)  # fmt: skip
"""What is compared, in the order of a row; all but the last eight come from writing and time."""

ORDER: Final = {name: at for at, name in enumerate(CLUES)}


def row(a: Reading, b: Reading) -> list[float]:
    """Give the clues of two readings in the order of `CLUES`; which comes first does not matter."""
    return [
        *_text(a, b),
        *_names(a, b),
        *_numbers(a.cut, b.cut),
        *_gap(a, b),
        *_matters(a.cut, b.cut),
        *_shared(a, b),
        *_ground(a, b),
        a.cut.message.channel == b.cut.message.channel != "",
        *of_class(a.cut.message, b.cut.message),
    ]


def rows(pairs: list[tuple[Reading, Reading]]) -> F64:
    """Give the clues of many pairs. Shape: (len(pairs), len(CLUES))."""
    return np.array([row(a, b) for a, b in pairs], dtype=np.float64).reshape(-1, len(CLUES))


def metres(a: Reading, b: Reading) -> float | None:
    """Give how far apart two reports were sent from; None where one has no place. Units: metres."""
    one, other = a.cut.message, b.cut.message
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    north = math.radians(other.lat - one.lat)
    east = math.radians(other.lon - one.lon) * math.cos(math.radians((one.lat + other.lat) / 2))
    return _EARTH_M * math.hypot(north, east)


def metres_to(lon: float, lat: float, lons: F64, lats: F64) -> F64:
    """Give how far places are from one. Shape: lons, lats, result (n,). Units: degrees, metres."""
    east = (lons - lon) * np.cos(np.radians((lats + lat) / 2))
    apart: F64 = _EARTH_M * np.radians(np.hypot(east, lats - lat))
    return apart


def _ground(a: Reading, b: Reading) -> tuple[float, float, float, float]:
    apart = metres(a, b)
    if apart is None:
        return 0.0, 0.0, 0.0, 0.0
    near, hours = math.exp(-apart / _NEAR_M), _hours(a, b)
    beside_soon = near * math.exp(-hours / _SHIFT_H)
    return near, math.log1p(apart / _NEAR_M), math.exp(-apart / _BESIDE_M), beside_soon


def of_class(one: Message, other: Message) -> tuple[float, float, float]:
    """Tell whether both were filed in one class, in two, and in two counties; 0 if not filed."""
    mine, theirs = one.kind, other.kind
    filed = bool(mine and theirs)
    away = bool(one.region and other.region) and one.region[:_COUNTY] != other.region[:_COUNTY]
    return float(filed and mine == theirs), float(filed and mine != theirs), float(away)


def _text(a: Reading, b: Reading) -> list[float]:
    return [
        cosine(a.title_words, b.title_words),
        cosine(a.words, b.words),
        cosine(a.title_signs, b.title_signs),
        cosine(a.signs, b.signs),
        cosine(a.letters, b.letters),
        cosine(a.things, b.things),
        cosine(a.title_things, b.title_things),
        cosine(a.thing_signs, b.thing_signs),
        *_both(_said(a.title_words, b.words), _said(b.title_words, a.words)),
        *_both(_said(a.title_things, b.things), _said(b.title_things, a.things)),
        *_both(_said(a.letters, b.letters), _said(b.letters, a.letters)),
    ]


def _both(one: float, other: float) -> tuple[float, float]:
    return (one, other) if one <= other else (other, one)


def _said(title: Weights, whole: Weights) -> float:
    """Say how much of what a title says the other report says too."""
    return sum(title[key] ** 2 for key in title.keys() & whole.keys())


def _names(a: Reading, b: Reading) -> list[float]:
    found: list[float] = []
    one, other = a.cut, b.cut
    there = {name.core: alike(name, other) for name in one.names}
    here = {name.core: alike(name, one) for name in other.names}
    for mine, theirs in (
        (_found(a, one.title_names, there), _found(b, other.title_names, here)),
        (_found(a, one.names, there), _found(b, other.names, here)),
    ):
        for left, right in zip(mine, theirs, strict=True):
            found += _both(left, right)
    shared = max((a.areas[area] for area in one.areas & other.areas), default=0.0)
    apart = min(
        max((a.areas[area] for area in one.areas - other.areas), default=0.0),
        max((b.areas[area] for area in other.areas - one.areas), default=0.0),
    )
    return [*found, bool(one.title_names) + bool(other.title_names), shared, apart]


def _found(
    a: Reading, names: tuple[places.Name, ...], likes: dict[str, float]
) -> tuple[float, float, float, float]:
    """Sum up how names were found: the best likeness, the rarest found, the share, the loss."""
    best = rare = whole = found = lost = 0.0
    for name in names:
        like = likes.get(name.core, 0.0)
        weight = a.names.get(name.core, 1.0) * _SPECIFIC.get(name.kind, 1.0)
        best = max(best, like)
        whole += weight
        found += weight * like
        if like >= AKIN:
            rare = max(rare, weight * like)
        else:
            lost = max(lost, weight)
    return best, rare, found / whole if whole else -1.0, lost


def alike(name: places.Name, other: Cut) -> float:
    """Say how surely a name stands in another report, as it is or written otherwise."""
    if len(name.core) > 1 and name.core in other.plain:
        return 1.0
    return max((places.likeness(name, one) for one in other.names), default=0.0)


def _numbers(one: Cut, other: Cut) -> list[float]:
    return [
        *_counted(one.title_numbers, other.title_numbers),
        *_counted(one.numbers, other.numbers),
        _doors(one.numbers.get("house"), other.numbers.get("house")),
    ]


def _doors(one: frozenset[str] | None, other: frozenset[str] | None) -> float:
    """Say how far apart two house numbers are; beside one another they differ by little."""
    if one is None or other is None:
        return -1.0
    return math.log1p(min(abs(int(mine) - int(theirs)) for mine in one for theirs in other))


def _counted(
    one: dict[str, frozenset[str]], other: dict[str, frozenset[str]]
) -> tuple[float, float]:
    both = one.keys() & other.keys()
    same = sum(not one[unit].isdisjoint(other[unit]) for unit in both)
    return float(same), float(len(both) - same)


def _gap(a: Reading, b: Reading) -> tuple[float, float, float, float]:
    hours = _hours(a, b)
    days = hours / 24
    return math.log1p(days), math.exp(-days), math.log1p(hours), math.exp(-hours / _SOON_H)


def _hours(a: Reading, b: Reading) -> float:
    return abs(a.cut.message.time - b.cut.message.time) / _HOUR


def _matters(one: Cut, other: Cut) -> list[float]:
    mine, theirs = one.title_matters, other.title_matters
    cores, others = one.matters - matters.FOLLOWING, other.matters - matters.FOLLOWING
    told = len(mine & other.matters) / max(1, len(mine))
    told += len(theirs & one.matters) / max(1, len(theirs))
    return [
        len(mine & theirs) / len(mine | theirs) if mine and theirs else -0.1,
        told / 2,
        len(one.matters & other.matters) / max(1, len(one.matters | other.matters)),
        float(len(mine ^ theirs)),
        float(bool(one.matters and other.matters) and one.matters.isdisjoint(other.matters)),
        float(len(cores & others)),
        float(bool(cores and others) and cores.isdisjoint(others)),
        float(one.wish == other.wish),
        float((one.wish == "ask") + (other.wish == "ask")),
        float((one.wish == "urge") + (other.wish == "urge")),
        float(one.denies != other.denies),
        *_subjects(one.subjects, other.subjects),
    ]


def _subjects(one: Weights, other: Weights) -> tuple[float, float]:
    """Say how likely two reports are of one class of the tree, and of two; the rest is unknown."""
    same = sum(one[code] * other[code] for code in one.keys() & other.keys())
    return same, sum(one.values()) * sum(other.values()) - same


def _shared(a: Reading, b: Reading) -> list[float]:
    mine, theirs = len(a.cut.plain), len(b.cut.plain)
    both = sorted(a.words[key] * b.words[key] for key in a.words.keys() & b.words.keys())
    return [
        math.log1p(min(mine, theirs)),
        float(min(len(a.cut.title), len(b.cut.title))),
        min(mine, theirs) / max(1, mine, theirs),
        both[-1] if both else 0.0,
        sum(both[-3:]),
        math.log1p(len(both)),
    ]
