"""How well one report is understood: places however written, classes and units by rules, pace."""

from __future__ import annotations

import gzip
import re
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from backend.analytics.text import places
from backend.analytics.text.gazetteer import Gazetteer, Spot, read_gazetteer
from backend.analytics.text.message import message
from backend.analytics.text.sample import sample
from backend.analytics.text.sorter import best, learn
from backend.analytics.text.understand import READ, Known, Understood, read_known, understand
from backend.analytics.text.whereabouts import Mention, find
from backend.analytics.text.words import LONGEST, cutter, normal
from tests.bench.events_city import SEALED, WORDS_FILE, city
from tests.bench.events_page import Row, Section, share
from tests.bench.events_sets import HOME, folds, near_repeats, rows

_TAGGED = ("town", "community", "road", "poi", "devZone")
_ASKED = 1_000
_SEED = 7
_NUMERALS = dict(zip("一二三四五六七八九", "123456789", strict=True))
_FIRST, _THIRD = 1, 3
_IN_CITY = (120.8612, 32.0187)

_LABELS = {
    "城乡建设": "01 0201 0202 0205 03 04 05 06 11 12 13 1503 1504 2104 2105 2201 2202 2203 2211 "
    "2218 2219 2301 2302 2303 2304",
    "环境保护": "1104 1105 1107 1302 1406 2210",
    "交通运输": "0203 0204 0206 14 1505 2209 2102",
    "教育文体": "0108 2106 2208 2216 2108",
    "劳动和社会保障": "2101 2204 2305 2308 2108",
    "商贸旅游": "2205 2206 2213 2214 2107 2217 2216 2203",
    "卫生计生": "1601 2207 2307 2311 2206 2101",
}
"""Classes of the tree, by whole groups or code, that answer each of the seven labels."""

_GROUPS = {
    "街道乡镇": "320613", "教育": "D13", "城管执法": "D25", "交警": "D16", "交通运输": "D26",
    "公安": "D16", "住建房管": "D23", "规划自然资源": "D21", "人社": "D20", "水利供水": "D27",
    "生态环境": "D22", "发改": "D12", "市场监管": "D36", "电力": "D62", "公积金": "D47",
    "医保": "D39", "民政": "D17", "文旅": "D30", "农林": "D28", "卫健": "D31",
}  # fmt: skip
"""The unit of each group that official replies name."""

_MATTERS = {
    "flooded": "1504", "dark": "0102", "cover": "0101", "gas": "1502", "smoke": "1501",
    "tree": "0401", "crash": "1505", "dust": "1302 1303", "racket": "1406 1301",
    "waste": "1101 1102", "dry": "2301 0103", "power": "2302 0104", "signal": "0203", "dog": "1405",
}  # fmt: skip


def naming() -> Section:
    """Find real names in real addresses, as written and written otherwise."""
    held = _addresses()
    spots = {
        normal(name): Spot(f"A{at}", kind, name, "")
        for at, (kind, name) in enumerate(sorted({span for _, spans in held for span in spans}))
    }
    known = Gazetteer((spot.name, spot, 0.97) for spot in spots.values())
    draw = Random(_SEED)
    draw.shuffle(held)
    found = [_named(how, change, held, known, spots) for how, change in _CHANGES.items()]
    return Section(
        "Places named, written as they are and otherwise", rows=found,
        note=f"{len(spots):,} names of towns, roads, villages, places of real addresses (address "
        "tagging set, NAACL 2019) are the gazetteer; one name in each address is changed. Chosen: "
        "the right one; wrong: another is chosen for those words; among: the right one is offered. "
        "rapidfuzz: the name whose partial ratio is best, 200 addresses.",
    )  # fmt: skip


def strangers() -> Section:
    """Read addresses of other cities with this city's gazetteer: whatever is chosen is wrong."""
    known = read_gazetteer()
    texts = [text for text, _ in _addresses() if "南通" not in text][:_ASKED]
    chosen = [[one for one in _read(text, known) if one.chosen] for text in texts]
    wrong = sum(bool(one) for one in chosen) / len(texts)
    common: defaultdict[str, int] = defaultdict(int)
    for one in chosen:
        for mention in one:
            common[mention.words] += 1
    most = "、".join(sorted(common, key=lambda word: -common[word])[:6])
    row = Row(f"a place of this city chosen, n = {len(texts)}", share(wrong), "", None, None, wrong)
    return Section("Addresses of other cities", rows=[row], note=f"Most often: {most}.")


