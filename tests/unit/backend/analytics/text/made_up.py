"""Reports of a city that is none, for the tests of reading and merging."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from backend.analytics.text.merging import Decided, Readings, read
from backend.analytics.text.message import Message
from backend.analytics.text.reading import Reading, Wording, cut, weigh

ROADS = ("望江路", "青石路", "柳堤街", "海桐大道", "濠北路", "金沙街", "东洲路", "文峰巷")
THINGS = (
    ("路灯不亮", "晚上一片漆黑，路灯坏了好几盏，走路看不见"),
    ("垃圾没人清运", "垃圾桶满了好几天没有人来清运，臭味很大"),
    ("工地夜间施工噪音扰民", "工地半夜打桩，噪音很大，孩子睡不着"),
    ("玻璃碴满地", "路面上都是玻璃碴，电动车轮胎被扎破，容易伤人"),
    ("井盖破损", "井盖裂开了一半，行人容易掉下去"),
    ("停车乱收费", "停车场收费没有标准，一小时收二十元"),
)


def report(id_: str, title: str, text: str = "", minute: float = 0, **more: object) -> Message:
    """Make one report."""
    made = {"user": "", "channel": "", "lon": None, "lat": None} | more
    return Message(id_, 1_800_000_000.0 + 60 * minute, title, text or title, **made)  # type: ignore[arg-type]  # as given


def reading(title: str, text: str = "", minute: float = 0, **more: object) -> Reading:
    """Read one report in a city that has said nothing yet."""
    return weigh(cut(report("x", title, text, minute, **more)), Wording())


def city(seed: int = 1, events: int = 48, each: int = 3) -> list[Message]:
    """Make the reports of events, each of one road and one thing, in the order of time."""
    chance = Random(seed)
    made = []
    for event in range(events):
        road, (title, text) = ROADS[event % 8], THINGS[event // 8 % 6]
        for number in range(each):
            opening = chance.choice(("请问", "投诉", "反映", ""))
            where = chance.choice((f"{road}", f"{road}附近", f"{road}路口"))
            said = chance.choice((f"{where}{title}", f"{title}，在{where}"))
            minute = event * 7 + number * chance.randint(5, 60)
            made.append(report(f"{event}-{number}", opening + said, f"{where}{text}", minute))
    return sorted(made, key=lambda one: (one.time, one.id))


def decisions(reports: Sequence[Message], seed: int = 1, most: int = 400) -> list[Decided]:
    """Decide pairs of made-up reports: all of one event, and some of the same road or thing."""
    chance = Random(seed)
    same = [
        Decided(a.id, b.id, True)
        for at, a in enumerate(reports)
        for b in reports[at + 1 :]
        if _event(a) == _event(b)
    ]
    other = [
        Decided(a.id, b.id, False)
        for at, a in enumerate(reports)
        for b in reports[at + 1 :]
        if _event(a) != _event(b) and (_event(a) - _event(b)) % 8 == 0
    ]
    chance.shuffle(other)
    return [*same, *other[: len(same)]][:most]


def _event(one: Message) -> int:
    return int(one.id.split("-")[0])


def readings(reports: Sequence[Message]) -> Readings:
    """Read all reports of a city."""
    return read(reports, Wording())
