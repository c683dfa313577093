"""Why two reports are one event and why not, in words, with what of their writing to mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from backend.analytics.text import places
from backend.analytics.text.clues import AKIN, alike, metres, of_class
from backend.analytics.text.reading import Reading, cosine
from backend.analytics.text.words import normal
from backend_client.contract.base import Text

Kind = Literal["place", "thing", "time", "distance", "class", "wording", "against", "decided"]

_FAR_M: Final = 300.0  # from here a distance speaks against
_LIKE: Final = 0.5  # of the writing, from which it is said to be alike
_RUN: Final = 4  # characters in a row that are worth marking
_RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """Say one thing for or against; `shared` is what of the writing, in normal writing, shows it.

    Give `shared` and a text as it came to `spans` to find where to mark it.
    """

    kind: Kind
    said: Text
    shared: tuple[str, ...] = ()


CONFIRMED: Final = Evidence("decided", Text(zh="人工已确认为同一事件", en="confirmed by a person"))


def reasons(a: Reading, b: Reading) -> tuple[Evidence, ...]:
    """Give what speaks for one event, the weightiest first, and then what speaks against it."""
    said = [
        *_of_place(a, b),
        *_of_thing(a, b),
        *_of_numbers(a, b),
        *_of_filing(a, b),
        *_of_wording(a, b),
        _of_time(a, b),
    ]
    return tuple(sorted(said, key=lambda one: one.kind == "against"))


def spans(written: str, shared: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Give where shared strings stand in a text as it came, from and up to, in order.

    三号线 is found by 3号线, and full width by half: what is sought is normal writing.
    """
    found = {span for one in shared if one for span in _stands(written, one)}
    return tuple(sorted(found))


def _stands(written: str, sought: str) -> Iterable[tuple[int, int]]:
    at = written.find(sought)
    if at >= 0:
        while at >= 0:
            yield at, at + len(sought)
            at = written.find(sought, at + len(sought))
        return
    start = 0
    while start < len(written):
        ends = range(start + 1, min(len(written), start + 2 * len(sought) + 2) + 1)
        end = next((end for end in ends if normal(written[start:end]) == sought), None)
        if end is not None and written[start].strip():
            yield start, end
        start = start + 1 if end is None else end


def _of_place(a: Reading, b: Reading) -> list[Evidence]:
    said = []
    found = [(alike(name, b.cut), a.names.get(name.core, 1.0), name) for name in a.cut.names]
    best = max(found, key=lambda one: (one[0] >= AKIN, one[0] * one[1]), default=None)
    if best is not None and best[0] >= AKIN:
        said.append(_named(best[2], best[0], b))
    elif a.cut.title_names and b.cut.title_names:
        mine, theirs = a.cut.title_names[0].full, b.cut.title_names[0].full
        words = Text(zh=f"地点不同 {mine}、{theirs}", en=f"other places {mine}, {theirs}")
        said.append(Evidence("against", words, (mine, theirs)))
    apart = metres(a, b)
    if apart is not None:
        words = Text(zh=f"相距 {apart:.0f} 米", en=f"{apart:.0f} m apart")
        said.append(Evidence("distance" if apart < _FAR_M else "against", words))
    return said


def _named(name: places.Name, like: float, b: Reading) -> Evidence:
    if like == 1.0:
        both = name.full if name.full in b.cut.plain else name.core
        words = Text(zh=f"同一地点 {name.full}", en=f"same place {name.full}")
        return Evidence("place", words, (both,))
    other = max(b.cut.names, key=lambda one: places.likeness(name, one)).full
    words = Text(zh=f"地名相近 {name.full} / {other}", en=f"like names {name.full} / {other}")
    return Evidence("place", words, (name.full, other))


def _of_thing(a: Reading, b: Reading) -> list[Evidence]:
    both = a.things.keys() & b.things.keys()
    told = sorted(both, key=lambda word: (-a.things[word] * b.things[word], word))[:3]
    mine, theirs = a.cut.title_matters, b.cut.title_matters
    said = []
    if told:
        listed = "、".join(told)
        said.append(
            Evidence("thing", Text(zh=f"同一事物 {listed}", en=f"same thing {listed}"), tuple(told))
        )
    if shared := sorted(mine & theirs):
        zh, en = shared[0].split(" ", 1)
        said.append(Evidence("class", Text(zh=f"同类事情 {zh}", en=f"same matter {en}")))
    elif mine and theirs:
        (zh, en), (other_zh, other_en) = (min(one).split(" ", 1) for one in (mine, theirs))
        words = Text(zh=f"事情不同 {zh}、{other_zh}", en=f"other matters {en}, {other_en}")
        said.append(Evidence("against", words))
    return said


def _of_numbers(a: Reading, b: Reading) -> list[Evidence]:
    said = []
    for unit in sorted(a.cut.numbers.keys() & b.cut.numbers.keys()):
        mine, theirs = a.cut.numbers[unit], b.cut.numbers[unit]
        zh, en = places.UNITS[unit]
        if shared := mine & theirs:
            one = min(shared)
            said.append(
                Evidence("thing", Text(zh=f"{zh}相同 {one}", en=f"same {en} {one}"), (one,))
            )
        else:
            one, other = min(mine), min(theirs)
            words = Text(zh=f"{zh}不同 {one}、{other}", en=f"other {en} {one}, {other}")
            said.append(Evidence("against", words, (one, other)))
    return said


def _of_filing(a: Reading, b: Reading) -> list[Evidence]:
    same, other, away = of_class(a.cut.message, b.cut.message)
    said = []
    if same:
        said.append(Evidence("class", Text(zh="分类相同", en="filed in the same class")))
    if other:
        said.append(Evidence("against", Text(zh="分类不同", en="filed in other classes")))
    if away:
        said.append(Evidence("against", Text(zh="不在同一区县", en="in other counties")))
    return said


def _of_wording(a: Reading, b: Reading) -> list[Evidence]:
    like = cosine(a.signs, b.signs)
    if like < _LIKE:
        return []
    words = Text(zh=f"行文相近 {like:.0%}", en=f"{like:.0%} alike in wording")
    return [Evidence("wording", words, _runs(a.cut.plain, b))]


def _runs(plain: str, b: Reading) -> tuple[str, ...]:
    """Give the longest runs of characters that stand in another report too."""
    found, start = set(), 0
    for end in range(1, len(plain) + 1):
        if plain[end - 1 : end + 1] not in b.signs:
            found.add(plain[start:end])
            start = end
    told = sorted(found, key=lambda one: (-len(one), one))
    return tuple([one for one in told if len(one) >= _RUN and one in b.cut.plain][:_RUNS])


def _of_time(a: Reading, b: Reading) -> Evidence:
    minutes = round(abs(a.cut.message.time - b.cut.message.time) / 60)
    hours = round(minutes / 60)
    if minutes < 120:
        said = Text(zh=f"相隔 {minutes} 分钟", en=f"{minutes} minutes apart")
    elif hours < 48:
        said = Text(zh=f"相隔 {hours} 小时", en=f"{hours} hours apart")
    else:
        days = round(hours / 24)
        said = Text(zh=f"相隔 {days} 天", en=f"{days} days apart")
    return Evidence("time", said)
