"""What the map's measurements share: a hosted page, made-up objects, the result file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.blocks import Blocks, Positions
from app.i18n import Words
from app.tasks import Tasks
from app.theme import Theme, read_palettes
from backend_client.contract.clock import SystemClock
from backend_client.contract.columns import FeatureBlock
from backend_client.memory import forget_sources
from maps import engine, geometry, scheme
from maps.host import Drawing, MapHost, MapSources

WAIT_S = 60.0
WAKE_MS = 10
CACHE = Path(gettempdir()) / "nantong-bench-basemap"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison."""

    what: str
    ours: str
    other: str
    ratio: float | None
    target: str
    met: bool


def start(*, gpu: bool | None = None) -> QApplication:
    """Make the application as main.py does."""
    engine.prepare(gpu=gpu)
    scheme.register()
    forget_sources()
    return QApplication([])


@dataclass(slots=True)
class Stage:
    """A host with stores and workers."""

    clock: SystemClock
    tasks: Tasks
    blocks: Blocks
    host: MapHost

    def close(self) -> None:
        """Stop everything."""
        self.host.close()
        self.tasks.close()


def stage(drawing: Drawing = "auto") -> Stage:
    """Give a host whose base map is ready."""
    clock = SystemClock()
    tasks = Tasks(clock)
    blocks, positions = Blocks(clock), Positions(clock)
    host = MapHost(
        MapSources(
            blocks=blocks,
            positions=positions,
            words=Words("zh"),
            theme=Theme(read_palettes()),
            tasks=tasks,
            clock=clock,
            cache=CACHE,
            drawing=drawing,
        )
    )
    until(lambda: host.basemap is not None, clock)
    return Stage(clock, tasks, blocks, host)


def basemap() -> geometry.Basemap:
    """Give the base map without a host."""
    return geometry.load(None, CACHE)


def until(done: Callable[[], bool], clock: SystemClock, limit_s: float = WAIT_S) -> None:
    """Run the event loop until something is so.

    Raises:
        TimeoutError: it never became so.
    """
    end_s = clock.steady_s() + limit_s
    # The loop sleeps between events, as the console's does: a busy one would hold a processor
    # and the interpreter's lock, which the workers need.
    sleep = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    wakes = QTimer(interval=WAKE_MS)
    wakes.start()
    while not done():
        QCoreApplication.processEvents(sleep)
        if clock.steady_s() > end_s:
            raise TimeoutError("the page did not answer")


def scatter(count: int, seed: int = 7) -> FeatureBlock:
    """Give objects spread evenly over the city."""
    draw = np.random.default_rng(seed)
    return FeatureBlock(
        layer="requests",
        version=1,
        base=0,
        kinds=("hotline",),
        regions=("320613",),
        oid=np.arange(1, count + 1, dtype=np.uint32),
        lon_e7=np.rint(draw.uniform(120.1, 122.0, count) * 1e7).astype(np.int32),
        lat_e7=np.rint(draw.uniform(31.6, 32.8, count) * 1e7).astype(np.int32),
        kind=np.zeros(count, np.uint8),
        state=np.where(draw.random(count) < 0.002, 4, 0).astype(np.uint8),
        region=np.zeros(count, np.uint16),
        value=np.full(count, np.nan, np.float32),
        observed_s=np.zeros(count, np.uint32),
        removed=np.empty(0, np.uint32),
    )


def finish(title: str, rows: list[Row], note: str) -> None:
    """Print the rows and write the result file when one was asked for."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--json", type=Path)
    target: Path | None = parser.parse_args().json
    print(title)
    for row in rows:
        ratio = "" if row.ratio is None else f"  {row.ratio:.1f} : 1"
        mark = "met" if row.met else "MISSED"
        print(f"  {row.what}: {row.ours} | {row.other}{ratio}  (target {row.target}: {mark})")
    print(f"  {note}")
    if target:
        result = {"title": title, "rows": [asdict(row) for row in rows], "note": note}
        target.write_text(json.dumps(result, ensure_ascii=False, indent=1), "utf-8")
