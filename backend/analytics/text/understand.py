"""One report understood: its class, places, things, haste and the units that should take it.

Rules alone do it on an empty city. What a city's own examples taught, a sorter of classes and a
router of units, is blended in where it is there; each answer says in words what it rests on.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from backend.analytics.text import places
from backend.analytics.text.entities import Entity, entities
from backend.analytics.text.gazetteer import FACTS, Gazetteer, LonLat, read_gazetteer
from backend.analytics.text.message import Message
from backend.analytics.text.position import Ground, Remark, look
from backend.analytics.text.sample import Sample, sample
from backend.analytics.text.sorter import Sorter, best
from backend.analytics.text.tree import Guess, Tree, city_tree
from backend.analytics.text.urgency import Alarms, Urgency
from backend.analytics.text.whereabouts import Mention, find
from backend.analytics.text.words import LONGEST, cutter, normal
from backend_client.contract.base import Text

COUNTY: Final = "county"
"""In the tree: the county unit of the place, whichever that is."""

_TITLE: Final = 200
READ: Final = 10_000
"""Characters read of a text; the intake takes no more."""
_HEADLINE: Final = 40  # what a channel without titles says first
_LEARNED: Final = (
    0.9  # of examples against rules; .8 to .95 were alike, less was worse (docs/events.md)
)
_CLASSES: Final = 5
_TELLING: Final = 3  # classes whose units are suggested
_ASSISTS: Final = 0.4  # what an assisting unit has of the share of the class
_UNITS: Final = 6
_ALWAYS: Final = 3  # the third likeliest is right in one of ten: it is named however unlikely
_LEAST: Final = 0.05
_BROKEN: Final = re.compile("[\x80-\xff\ud800-\udfff\ufffd]")
_BROKEN_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class ClassGuess:
    """Say how likely a class is, 0 to 1, and why."""

    code: str
    name: Text
    share: float
    why: Text


@dataclass(frozen=True, slots=True)
class UnitGuess:
    """Suggest a unit to lead or to assist, how surely, 0 to 1, and why."""

    unit: str
    role: Literal["lead", "assist"]
    share: float
    why: Text


@dataclass(frozen=True, slots=True)
class Understood:
    """Hold what was understood of a report; each part the likeliest first, doubts as remarks."""

    classes: tuple[ClassGuess, ...]
    places: tuple[Mention, ...]
    entities: tuple[Entity, ...]
    urgency: Urgency
    units: tuple[UnitGuess, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Hold what reports are read with; the learned ones are None in an empty city.

    Args:
        sorter: learned classes, its labels codes of the tree.
        router: learned units, its labels unit ids or what units are called.
    """

    gazetteer: Gazetteer
    tree: Tree
    alarms: Alarms
    ground: Ground
    units: Mapping[str, str]
    sorter: Sorter | None = None
    router: Sorter | None = None


@dataclass(slots=True)
class _Case:
    """Gather what speaks for one unit."""

    lead: float = 0.0
    assist: float = 0.0
    zh: list[str] = field(default_factory=list)
    en: list[str] = field(default_factory=list)


def read_known(facts: Path = FACTS) -> Known:
    """Read what an empty city knows: its places, tree, words of danger and units."""
    return Known(read_gazetteer(facts), city_tree(), Alarms(), Ground(), _units(facts))


def understand(report: Message, known: Known) -> Understood:
    """Read one report; it is not changed, and nothing odd about it is passed over in silence."""
    title = normal(report.title[:_TITLE])
    text = normal(report.text[:READ])
    plain = f"{title}\n{text}" if title else text
    pieces = list(cutter().cut(places.without_areas(plain[:LONGEST]), HMM=False))
    names = places.names(pieces)
    near = None if report.lon is None or report.lat is None else (report.lon, report.lat)
    mentions = find(plain, known.gazetteer, names, near)
    learned = _sample(report) if known.sorter or known.router else None
    guesses = known.tree.guesses(title or text[:_HEADLINE], plain, [one.full for one in names])
    classes = _blended(guesses, known, learned)
    county = _county(mentions, near, known)
    return Understood(
        classes=classes[:_CLASSES],
        places=mentions,
        entities=entities(plain, names),
        urgency=known.alarms.read(plain, _year(report.time)),
        units=_suggested(classes, county, known, learned),
        remarks=(
            *_odd(report, mentions, near, known),
            *_nowhere(classes, county, known),
        ),
    )


def _year(seconds: float) -> int | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).year
    except (ValueError, OverflowError, OSError):
        return None


def _sample(report: Message) -> Sample | None:
    """Make a report what the learned ones read; None when there is nothing to learn from."""
    try:
        return sample({"id": report.id or "-", "title": report.title, "text": report.text})
    except ValueError:
        return None


def _blended(
    guesses: tuple[Guess, ...], known: Known, learned: Sample | None
) -> tuple[ClassGuess, ...]:
    """Mix what the words say with what like reports were."""
    marks: defaultdict[str, tuple[float, Text]] = defaultdict(lambda: (0.0, Text("", "")))
    taught = known.sorter is not None and learned is not None
    for one in guesses:
        listed = "、".join(one.words)
        why = Text(f"文中有“{listed}”", f"the text has “{listed}”")
        marks[one.matter.code] = (one.share * (1 - _LEARNED if taught else 1.0), why)
    if known.sorter is not None and learned is not None:
        (row,) = best(known.sorter.shares([learned]), known.sorter.labels, _CLASSES)
        for code, share in row:
            if code in known.tree.matters:
                held, why = marks[code]
                marks[code] = (held + _LEARNED * share, _and(why, _like(share)))
    found = [
        ClassGuess(code, known.tree.matters[code].name, share, why)
        for code, (share, why) in marks.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.share, one.code)))


