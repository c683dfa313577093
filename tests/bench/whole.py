"""The whole console beside a real service at the full design load, and at the default scale.

Two screens of 1920 x 1080 show sixteen layers while the city tells of itself as at noon, some
3,000 positions a second. `--scale`, `--seconds` and `--events` make it shorter; `--keep FOLDER`
leaves consoles' `stalls.txt` behind and fills each service only once.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from tests.bench.stage import Row
from tests.bench.trend import Trace
from tests.bench.whole_load import Noon
from tests.end2end.stack import Service, wait_for
from tests.end2end.walls import WallProcess, wall_of

MONITORS = ["*LEFT=1920x1080+0+0", "RIGHT=1920x1080+1920+0"]
WALL = """
[wall]
pitch_mm = 2.5
farthest_m = 10
[screens.LEFT]
size = [1920, 1080]
[screens.RIGHT]
size = [1920, 1080]
"""
LAYERS = 16
DEFAULT = 0.1
STALL_MS, PSS_MB, SCENE_MS, LAYER_MS = 100.0, 1_200.0, 2_000.0, 1_000.0
ROUNDS = 4
SHOWN = ("urban", "transport", "fire", "utilities")
SETTLE_S = 10.0
START_S = 180.0
STAY_S, READ_S = 2.0, 5.0


@dataclass
class Found:
    """What one load was measured to do."""

    objects: int = 0
    events: int = 0
    filled_s: float = 0.0
    rate: float = 0.0
    quiet: dict[str, float] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)
    scenes_ms: list[float] = field(default_factory=list)
    layers_ms: list[float] = field(default_factory=list)
    held: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    traces: dict[str, Trace] = field(default_factory=dict)


def cpu_s(processes: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes if one.is_running())


def own_mb(processes: list[psutil.Process]) -> float:
    """Give what processes hold alone: what others share of it changes by itself."""
    return sum(one.memory_full_info().uss for one in processes if one.is_running()) / 1e6


@contextmanager
def driven(noon: Noon) -> Iterator[None]:
    """Let the city go on meanwhile."""
    ended = threading.Event()
    city = threading.Thread(target=noon.drive, args=(ended,))
    city.start()
    try:
        yield
    finally:
        ended.set()
        city.join()


def stay(wall: WallProcess, noon: Noon, seconds: float, service: Service) -> Found:
    """Watch the wall for a while without touching it."""
    assert service.process is not None
    console = next(
        one
        for one in psutil.Process(wall.process.pid).children(recursive=True)
        if "tests.bench.whole_console" in one.cmdline()
    )
    parties = {
        "console": [console],
        "web engine": console.children(recursive=True),
        "service": [psutil.Process(service.process.pid)],
    }
    before = {name: cpu_s(found) for name, found in parties.items()}
    sent, began_s = noon.sent, time.perf_counter()
    wall.ask("measure")
    traces = {name: Trace() for name in parties}
    while (now_s := time.perf_counter() - began_s) < seconds:
        for name, processes in parties.items():
            traces[name].add(now_s / 3600, own_mb(processes))
        time.sleep(min(READ_S, seconds - now_s))
    found, took_s = Found(quiet=wall.ask("look")), time.perf_counter() - began_s
    found.traces = traces
    found.rate = (noon.sent - sent) / took_s
    found.shares = {name: (cpu_s(one) - before[name]) / took_s for name, one in parties.items()}
    return found


def switch(wall: WallProcess, found: Found) -> None:
    """Change scenes and layers as a person would, and time each change."""
    wall.ask("switch", "water")  # the first visit makes its panels: not everyday
    wall.ask("switch", "general")
    time.sleep(STAY_S)
    wall.ask("measure")
    for turn in range(ROUNDS):
        for scene in ("water", "general"):
            found.scenes_ms.append(wall.ask("switch", scene)["ms"])
            time.sleep(STAY_S)
        found.layers_ms.append(wall.ask("layer", SHOWN[turn % len(SHOWN)])["ms"])
        time.sleep(STAY_S)
    found.busy = wall.ask("look")


def measure(scale: float, seconds: float, events: int | None, folder: Path) -> Found:
    """Fill a service unless it is filled, open the wall, watch it, then use it."""
    data = folder / f"data-{scale:g}"
    known = data.with_suffix(".json")
    wall_file = folder / "wall.toml"
    wall_file.write_text(WALL, "utf-8")
    service = Service(data)
    try:
        service.start(START_S)
        noon = Noon(service.client("feed"), scale)
        began_s = time.perf_counter()
        if known.exists():
            objects, stock, filled_s = json.loads(known.read_text("utf-8"))
            noon.fill(describe=False)
        else:
            objects = noon.fill()
            filled_s = time.perf_counter() - began_s
            stock = noon.events(events)
            known.write_text(json.dumps([objects, stock, filled_s]), "utf-8")
        with (
            driven(noon),
            wall_of(
                service, folder / f"console-{scale:g}", wall_file, MONITORS, size="3840x1080",
                program="tests.bench.whole_console",
            ) as wall,
        ):  # fmt: skip
            wall.until(lambda seen: seen["online"] and len(seen["windows"]) == len(MONITORS), 60)
            wait_for(lambda: wall.ask("shown")["shown"] >= LAYERS, 120, "every layer drawn")
            wall.until(lambda seen: seen["events"] >= stock, 120, "every event")
            time.sleep(SETTLE_S)
            found = stay(wall, noon, seconds, service)
            switch(wall, found)
            found.held = wall.ask("memory")
    finally:
        service.stop()
    found.objects, found.events, found.filled_s = objects, stock, filled_s
    return found


def rows_of(full: Found, usual: Found) -> list[Row]:
    """Put both loads beside each other; a target holds for both."""

    def stalls(name: str, seen: str) -> Row:
        one, two = (getattr(found, seen) for found in (full, usual))
        return Row(
            f"main-thread stall p99.9 / longest, {name}",
            f"{one['stall_ms']:.0f} / {one['longest_ms']:.0f} ms of {one['pings']:,} pings",
            f"{two['stall_ms']:.0f} / {two['longest_ms']:.0f} ms of {two['pings']:,} pings",
            one["stall_ms"] / two["stall_ms"], f"p99.9 ≤ {STALL_MS:.0f} ms",
            max(one["stall_ms"], two["stall_ms"]) <= STALL_MS,
        )  # fmt: skip

    def switches(name: str, seen: str, limit_ms: float) -> Row:
        one, two = (getattr(found, seen) for found in (full, usual))
        middle = [statistics.median(times) for times in (one, two)]
        return Row(
            f"{name}, median / longest of {len(one)}", f"{middle[0]:.0f} / {max(one):.0f} ms",
            f"{middle[1]:.0f} / {max(two):.0f} ms", middle[0] / middle[1],
            f"≤ {limit_ms:.0f} ms", max(*one, *two) <= limit_ms,
        )  # fmt: skip

    held = [found.held["own_mb"] + found.held["web_mb"] for found in (full, usual)]
    parts = [f"{one.held['own_mb']:.0f} + {one.held['web_mb']:.0f}" for one in (full, usual)]
    busy = [
        ", ".join(f"{name} {share:.0%}" for name, share in found.shares.items())
        for found in (full, usual)
    ]
    return [
        stalls("watched", "quiet"),
        stalls("scenes and layers changed", "busy"),
        switches("general scene and back", "scenes_ms", SCENE_MS),
        switches("a layer shown", "layers_ms", LAYER_MS),
        Row("whole console, PSS: its process + web engine", f"{held[0]:.0f} MB ({parts[0]})",
            f"{held[1]:.0f} MB ({parts[1]})", held[0] / held[1], f"≤ {PSS_MB:.0f} MB",
            max(held) <= PSS_MB),
        Row("processor meanwhile, of a core", busy[0], busy[1], None, "said", True),
    ]  # fmt: skip


def main() -> None:
    """Measure the full load and the default one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, nargs="+", default=[1.0, DEFAULT])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--events", type=int, help="open events; as many as the scale has")
    parser.add_argument("--keep", type=Path, help="folder to work in, kept")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as own:
        folder = asked.keep or Path(own)
        folder.mkdir(parents=True, exist_ok=True)
        every = [measure(one, asked.seconds, asked.events, folder) for one in asked.scale]
    full, usual = every[0], every[-1]
    rows = rows_of(full, usual)
    for row in rows:
        print(f"{row.what}: {row.ours} | {row.other} (target {row.target}: {row.met})")
    told = [
        f"{one.objects:,} objects (described in {one.filled_s:.0f} s), {one.events:,} open events, "
        f"{one.rate:,.0f} positions/s"
        for one in (full, usual)
    ]
    note = (
        f"Ours: {told[0]}. Other, the default scale: {told[1]}. Two screens of 1920 x 1080, one "
        f"console process, {LAYERS} layers on both, watched for {asked.seconds:.0f} s; a ping each "
        "50 ms. A switch is over when both maps have drawn and the panels stand."
    )
    print(note)
    if asked.json:
        page = {"title": "The whole console", "rows": [asdict(row) for row in rows], "note": note}
        asked.json.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
