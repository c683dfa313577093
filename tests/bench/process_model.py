"""One process with a window per screen, or one process per window: what each costs and loses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Final

import psutil
from PySide6.QtCore import QTimer

from tests.bench.stage import Row, finish, scatter, stage, start, until

WINDOWS: Final = 3
POINTS: Final = 100_000
SIZE: Final = (1920, 1080)
SETTLE_S: Final = 4.0
PING_MS: Final = 20
WORKER: Final = "--worker"


def work(windows: int) -> None:
    """Show that many maps, say when they stand, then report each second until killed."""
    from app.scenes import CITY
    from maps.view import MapView

    application = start()
    stage_ = stage()
    stage_.blocks.put(scatter(POINTS))
    ready: list[int] = []
    views = []
    for index in range(windows):
        view = MapView(stage_.host, extent=CITY, layers=("requests",), seat="wall")
        view.ready.connect(lambda index=index: ready.append(index))
        view.resize(*SIZE)
        view.show()
        views.append(view)
    until(lambda: len(set(ready)) == windows, stage_.clock)
    say({"ready": [view.renderer_pid() for view in views]})
    pings = [stage_.clock.steady_s()]
    worst = [0.0]

    def ping() -> None:
        now_s = stage_.clock.steady_s()
        worst[0] = max(worst[0], (now_s - pings[0]) * 1000 - PING_MS)
        pings[0] = now_s

    def pan() -> None:
        for view in views:
            view.fly(121.0 + 0.1 * (stage_.clock.steady_s() % 1), 32.1, 10.5)

    def report() -> None:
        say({"stall_ms": worst[0], "ready": [view.renderer_pid() for view in views]})
        worst[0] = 0.0

    timers = [(ping, PING_MS), (pan, 100), (report, 1000)]
    kept = []
    for call, period_ms in timers:
        timer = QTimer()
        timer.timeout.connect(call)
        timer.start(period_ms)
        kept.append(timer)
    application.exec()


def say(words: dict[str, object]) -> None:
    """Write one line to the parent."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


@dataclass(slots=True)
class Worker:
    """A started process and what it said."""

    process: subprocess.Popen[str]
    stalls: list[float] = field(default_factory=list)

    def hear(self) -> dict[str, object]:
        """Wait for one line."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                heard: dict[str, object] = json.loads(line)
                return heard
        return {}


def launch(windows: int) -> Worker:
    """Start a worker."""
    command = [sys.executable, "-m", "tests.bench.process_model", WORKER, str(windows)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    return Worker(process)


def pss_mb(workers: list[Worker]) -> float:
    """Give the proportional memory of all processes, the page's own included."""
    total = 0
    for worker in workers:
        root = psutil.Process(worker.process.pid)
        for process in (root, *root.children(recursive=True)):
            total += process.memory_full_info().pss
    return total / 1e6


@dataclass(frozen=True, slots=True)
class Result:
    """What one model costs."""

    ready_s: float
    pss_mb: float
    stall_ms: float
    lost_by_renderer: int
    lost_by_crash: int
    back_s: float


def measure(shares: list[int]) -> Result:
    """Start one process per share of windows and look what dies with what."""
    begin_s = time.monotonic()
    workers = [launch(windows) for windows in shares]
    pids = [worker.hear()["ready"] for worker in workers]
    ready_s = time.monotonic() - begin_s
    stall_ms = 0.0
    settled_s = time.monotonic() + SETTLE_S
    while time.monotonic() < settled_s:
        for worker in workers:
            heard = worker.hear().get("stall_ms", 0.0)
            stall_ms = max(stall_ms, heard if isinstance(heard, float) else 0.0)
    memory = pss_mb(workers)
    first = pids[0]
    assert isinstance(first, list)
    os.kill(first[0], signal.SIGKILL)
    killed_s = time.monotonic()
    while (now := workers[0].hear().get("ready")) == first or now is None or 0 in list(now):  # type: ignore[call-overload]  # JSON
        pass
    back_s = time.monotonic() - killed_s
    os.kill(workers[0].process.pid, signal.SIGSEGV)
    workers[0].process.wait(10)
    alive = sum(
        share
        for share, worker in zip(shares, workers, strict=True)
        if worker.process.poll() is None
    )
    for worker in workers:
        worker.process.kill()
        worker.process.wait(10)
    return Result(ready_s, memory, stall_ms, 1, sum(shares) - alive, back_s)


def main() -> None:
    """Measure both models, one after the other."""
    if WORKER in sys.argv:
        work(int(sys.argv[sys.argv.index(WORKER) + 1]))
        return
    one = measure([WINDOWS])
    many = measure([1] * WINDOWS)

    def row(what: str, own: str, other: str, ratio: float | None) -> Row:
        return Row(what, f"one process {own}", f"one per window {other}", ratio, "none", met=True)

    rows = [
        row("memory (PSS)", f"{one.pss_mb:.0f} MB", f"{many.pss_mb:.0f} MB",
            round(many.pss_mb / one.pss_mb, 2)),
        row("start to all maps painted", f"{one.ready_s:.1f} s", f"{many.ready_s:.1f} s",
            round(many.ready_s / one.ready_s, 2)),
        row("longest stall of a main thread while all maps move", f"{one.stall_ms:.0f} ms",
            f"{many.stall_ms:.0f} ms", None),
        row("windows lost by a killed renderer, and its return",
            f"{one.lost_by_renderer} for < {one.back_s:.1f} s",
            f"{many.lost_by_renderer} for < {many.back_s:.1f} s", None),
        row("windows lost by a fault in the process itself",
            f"{one.lost_by_crash} of {WINDOWS}", f"{many.lost_by_crash} of {WINDOWS}", None),
    ]  # fmt: skip
    note = (
        f"{WINDOWS} windows of {SIZE[0]} x {SIZE[1]}, {POINTS:,} objects, all flown 10 times a"
        " second. Returns are seen by a report each second. Stores and stream would be held once"
        " per process besides."
    )
    finish("Process model", rows, note)


if __name__ == "__main__":
    main()
