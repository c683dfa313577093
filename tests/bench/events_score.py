"""Measure how reports are judged and write docs/events.md; `make events-score` runs it.

`python -m tests.bench.events_score NAME ...` renews some sections only.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable

from tests.bench.events_crossing import crossing
from tests.bench.events_merging import ablations, lessons, pairs, streams
from tests.bench.events_pace import merge_pace
from tests.bench.events_page import HEAD, PAGE, Section, stamp
from tests.bench.events_reading import by_rules, naming, strangers, understanding_pace
from tests.bench.events_sets import HOME
from tests.bench.events_sorting import classes, pace, units

BENCHES: dict[str, tuple[Callable[[], Section | list[Section]], bool]] = {
    "pairs": (pairs, True),
    "streams": (streams, True),
    "lessons": (lessons, True),
    "classes": (classes, True),
    "units": (units, True),
    "pace": (pace, True),
    "merge_pace": (merge_pace, False),
    "crossing": (crossing, False),
    "ablations": (ablations, True),
    "naming": (naming, True),
    "strangers": (strangers, True),
    "by_rules": (by_rules, True),
    "understanding_pace": (understanding_pace, True),
}
"""In the order of the page; whether the development files are needed."""


def main(names: list[str]) -> int:
    """Run the benches named, or all, and renew their sections."""
    known = _sections(PAGE.read_text("utf-8")) if PAGE.exists() else {}
    for name in names or list(BENCHES):
        bench, needs_files = BENCHES[name]
        if needs_files and not HOME.exists():
            print(f"{name}: 略过，没有 ../shared/data/text / left out, no ../shared/data/text")
            continue
        began, at = time.perf_counter(), stamp()
        found = bench()
        for section in found if isinstance(found, list) else [found]:
            known[section.title] = f"{section.drawn()}\n{at}\n"
            print(known[section.title], f"{time.perf_counter() - began:.0f} s", flush=True)
        PAGE.write_text(HEAD + "\n" + "\n".join(known.values()), encoding="utf-8")
    return 0


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"^(?=## )", page, flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0].removeprefix("## "): f"{part.strip()}\n" for part in parts}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
