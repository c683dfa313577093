"""Which known places a report names: every candidate with how sure and why; never a silent guess.

A name is looked for as written, as it sounds, in another order and with one character wrong.
What else the report says, a county or coordinates, then speaks for or against each candidate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from backend.analytics.text import places
from backend.analytics.text.finder import Hit
from backend.analytics.text.gazetteer import (
    BLOT,
    CALLED,
    PLAIN,
    Gazetteer,
    LonLat,
    Spot,
    in_order,
    spell,
)
from backend.analytics.text.words import LONGEST, cutter
from backend_client.contract.base import Text

CHOSEN: Final = 0.6
"""How sure a candidate must be at least to be the one meant."""
APART: Final = 0.15
"""How much surer it must be than the next."""

_SPELT: Final = LONGEST  # characters in which other writings are looked for
_SAME_SOUND: Final = 0.75
_OTHER_ORDER: Final = 0.7
_ONE_WRONG: Final = 0.65
_ONE_WRONG_SHORT: Final = 0.45  # of two characters and an end, one wrong: half of it
_WITHIN: Final = 0.3  # a known name inside a longer one: 金沙中学 may stand in 金沙
_COUNTY_FITS: Final = 0.5  # of the doubt left
_COUNTY_OTHER: Final = 0.6
_NEAR: Final = 0.4  # of the doubt left
_ELSEWHERE: Final = ("省", "市", "县", "州", "路", "大街", "社", "手机", "集团")
_SHORTEST: Final = 3  # a name of two characters with one wrong is any word
_TOO_LONG: Final = 8
_END_WORDS: Final = "小区 社区 新区 园区 街道 国道 大桥 运河 高速 农场"  # one is not another
_ENDS: Final = frozenset(_END_WORDS.split())
_NUMERALS: Final = frozenset("0123456789一二三四五六七八九十")  # another number, not a slip
_OWN_NAME: Final = 3  # characters after which a road has a name of its own: 海安人民路
_LISTED: Final = 5
_MOST_NAMED: Final = 60  # a text that names more says nothing more
_MOST_TRIED: Final = 400

_WRITTEN: Final = Text("原文即此名", "written so")
_CALLED: Final = Text("俗称或简称", "a shorter or common name")
_EVERYDAY: Final = Text("也是常用词", "an everyday word too")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold a place that may be meant, how sure that is, 0 to 1, and why."""

    spot: Spot
    share: float
    why: Text


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold words that name a place and what they may mean, the likeliest first.

    `chosen` is None where no candidate is sure enough or two are near one another.
    """

    words: str
    at: int
    candidates: tuple[Candidate, ...]
    chosen: Spot | None


@dataclass(frozen=True, slots=True)
class _Found:
    at: int
    words: str
    name: str
    sure: float
    why: Text | None


def find(
    plain: str, known: Gazetteer, names: Sequence[places.Name] = (), near: LonLat | None = None
) -> tuple[Mention, ...]:
    """Find the known places that a report names, in their order.

    Args:
        plain: the report in normal writing.
        known: the places there are.
        names: the names cut out of it; a known name inside a longer one is a weak hint.
        near: where it says it is, in degrees of WGS-84.
    """
    held: dict[str, tuple[int, list[Candidate]]] = {}
    for one in _settled([*_written(plain, known, names), *_otherwise(plain[:_SPELT], known)]):
        candidates = held.setdefault(one.words, (one.at, []))[1]
        for spot, sure in known.called[one.name]:
            why = _WRITTEN if sure > CALLED else _CALLED if sure > PLAIN else _EVERYDAY
            candidates.append(Candidate(spot, min(one.sure, sure), one.why or why))
    mentions = [
        _mention(words, at, [_weighed(one, _counties(held, words), near) for one in candidates])
        for words, (at, candidates) in held.items()
    ]
    return tuple(sorted(mentions, key=lambda one: one.at))


def _written(plain: str, known: Gazetteer, names: Sequence[places.Name]) -> Iterator[_Found]:
    """Find names as they are written."""
    for hit in islice(known.exact.find(plain), _MOST_NAMED):
        spots = known.called[hit.word]
        longer = None if _is_full(spots) else _around(plain, hit, names)
        if longer is None:
            if _is_full(spots) or not plain.startswith(_ELSEWHERE, hit.end):
                yield _Found(hit.at, hit.word, hit.word, 1.0, None)
            continue
        goes_on = len(longer.full) - longer.full.find(hit.word) - len(hit.word)
        if longer.kind == places.ROAD and goes_on < _OWN_NAME:
            continue  # a road called after the place, wherever it runs
        if any(spot.kind in ("city", "county") for spot, _ in spots):
            yield _Found(hit.at, hit.word, hit.word, 1.0, None)
            continue
        why = Text(f"在“{longer.full}”之中", f"inside “{longer.full}”")
        yield _Found(hit.at, hit.word, hit.word, _WITHIN, why)


def _is_full(spots: Sequence[tuple[Spot, float]]) -> bool:
    """Tell whether a name is the full one of a place."""
    return any(sure > CALLED for _, sure in spots)


def _around(plain: str, hit: Hit, names: Sequence[places.Name]) -> places.Name | None:
    """Give the longer name a known name stands inside."""
    for name in names:
        inside = name.full.find(hit.word)
        longer = inside >= 0 and len(name.full) > len(hit.word)
        if longer and plain.startswith(name.full, max(0, hit.at - inside)):
            return name
    return None


def _otherwise(plain: str, known: Gazetteer) -> Iterator[_Found]:
    """Find names written otherwise: by their sound, in another order, with one sign wrong."""
    for hit in islice(known.heard.find(spell(plain)), _MOST_NAMED):
        words = plain[hit.at : hit.end]
        for name in known.sounding[hit.word]:
            if words != name and _may_be(words, name) and _stands(plain, hit):
                sure = _SAME_SOUND if len(name) > 2 else _ONE_WRONG_SHORT
                yield _Found(hit.at, words, name, sure, _instead("音近", "sounds like", name))
    tried: set[str] = set()
    for end in range(2, len(plain)):
        if plain[end] not in known.ends or len(tried) > _MOST_TRIED:
            continue
        strange = 0
        for first in range(end, max(-1, end - _TOO_LONG), -1):
            strange += plain[first] not in known.signs
            if strange > 1:
                break
            words = plain[first : end + 1]
            if len(words) >= _SHORTEST and words not in tried and words.isalnum():
                tried.add(words)
                yield from _nearly(first, words, known)


def _may_be(words: str, name: str) -> bool:
    """Tell whether words that sound like a name may be it: not when they are words themselves."""
    if words[-1] != name[-1] and len(name) == 3:
        return False
    shares = any(a == b for a, b in zip(words, name, strict=True))
    return shares and not cutter().FREQ.get(words)


def _stands(plain: str, hit: Hit) -> bool:
    """Tell whether a hit of two characters begins and ends where words do: not 寓东 in 公寓东区."""
    if hit.end - hit.at > 2:
        return True
    first = max(0, hit.at - 4)
    edges = {hit.at - first, hit.end - first}
    end = 0
    for piece in cutter().cut(plain[first : hit.end + 4], HMM=False):
        edges -= {end, end := end + len(piece)}
    return not edges


def _nearly(at: int, words: str, known: Gazetteer) -> Iterator[_Found]:
    """Find names written in another order, or with a sign wrong, left out or too many."""
    for name in known.mixed.get(in_order(words), ()):
        if name != words and name[-1] == words[-1]:
            why = _instead("次序不同", "in another order", name)
            yield _Found(at, words, name, _OTHER_ORDER, why)
    if words not in known.called:
        for name in dict.fromkeys(_one_off(words, known)):
            if {words[-2:], name[-2:]} & _ENDS and words[-2:] != name[-2:]:
                continue
            why = _instead("一字之差", "one sign off", name)
            yield _Found(at, words, name, _one_wrong(name), why)


def _one_off(words: str, known: Gazetteer) -> Iterator[str]:
    """Give the names of which one character, not the last, is wrong, left out or too many."""
    yield from known.lacking.get(words, ())
    for at in range(len(words) - 1):
        if words[at] not in _NUMERALS:
            blotted = known.blotted.get(words[:at] + BLOT + words[at + 1 :], ())
            yield from (name for name in blotted if name[at] not in _NUMERALS)
        less = words[:at] + words[at + 1 :]
        if at and len(less) > _SHORTEST and less in known.called:
            yield less


def _one_wrong(name: str) -> float:
    return _ONE_WRONG if len(_stem(name)) > 2 else _ONE_WRONG_SHORT


def _stem(name: str) -> str:
    """Give a name without the characters that say only what it is."""
    return name[:-2] if name[-2:] in _ENDS else name[:-1]


def _instead(zh: str, en: str, name: str) -> Text:
    return Text(f"与“{name}”{zh}", f"{en} “{name}”")


def _settled(found: Sequence[_Found]) -> list[_Found]:
    """Keep, where writings overlap, what is as written or holds it, then the surest and longest."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda one: (-_worth(one, found), -len(one.words), one.at)):
        if all(one.words == other.words or not _overlap(one, other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.at, -one.sure))


