"""Start from the cache with the service down, beside a bare QWebEngineView."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.stage import Row, finish
from tests.end2end.stack import ROOT, Service

ROUNDS = 5
TARGET_S = 3.0
CITY_S = 15


def probe(*words: str) -> str:
    """Run one start in a process of its own and give what it printed last."""
    command = [sys.executable, "-m", "tests.bench.start_probe", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0:
        raise SystemExit(done.stderr[-2000:])
    return lines[-1] if lines else ""


def main() -> None:
    """Fill a cache from a living city, then time starts with the service down."""
    with tempfile.TemporaryDirectory() as folder:
        console = Path(folder) / "console"
        service = Service(Path(folder) / "data", ("--city", "--scale", "0.1")).start()
        try:
            time.sleep(CITY_S)
            probe("full", str(console), service.url, str(service.credentials))
        finally:
            service.stop()
        cached, bare = [], []
        for _ in range(ROUNDS):
            cached.append(float(probe("cached", str(console), service.url)))
            bare.append(float(probe("bare")))
    ours, other = statistics.median(cached), statistics.median(bare)
    row = Row(
        what=f"start with the service down, median of {ROUNDS}",
        ours=f"{ours:.2f} s to the last picture on the map",
        other=f"{other:.2f} s to an empty page",
        ratio=ours / other,
        target=f"≤ {TARGET_S:g} s",
        met=ours <= TARGET_S,
    )
    note = "Timed from the birth of the process; ratio is ours to the bare view, lower is better."
    finish("Start from the cache", [row], note)


if __name__ == "__main__":
    main()
