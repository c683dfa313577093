"""Run every bench on this machine, side by side, and write docs/benchmarks.md.

`python packaging/bench.py NAME ...` runs some of them and renews their sections only.

A bench is `tests/bench/NAME.py` with `--json FILE`; it compares ours with what a user
would pick instead, in one run, so that the ratio holds on a shared machine.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`. Ratios are ours against the other in the same run; on a shared
machine only they mean something. A missed target is said so.

The yardstick of each section is how fast the machine was just then: processor seconds of two
million rounds of a Python loop, and of copying 1 GB. A target in seconds was set for a machine
that takes about 0.2 and 0.1.
"""


BENCHES = (
    "map_pan",
    "map_screen",
    "map_lines",
    "map_painter",
    "transport",
    "lasso",
    "growth",
    "feed_load",
    "start",
    "door_to_pixel",
    "process_model",
    "whole",
    "console_memory",
    "figures",
    "city",
    "import_csv",
    "search",
    "alarm_flood",
)
"""In the order of the page; one line each."""


def run(name: str) -> dict[str, Any]:
    """Run one bench in a process of its own and give what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result.json"
        command = [sys.executable, "-m", f"tests.bench.{name}", "--json", str(file)]
        done = subprocess.run(command, cwd=ROOT, timeout=3600)
        if done.returncode != 0 or not file.exists():
            return {"title": name, "rows": [], "note": f"ended with {done.returncode}, no result"}
        result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return result


def table(result: dict[str, Any], stamp: str) -> str:
    """Draw one bench's rows as a section of the page."""
    lines = [f"## {result['title']}\n", "| what | ours | other | ratio | target | met |"]
    lines.append("|---|---|---|---|---|---|")
    for row in result["rows"]:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f}"
        met = "yes" if row["met"] else "**no**"
        cells = [row["what"], row["ours"], row["other"], ratio, row["target"], met]
        lines.append("| " + " | ".join(cells) + " |")
    note = f"{result['note']}\n\n" if result.get("note") else ""
    return "\n".join(lines) + f"\n\n{note}*{stamp}*\n"


def sections(page: str) -> dict[str, str]:
    """Part a page into its sections, by title."""
    parts = re.split(r"^(?=## )", page, flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0].removeprefix("## "): f"{part.strip()}\n" for part in parts}


def yardstick() -> str:
    """Say how fast the machine is at this moment: the same machine differs by two."""
    begun = time.process_time()
    total = 0
    for number in range(2_000_000):
        total += number * number % 7
    looped, part = time.process_time(), bytearray(8 << 20)
    for _ in range(128):
        bytes(part)
    copied = time.process_time()
    return f"yardstick {looped - begun:.2f} and {copied - looped:.2f} s"


def stamp() -> str:
    """Say when and on what machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    load = os.getloadavg()[0]
    now = datetime.now(UTC)
    python = platform.python_version()
    return (
        f"{now:%Y-%m-%d %H:%M} UTC · {machine} · load {load:.1f} · {yardstick()} · Python {python}"
    )


def main() -> int:
    """Run the benches named, or all, and renew their sections; 1 when one brought no result."""
    names = sys.argv[1:] or list(BENCHES)
    known = sections(PAGE.read_text("utf-8")) if PAGE.exists() and sys.argv[1:] else {}
    whole = True
    for name in names:
        print(f"bench {name} …", flush=True)
        begun = stamp()
        result = run(name)
        whole = whole and bool(result["rows"])
        known[result["title"]] = table(result, begun)
        print(known[result["title"]], flush=True)
        PAGE.write_text(HEAD + "\n" + "\n".join(known.values()), encoding="utf-8")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
