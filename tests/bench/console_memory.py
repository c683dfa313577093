"""What the console holds over time while the whole design load runs by: `whole`, watched longer.

`--scale`, `--seconds` and `--events` make it shorter. Half an hour, because the console's memory
is a saw-tooth of tens of megabytes: in ten minutes the bound of its slope is all noise.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench.stage import Row
from tests.bench.trend import SLOPE_MB_H, slope
from tests.bench.whole import Found, measure

PARTIES = ("console", "web engine")
"""Judged here; the service has its own row in `feed_load`, where nothing else shares its work."""


def rows_of(found: Found) -> list[Row]:
    """Give each process's slope after the warm-up; the service's is said, not judged."""
    rows = []
    for name, trace in found.traces.items():
        warm = trace.warm()
        steep, bound = slope(warm)
        is_judged = name in PARTIES
        rows.append(
            Row(
                f"memory slope, {name}",
                f"{steep:+.1f} MB/h, 95 % under {bound:+.1f}",
                f"{min(warm.megabytes):.0f} to {max(warm.megabytes):.0f} MB held alone",
                None,
                f"<= {SLOPE_MB_H:.0f} MB/h" if is_judged else "said",
                bound <= SLOPE_MB_H or not is_judged,
            )
        )
    return rows


def main() -> None:
    """Fill, watch, say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=1_800.0)
    parser.add_argument("--events", type=int, default=3_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(asked.scale, asked.seconds, asked.events, Path(folder))
    rows = rows_of(found)
    for row in rows:
        print(f"{row.what}: {row.ours} | {row.other} (target {row.target}: {row.met})")
    quiet = found.quiet
    note = (
        f"{found.objects:,} objects, {found.events:,} open events, {found.rate:,.0f} positions/s, "
        f"two screens, watched for {asked.seconds:.0f} s, the first 30 % left out; main-thread "
        f"stall p99.9 {quiet['stall_ms']:.0f} ms of {quiet['pings']:,} pings."
    )
    print(note)
    if asked.json:
        page = {
            "title": "The console's memory at the design load",
            "rows": [asdict(row) for row in rows],
            "note": note,
            "traces": {name: asdict(one) for name, one in found.traces.items()},
        }
        asked.json.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
