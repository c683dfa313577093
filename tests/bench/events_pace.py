"""How many reports a second are merged against 50,000 open events, on one core."""

from __future__ import annotations

import time
from random import Random

from backend.analytics.text.judge import Judge, by_hand
from backend.analytics.text.merging import Decided, read, train
from backend.analytics.text.message import Message, message
from backend.analytics.text.reading import Wording
from backend.analytics.text.stream import Stream
from tests.bench.events_city import city
from tests.bench.events_page import Row, Section
from tests.bench.events_sets import HOME, rows

OPEN = 50_000
ASKED = 200
_SEED = 5


def merge_pace() -> Section:
    """Fill a stream with open events, then take reports one by one."""
    given = [message(one) for one in _given()]
    wording = Wording()
    judge = by_hand() if not HOME.exists() else taught(wording)
    stream = Stream(judge, wording)
    draw = Random(_SEED)
    for at in range(OPEN):
        stream.matcher.add(mixed(draw, given, at))  # each an event of its own
    began = time.process_time()
    for at in range(OPEN, OPEN + ASKED):
        stream.take(mixed(draw, given, at))
    rate = ASKED / (time.process_time() - began)
    row = Row(
        f"merge, reports/s of CPU against {OPEN:,} open events, jieba included",
        f"{rate:,.0f}", "", 100, 200, rate,
    )  # fmt: skip
    return Section("Pace of merging, one core", rows=[row], note=_NOTE)


def _given() -> list[dict[str, str]]:
    if HOME.exists():
        return rows(HOME / "merge" / "messages_dev.csv.gz")
    return [one.row for seed in range(8) for one in city("practice", seed)]


def mixed(draw: Random, given: list[Message], at: int) -> Message:
    """Make another report of one's title and another's text."""
    title, text = draw.choice(given), draw.choice(given)
    return Message(id=f"m{at}", time=60.0 * at, title=title.title, text=text.text)


def taught(wording: Wording) -> Judge:
    """Learn a judge from the development files."""
    given = [message(one) for one in rows(HOME / "merge" / "messages_dev.csv.gz")]
    readings = read(given, wording)
    decided = [
        Decided(one["id_a"], one["id_b"], one["label"] == "1")
        for one in rows(HOME / "merge" / "pairs_dev.csv")
        if {one["id_a"], one["id_b"]} <= readings.keys()
    ]
    return train(readings, decided)


_NOTE = "Open events are mixtures of one report's title and another's text; the judge is learned."
