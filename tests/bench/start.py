"""Starts: with a city of one's own, from the cache with the service down, a bare web view."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.stage import Row, finish
from tests.end2end.stack import ROOT, Service

ROUNDS = int(os.environ.get("START_ROUNDS", "5"))
WINDOW_S, LAYERS_S, CACHED_S = 3.0, 8.0, 3.0
NEXT_CODE_S = 31  # a one-time code is taken once
CITY_S = 45  # until the slowest of the sixteen feeds has spoken


def probe(*words: str) -> dict[str, float]:
    """Run one start in a process of its own and give what it timed.

    A warm install keeps what it compiled, whatever the shell of the bench says.
    """
    command = [sys.executable, "-m", "tests.bench.start_probe", *words]
    warm = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=ROOT, env=warm, capture_output=True, text=True, timeout=150)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        raise SystemExit(f"{words}: {done.stdout[-500:]}\n{done.stderr[-2000:]}")
    seconds: dict[str, float] = json.loads(lines[-1])
    return seconds


def median(starts: list[dict[str, float]], what: str) -> float:
    return statistics.median(one[what] for one in starts)


def row(what: str, ours_s: float, words: str, bare_s: float, target_s: float) -> Row:
    return Row(
        what=f"{what}, median of {ROUNDS}",
        ours=f"{ours_s:.2f} s to {words}",
        other=f"{bare_s:.2f} s to an empty QWebEngineView",
        ratio=ours_s / bare_s,
        target=f"≤ {target_s:g} s",
        met=ours_s <= target_s,
    )


def main() -> None:
    """Warm up once, then time each kind in turn so that load falls on all alike."""
    whole, cached, bare = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        own, mine = Path(folder) / "own", Path(folder) / "console"
        service = Service(Path(folder) / "data", ("--city", "--scale", "0.1")).start()
        try:
            time.sleep(CITY_S)
            probe("full", str(mine), service.url, str(service.credentials))
        finally:
            service.stop()
        probe("whole", str(own))
        for _ in range(ROUNDS):
            time.sleep(NEXT_CODE_S)
            whole.append(probe("whole", str(own)))
            cached.append(probe("cached", str(mine), service.url))
            bare.append(probe("bare"))
    page_s = median(bare, "page")
    count = int(median(whole, "count"))
    live, window = median(whole, "layers"), median(whole, "window")
    rows = [
        row("first window, own service and city", window, "a painted window", page_s, WINDOW_S),
        row(f"{count} layers live", live, f"{count} layers on the map", page_s, LAYERS_S),
        row(
            "start with the service down",
            median(cached, "layers"),
            f"the last picture of {int(median(cached, 'count'))} layers on the map",
            page_s,
            CACHED_S,
        ),
    ]
    note = (
        "Timed from the birth of the console's process, warm install, default scale; the service "
        "and the city start with it and are counted. The ratio is to a bare view: lower is better."
    )
    finish("Start", rows, note)


if __name__ == "__main__":
    main()