def by_rules() -> Section:
    """Guess classes and units on an empty city, and with a learned router."""
    known = read_known()
    raw = rows(HOME / "second_reading" / "cls7_raw_dev.csv.gz")
    seen = [understand(message(one), known) for one in raw]
    right = [
        any(_answers(code.code, one["label"]) for code in seen_.classes[:top])
        for top in (_FIRST, _THIRD)
        for one, seen_ in zip(raw, seen, strict=True)
    ]
    first, third = sum(right[: len(raw)]) / len(raw), sum(right[len(raw) :]) / len(raw)
    most = max(sum(one["label"] == label for one in raw) for label in _LABELS) / len(raw)
    found = [
        Row(
            f"of 7 classes, first, n = {len(raw)}", share(first), f"the commonest {share(most)}",
            None, None, first,
        ),
        Row("of 7 classes, among three", share(third), "", None, None, third),
        *_city_rows(known),
        *_unit_rows(known),
    ]  # fmt: skip
    return Section(
        "Understood by rules alone", rows=found,
        note="Nothing is learned but where it says so. The tree's classes answer labels by a table "
        "in the bench; several labels may hold one class. Units are weak labels of 20 groups, "
        "police and traffic police as one; learned: 5 folds, near repeats on one side.",
    )  # fmt: skip


def understanding_pace() -> Section:
    """Read real reports one by one."""
    known = read_known()
    given = [message(one) for one in rows(HOME / "merge" / "messages_dev.csv.gz")[:1_000]]
    spent, cut = [], 0.0
    for one in [*given[:50], *given]:
        began = time.process_time()
        understand(one, known)
        between = time.process_time()
        list(cutter().cut(normal(one.title + one.text[:READ])[:LONGEST], HMM=False))
        cut += (time.process_time() - between) / (len(given) + 50)
        spent.append(between - began)
    spent = sorted(spent[50:])
    mean = 1000 * sum(spent) / len(spent)
    middle, late = (1000 * spent[int(part * len(spent))] for part in (0.5, 0.95))
    row = Row(
        "one report understood, ms of CPU: mean; half under; 95 % under",
        f"{mean:.1f}; {middle:.1f}; {late:.1f}", f"jieba alone {1000 * cut:.1f}",
        2.0, 2.0, mean, most=True,
    )  # fmt: skip
    return Section("Pace of understanding, one core", rows=[row], note="Rules alone, cutter warm.")


def _city_rows(known: Known) -> list[Row]:
    """Read the sealed half of the made-up city: what it is about, and how grave later ones are."""
    words = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))["sealed"]
    right: list[bool] = []
    grave: list[bool] = []
    plain: list[bool] = []
    for seed in SEALED[:2]:
        for one in city("sealed", seed):
            said = one.row["title"] + one.row["text"]
            matter = next(m for m in _MATTERS if any(w in said for w in _phrases(words[m])))
            seen = understand(message(one.row), known)
            right.append(bool(seen.classes) and seen.classes[0].code in _MATTERS[matter].split())
            worse = any(phrase in said for phrase in words[matter]["worse"])
            (grave if worse else plain).append(seen.urgency.level <= 2)
    told = f"others {share(sum(plain) / len(plain))}"
    parts = [sum(one) / len(one) for one in (right, grave)]
    return [
        Row(f"made-up city, class, n = {len(right)}", share(parts[0]), "", None, None, parts[0]),
        Row(f"its graver reports of level 1 or 2, n = {len(grave)}", share(parts[1]), told,
            None, None, parts[1]),
    ]  # fmt: skip


def _phrases(words: dict[str, list[str]]) -> list[str]:
    return [phrase for phrases in words.values() for phrase in phrases]


def _unit_rows(known: Known) -> list[Row]:
    raw = rows(HOME / "second_reading" / "routing_weak_dev.csv.gz")
    gold = [{_GROUPS[group] for group in one["depts"].split("|")} for one in raw]
    given = [replace(message(one), lon=_IN_CITY[0], lat=_IN_CITY[1]) for one in raw]
    parts = folds(near_repeats([one["title"] + one["text"] for one in raw]), 5, 1)
    mixed: list[list[str]] = [[] for _ in raw]
    alone = list(mixed)
    rules = [_units(understand(one, known)) for one in given]
    for part in range(5):
        shown = [sample(one, "depts") for one, at in zip(raw, parts, strict=True) if at != part]
        router = learn(shown, duties=2.0)
        taught = replace(known, router=router, units={**known.units, **_GROUPS})
        for at in (parts == part).nonzero()[0]:
            mixed[at] = _units(understand(given[at], taught))
            (ranked,) = best(router.shares([sample(raw[at])]), router.labels, 5)
            alone[at] = list(dict.fromkeys(_GROUPS[label] for label, _ in ranked))
    found = []
    for top in (_FIRST, _THIRD):
        by_rules_, both, learned = (share(_hits(one, gold, top)) for one in (rules, mixed, alone))
        ours = f"rules {by_rules_}; with a router {both}"
        what = f"units, hit@{top}, n = {len(raw)}"
        found.append(Row(what, ours, f"router alone {learned}", None, None, 0.0))
    return found


def _units(seen: Understood) -> list[str]:
    return [one.unit for one in seen.units]


