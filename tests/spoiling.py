"""A small proxy before a real service that breaks one thing of the contract."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

DROPPED = {"connection", "transfer-encoding", "content-length", "content-encoding", "host"}


@dataclass(frozen=True)
class Asked:
    """A request on its way to the service."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Give the path without its question."""
        return self.target.partition("?")[0]

    def with_(self, **changed: object) -> Asked:
        """Give the request with something changed."""
        return replace(self, **changed)  # type: ignore[arg-type]  # a test's keywords


@dataclass(frozen=True)
class Answered:
    """A whole answer on its way back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Spoil:
    """What is broken: on the way in, on the way back, or frame by frame in the stream."""

    ask: Callable[[Asked], Asked] = lambda asked: asked
    answer: Callable[[Asked, Answered, Callable[[Asked], Answered]], Answered] = (
        lambda _asked, answered, _send: answered
    )
    frame: Callable[[bytes], bytes] = lambda frame: frame
    count: int = field(default=0)


@contextmanager
def spoiled(url: str, spoil: Spoil) -> Iterator[str]:
    """Serve the service at `url` with one thing broken; give the proxy's address."""
    client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    class Handler(_Handler):
        upstream, broken = client, spoil

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
        client.close()


class _Handler(BaseHTTPRequestHandler):
    upstream: httpx.Client
    broken: Spoil
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in DROPPED}
        asked = Asked(self.command, self.path, headers, self.rfile.read(size))
        asked = self.broken.ask(asked)
        if asked.path == "/v1/stream":
            self._pass_stream(asked)
            return
        answered = self.broken.answer(asked, self._send(asked), self._send)
        self.send_response(answered.status)
        for key, value in answered.headers.items():
            if key.lower() not in DROPPED:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(answered.body)))
        self.end_headers()
        self.wfile.write(answered.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  the library's names

    def _send(self, asked: Asked) -> Answered:
        reply = self.upstream.request(
            asked.method, asked.target, headers=asked.headers, content=asked.body or None
        )
        return Answered(reply.status_code, dict(reply.headers), reply.content)

    def _pass_stream(self, asked: Asked) -> None:
        with self.upstream.stream("GET", asked.target, headers=asked.headers) as reply:
            self.send_response(reply.status_code)
            self.send_header("Content-Type", reply.headers.get("content-type", ""))
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            rest = b""
            with suppress(OSError, httpx.HTTPError):
                for part in reply.iter_bytes():
                    rest += part
                    while b"\n\n" in rest:
                        frame, _, rest = rest.partition(b"\n\n")
                        self.wfile.write(self.broken.frame(frame + b"\n\n"))
                        self.wfile.flush()
                self.wfile.write(rest)

    def log_message(self, *_words: object) -> None:
        """Keep quiet."""
