"""The simulated city at the design load: what it costs to make, to tell, to keep running.

Beside: one contract object at a time, as the first city made them. `--scale 1` fills a real
service with the whole design load; the default is what `make run` plays.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.simulator import layers
from backend.simulator.city import Plan, build
from backend.simulator.facts import load
from backend.simulator.lorries import Lorries
from backend.simulator.objects import Batch, Objects
from backend.simulator.stock import count_at
from backend_client.client import Client
from backend_client.contract.clock import ManualClock, SystemClock
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.rows import encode_fix_rows, encode_rows
from tests.bench.stage import Row
from tests.end2end.stack import Service

NOON = datetime(2026, 7, 20, 4, 0, tzinfo=UTC)
GROWTH = 10.5
SPAN_S = 120
STEADY_S = 60.0
WAIT_S = 3_000.0


def spent(work: Callable[[], int]) -> tuple[float, int]:
    """Do some work; give the seconds of processor it took, and its count."""
    began = time.process_time()
    count = work()
    return time.process_time() - began, count


def city(scale: float) -> Objects:
    """Give the objects of a city at noon."""
    return build(Plan(scale=scale, tidy=True), ManualClock(NOON))


def spell(batches: Iterable[Batch]) -> int:
    """Write batches as they go over the wire; give their rows and fixes."""
    count = 0
    for batch in batches:
        if batch.rows is not None:
            encode_rows(batch.wide())
            count += batch.rows.num_rows
            continue
        told = batch.wide_fixes()
        encode_fix_rows(told)
        count += told.batch.num_rows
    return count


def one_by_one(batches: Iterable[Batch], most: int) -> int:
    """Write the same objects one contract object each."""
    count = 0
    for batch in batches:
        rows = batch.wide().batch.to_pylist()
        features = [
            FeatureIn(
                id=row["id"], kind=row["kind"], name=row["name"], lon=row["lon"], lat=row["lat"],
                region=row["region"], department=row["department"], state=row["state"],
                value=row["value"], observed_at=NOON, properties=json.loads(row["properties"]),
            )
            for row in rows
        ]  # fmt: skip
        Upsert(features=tuple(features), feed=batch.feed).model_dump_json()
        count += len(features)
        if count >= most:
            break
    return count


def describing(scale: float) -> tuple[list[Row], Objects]:
    """Compare describing everything with one object at a time, and with a tenth of it."""
    at_s, names = NOON.timestamp(), [table.layer for table in layers.load()]
    small = city(scale / 10)
    tenth_s, tenth = spent(lambda: spell(small.register(names, at_s)))
    whole = city(scale)
    ours_s, count = spent(lambda: spell(whole.register(names, at_s)))
    other_s, others = spent(lambda: one_by_one(city(scale / 10).register(names, at_s), 20_000))
    ours, other = 1e6 * ours_s / count, 1e6 * other_s / others
    growth = (ours_s / tenth_s) / (count / tenth)
    made = Row(
        f"describe {count:,} objects", f"{ours_s:.1f} s, {ours:.1f} µs each", f"{other:.1f} µs",
        other / ours, "≥ 3 times faster", other / ours >= 3,
    )  # fmt: skip
    grown = Row(
        f"the same at 10×: {tenth:,} to {count:,}", f"{tenth_s:.2f} s → {ours_s:.2f} s", "",
        10 * growth, f"≤ {GROWTH}", 10 * growth <= GROWTH,
    )  # fmt: skip
    return [made, grown], whole


def telling(whole: Objects) -> list[Row]:
    """Measure two minutes of noon: fixes and readings, each second's share of a core."""
    at_s = NOON.timestamp()
    steps = range(0, SPAN_S, 2)
    fixes_s, fixes = spent(lambda: sum(spell(whole.fixes(at_s + s - 2, at_s + s)) for s in steps))
    rows_s, rows = spent(lambda: sum(spell(whole.due(at_s + s)) for s in range(SPAN_S)))
    lorries = Lorries(load(), seed=7, scale=0.1)
    since = NOON.replace(minute=0)
    other_s, others = spent(lambda: len(lorries.fixes(since, since.replace(minute=5))))
    ours, other = 1e6 * fixes_s / fixes, 1e6 * other_s / others
    return [
        Row(
            f"{fixes / SPAN_S:,.0f} fixes/s at noon",
            f"{fixes_s / SPAN_S:.1%} of a core, {ours:.1f} µs each", f"{other:.1f} µs",
            other / ours, "≤ 25 % of a core", fixes_s / SPAN_S <= 0.25,
        ),
        Row(
            f"{rows / SPAN_S:,.0f} readings/s", f"{rows_s / SPAN_S:.1%} of a core", "", None,
            "≤ 10 % of a core", rows_s / SPAN_S <= 0.10,
        ),
    ]  # fmt: skip


def filling(scale: float) -> list[Row]:
    """Start the service with the city; measure until all objects stand, then a minute."""
    wanted = {t.layer: sum(count_at(k, scale) for k in t.kinds) for t in layers.load()}
    with TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data", ("--city", "--scale", str(scale))).start()
        began_s = time.monotonic()
        client = Client(service.url, SystemClock())
        try:
            client.sign_in("dispatcher", service.account("dispatcher")["password"])
            known: dict[str, int] = {}
            while any(known.get(name, 0) < count for name, count in wanted.items()):
                if time.monotonic() - began_s > WAIT_S:
                    raise TimeoutError(str(known))
                time.sleep(1.0)
                known = {one.layer: one.count for one in client.layers().layers}
            took_s = time.monotonic() - began_s
            shares, sizes = _steady(service)
        finally:
            client.close()
            service.stop()
    total = sum(known.values())
    return [
        Row(
            f"service holds {total:,} objects (scale {scale:g})", f"{took_s:.0f} s", "", None,
            "said", True,
        ),
        Row(
            "then, events still coming in: service / city",
            f"{shares[0]:.0%} / {shares[1]:.0%} of a core, {sizes[0]:.0f} / {sizes[1]:.0f} MB",
            "", None, "said", True,
        ),
    ]  # fmt: skip


def _steady(service: Service) -> tuple[list[float], list[float]]:
    words = ("serve", "simulate")
    found = [next(p for p in service.workers() if word in p.cmdline()) for word in words]
    before = [sum(p.cpu_times()[:2]) for p in found]
    time.sleep(STEADY_S)
    after = [sum(p.cpu_times()[:2]) for p in found]
    shares = [(b - a) / STEADY_S for a, b in zip(before, after, strict=True)]
    return shares, [p.memory_info().rss / 1e6 for p in found]


def main() -> int:
    """Measure and write what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--scale", type=float, default=0.1, help="of the city a service is given")
    asked = parser.parse_args()
    rows, whole = describing(1.0)
    rows += telling(whole)
    rows += filling(asked.scale)
    for row in rows:
        print(row)
    if asked.json:
        found = {"title": "The simulated city", "rows": [asdict(row) for row in rows]}
        asked.json.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
