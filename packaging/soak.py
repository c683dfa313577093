"""Let service, city and console run for long and see what grows: `soak.py [--minutes 30]`.

20 times the usual events, scenes changed every 20 s. Of each process: memory with the slope a
straight line gives and its 95 % upper bound, open files, threads; of the console also how long
its main thread took to answer a ping. 1 when something grows or stalls beyond its limit.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.bench.trend import SLOPE_MB_H, WARM, Trace, slope  # noqa: E402
from tests.end2end.stack import Service  # noqa: E402
from tests.end2end.walls import FILES, WallProcess, wall_of  # noqa: E402

STALL_MS = 100.0
EVERY_S, SCENE_S = 5.0, 20.0
STOCK_S, STOCK_READ_S, LIVE_A_SECOND = 1_200.0, 10.0, 2
SCENES = ("general", "water", "requests", "hazmat")
MONITORS = ["*WALL=3840x1080+0+0", "DESK=1920x1080+0+1080"]
MB = 1e6


@dataclass
class Life:
    """What one process held over time."""

    memory: Trace = field(default_factory=Trace)
    files: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)


def family(service: Service, wall: WallProcess) -> dict[str, psutil.Process]:
    """Name every process that takes part."""
    found: dict[str, psutil.Process] = {}
    roots = [one.process.pid for one in (service, wall) if one.process is not None]
    for root in roots:
        top = psutil.Process(root)
        for one in (top, *top.children(recursive=True)):
            found[f"{role(one)} {one.pid}"] = one
    for one in service.workers():
        found.setdefault(f"{role(one)} {one.pid}", one)
    return {name: one for name, one in found.items() if not name.startswith(("-", "display"))}


def role(process: psutil.Process) -> str:
    """Say what a process does, by its command line."""
    words = " ".join(process.cmdline())
    for name, mark in (
        ("display", "display.py"),
        ("web", "QtWebEngineProcess"),
        ("console", "wall_process"),
        ("city", "backend simulate"),
        ("plant", "backend plant"),
        ("service", "backend serve"),
    ):
        if mark in words:
            return name
    return "-"


def read(process: psutil.Process, trace: Life, hour: float) -> None:
    """Add one reading; a process that is gone adds none."""
    try:
        memory, files, threads = (
            process.memory_full_info().uss / MB,  # what others share of ours changes by itself
            process.num_fds(),
            process.num_threads(),
        )
    except psutil.Error:
        return
    trace.memory.add(hour, memory)
    trace.files.append(files)
    trace.threads.append(threads)


def run(minutes: float, scale: float, rate: float) -> dict[str, object]:
    """Run it all and give every trace and the console's stalls."""
    traces: dict[str, Life] = {}
    with tempfile.TemporaryDirectory() as folder:
        words = ("--city", "--scale", f"{scale:g}", "--rate", f"{rate:g}")
        service = Service(Path(folder) / "data", words).start()
        file = FILES / "wall-3840x1080.toml"
        try:
            with wall_of(
                service, Path(folder) / "console", file, MONITORS, size="3840x2160"
            ) as wall:
                wall.until(lambda seen: seen["online"], 90, "the console is online")
                await_stock(wall)
                look = watch(service, wall, traces, minutes)
        finally:
            service.stop()
    return {"minutes": minutes, "scale": scale, "rate": rate, "look": look, "traces": traces}


def await_stock(wall: WallProcess) -> None:
    """Wait until the city has handed in what was open before: that growth is no leak."""
    before, until_s = -1, time.monotonic() + STOCK_S
    while time.monotonic() < until_s:
        events = wall.ask("look")["events"]
        if before >= 0 and 0 < events <= before + STOCK_READ_S * LIVE_A_SECOND:
            return
        before = events
        time.sleep(STOCK_READ_S)


def watch(
    service: Service, wall: WallProcess, traces: dict[str, Life], minutes: float
) -> dict[str, object]:
    """Read everything every few seconds, change scenes, until the time is over."""
    began, scenes = time.monotonic(), itertools.cycle(SCENES)
    next_scene, warm = 0.0, None
    while (now_s := time.monotonic() - began) < minutes * 60:
        for name, process in family(service, wall).items():
            read(process, traces.setdefault(name, Life()), now_s / 3600)
        if now_s >= next_scene:
            wall.ask("scene", next(scenes))
            next_scene = now_s + SCENE_S
        if warm is None and now_s > minutes * 60 * WARM:
            warm = wall.ask("heap") | {"events": wall.ask("look")["events"]}
            wall.ask("measure")
        time.sleep(EVERY_S)
    look = wall.ask("look")
    return look | {"warm": warm, "end": wall.ask("heap")}


def grown(look: dict[str, object]) -> list[str]:
    """Say what the console holds more of than after the warm-up."""
    warm, end = look["warm"], look["end"]
    assert isinstance(warm, dict)
    assert isinstance(end, dict)
    kinds: Counter[str] = Counter(end["kinds"])
    kinds.subtract(warm["kinds"])
    most = ", ".join(f"{kind} {more:+,}" for kind, more in kinds.most_common(12) if more > 0)
    used = f"{warm['used_mb']:.0f} → {end['used_mb']:.0f} MB"
    pictures = f"{warm['pictures_mb']:.0f} → {end['pictures_mb']:.0f} MB"
    events = f"{warm['events']} → {look['events']}"
    after = f"console after the warm-up → at the end: open events {events}; in use {used}"
    return [f"{after}, of it pictures {pictures}", f"more Python objects: {most or 'none'}"]


def rows(result: dict[str, object]) -> tuple[list[str], bool]:
    """Give the table's lines and whether everything held."""
    lines = ["| process | MB at end | MB/h | upper 95 % | files | threads | held |"]
    lines.append("|---|---|---|---|---|---|---|")
    well = True
    for name, trace in sorted(result["traces"].items()):  # type: ignore[attr-defined]
        if len(trace.files) < 10:
            continue
        memory = trace.memory.warm()
        steep, upper = slope(memory)
        files, threads = (every[-len(memory.hours) :] for every in (trace.files, trace.threads))
        flat = max(files[-5:]) <= max(files) and statistics.fmean(files[-5:]) <= max(
            files[: len(files) // 2]
        )
        flat = flat and statistics.fmean(threads[-5:]) <= max(threads[: len(threads) // 2])
        held = upper <= SLOPE_MB_H and flat
        well = well and held
        cells = [name, f"{memory.megabytes[-1]:.0f}", f"{steep:+.1f}", f"{upper:+.1f}"]
        cells += [
            f"{files[0]}→{files[-1]}",
            f"{threads[0]}→{threads[-1]}",
            "yes" if held else "**no**",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    stall = result["look"]["stall_ms"]  # type: ignore[index]
    pings = result["look"]["pings"]  # type: ignore[index]
    quick = stall <= STALL_MS
    lines.append(
        f"\nmain thread: p99.9 {stall:.0f} ms of {pings} pings (limit {STALL_MS:.0f}):"
        f" {'held' if quick else 'MISSED'}"
    )
    return lines, well and quick


def main() -> int:
    """Run, print, keep the readings in out/soak.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--rate", type=float, default=20.0)
    asked = parser.parse_args()
    result = run(asked.minutes, asked.scale, asked.rate)
    lines, well = rows(result)
    print("\n".join([*lines, *grown(result["look"])]))  # type: ignore[arg-type]
    (ROOT / "out").mkdir(exist_ok=True)
    kept = json.dumps(result, default=vars, indent=1)
    (ROOT / "out" / "soak.json").write_text(kept, encoding="utf-8")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
