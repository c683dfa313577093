"""What the matcher of a service holds and how fast it is; `python -m tests.bench.matcher`.

60,000 open events on one core: bytes each, reports judged a second, and a restart: from the
reports as they came, and from the matcher's records of them.
"""

from __future__ import annotations

import gc
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

from backend.analytics.text.matcher import Matcher
from backend.analytics.text.message import Message, message
from backend.analytics.text.policy import load_policy
from backend.analytics.text.reading import Wording
from tests.bench.events_city import city
from tests.bench.events_pace import mixed, taught
from tests.bench.events_sets import HOME, rows

OPEN = 60_000
ASKED = 300
LONG = 120  # characters of a work order's text
_SEED = 5
_WEST, _SOUTH, _WIDE = 120.6, 31.8, 0.6  # a city of 60 km


def main(most: int = OPEN) -> int:
    """Fill a matcher, ask it, and build it again."""
    given = _given()
    draw = Random(_SEED)
    reports = [_placed(mixed(draw, given, at), draw) for at in range(most + ASKED)]
    length = sum(len(one.title) + len(one.text) for one in reports) / len(reports)
    matcher = Matcher(None, replace(load_policy(), days_apart=3650.0, metres_apart=math.inf))
    matcher.add(reports[0])  # dictionaries are read once, whatever is held
    matcher.look(reports[1])
    matcher.remove(reports[0].id)
    gc.collect()
    before, began = _resident(), time.process_time()
    for one in reports[:most]:
        matcher.add(one)
    added = most / (time.process_time() - began)
    each = (_resident() - before) / most
    if HOME.exists():
        matcher.judge = taught(Wording())  # after what it takes to learn could be given back
    began = time.process_time()
    told = [matcher.look(one) for one in reports[most:]]
    rate = ASKED / (time.process_time() - began)
    records = [matcher.record(one.id) for one in reports[: most // 4]]
    again = Matcher(None, matcher.policy)
    began = time.process_time()
    for record in records:
        again.restore(record)
    restored = len(records) / (time.process_time() - began)
    print(f"{most:,} open events, {length:.0f} characters each, one core:")
    print(f"  memory {each:,.0f} B an event, {each * most / 2**20:,.0f} MiB in all")
    print(f"  look {rate:,.0f} reports/s, {sum(map(len, told)) / ASKED:.1f} matches with evidence")
    print(f"  rebuilt from reports {added:,.0f}/s ({most / added:,.0f} s)")
    print(f"  rebuilt from records {restored:,.0f}/s ({most / restored:,.0f} s)")
    return 0


def _given() -> list[Message]:
    if HOME.exists():
        given = [message(one) for one in rows(HOME / "merge" / "messages_dev.csv.gz")]
    else:
        given = [message(one.row) for seed in range(8) for one in city("practice", seed)]
    return [replace(one, text=one.text.strip()[:LONG]) for one in given]


def _placed(one: Message, draw: Random) -> Message:
    lon, lat = _WEST + draw.uniform(0, _WIDE), _SOUTH + draw.uniform(0, _WIDE)
    return replace(one, lon=lon, lat=lat)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
