"""The whole process tree of a map under strace: no address but the machine's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LOOPBACK = ('"::1"', '"127.0.0.1"')  # urllib3, which folium imports, asks once for IPv6
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_call_names_an_internet_address(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    watch = ["strace", "-f", "-e", "trace=connect,sendto,sendmsg,bind", "-o", str(log)]
    show = [sys.executable, "-m", "tests.qt.maps.once"]
    done = subprocess.run(watch + show, cwd=ROOT, timeout=120, capture_output=True)
    assert done.returncode == 0, done.stderr[-500:]
    calls = log.read_text("utf-8", "replace")
    assert "AF_UNIX" in calls or "AF_NETLINK" in calls  # strace did see sockets
    named = [line for line in calls.splitlines() if "AF_INET" in line]
    assert [line for line in named if not any(own in line for own in LOOPBACK)] == []
