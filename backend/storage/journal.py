"""Append-only journal of accepted fixes: in the file before the reply, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

FIX = np.dtype(
    [
        ("oid", "<u4"),
        ("lon_e7", "<i4"),
        ("lat_e7", "<i4"),
        ("state", "u1"),
        ("speed_kmh", "<f4"),
        ("heading_deg", "<f4"),
        ("observed_ms", "<i8"),
        ("received_ms", "<i8"),
    ]
)
Fixes = npt.NDArray[np.void]
"""Rows of FIX."""

_MAGIC = b"NTF1"
_HEAD = struct.Struct("<4sHII")  # magic, length of the layer's name, of the rows, CRC-32 of both
_SUFFIX = ".fixes"


class Journal:
    """Write fixes to numbered segments; a number once used is never used again.

    `append` returns after the operating system has the bytes, so they outlive the process;
    `sync` makes them outlive the machine.
    """

    def __init__(self, folder: Path, *, above: int = 0) -> None:
        """Open a fresh segment numbered over everything there is.

        Args:
            folder: where the segments lie.
            above: a number already used elsewhere, e.g. by a rolled segment.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._number = max([above, *segments(folder)])
        self._file = -1
        self._length = 0
        self._open_next()

    def append(self, layer: str, fixes: Fixes) -> None:
        """Write a batch as one frame.

        Raises:
            OSError: the disk took none of it; nothing of the batch stays.
        """
        name, rows = layer.encode(), fixes.astype(FIX, copy=False).tobytes()
        crc = zlib.crc32(rows, zlib.crc32(name))
        frame = _HEAD.pack(_MAGIC, len(name), len(rows), crc) + name + rows
        with self._lock:
            try:
                _write_all(self._file, frame)
            except OSError:
                os.ftruncate(self._file, self._length)
                os.lseek(self._file, self._length, os.SEEK_SET)
                raise
            self._length += len(frame)

    def sync(self) -> None:
        """Force what was appended onto the disk."""
        with self._lock:
            copy = os.dup(self._file)
        try:
            os.fsync(copy)
        finally:
            os.close(copy)

    def rotate(self) -> None:
        """Close the present segment and open the next; an empty one is kept open."""
        with self._lock:
            if self._length:
                os.fsync(self._file)
                os.close(self._file)
                self._open_next()

    def closed(self) -> tuple[int, ...]:
        """Name the segments that are no longer written to, oldest first."""
        return tuple(number for number in segments(self._folder) if number != self._number)

    def drop(self, number: int) -> None:
        """Delete a segment whose fixes are kept elsewhere."""
        path_of(self._folder, number).unlink(missing_ok=True)

    def read(self, number: int) -> Iterator[tuple[str, Fixes]]:
        """Read one segment's whole frames; a torn tail is passed over."""
        return read_segment(path_of(self._folder, number))

    def read_all(self) -> Iterator[tuple[str, Fixes]]:
        """Read every segment, the open one included."""
        for number in segments(self._folder):
            yield from self.read(number)

    def close(self) -> None:
        """Force everything onto the disk and stop writing; an empty segment is deleted."""
        with self._lock:
            if self._file < 0:
                return
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1
            if not self._length:
                self.drop(self._number)

    def _open_next(self) -> None:
        self._number += 1
        path = path_of(self._folder, self._number)
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._length = 0
        sync_folder(self._folder)


def path_of(folder: Path, number: int) -> Path:
    """Name the file of a segment."""
    return folder / f"{number:09d}{_SUFFIX}"


def segments(folder: Path) -> list[int]:
    """List the segments in a folder, oldest first."""
    return sorted(int(path.stem) for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdigit())


def read_segment(path: Path) -> Iterator[tuple[str, Fixes]]:
    """Read whole frames until the end or the first torn one.

    A frame is written by one call before its reply is sent, so a torn frame was never promised.
    """
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        while (frame := _read_frame(file)) is not None:
            yield frame


def _read_frame(file: BinaryIO) -> tuple[str, Fixes] | None:
    """Read the next frame, None at the end: a segment never lies in memory as a whole."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, name_size, rows_size, crc = _HEAD.unpack(head)
    if magic != _MAGIC or rows_size % FIX.itemsize:
        return None
    name, rows = file.read(name_size), file.read(rows_size)
    if len(rows) < rows_size or zlib.crc32(rows, zlib.crc32(name)) != crc:
        return None
    return name.decode(), np.frombuffer(rows, dtype=FIX)


def sync_folder(folder: Path) -> None:
    """Make a new, renamed or deleted name in a folder outlive the machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
