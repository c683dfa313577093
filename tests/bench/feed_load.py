"""The service under the full load: every static object, 45,000 vehicles, 3,000 fixes a second.

`--seconds` and `--static` make it shorter; the published run is 600 s over 1.5 million objects.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from backend.services.positions import ROLL_S
from backend_client.client import Client
from backend_client.contract.columns import FixBlock
from backend_client.contract.rows import FIX_TYPES, TYPES, FixRows, Rows
from tests.bench.stage import Row
from tests.bench.trend import SLOPE_MB_H, WARM, Trace, slope
from tests.end2end.stack import Service, wait_for

FLEETS = {"transport": 17_000, "grid": 15_000, "hazmat": 4_000, "urban": 5_000, "police": 4_000}
RATE, BATCHES_S = 3_000, 5
AT_ONCE = 50_000
INDEX_S = 900.0
BOX = (120.2, 31.8, 121.8, 32.6)


@dataclass
class Seen:
    """What one reader got."""

    batches: int = 0
    fixes: int = 0
    stopped: bool = False


def statics(count: int) -> Iterator[Rows]:
    """Give static objects as the city's parts and hydrants look."""
    draw = np.random.default_rng(7)
    now = int(time.time() * 1000)
    for start in range(0, count, AT_ONCE):
        size = min(AT_ONCE, count - start)
        numbers = range(start, start + size)
        yield rows_of(
            {
                "id": [f"P{n:07d}" for n in numbers],
                "kind": [f"part{n % 9}" for n in numbers],
                "name": [f"部件{n}" for n in numbers],
                "lon": draw.uniform(BOX[0], BOX[2], size),
                "lat": draw.uniform(BOX[1], BOX[3], size),
                "region": [f"3206{13 + n % 2:02d}{n % 90:03d}" for n in numbers],
                "state": (draw.random(size) < 0.01).astype(np.uint8),
                "observed_ms": np.full(size, now),
                "properties": ['{"part_code":"0101","contact":"值班室"}'] * size,
            }
        )


def movers(layer: str, count: int) -> Rows:
    """Register a fleet."""
    return rows_of(
        {
            "id": [f"{layer}-{n}" for n in range(count)],
            "kind": [f"kind{n % 3}" for n in range(count)],
            "name": [f"{layer} {n}" for n in range(count)],
            "region": ["320613"] * count,
            "observed_ms": np.full(count, int(time.time() * 1000)),
        }
    )


def rows_of(columns: dict[str, Any]) -> Rows:
    """Make a batch of objects."""
    return Rows(pa.record_batch({k: pa.array(v, TYPES[k]) for k, v in columns.items()}))


