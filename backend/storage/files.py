"""Files by the sum of their bytes: written whole or not at all, the same bytes once."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO, Final

FREE: Final = 512_000_000
"""Bytes left free on the disk: the database beside the files goes on writing."""
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_INCOMING: Final = "incoming"


class Incoming:
    """A file on its way in; not there before `Files.keep`, nowhere after `drop`."""

    def __init__(self, path: Path, free: int) -> None:
        self.path = path
        self.size = 0
        self._free = free
        self._sum = hashlib.sha256()
        self._file = path.open("xb", buffering=0)

    @property
    def sha256(self) -> str:
        """Give the sum of what has come."""
        return self._sum.hexdigest()

    def write(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            OSError: one of `FULL` when the disk has no room for them.
        """
        if shutil.disk_usage(self.path.parent).free - len(piece) < self._free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = memoryview(piece)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]
        self._sum.update(piece)
        self.size += len(piece)

    def seal(self) -> None:
        """Have every byte on the disk."""
        os.fsync(self._file.fileno())
        self._file.close()

    def drop(self) -> None:
        """Leave nothing behind; nothing happens to a file that was kept."""
        self._file.close()
        self.path.unlink(missing_ok=True)


class Files:
    """A folder of files. Who keeps and removes must see to it that one happens at a time."""

    def __init__(self, folder: Path, free: int = FREE) -> None:
        self.free = free
        self._folder = folder
        self._incoming = folder / _INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._incoming.iterdir():  # by a process that ended halfway
            left.unlink()

    def begin(self) -> Incoming:
        """Begin to write a file."""
        return Incoming(self._incoming / secrets.token_hex(8), self.free)

    def keep(self, incoming: Incoming) -> None:
        """Put a sealed file in its place; the same bytes are there already, or come now."""
        place = self._place(incoming.sha256)
        if place.exists():
            incoming.drop()
            return
        if not place.parent.exists():
            place.parent.mkdir(mode=0o700)
            _settle(self._folder)
        incoming.path.replace(place)
        _settle(place.parent)

    def open(self, sha256: str) -> BinaryIO:
        """Open a file; it can be read to its end though it is removed meanwhile.

        Raises:
            FileNotFoundError: there is none.
        """
        return self._place(sha256).open("rb")

    def remove(self, sha256: str) -> None:
        """Remove a file."""
        self._place(sha256).unlink(missing_ok=True)

    def sweep(self, known: Collection[str]) -> int:
        """Remove files whose sum nobody knows, and say how many there were."""
        shelves = [one for one in self._folder.iterdir() if one != self._incoming]
        left = [path for shelf in shelves for path in shelf.iterdir() if path.name not in known]
        for path in left:
            path.unlink()
        return len(left)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _settle(folder: Path) -> None:
    """Have a folder's names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
