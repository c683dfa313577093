"""Strictness every test runs under: nothing may be left behind."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest

from tests.postgres import Server, need_programs

# Tests start some two hundred processes of ours: none compiles again what another has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# The web engine's software path; the sandbox cannot start for root.
os.environ.setdefault("QT_QUICK_BACKEND", "software")
if os.geteuid() == 0:
    os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
if "DISPLAY" not in os.environ:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True, scope="session")
def no_process_left() -> Iterator[None]:
    """Fail the run when a test leaves a process of ours alive."""
    yield
    ours = psutil.Process()
    left = [child for child in ours.children(recursive=True) if is_ours(child)]
    assert not left, f"left behind: {[child.cmdline() for child in left]}"


def is_ours(process: psutil.Process) -> bool:
    """Tell whether a process is one of our services; Qt's helpers end with the application."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    ours = ("/main.py", "/bin/postgres")
    return any(word in ("backend", "main.py") or word.endswith(ours) for word in words)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Give a private PostgreSQL for the run; stopped and removed at its end."""
    server = Server(need_programs()).start()
    yield server
    server.remove()


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a non-daemon thread running."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if not thread.daemon:
            thread.join(3)
    left = [t.name for t in set(threading.enumerate()) - before if t.is_alive() and not t.daemon]
    assert not left, f"threads left behind: {left}"
