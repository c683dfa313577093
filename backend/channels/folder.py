"""A channel's folder: files in, done or refused, receipts and answers out; whole at any kill.

A file is moved only when the service has answered for each of its records, and what is written
appears under its name only when it is whole. The same file again is the same reports.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend_client.channels.records import ENDINGS

IN, DONE, REFUSED = "in", "done", "refused"
RECEIPTS, ANSWERS, TRANSFERS, STATE = "receipts", "answers", "transfers", "state"
_ALL: Final = (IN, DONE, REFUSED, RECEIPTS, ANSWERS, TRANSFERS, STATE)
SETTLED_S: Final = 1.0
"""How long a file must lie untouched: who cannot rename is still writing."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One channel's folder."""

    home: Path

    def make(self) -> None:
        """Make what is missing; what a kill left half-written goes."""
        for name in _ALL:
            (self.home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            for left in (self.home / name).glob(".*.part"):
                left.unlink(missing_ok=True)

    def waiting(self, now_s: float) -> Iterator[Path]:
        """Give the files to take in, the oldest first."""
        found = [
            (one.stat().st_mtime, one)
            for one in (self.home / IN).iterdir()
            if one.is_file() and one.suffix.lower() in ENDINGS and not one.name.startswith(".")
        ]
        yield from (one for at, one in sorted(found) if now_s - at >= SETTLED_S or at > now_s)

    def photo(self, told: str) -> Path | None:
        """Find a file a record names, in the folder of what comes in or among what is done."""
        for name in (IN, DONE):
            home = (self.home / name).resolve()
            found = (home / told.lstrip("/\\")).resolve()
            if found.is_relative_to(home) and found.is_file():
                return found
        return None

    def put(self, kind: str, name: str, text: str | bytes) -> Path:
        """Write a file whole: it is on the disk before it has its name."""
        home = self.home / kind
        raw = text.encode() if isinstance(text, str) else text
        part = home / f".{name}.part"
        with part.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(home / name)
        sync(home)
        return home / name

    def put_lines(self, kind: str, name: str, lines: Iterable[Mapping[str, object]]) -> None:
        """Write JSON lines, if there are any."""
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        if text:
            self.put(kind, name, text)

    def target(self, file: Path, kind: str) -> Path:
        """Say where a file that is done with goes; another of its name does not cover one there.

        What is written of it goes by the same name: a system that hands in `daily.csv` each day
        finds the receipts of every day.
        """
        target = self.home / kind / file.relative_to(self.home / IN)
        if not target.exists():
            return target
        with file.open("rb") as read:
            digest = hashlib.file_digest(read, "sha256").hexdigest()[:8]
        return target.with_name(f"{target.stem}-{digest}{target.suffix}")

    def move(self, file: Path, kind: str) -> Path:
        """Move a file that is done with."""
        target = self.target(file, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
        sync(target.parent)
        sync(self.home / IN)
        return target

    def is_in(self, file: Path) -> bool:
        """Tell whether a file still waits among what comes in."""
        return file.is_relative_to((self.home / IN).resolve())


def sync(folder: Path) -> None:
    """Make a folder's names last through a power cut."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