class Fleet:
    """All vehicles in one round; each batch is the next 600 of them."""

    def __init__(self) -> None:
        self._draw = np.random.default_rng(3)
        self._next = dict.fromkeys(FLEETS, 0)
        total = sum(FLEETS.values())
        self._share = {layer: RATE * count // total for layer, count in FLEETS.items()}
        self._share["transport"] += RATE - sum(self._share.values())

    def batches(self) -> Iterator[FixRows]:
        """Give one second's fixes, layer by layer."""
        now = int(time.time() * 1000)
        for layer, share in self._share.items():
            numbers = (self._next[layer] + np.arange(share)) % FLEETS[layer]
            self._next[layer] = int(numbers[-1] + 1) % FLEETS[layer]
            columns: dict[str, Any] = {
                "id": [f"{layer}-{n}" for n in numbers.tolist()],
                "lon": self._draw.uniform(BOX[0], BOX[2], share),
                "lat": self._draw.uniform(BOX[1], BOX[3], share),
                "speed_kmh": self._draw.uniform(0, 80, share).astype(np.float32),
                "observed_ms": np.full(share, now),
            }
            batch = {name: pa.array(one, FIX_TYPES[name]) for name, one in columns.items()}
            yield FixRows(pa.record_batch(batch), layer)


def drive(feed: Client, seconds: float, process: psutil.Process, trace: Trace) -> tuple[int, float]:
    """Send at the rate for so long; give how many were accepted, and over what time."""
    fleet, accepted, start = Fleet(), 0, time.perf_counter()
    pause = 1.0 / len(FLEETS)
    for second in range(round(seconds)):
        for turn, batch in enumerate(fleet.batches()):
            wait = start + second + turn * pause - time.perf_counter()
            time.sleep(max(wait, 0))
            accepted += feed.send_fix_rows(batch).accepted
        if second % 5 == 0:
            # not PSS: that moves when others of this machine load or leave the same libraries
            held_mb = process.memory_info().rss / 1e6
            trace.add((time.perf_counter() - start) / 3600, held_mb)
    return accepted, time.perf_counter() - start


def indexed_s(client: Client, count: int) -> float:
    """Wait until the search finds the last static object; give how long that took."""
    begun, last = time.perf_counter(), f"P{count - 1:07d}"
    wait_for(
        lambda: any(hit.text == last for hit in client.search(last).hits), INDEX_S, "words indexed"
    )
    return time.perf_counter() - begun


def follow(client: Client, seen: Seen) -> None:
    """Read positions as a console does."""
    since = 0
    while not seen.stopped:
        block: FixBlock | None = client.positions(since=since, wait_s=1.0)
        if block is not None:
            since, seen.batches = block.seq, seen.batches + 1
            seen.fixes += block.oid.size
        time.sleep(0.15)


def judged(trace: Trace) -> Trace:
    """Give the readings after the warm-up: whole spans between rolls, where there is one."""
    end_s = trace.hours[-1] * 3600
    spans = end_s * (1 - WARM) // ROLL_S
    return trace.from_hour((end_s - spans * ROLL_S) / 3600) if spans else trace.warm()


def told(trace: Trace) -> str:
    """Say what the slope was taken of."""
    kept = judged(trace)
    span_s = (kept.hours[-1] - kept.hours[0]) * 3600
    held = kept.megabytes
    return (
        f"Memory is resident size, its slope that of the last {span_s:.0f} s, whole spans between "
        f"two rolls of the journal: {min(held):.0f} to {max(held):.0f} MB."
    )


def kept(history: Path) -> int:
    """Count the different fixes the Parquet files hold."""
    count = 0
    for layer in (history / "positions").glob("layer=*"):
        parts = [
            pq.read_table(file, columns=["oid", "observed_ms"], partitioning=None)
            for file in layer.glob("date=*/*.parquet")
        ]
        count += pa.concat_tables(parts).group_by(["oid", "observed_ms"]).aggregate([]).num_rows
    return count


def run(seconds: float, static: int) -> tuple[list[Row], str]:
    """Load the service, drive it, stop it, count what it kept."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data", ()).start()
        try:
            feed, reader = service.client("feed"), service.client("operator")
            begun = time.perf_counter()
            for part in statics(static):
                feed.put_rows("urban", part)
            loaded_s = time.perf_counter() - begun
            for layer, count in FLEETS.items():
                feed.put_rows(layer, movers(layer, count))
            index_s = indexed_s(reader, static)
            assert service.process is not None
            process, trace, seen = psutil.Process(service.process.pid), Trace(), Seen()
            console = threading.Thread(target=follow, args=(reader, seen))
            console.start()
            used = sum(process.cpu_times()[:2])
            accepted, took_s = drive(feed, seconds, process, trace)
            cpu = (sum(process.cpu_times()[:2]) - used) / took_s
            seen.stopped = True
            console.join()
        finally:
            service.stop()
        history = Path(folder) / "data" / "history"
        lost = accepted - kept(history)
        size = (Path(folder) / "data" / "city.db").stat().st_size
    steep, bound = slope(judged(trace))
    rate = accepted / took_s
    rows = [
        Row("fixes lost in history", f"{lost:,} of {accepted:,}", "counted in the Parquet files",
            None, "0", lost == 0),
        Row("rate taken in", f"{rate:,.0f}/s for {took_s:.0f} s", f"asked {RATE:,}/s", None,
            f">= {0.99 * RATE:,.0f}/s", rate >= 0.99 * RATE),
        Row("service CPU, one reader", f"{cpu:.2f} of a core", "", None, "<= 0.5", cpu <= 0.5),
        Row("memory slope", f"{steep:.1f} MB/h, 95 % under {bound:.1f}",
            f"{trace.megabytes[-1]:.0f} MB held", None, f"<= {SLOPE_MB_H:.0f} MB/h",
            bound <= SLOPE_MB_H),
    ]  # fmt: skip
    note = (
        f"{static:,} static objects put in by the wide door in {loaded_s:.0f} s "
        f"({static / max(loaded_s, 1e-9):,.0f}/s, file {size / 1e6:.0f} MB), all of them found by "
        f"the search {index_s:.0f} s later, then "
        f"{sum(FLEETS.values()):,} vehicles in {len(FLEETS)} layers; one reader got "
        f"{seen.fixes:,} fixes in {seen.batches:,} batches. {told(trace)}"
    )
    return rows, note


def main() -> None:
    """Run the load."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--static", type=int, default=1_500_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows, note = run(asked.seconds, asked.static)
    for row in rows:
        print(f"{row.what}: {row.ours} | {row.other} (target {row.target}: {row.met})")
    print(note)
    if asked.json:
        page = {
            "title": f"{RATE:,} position updates a second for {asked.seconds:.0f} s",
            "rows": [asdict(row) for row in rows],
            "note": note,
        }
        asked.json.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
