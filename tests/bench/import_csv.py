"""Import of a CSV through the real service, beside geopandas and the JSON door."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import psutil

from backend_client.contract.feature import FeatureIn, Upsert
from tests.end2end.stack import ROOT, Service

TARGET_ROWS_S = 50_000
GROWTH_MOST = 10.5
OTHER_ROWS = 20_000
BATCH = 5_000
HEAD = "编号,名称,经度,纬度,区县,类别,联系电话,建成年份,面积,地址\n"
COUNTIES = ("320613", "320612", "320614", "320623", "320681", "320682", "320685")


def write_csv(path: Path, count: int) -> Path:
    """Write a table as a housing bureau exports one: ten columns, about 100 bytes a row."""
    draw = np.random.default_rng(1)
    lon, lat = draw.uniform(120.3, 121.8, count), draw.uniform(31.7, 32.7, count)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for first in range(0, count, 100_000):
            file.writelines(
                f"ID-{n},对象{n},{lon[n]:.6f},{lat[n]:.6f},{COUNTIES[n % 7]},k{n % 7},"
                f"1380000{n % 10_000:04d},{1980 + n % 40},{n % 900 / 10},人民中路{n % 300}号\n"
                for n in range(first, min(count, first + 100_000))
            )
    return path


@dataclass(frozen=True, slots=True)
class Taken:
    """What one import cost."""

    seconds: float
    rows_s: float
    client_mb: float
    service_mb: float
    client_cpu_s: float
    service_cpu_s: float


def ours(file: Path, folder: Path) -> Taken:
    """Import a file into a fresh service from the command line."""
    service = Service(folder).start()
    assert service.process is not None
    try:
        door = ["--backend", service.url, "--credentials", str(service.credentials)]
        command = [sys.executable, "-m", "backend", "import", "housing", str(file), *door]
        one, two = psutil.Process(service.process.pid), 0.0
        before = sum(one.cpu_times()[:2])
        running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        watched, peak, cpu = psutil.Process(running.pid), 0, 0.0
        while running.poll() is None:
            try:
                peak, cpu = max(peak, watched.memory_info().rss), sum(watched.cpu_times()[:2])
                two = max(two, one.memory_info().rss)
            except psutil.Error:
                break
            time.sleep(0.05)
        _out, said = running.communicate()
        assert running.returncode == 0, said
        found = re.search(r"Read ([\d,]+) rows.*; ([\d.]+) s, ([\d,]+) rows/s", said)
        assert found, said
        spent = sum(one.cpu_times()[:2]) - before
        pace = float(found[3].replace(",", ""))
        return Taken(float(found[2]), pace, peak / 2**20, two / 2**20, cpu, spent)
    finally:
        service.stop()


def other(file: Path, folder: Path) -> float:
    """Import the first rows as a script would: geopandas, one object a row, the JSON door."""
    service = Service(folder).start()
    try:
        client = service.client("feed")
        started = time.perf_counter()
        table = pd.read_csv(file, nrows=OTHER_ROWS, dtype={"区县": str, "联系电话": str})
        places = geopandas.points_from_xy(table["经度"], table["纬度"])
        frame = geopandas.GeoDataFrame(table, geometry=places, crs=4326)
        at = datetime.now(UTC)
        rows = [
            FeatureIn(
                id=str(row["编号"]),
                kind=str(row["类别"]),
                name=str(row["名称"]),
                lon=row.geometry.x,
                lat=row.geometry.y,
                region=str(row["区县"]),
                observed_at=at,
                properties={key: row[key] for key in ("联系电话", "建成年份", "面积", "地址")},
            )
            for _, row in frame.iterrows()
        ]
        for first in range(0, len(rows), BATCH):
            client.upsert("housing", Upsert(features=tuple(rows[first : first + BATCH])))
        return OTHER_ROWS / (time.perf_counter() - started)
    finally:
        service.stop()


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = ours(write_csv(folder / "small.csv", asked.n // 10), folder / "small")
        file = write_csv(folder / "large.csv", asked.n)
        large = ours(file, folder / "large")
        theirs = other(file, folder / "other")
    growth = large.seconds / small.seconds
    cpu = (large.client_cpu_s, large.service_cpu_s)
    rows = [
        {
            "what": f"{asked.n:,} rows of CSV into a layer, region column given",
            "ours": f"{large.rows_s:,.0f} rows/s (CPU: client {cpu[0]:.0f} s, "
            f"service {cpu[1]:.0f} s)",
            "other": f"geopandas + JSON door {theirs:,.0f} rows/s",
            "ratio": large.rows_s / theirs,
            "target": f">= {TARGET_ROWS_S:,} rows/s",
            "met": large.rows_s >= TARGET_ROWS_S,
        },
        {
            "what": f"memory of the importing process, {asked.n // 10:,} and {asked.n:,} rows",
            "ours": f"{large.client_mb:.0f} MB (service {large.service_mb:.0f} MB)",
            "other": f"{small.client_mb:.0f} MB for a tenth",
            "ratio": large.client_mb / small.client_mb,
            "target": "<= 1.5 : 1",
            "met": large.client_mb <= 1.5 * small.client_mb,
        },
        {
            "what": "ten times the rows",
            "ours": f"{large.seconds:.1f} s",
            "other": f"{small.seconds:.1f} s for a tenth",
            "ratio": growth,
            "target": f"<= {GROWTH_MOST} : 1",
            "met": growth <= GROWTH_MOST,
        },
    ]
    print(json.dumps(rows, ensure_ascii=False, indent=1))
    if asked.json:
        note = "From the command line through the wide door of a real service, start left out."
        page = {"title": "Import", "rows": rows, "note": note}
        asked.json.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
