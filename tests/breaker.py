"""A wire between a program and PostgreSQL that a test cuts at a chosen word."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NAME = ".s.PGSQL.5432"


@dataclass
class Breaker:
    """Relay a Unix socket; when the program sends `word`, cut before or after the server hears it.

    The answer of the server is swallowed either way. One cut, then the wire is whole again.
    """

    folder: Path
    behind: Path
    word: bytes = b""
    heard: bool = True
    cuts: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def cut_at(self, word: bytes, *, heard: bool) -> None:
        """Arm the wire: cut it when the word passes, with or without the server hearing it."""
        self.word, self.heard = word, heard

    def accept(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.behind / NAME))
            self._open += [near, far]
            for pair, is_asking in (((near, far), True), ((far, near), False)):
                self._start(threading.Thread(target=self._relay, args=(*pair, is_asking)))

    def _start(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _relay(self, source: socket.socket, sink: socket.socket, is_asking: bool) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65_536):
                if is_asking and self.word and self.word in part:
                    self._cut(source, sink, part)
                    return
                sink.sendall(part)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _cut(self, near: socket.socket, far: socket.socket, part: bytes) -> None:
        self.word, self.cuts = b"", self.cuts + 1
        near.shutdown(socket.SHUT_RDWR)
        if self.heard:
            far.sendall(part)
            threading.Event().wait(0.2)  # the server answers into the void
        far.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)


@contextlib.contextmanager
def breaker(folder: Path, behind: Path) -> Iterator[Breaker]:
    """Stand between `folder`, where the program connects, and the server's own socket folder."""
    wire = Breaker(folder, behind)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / NAME))
        door.listen()
        listener = threading.Thread(target=wire.accept, args=(door,))
        listener.start()
        try:
            yield wire
        finally:
            door.shutdown(socket.SHUT_RDWR)
            listener.join(5)
            wire.close()