def _like(share: float) -> Text:
    return Text(f"以往相似诉求 {share:.0%}", f"reports like it {share:.0%}")


def _and(one: Text, other: Text) -> Text:
    return Text(f"{one.zh}；{other.zh}", f"{one.en}; {other.en}") if one.zh else other


def _suggested(
    classes: tuple[ClassGuess, ...],
    county: tuple[str, Text] | None,
    known: Known,
    learned: Sample | None,
) -> tuple[UnitGuess, ...]:
    """Rank the units that should lead and assist."""
    cases: defaultdict[str, _Case] = defaultdict(_Case)
    for guess in (one for one in classes[:_TELLING] if one.share >= _LEAST):
        matter = known.tree.matters[guess.code]
        for unit, part in ((matter.lead, 1.0), *((one, _ASSISTS) for one in matter.assist)):
            if unit == COUNTY and county is None:
                continue
            case = cases[county[0] if unit == COUNTY and county else unit]
            case.lead += guess.share if part == 1.0 else 0.0
            case.assist += 0.0 if part == 1.0 else guess.share * part
            at = county[1] if unit == COUNTY and county else Text("", "")
            zh, en = ("主办", "leads") if part == 1.0 else ("协办", "assists")
            case.zh.append(f"{zh}“{guess.name.zh}”{at.zh}")
            case.en.append(f"{en} “{guess.name.en}”{at.en}")
    if known.router is not None and learned is not None:
        _route(cases, known.router, known.units, learned)
    return _ranked(cases)


def _route(
    cases: defaultdict[str, _Case], router: Sorter, units: Mapping[str, str], learned: Sample
) -> None:
    """Mix in who answered like reports."""
    for case in cases.values():
        case.lead *= 1 - _LEARNED
        case.assist *= 1 - _LEARNED
    (row,) = best(router.shares([learned]), router.labels, _UNITS)
    for label, share in row:
        if unit := units.get(label):
            case, why = cases[unit], _like(share)
            case.lead += _LEARNED * share
            case.zh.append(why.zh)
            case.en.append(why.en)


def _ranked(cases: Mapping[str, _Case]) -> tuple[UnitGuess, ...]:
    """Give the unit most likely to lead, then those that may assist or lead instead."""
    order = sorted(cases, key=lambda unit: (-cases[unit].lead, -cases[unit].assist, unit))
    found = []
    for at, unit in enumerate(order):
        case = cases[unit]
        role: Literal["lead", "assist"] = "lead" if at == 0 and case.lead > 0 else "assist"
        share = min(1.0, max(case.lead, case.assist))
        found.append(UnitGuess(unit, role, share, Text("；".join(case.zh), "; ".join(case.en))))
    found[1:] = sorted(found[1:], key=lambda one: -one.share)
    kept = [one for at, one in enumerate(found) if at < _ALWAYS or one.share >= _LEAST]
    return tuple(kept[:_UNITS])


def _county(
    mentions: tuple[Mention, ...], near: LonLat | None, known: Known
) -> tuple[str, Text] | None:
    """Give the county of the place and how it is known; None where words or points disagree."""
    said = {one.chosen.region: one.words for one in mentions if one.chosen and one.chosen.region}
    if len(said) == 1:
        ((code, words),) = said.items()
        return code, Text(f"（文中“{words}”）", f" (“{words}” in the text)")
    here = None if near is None else known.ground.county(*near)
    if here is None or (said and here not in said):
        return None
    return here, Text("（按坐标）", " (by the coordinates)")


def _nowhere(
    classes: tuple[ClassGuess, ...], county: tuple[str, Text] | None, known: Known
) -> tuple[Remark, ...]:
    """Say that a county should lead and it is not known which."""
    if county or not classes or known.tree.matters[classes[0].code].lead != COUNTY:
        return ()
    zh, en = "应由属地主办，但不知在哪个县区", "the county leads, but which one is not known"
    return (Remark("nowhere", Text(zh, en)),)


def _odd(
    report: Message, mentions: tuple[Mention, ...], near: LonLat | None, known: Known
) -> tuple[Remark, ...]:
    found = [] if near is None else list(look(*near, mentions, known.ground))
    start = report.title[:_TITLE] + report.text[:LONGEST]
    if len(_BROKEN.findall(start)) > _BROKEN_SHARE * max(1, len(start)):
        zh, en = "文字疑似乱码，请核对编码", "the text looks garbled, check its encoding"
        found.append(Remark("garbled", Text(zh, en)))
    if len(report.title) > _TITLE or len(report.text) > READ:
        zh = f"只读了标题前 {_TITLE} 字、正文前 {READ} 字"
        en = f"only the first {_TITLE} characters of the title and {READ} of the text were read"
        found.append(Remark("cut", Text(zh, en)))
    return tuple(found)


def _units(facts: Path) -> dict[str, str]:
    """Give every name and id of a unit with its id."""
    found: dict[str, str] = {}
    with (facts / "departments.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            unit = f"D{int(row['no']):02d}"
            found |= dict.fromkeys((unit, row["name"], row["short"], row["short_en"]), unit)
    with (facts / "county_units.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found |= dict.fromkeys((row["adcode"], row["name"], row["name_en"]), row["adcode"])
    return found
