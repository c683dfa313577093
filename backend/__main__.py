"""Start one of the backend's processes: the service, the simulated devices, the simulated city.

Each imports only what it needs: the devices and the city never load the service.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Sequence

from backend_client.memory import give_back_memory, leave_pandas_out

OUTSIDERS = {
    "plant": "backend.simulator.plant.main",
    "simulate": "backend.simulator.city",
    "import": "backend.imports.main",
    "intake": "backend.imports.intake",
    "replay": "backend.imports.replay",
    "channel": "backend.channels.main",
    "conformance": "backend.conformance.main",
    "events": "backend.analytics.text.main",
    "learn": "backend.analytics.text.learning",
}
"""Commands that are processes of their own; each module has `main(words) -> int`."""

WITH_PARENT = "--with-parent"
"""`--with-parent PID` after any command: end when that process is gone, however it went."""

_MAPPED_BYTES = 128 * 1024  # columns of a batch: in the heap they came to lie anywhere, and stayed
_LOOK_S = 0.5
_CLOSE_S = 5.0


def main(words: Sequence[str]) -> int:
    """Run the command the words name and give its exit status."""
    give_back_memory(_MAPPED_BYTES)
    leave_pandas_out()
    parent, rest = split_parent(words)
    if parent is not None:
        _end_with(parent)
    if rest and rest[0] in OUTSIDERS:
        return int(importlib.import_module(OUTSIDERS[rest[0]]).main(rest[1:]) or 0)
    importlib.import_module("backend.commands").app(rest)
    return 0


def split_parent(words: Sequence[str]) -> tuple[int | None, list[str]]:
    """Take `--with-parent PID` out of the words.

    Raises:
        SystemExit: no number follows.
    """
    rest = list(words)
    if WITH_PARENT not in rest:
        return None, rest
    at = rest.index(WITH_PARENT)
    if not rest[at + 1 : at + 2] or not rest[at + 1].isdigit():
        raise SystemExit(f"{WITH_PARENT} 后应为进程号 / {WITH_PARENT} takes a process id")
    return int(rest[at + 1]), rest[:at] + rest[at + 2 :]


def _end_with(parent: int) -> None:
    def watch() -> None:
        never = threading.Event()
        while os.getppid() == parent:
            never.wait(_LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)
        never.wait(_CLOSE_S)
        os._exit(0)

    threading.Thread(target=watch, name="with-parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
