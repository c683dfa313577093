"""A small HTTP door of a channel's own: what is posted is on the disk before its sender is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from backend.channels.folder import DONE, IN, REFUSED, Folder

PATH: Final = "/records"
MOST_BYTES: Final = 50_000_000
_ENDINGS: Final = {
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
}
_QUIET_S: Final = 30.0
_DIGITS: Final = len(str(MOST_BYTES))


@contextmanager
def hooked(folder: Folder, at: tuple[str, int], token: str) -> Iterator[tuple[str, int]]:
    """Serve the door beside what else the process does; give the address it is at.

    Args:
        folder: where records go, as files.
        at: host and port, 0 for any.
        token: what a sender has to show.
    """
    server = _Server(at, _Hook)
    server.folder, server.token, server.one_writes = folder, token, threading.Lock()
    serving = threading.Thread(target=server.serve_forever, name="hook", daemon=True)
    serving.start()
    try:
        host, port = server.server_address[:2]
        yield str(host), int(port)
    finally:
        server.shutdown()
        server.server_close()
        serving.join(5)


class _Server(ThreadingHTTPServer):
    folder: Folder
    token: str
    one_writes: threading.Lock
    daemon_threads = True


class _Hook(BaseHTTPRequestHandler):
    """POST only; a body is one file, named by what it holds: sent twice it is the same."""

    server: _Server
    timeout = _QUIET_S
    server_version = "channel"
    sys_version = ""

    def do_POST(self) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        ending = _ENDINGS.get(self.headers.get("Content-Type", "").partition(";")[0].strip())
        length = self.headers.get("Content-Length", "")
        if not hmac.compare_digest(given.encode(), self.server.token.encode()):
            self._say(401, "凭证不对。", "The token is not ours.")
        elif self.path != PATH:
            self._say(404, f"地址为 {PATH}。", f"The path is {PATH}.")
        elif ending is None:
            kinds = " ".join(_ENDINGS)
            self._say(415, f"可接收 {kinds}。", f"Taken are {kinds}.")
        elif not length.isdecimal():
            self._say(411, "缺少长度。", "No length is given.")
        elif len(length) > _DIGITS or not 0 < int(length) <= MOST_BYTES:
            self._say(413, f"正文应为 1 至 {MOST_BYTES} 字节。", f"1 to {MOST_BYTES} bytes.")
        else:
            self._take(int(length), ending)

    def _take(self, length: int, ending: str) -> None:
        body = self.rfile.read(length)
        if len(body) < length:
            self._say(400, "正文没有传完。", "The body did not come whole.")
            return
        name = f"hook-{hashlib.sha256(body).hexdigest()[:24]}{ending}"
        folder = self.server.folder
        with self.server.one_writes:  # a sender that gave up waiting sends the same once more
            there = any((folder.home / kind / name).exists() for kind in (IN, DONE, REFUSED))
            if not there:
                folder.put(IN, name, body)
        self._say(200 if there else 202, "已收下。", "Taken.", file=name)

    def _say(self, status: int, zh: str, en: str, **more: str) -> None:
        body = json.dumps({"zh": zh, "en": en, **more}, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: a line per request would tell who reported what."""
