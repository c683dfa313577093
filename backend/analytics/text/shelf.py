"""Readings packed: some 2 KB each where a reading takes 50; unpacking takes 0.1 ms.

What follows from the writing is not kept but found again: pairs of characters and letters in
their order, words as where they stand. Weights keep three digits. A packed reading is JSON:
one from elsewhere can at worst be refused.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import numpy as np

from backend.analytics.text import matters, places
from backend.analytics.text.message import Message
from backend.analytics.text.policy import Policy
from backend.analytics.text.reading import (
    Cut,
    Reading,
    Weights,
    letters_of,
    things_of,
    weighed_pairs,
)
from backend.analytics.text.tree import city_tree
from backend.analytics.text.words import cutter

FORMAT: Final = 2
"""Goes up with every change of what a reading is, so that old ones are read anew."""

_KINDS: Final = (places.ROAD, places.ESTATE, places.BODY, places.VILLAGE, places.SPOT)
_AT: Final = {name: at for at, name in enumerate(matters.EVERY)}


def pack(one: Reading) -> bytes:
    """Give a reading in a short form."""
    cut, sent = one.cut, one.cut.message
    where = {word: at for at, word in enumerate(one.words)}
    spots = array("H", [cut.plain.index(word) for word in one.words])
    spots.extend(map(len, one.words))
    spots.extend(where[word] for word in one.title_words)
    packed = (
        FORMAT,
        (sent.id, sent.time, sent.user, sent.channel, sent.lon, sent.lat, sent.place, sent.kind,
         sent.region),
        cut.plain,
        len(cut.title),
        len(one.words),
        _written(spots.tobytes()),
        _written(_small(one)),
        _names(cut.names),
        _names(cut.title_names),
        one.areas,
        _numbers(cut.numbers),
        _numbers(cut.title_numbers),
        sorted(_AT[name] for name in cut.matters),
        sorted(_AT[name] for name in cut.title_matters),
        cut.wish,
        cut.denies,
        cut.subjects,
    )  # fmt: skip
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def unpack(packed: bytes) -> Reading:
    """Give the reading that `pack` took; the words of its message are in `plain` alone.

    Raises:
        ValueError: it is no packed reading, or one of another version of this program.
    """
    try:
        held = json.loads(packed)
        if held[0] != FORMAT:
            raise ValueError(held[0])  # noqa: TRY301
        return _read(held)
    except (ValueError, TypeError, KeyError, IndexError) as fault:
        raise ValueError(
            f"不是本版本的报告摘要（{fault}）；请由原文重建 / no packed reading of this version "
            f"({fault}); read the report anew"
        ) from fault


def _read(held: list[Any]) -> Reading:
    plain, title, count = held[2], held[2][: held[3]], held[4]
    spots = array("H", a2b_base64(held[5]))
    words = [plain[at : at + size] for at, size in zip(spots[:count], spots[count:], strict=False)]
    titled = [words[at] for at in spots[2 * count :]]
    cut = Cut(
        message=_sent(held[1]),
        title=title,
        plain=plain,
        title_words=tuple(titled),
        words=tuple(words),
        title_names=_named(held[8]),
        names=_named(held[7]),
        areas=frozenset(held[9]),
        title_numbers=_numbered(held[11]),
        numbers=_numbered(held[10]),
        title_matters=frozenset(matters.EVERY[at] for at in held[13]),
        matters=frozenset(matters.EVERY[at] for at in held[12]),
        wish=held[14],
        denies=held[15],
        subjects=held[16],
    )
    left = iter(np.frombuffer(a2b_base64(held[6]), np.float16).tolist())

    def weights(keys: Iterable[str]) -> Weights:
        listed = list(keys)
        return dict(zip(listed, islice(left, len(listed)), strict=True))

    weighed, titles = weights(words), weights(titled)
    return Reading(
        cut=cut,
        words=weighed,
        title_words=titles,
        things=things_of(cut, weighed),
        title_things=things_of(cut, titles),
        title_signs=weights(weighed_pairs(title)),
        signs=weights(weighed_pairs(plain)),
        letters=weights(letters_of(title)),
        thing_signs=weights(weighed_pairs(cut.bare())),
        names=weights(dict.fromkeys(name.core for name in cut.names)),
        areas=held[9],
    )


def _small(one: Reading) -> bytes:
    every = (
        one.words, one.title_words, one.title_signs, one.signs, one.letters, one.thing_signs,
        one.names,
    )  # fmt: skip
    weights = [weight for part in every for weight in part.values()]
    return np.array(weights, np.float16).tobytes()


def _sent(said: list[Any]) -> Message:
    id_, time, user, channel, lon, lat, place, kind, region = said
    return Message(id_, time, "", "", user, channel, lon, lat, place, kind, region)


def _written(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).decode("ascii")


def _names(names: tuple[places.Name, ...]) -> list[tuple[str, int, int]]:
    return [(name.full, len(name.core), _KINDS.index(name.kind)) for name in names]


def _named(held: list[Any]) -> tuple[places.Name, ...]:
    return tuple(places.named(full, full[:size], _KINDS[kind]) for full, size, kind in held)


def _numbers(found: dict[str, frozenset[str]]) -> dict[str, list[str]]:
    return {unit: sorted(numbers) for unit, numbers in found.items()}


def _numbered(held: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    return {unit: frozenset(numbers) for unit, numbers in held.items()}


def stamp(policy: Policy) -> str:
    """Name all a packed reading rests on besides its report: format, dictionary, tree, policy.

    Records under another name are read anew from the reports.
    """
    known = cutter()
    said = (FORMAT, known.total, len(known.FREQ), matters.EVERY, city_tree().matters, policy)
    return hashlib.sha256(repr(said).encode()).hexdigest()