def _worth(one: _Found, found: Sequence[_Found]) -> float:
    """Say how sure a writing is; what lies inside one that is sure enough is a part of it."""
    for other in found:
        inside = one.words != other.words and one.words in other.words and _overlap(one, other)
        if inside and other.sure >= CHOSEN:
            return 0.0
    return one.sure


def _overlap(one: _Found, other: _Found) -> bool:
    return one.at < other.at + len(other.words) and other.at < one.at + len(one.words)


def _counties(held: dict[str, tuple[int, list[Candidate]]], but: str) -> frozenset[str]:
    """Give the counties that are surely named by other words than these."""
    return frozenset(
        one.spot.id
        for words, (_, candidates) in held.items()
        for one in candidates
        if words != but and one.spot.kind == "county" and one.share >= CHOSEN
    )


def _weighed(one: Candidate, counties: frozenset[str], near: LonLat | None) -> Candidate:
    """Let the county named and the coordinates speak for or against a candidate."""
    share, zh, en = one.share, [one.why.zh], [one.why.en]
    if counties and one.spot.region and one.spot.kind != "county":
        fits = one.spot.region in counties
        share = share + _COUNTY_FITS * (1 - share) if fits else share * _COUNTY_OTHER
        zh.append("与所说县区一致" if fits else "不在所说县区")
        en.append("in the county named" if fits else "not in the county named")
    away = None if near is None else one.spot.away_m(*near)
    if away is not None and away <= one.spot.reach_m + one.spot.off_m:
        share += _NEAR * (1 - share)
        zh.append("坐标在附近")
        en.append("the coordinates are near")
    return replace(one, share=share, why=Text("，".join(zh), ", ".join(en)))


def _mention(words: str, at: int, candidates: Sequence[Candidate]) -> Mention:
    """Rank what words may mean; choose only where one is sure and alone."""
    best: dict[Spot, Candidate] = {}
    for one in candidates:
        if one.spot not in best or best[one.spot].share < one.share:
            best[one.spot] = one
    ranked = sorted(best.values(), key=lambda one: (-one.share, one.spot.id))[:_LISTED]
    alone = len(ranked) == 1 or ranked[0].share - ranked[1].share >= APART
    sure = ranked[0].share >= CHOSEN and alone
    return Mention(words, at, tuple(ranked), ranked[0].spot if sure else None)
