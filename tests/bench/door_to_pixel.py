"""From an event posted at the door to its pixel on every screen: service, console, two walls."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize

from backend_client.client import Client
from backend_client.contract.events import Channel, Intake
from maps.setup import place_on
from tests.bench.stage import Row, finish
from tests.end2end.stack import ROOT, Service, wait_for
from tests.end2end.walls import WallProcess, wall_of

MONITORS = ["*LEFT=2880x1000+0+0", "RIGHT=2880x1000+0+1000"]
COLUMNS, ROWS = 10, 4
STEP_DEG = (0.012, 0.014)
MIDDLE = (121.0, 32.16)  # farmland in Tongzhou
ZOOM = "12.6"
TARGET_MS = 250.0
PAUSE_S = 0.45  # not a divisor of any period of ours, so that events fall anywhere in them


@dataclass
class Eye:
    """Hear of each pixel that changes, with the machine's monotonic time."""

    process: subprocess.Popen[str]
    seen: dict[int, list[int]] = field(default_factory=dict)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            at_ns, index, _colour = line.split()
            self.seen.setdefault(int(index), []).append(int(at_ns))

    def after(self, index: int, since_ns: int) -> int | None:
        return next((at for at in self.seen.get(index, []) if at > since_ns), None)


@contextmanager
def eye_on(pixels: list[tuple[int, int]]) -> Iterator[Eye]:
    words = [f"{x},{y}" for x, y in pixels]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.screen_eye", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    eye = Eye(process)
    ear = threading.Thread(target=eye.listen, daemon=True)
    ear.start()
    try:
        wait_for(lambda: len(eye.seen) == len(pixels), 20, "the eye sees every pixel")
        yield eye
    finally:
        process.terminate()
        process.wait(10)
        ear.join(5)


def places() -> list[tuple[float, float]]:
    """Give places far enough apart that no two share a chip."""
    return [
        (
            MIDDLE[0] + (column - COLUMNS / 2 + 0.5) * STEP_DEG[0],
            MIDDLE[1] + (row - ROWS / 2 + 0.5) * STEP_DEG[1],
        )
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]


def pixels_of(wall: WallProcess) -> dict[str, list[tuple[int, int]]]:
    """Give where every place falls on each screen."""
    seen = wall.until(
        lambda seen: all(
            one["camera"] and abs(one["camera"][2] - float(ZOOM)) < 0.01
            for one in seen["windows"].values()
        ),
        30,
        "both maps where they were turned",
    )
    found = {}
    for name, one in seen["windows"].items():
        x, y, width, height = one["zones"]["map"]
        spots = [place_on(QSize(width, height), tuple(one["camera"]), *at) for at in places()]
        found[name] = [(x + round(spot.x()), y + round(spot.y())) for spot in spots]
    return found


def post(feed: Client, number: int, at: tuple[float, float]) -> None:
    feed.intake(
        Intake(
            intake_id=f"pixel-{number}",
            channel=Channel.HOTLINE,
            title="井盖缺失",
            text="路口井盖缺失，已放警示锥",
            region="320612",
            reported_at=datetime.now(UTC),
            lon=at[0],
            lat=at[1],
        )
    )


def measure(service: Service, folder: Path) -> tuple[dict[str, list[float]], list[float]]:
    """Give the milliseconds to each screen, and to the door's own answer."""
    feed = service.client("feed")
    with wall_of(service, folder, None, MONITORS, size="2880x2000", own_screen=False) as wall:
        wall.until(lambda seen: seen["online"] and len(seen["windows"]) == 2, 60)
        wall.ask("scene", "requests")
        wall.until(lambda seen: all(one["painted"] for one in seen["windows"].values()), 30)
        for name in ("LEFT", "RIGHT"):
            wall.ask("pan", name, str(MIDDLE[0]), str(MIDDLE[1]), ZOOM)
        pixels = pixels_of(wall)
        time.sleep(4)
        every = [spot for spots in pixels.values() for spot in spots]
        took: dict[str, list[float]] = {name: [] for name in pixels}
        answered: list[float] = []
        with eye_on(every) as eye:
            time.sleep(1)
            for number, at in enumerate(places()):
                began_ns = time.monotonic_ns()
                post(feed, number, at)
                answered.append((time.monotonic_ns() - began_ns) / 1e6)
                for turn, name in enumerate(pixels):
                    index = turn * len(places()) + number
                    came_ns = wait_for(
                        partial(eye.after, index, began_ns),
                        10,
                        f"event {number} on {name}",
                    )
                    took[name].append((came_ns - began_ns) / 1e6)
                time.sleep(PAUSE_S)
        if folder_for_picture := os.environ.get("DOOR_PICTURE"):
            wall.ask("save", folder_for_picture)
    return took, answered


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def main() -> None:
    """Post events one by one and watch both walls."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data").start()
        try:
            took, answered = measure(service, Path(folder) / "console")
        finally:
            service.stop()
    last = [max(pair) for pair in zip(*took.values(), strict=True)]
    row = Row(
        what=f"event posted → its pixel on both of two screens, {len(last)} events",
        ours=f"p50 {statistics.median(last):.0f} / p95 {p95(last):.0f} ms",
        other=f"the door's own answer p50 {statistics.median(answered):.0f}"
        f" / p95 {p95(answered):.0f} ms",
        ratio=p95(last) / p95(answered),
        target=f"p95 ≤ {TARGET_MS:.0f} ms",
        met=p95(last) <= TARGET_MS,
    )
    note = (
        "Pixels are read off the X screen by another process every 1.5 ms; two walls of 2880 × "
        "1000, one console process, the reference service, no city. Time runs from before the post."
    )
    finish("Door to pixel", [row], note)


if __name__ == "__main__":
    main()
