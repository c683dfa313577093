"""What costs more with ten times the objects: load, whole block, small delta, upsert, lasso.

Each step is measured in processor time on a layer and on one ten times as large, in one run.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa

from backend.services.features import Features
from backend.services.feeds import Feeds
from backend.services.policy import load_policy
from backend.services.positions import Positions
from backend.services.resources import Resources
from backend.storage.database import Database
from backend_client.contract.auth import Person, Role
from backend_client.contract.clock import SystemClock
from backend_client.contract.columns import decode_features, merge_features
from backend_client.contract.resources import Polygon, Within
from tests.bench.feed_load import rows_of, statics
from tests.bench.lasso import outline
from tests.bench.stage import Row

LIMIT = 10.5
READINGS = 1_000
ROUNDS = 9
FEED = Person(person_id="f", name="f", role=Role.FEED, regions=("3206",), departments=("*",))
READER = Person(person_id="o", name="o", role=Role.OPERATOR, regions=("3206",), departments=("*",))
STEPS = {
    "start: load from the database": "s",
    "whole block, encoded": "ms",
    f"{READINGS:,} readings taken in": "ms",
    "the delta of them, encoded": "ms",
    "the delta merged by a console": "ms",
    "lasso over 0.3 % of the city": "ms",
    "lasso over 7 % of the city": "ms",
}


@dataclass(frozen=True, slots=True)
class Site:
    """The service's own parts on one database, without HTTP."""

    features: Features
    resources: Resources


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Open the service's parts."""
    clock, policy = SystemClock(), load_policy()
    database = Database(folder / "city.db", clock, lambda _committed: None)
    feeds = Feeds(database, policy, clock)
    features = Features(database, policy, clock, feeds)
    moving = Positions(folder / "history", features, policy, clock=clock, feeds=feeds)
    try:
        yield Site(features, Resources(features, moving, database, clock=clock))
    finally:
        moving.close()
        database.close()


def cpu_s(step: Callable[[], object]) -> float:
    """Give the processor seconds of one step."""
    gc.collect()
    begun = time.process_time()
    step()
    return time.process_time() - begun


def median_s(steps: list[Callable[[], object]]) -> float:
    """Give the median processor seconds of alike steps; the first warms up."""
    return float(np.median([cpu_s(step) for step in steps][1:]))


def readings(count: int, turn: int) -> Any:
    """Give readings of objects from all over the layer."""
    draw = np.random.default_rng(turn)
    chosen = draw.choice(count, READINGS, replace=False)
    return rows_of(
        {
            "id": [f"P{n:07d}" for n in chosen.tolist()],
            "state": draw.integers(0, 5, READINGS).astype(np.uint8),
            "observed_ms": np.full(READINGS, int(time.time() * 1000) + turn),
        }
    )


def measure(count: int) -> dict[str, float]:
    """Measure every step on a layer of so many objects, in seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with site(folder) as here:
            for rows in statics(count):
                here.features.put_rows(FEED, "urban", rows)
        gc.collect()
        pa.default_memory_pool().release_unused()
        before = psutil.Process().memory_full_info().uss
        begun = time.process_time()
        with site(folder) as here:
            found = {"start: load from the database": time.process_time() - begun}
            pa.default_memory_pool().release_unused()
            held = psutil.Process().memory_full_info().uss - before
            found |= _blocks(here.features, count) | _lassos(here.resources)
        found["bytes held per object"] = held / count
        found["bytes on disk per object"] = (folder / "city.db").stat().st_size / count
        return found


def _blocks(features: Features, count: int) -> dict[str, float]:
    layer = features.layer("urban")
    see = features.sees(READER, "urban")
    whole = median_s([lambda: features._encode(layer, 0, READER)] * 4)
    old = decode_features(b"".join(features._encode(layer, 0, READER) or ()))
    taken, told, merged = [], [], []
    for turn in range(ROUNDS):
        batch, since = readings(count, turn), layer.version
        taken.append(cpu_s(lambda batch=batch: features.put_rows(FEED, "urban", batch)))  # type: ignore[misc]  # bound now
        told.append(cpu_s(lambda since=since: features._encode(layer, since, READER)))  # type: ignore[misc]  # bound now
        change = layer.block(since, see)
        assert change is not None
        merged.append(cpu_s(lambda old=old, change=change: merge_features(old, change)))  # type: ignore[misc]  # bound now
        old = merge_features(old, change)
    return {
        "whole block, encoded": whole,
        f"{READINGS:,} readings taken in": float(np.median(taken)),
        "the delta of them, encoded": float(np.median(told)),
        "the delta merged by a console": float(np.median(merged)),
    }


def _lassos(resources: Resources) -> dict[str, float]:
    draw, found = np.random.default_rng(3), {}
    for share, label in ((0.003, "0.3 %"), (0.07, "7 %")):
        rings = [outline(draw, share) for _ in range(ROUNDS)]
        asked = [Within(area=Polygon(ring=tuple(ring)), limit=200) for ring in rings]
        steps: list[Callable[[], object]] = [
            lambda one=one: resources.within(READER, one)  # type: ignore[misc]  # bound now
            for one in asked
        ]
        found[f"lasso over {label} of the city"] = median_s(steps)
    return found


def report(small: int, large: int) -> tuple[list[Row], str]:
    """Measure both sizes and give the rows."""
    one, ten = measure(small), measure(large)
    rows = []
    for step, unit in STEPS.items():
        scale = 1.0 if unit == "s" else 1_000.0
        ratio = ten[step] / one[step]
        ours, other = f"{ten[step] * scale:.2f} {unit}", f"{one[step] * scale:.2f} {unit}"
        rows.append(Row(step, ours, other, ratio, f"<= {LIMIT} : 1", ratio <= LIMIT))
    note = (
        f"Ours: {large:,} objects; other: {small:,}, in one run, processor time. A lasso gives its "
        "totals and 200 rows with their words out of the database. At the larger size the memory "
        f"copy holds {ten['bytes held per object']:.0f} B and the file "
        f"{ten['bytes on disk per object']:.0f} B per object."
    )
    return rows, note


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=1_500_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows, note = report(asked.n // 10, asked.n)
    for row in rows:
        print(
            f"{row.what}: {row.ours} | {row.other}  {row.ratio:.1f} : 1  ({row.target}: {row.met})"
        )
    print(note)
    if asked.json:
        page = {
            "title": "Ten times the objects",
            "rows": [asdict(row) for row in rows],
            "note": note,
        }
        asked.json.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
