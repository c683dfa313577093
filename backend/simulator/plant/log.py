"""The devices' own files: a log that only grows, and the state they wake up with."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, cast


class DeviceLog:
    """Append JSON lines; what was written is on the disk before the call returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        self._file = path.open("ab")
        if torn:  # a line cut short by a kill stays as it is; the next one starts afresh
            self._file.write(b"\n")

    def write(self, entries: list[dict[str, object]], at: datetime) -> None:
        """Put entries down with the instant, flushed and synced."""
        stamp = at.isoformat()
        for entry in entries:
            line = json.dumps({"at": stamp, **entry}, ensure_ascii=False, separators=(",", ":"))
            self._file.write(line.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def save(path: Path, state: dict[str, object], *, sync: bool = True) -> None:
    """Replace a JSON file in one move, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file, ensure_ascii=False)
        file.flush()
        if sync:
            os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path) -> dict[str, object] | None:
    """Read a JSON file, or None when there is none; a damaged one is set aside."""
    if not path.exists():
        return None
    try:
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        path.replace(path.with_suffix(".damaged"))
        return None
