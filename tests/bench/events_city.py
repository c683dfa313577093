"""A made-up city that reports its troubles over five channels, with the truth of each report.

Sites carry a road with a number, an estate and a landmark; each channel names what its people
would, errs in its own way in place and writing, and has coordinates or none. Beside most troubles
lies one that looks alike: the same matter some hundred metres off on the same road, or another
matter at the very site. `events_words.toml` holds its words; the judge never reads them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

WORDS_FILE: Final = Path(__file__).with_name("events_words.toml")

SEALED: Final = (614_113, 720_361, 835_421, 901_247, 977_513)
"""Seeds the figures are told for; nothing was set by looking at them."""
PRACTICE: Final = (11, 12, 13)
"""Seeds to look at and to learn from; other places, other wording."""

_WEST, _SOUTH, _M_PER_DEG = 120.80, 31.95, 111_195.0
_SITES: Final = 150
_START: Final = datetime(2026, 7, 6, tzinfo=UTC)
_DAYS: Final = 4
_MISSPELT: Final = 0.25  # of the places named
_WRONG_PLACE: Final = 0.05  # a name that is another site's
_ALIKE: Final = 0.40  # troubles with the same matter close by
_OTHER_MATTER: Final = 0.15  # troubles with another matter at the same site
_WORSE: Final = 0.35  # later reports that tell of something graver

_BEFORE: Final = 60  # reports before one that an operator looks at
_NEAR_M: Final = 700.0

# How people mishear and mistype: letters of the same sound or look.
_SOUNDS: Final = dict(
    zip(
        "德涛花星桥鹤望青东湖长绿金临和星沁城书永南天双第妇客儿纺物体百文水"
        "澄通濠紫三校桃钟狼盐北凤银江碧晨龙西状惠山云五实中农火动蓝冷全家充少污",
        "得滔华新乔贺旺清冬胡常录今林合心心成舒勇男添霜弟富课尔访务替白闻睡"
        "城同豪子山笑逃中郎严贝风引姜必陈隆希壮会闪匀武时钟浓伙洞兰领泉加冲绍屋",
        strict=True,
    )
)
_NUMERALS: Final = dict(zip("一二三四五六七八九", "123456789", strict=True))


@dataclass(frozen=True, slots=True)
class Channel:
    """Say how a way of reporting errs. Units: near_m, far_m in metres."""

    name: str
    share: float
    near_m: float
    far: float
    far_m: float
    placed: float
    register: str
    titled: bool


CHANNELS: Final = (
    Channel("12345", 0.34, 50, 0.03, 400, 0.92, "formal", titled=True),
    Channel("app", 0.28, 20, 0.02, 500, 0.98, "plain", titled=False),
    Channel("110", 0.14, 60, 0.05, 500, 0.96, "terse", titled=False),
    Channel("grid", 0.14, 8, 0.01, 200, 1.00, "formal", titled=True),
    Channel("web", 0.10, 45, 0.03, 400, 0.75, "plain", titled=True),
)


@dataclass(frozen=True, slots=True)
class Site:
    """Hold a spot of the city and the names it goes by."""

    lon: float
    lat: float
    road: str
    number: int
    estate: str
    mark: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Hold what really happened."""

    event: str
    matter: str
    site: Site
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what came in, and the event it is of."""

    event: str
    row: dict[str, str]
    misspelt: bool
    wrong: bool


def city(half: str, seed: int) -> list[Report]:
    """Give a city's reports in order of time."""
    draw = Random(seed)
    words = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))[half]
    places = words.pop("places")
    sites = _sites(places, draw)
    reports: list[Report] = []
    for trouble in _troubles(sites, sorted(words), draw):
        reports += _reports(trouble, words[trouble.matter], sites, draw)
    reports.sort(key=lambda one: one.row["time"])
    return [replace(one, row={"id": f"r{at:05d}", **one.row}) for at, one in enumerate(reports)]


