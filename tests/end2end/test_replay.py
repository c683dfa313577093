"""Recorded tracks played through the positions door: all in the history, marked as carried."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend_client.client import Client
from tests.end2end.stack import ROOT, Service, wait_for

pytestmark = pytest.mark.end2end

MOVERS, FIXES = 20, 60
SPEED = 120.0  # ten minutes in five seconds


def tracks(path: Path) -> Path:
    """Write movers that report every 10 s for 10 minutes, far from here."""
    at = np.arange(FIXES) * 10 + 1_211_033_000
    table = pa.table(
        {
            "uid": np.repeat([f"cab{n}" for n in range(MOVERS)], FIXES),
            "t": np.tile(at, MOVERS),
            "lat_e6": np.tile(37_700_000 + np.arange(FIXES) * 500, MOVERS),
            "lon_e6": np.repeat(-122_400_000 + np.arange(MOVERS) * 1_000, FIXES),
        }
    )
    pq.write_table(table, path)
    return path


def command(file: Path, service: Service, *more: str) -> list[str]:
    door = ["--backend", service.url, "--credentials", str(service.credentials)]
    words = ["replay", str(file), "--layer", "transport", "--move-to", "120.9,32.0", *more]
    return [sys.executable, "-m", "backend", *words, *door]


def kept(service: Service, fleet: str) -> dict[str, int]:
    """Count the fixes of each mover of a fleet in the service's history."""
    client = service.client("operator")
    block = client.positions(since=0, wait_s=0)
    assert block is not None
    counts = {}
    for oid in block.oid.tolist():
        one = client.feature("transport", oid)
        if not one.id.startswith(fleet):
            continue
        assert one.properties["displaced"] is True
        assert one.properties["origin"] == "-122.3905, 37.7147"
        points = client.track("transport", oid).points
        counts[one.id] = len(points)
        assert all(120.8 < p.lon < 121.0 and 31.9 < p.lat < 32.1 for p in points)
    client.close()
    return counts


def test_every_fix_is_in_the_history_once(service: Service, tmp_path: Path) -> None:
    file = tracks(tmp_path / "cabs.parquet")
    done = subprocess.run(
        command(file, service, "--speed", str(SPEED)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    total = MOVERS * FIXES
    said = f"accepted {total:,}, doubled 0, rejected 0, lost 0"
    assert said in done.stderr
    assert kept(service, "cabs") == {f"cabs-cab{n}": FIXES for n in range(MOVERS)}


def test_a_person_ends_it_without_loss(service: Service, tmp_path: Path) -> None:
    file = tracks(tmp_path / "vans.parquet")
    client = service.client("operator")
    before = moved(client)
    playing = subprocess.Popen(
        command(file, service, "--speed", "5"), cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: moved(client) > before, 60, "first fixes")
    playing.send_signal(signal.SIGINT)
    _out, said = playing.communicate(timeout=20)
    assert playing.returncode == 0, said
    found = re.search(r"Sent (\d+) fixes: accepted (\d+), doubled 0, rejected 0, lost 0", said)
    assert found, said
    assert 0 < sum(kept(service, "vans").values()) == int(found[1]) < MOVERS * FIXES


def moved(client: Client) -> int:
    """Count the objects that have moved."""
    block = client.positions(since=0, wait_s=0)
    return 0 if block is None else int(block.oid.size)