def _hits(found: Sequence[list[str]], gold: Sequence[set[str]], top: int) -> float:
    pairs = zip(found, gold, strict=True)
    return sum(bool(set(one[:top]) & right) for one, right in pairs) / len(gold)


def _answers(code: str, label: str) -> bool:
    """Tell whether a class answers a label: by its own code, else by its group."""
    named = [one for one, codes in _LABELS.items() if code in codes.split()]
    return label in named if named else code[:2] in _LABELS[label].split()


def _named(
    how: str,
    change: Callable[[str, Random], str],
    held: list[tuple[str, list[tuple[str, str]]]],
    known: Gazetteer,
    spots: dict[str, Spot],
) -> Row:
    draw = Random(_SEED)
    tried, among, chosen, wrong, rival, rivals = 0, 0, 0, 0, 0, 0
    for text, spans in held:
        _, name = draw.choice(spans)
        other = change(name, draw)
        if (
            (how != "as written" and other == name)
            or tried >= _ASKED
            or normal(other) in (spots if how != "as written" else ())
        ):
            continue
        tried += 1
        asked = text.replace(name, other, 1)
        at = normal(asked).find(normal(other))
        mentions = [
            one for one in _read(asked, known)
            if one.at < at + len(other) and at < one.at + len(one.words)
        ]  # fmt: skip
        offered = {each.spot.name for one in mentions for each in one.candidates}
        picked = {one.chosen.name for one in mentions if one.chosen}
        among += name in offered
        chosen += name in picked
        wrong += bool(picked) and name not in picked
        if rivals < 200:
            rivals += 1
            best_ = process.extractOne(normal(asked), list(spots), scorer=fuzz.partial_ratio)
            rival += best_[0] == normal(name)
    parts = [share(one / tried) for one in (chosen, wrong, among)]
    least, aim = (None, None) if how == "as written" else (0.8, 0.95)
    return Row(
        f"{how}, n = {tried}", f"chosen {parts[0]}, wrong {parts[1]}, among {parts[2]}",
        f"rapidfuzz {share(rival / rivals)}", least, aim, among / tried,
    )  # fmt: skip


def _read(text: str, known: Gazetteer) -> tuple[Mention, ...]:
    plain = normal(text)
    names = places.names(list(cutter().cut(places.without_areas(plain), HMM=False)))
    return find(plain, known, names)


def _as_written(name: str, _draw: Random) -> str:
    return name


def _misheard(name: str, draw: Random) -> str:
    at = draw.randrange(len(name) - 1)
    alike = [one for one in _alike().get(lazy_pinyin(name[at])[0], ()) if one != name[at]]
    return name[:at] + draw.choice(alike) + name[at + 1 :] if alike else name


def _turned(name: str, draw: Random) -> str:
    at = draw.randrange(max(1, len(name) - 2))
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :] if len(name) > 2 else name


def _in_digits(name: str, _draw: Random) -> str:
    return "".join(_NUMERALS.get(one, one) for one in name)


def _slipped(name: str, draw: Random) -> str:
    at = draw.randrange(len(name) - 1)
    return (
        name[:at]
        + draw.choice([one for alike in _alike().values() for one in alike])
        + name[at + 1 :]
    )


def _short(name: str, draw: Random) -> str:
    at = draw.randrange(len(name) - 1)
    return name[:at] + name[at + 1 :] if len(name) > 4 else name


_CHANGES: dict[str, Callable[[str, Random], str]] = {
    "as written": _as_written,
    "a character of the same sound": _misheard,
    "two characters turned": _turned,
    "numerals in digits": _in_digits,
    "any other character": _slipped,
    "a character left out": _short,
}
_SOUNDS: dict[str, list[str]] = {}


def _alike() -> dict[str, list[str]]:
    """Give the common characters of each sound, by the cutter's counts."""
    if not _SOUNDS:
        for word, count in cutter().FREQ.items():
            if len(word) == 1 and count > 2_000 and "\u4e00" <= word <= "\u9fff":
                _SOUNDS.setdefault(lazy_pinyin(word)[0], []).append(word)
    return _SOUNDS


def _addresses() -> list[tuple[str, list[tuple[str, str]]]]:
    """Read the tagged addresses: each with its names of three characters or more."""
    with gzip.open(HOME / "places" / "addr_ner_dev.txt.gz", "rt", encoding="utf-8") as file:
        blocks = file.read().strip().split("\n\n")
    found = []
    for block in blocks:
        signs = [line.split() for line in block.split("\n") if len(line.split()) == 2]
        spans: list[list[str]] = []
        for sign, tag in signs:
            if tag.startswith("I-") and spans:
                spans[-1][1] += sign
            else:
                spans.append([tag.removeprefix("B-"), sign])
        kept = [
            (kind, name) for kind, name in spans
            if kind in _TAGGED and len(name) > 2 and re.fullmatch("[\u4e00-\u9fff]+", name)
        ]  # fmt: skip
        if kept:
            found.append(("".join(sign for sign, _ in signs), kept))
    return found