def _sites(places: dict[str, list[str]], draw: Random) -> list[Site]:
    """Lay sites along roads, 250 to 600 m apart, so that each has a neighbour that looks alike."""
    found = []
    for at in range(_SITES):
        road = places["roads"][at % len(places["roads"])]
        step, row = at // len(places["roads"]), at % len(places["roads"])
        east, north = 400 * step + draw.uniform(-70, 70), 900 * row + draw.uniform(-70, 70)
        estate = f"{draw.choice(places['estates'])}{draw.choice(('', '', '一期', '二期', '东区'))}"
        lat = _SOUTH + north / _M_PER_DEG
        lon = _WEST + east / _M_PER_DEG / math.cos(math.radians(lat))
        number = 30 * step + draw.randint(1, 25)
        found.append(Site(lon, lat, road, number, estate, draw.choice(places["marks"])))
    return found


def _troubles(sites: list[Site], matters: list[str], draw: Random) -> Iterator[Trouble]:
    count = 0

    def happen(matter: str, site: Site, at: datetime) -> Trouble:
        nonlocal count
        count += 1
        return Trouble(f"e{count:04d}", matter, site, at)

    free = {(at, matter) for at in range(len(sites)) for matter in matters}
    for at in draw.sample(range(len(sites)), _SITES * 3 // 4):
        matter = draw.choice(matters)
        began = _START + timedelta(minutes=draw.uniform(0, _DAYS * 1440))
        wanted = [(at, matter, 0.0)]
        if draw.random() < _ALIKE:
            wanted.append((_beside(sites, at), matter, draw.uniform(-120, 240)))
        if draw.random() < _OTHER_MATTER:
            wanted.append((at, draw.choice(matters), draw.uniform(-120, 240)))
        for spot, what, later in wanted:
            if (spot, what) in free:  # a trouble happens once at a site: no repair in between
                free.remove((spot, what))
                yield happen(what, sites[spot], began + timedelta(minutes=later))


def _beside(sites: list[Site], at: int) -> int:
    """Give the site nearest by."""
    one = sites[at]
    others = (spot for spot in range(len(sites)) if spot != at)
    return min(
        others, key=lambda spot: math.dist((one.lon, one.lat), (sites[spot].lon, sites[spot].lat))
    )


def _reports(
    trouble: Trouble, words: dict[str, list[str]], sites: list[Site], draw: Random
) -> Iterator[Report]:
    count = draw.choices((1, 2, 3, 4, 6), (50, 25, 13, 8, 4))[0]
    minutes = 0.0
    for at in range(count):
        channel = draw.choices(CHANNELS, [one.share for one in CHANNELS])[0]
        register = "worse" if at and draw.random() < _WORSE else channel.register
        said = draw.choice(words[register])
        yield _report(trouble, channel, (words["kind"][0], said), sites, minutes, draw)
        minutes += draw.expovariate(1 / 70)


def _report(
    trouble: Trouble,
    channel: Channel,
    said: tuple[str, str],
    sites: list[Site],
    minutes: float,
    draw: Random,
) -> Report:
    wrong = draw.random() < _WRONG_PLACE
    named = draw.choice(sites) if wrong else trouble.site
    place = _place(named, channel, draw)
    misspelt = draw.random() < _MISSPELT
    place = _misspell(place, draw) if misspelt else place
    lon, lat = _fix(trouble.site, channel, draw)
    title, text = _written(channel, place, said, draw)
    time = (trouble.at + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")
    row = {
        "user": f"u{draw.randrange(10**6)}", "time": time, "title": title, "text": text,
        "lon": lon, "lat": lat, "channel": channel.name,
    }  # fmt: skip
    return Report(trouble.event, row, misspelt, wrong)


def _place(site: Site, channel: Channel, draw: Random) -> str:
    """Name a site as people of a channel do."""
    full = f"{site.road}{site.number}号"
    names = {
        "12345": (f"{full}{site.estate}", f"{site.road}近{site.mark}", full, f"{site.estate}南门"),
        "app": (f"{site.estate}门口", f"{site.mark}旁边", f"{site.road}上", f"{site.mark}对面"),
        "110": (full, f"{site.road}{site.mark}处", site.estate),
        "grid": (f"{site.estate}{draw.randint(1, 20)}幢附近", f"{full}段"),
        "web": (f"{site.road}{site.estate}", site.estate, f"{site.mark}这里"),
    }
    return draw.choice(names[channel.name])


def _misspell(place: str, draw: Random) -> str:
    """Write a place otherwise: by ear, letters changed about, a letter lost, numerals in digits."""
    heard = [at for at, sign in enumerate(place) if sign in _SOUNDS]
    ways = [_swap, _drop]
    if heard:
        ways += [_hear, _hear]
    if any(sign in _NUMERALS for sign in place):
        ways.append(_count)
    return draw.choice(ways)(place, draw)


def _hear(place: str, draw: Random) -> str:
    at = draw.choice([at for at, sign in enumerate(place) if sign in _SOUNDS])
    return place[:at] + _SOUNDS[place[at]] + place[at + 1 :]


def _swap(place: str, draw: Random) -> str:
    at = draw.randrange(max(1, min(len(place), 4) - 1))
    return place[:at] + place[at : at + 2][::-1] + place[at + 2 :]


def _drop(place: str, draw: Random) -> str:
    at = draw.randrange(min(len(place), 4))
    return place[:at] + place[at + 1 :]


def _count(place: str, draw: Random) -> str:
    return "".join(_NUMERALS.get(sign, sign) for sign in place)


def _fix(site: Site, channel: Channel, draw: Random) -> tuple[str, str]:
    """Give coordinates as a channel has them, empty where it has none."""
    if draw.random() >= channel.placed:
        return "", ""
    spread = channel.far_m if draw.random() < channel.far else channel.near_m
    east, north = draw.gauss(0, spread / 1.4), draw.gauss(0, spread / 1.4)
    lat = site.lat + north / _M_PER_DEG
    lon = site.lon + east / _M_PER_DEG / math.cos(math.radians(lat))
    return f"{lon:.6f}", f"{lat:.6f}"


def _written(channel: Channel, place: str, told: tuple[str, str], draw: Random) -> tuple[str, str]:
    """Put place and matter into a channel's form; clerks name the kind of trouble."""
    kind, said = told
    if channel.name == "12345":
        return f"{place}{kind}", f"来电人反映：{place}，{said}。诉求：请相关部门尽快处理并回复。"
    if channel.name == "grid":
        number = draw.randrange(10**5)
        return f"{kind}-{place}", f"网格巡查发现{place}{said}，现场已拍照，编号{number}。"
    if channel.name == "110":
        return "", f"{kind}警情，报警人称{place}，{said}。"
    if channel.name == "web":
        return f"{place}的问题", f"{said}！{place}，已经说过好几次了，有没有人管？"
    return "", f"{said}，{place}"


def pairs(reports: list[Report], draw: Random) -> list[dict[str, Any]]:
    """Give what operators decided: all of one event, all nearby that are not, some of the rest."""
    same: list[dict[str, Any]] = []
    near: list[dict[str, Any]] = []
    far: list[dict[str, Any]] = []
    for at, one in enumerate(reports):
        for two in reports[max(0, at - _BEFORE) : at]:
            pair = {"id_a": one.row["id"], "id_b": two.row["id"], "label": 0}
            if one.event == two.event:
                same.append({**pair, "label": 1})
            else:
                (near if _apart_m(one, two) < _NEAR_M else far).append(pair)
    return same + near + draw.sample(far, min(len(far), len(same)))


def _apart_m(one: Report, two: Report) -> float:
    if not one.row["lon"] or not two.row["lon"]:
        return math.inf
    east = (float(one.row["lon"]) - float(two.row["lon"])) * math.cos(math.radians(_SOUTH))
    return _M_PER_DEG * math.hypot(east, float(one.row["lat"]) - float(two.row["lat"]))
