"""A small real HTTP server speaking the contract, whose connections a test can break."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from backend_client.contract.auth import Person, Role, Tokens
from backend_client.contract.base import Text
from backend_client.contract.change import Beat, Change, Item, LayerMoved, Page, Resync
from backend_client.contract.columns import (
    FeatureBlock,
    FixBlock,
    encode_features,
    encode_fixes,
)
from backend_client.contract.feature import LayerInfo, Layers
from backend_client.contract.problem import Problem
from backend_client.contract.service import Health

PERSON = Person(
    person_id="operator",
    name="操作员",
    role=Role.OPERATOR,
    regions=("3206",),
    departments=("*",),
    mfa=True,
)


def problem(status: int, code: str = "no") -> Problem:
    """Make a refusal."""
    return Problem(
        status=status, code=code, what=Text("不行。", "No."), todo=Text("再试。", "Try again.")
    )


class SmallService:
    """Serve on a free port of the loopback until closed."""

    def __init__(self) -> None:
        self.epoch = "one"
        self.n = 0
        self.person = PERSON
        self.items: dict[tuple[str, str], Item] = {}
        self.log: list[Change] = []
        self.blocks: dict[str, FeatureBlock] = {}
        self.fixes: FixBlock | None = None
        self.is_beating = True
        self.cuts_after_news = False
        self.page_size = 100
        self.expires_in_s = 600
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: dict[tuple[str, str], Callable[[bytes], tuple[int, bytes]]] = {}
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.moved = threading.Condition()
        self.pokes: list[LayerMoved] = []
        self.sockets: list[socket.socket] = []
        self.is_closing = False
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.open()

    @property
    def url(self) -> str:
        """Give the root."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Serve, on the port of before when there was one."""
        self.is_closing = False
        service = self

        class Handler(_Handler):
            small = service

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        self._server, self.port = server, server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop serving and break every connection, as a killed process does."""
        self.is_closing = True
        with self.moved:
            self.moved.notify_all()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.drop()

    def drop(self) -> None:
        """Break every connection that stands."""
        sockets, self.sockets = self.sockets, []
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def put(self, item: Item) -> int:
        """Take an item and tell the streams."""
        return self._add(item.kind, item.item_id, item)

    def remove(self, item: Item) -> int:
        """Take an item away and tell the streams."""
        return self._add(item.kind, item.item_id, None)

    def move(self, block: FeatureBlock) -> None:
        """Put a layer's block and poke the streams."""
        with self.moved:
            self.blocks[block.layer] = block
            self.pokes.append(LayerMoved(layer=block.layer, version=block.version))
            self.moved.notify_all()

    def paths(self, method: str = "GET") -> list[str]:
        """List the paths asked for."""
        return [path for verb, path, _, _ in self.requests if verb == method]

    def _add(self, kind: str, item_id: str, item: Item | None) -> int:
        with self.moved:
            self.n += 1
            if item is None:
                self.items.pop((kind, item_id), None)
            else:
                self.items[kind, item_id] = item
            self.log.append(Change(n=self.n, kind=kind, item_id=item_id, item=item))  # type: ignore[arg-type]  # a kind as text
            self.moved.notify_all()
            return self.n


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    small: SmallService

    def setup(self) -> None:
        super().setup()
        self.small.sockets.append(self.connection)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        small = self.small
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(path.query).items()}
        small.requests.append((self.command, self.path, dict(self.headers.items()), body))
        if small.refusals:
            status, headers = small.refusals.pop(0)
            self._say(status, problem(status).model_dump_json().encode(), headers=headers)
            return
        special = small.answers.get((self.command, path.path))
        if special is not None:
            self._say(*special(body))
            return
        route = _ROUTES.get((self.command, path.path)) or _prefixed(self.command, path.path)
        if route is None:
            self._say(404, problem(404).model_dump_json().encode())
            return
        if "auth" not in path.path and path.path != "/v1/health" and not self._is_signed():
            self._say(401, problem(401).model_dump_json().encode())
            return
        route(self, path.path, query, body)

    def _is_signed(self) -> bool:
        return self.headers.get("authorization", "").startswith("Bearer access-")

    def _say(
        self,
        status: int,
        body: bytes = b"",
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        if status >= 400:
            kind = "application/problem+json"
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def health(self, _path: str, _query: dict[str, str], _body: bytes) -> None:
        small = self.small
        health = Health(
            name="small",
            version="1",
            epoch=small.epoch,
            n=small.n,
            at=datetime.now(UTC),
            simulated=True,
        )
        self._say(200, health.model_dump_json().encode())

    def sign_in(self, _path: str, _query: dict[str, str], body: bytes) -> None:
        if json.loads(body).get("password") == "wrong":
            self._say(401, problem(401, "bad_sign_in").model_dump_json().encode())
            return
        self._tokens()

    def refresh(self, _path: str, _query: dict[str, str], _body: bytes) -> None:
        self._tokens()

    def _tokens(self) -> None:
        small = self.small
        number = len(small.requests)
        tokens = Tokens(
            access=f"access-{number}",
            refresh=f"refresh-number-{number}",
            expires_in_s=small.expires_in_s,
            person=small.person,
        )
        self._say(200, tokens.model_dump_json().encode())

    def sign_out(self, _path: str, _query: dict[str, str], _body: bytes) -> None:
        self._say(204)

    def items(self, path: str, query: dict[str, str], _body: bytes) -> None:
        small, kind = self.small, path.rsplit("/", 1)[-1]
        with small.moved:
            ids = sorted(one for its, one in small.items if its == kind)
            ids = [one for one in ids if one > query.get("after", "")]
            chosen = ids[: small.page_size]
            page = Page(
                n=small.n,
                epoch=small.epoch,
                items=tuple(small.items[kind, one] for one in chosen),
                next=chosen[-1] if len(ids) > len(chosen) else None,
            )
        self._say(200, page.model_dump_json().encode())

    def layers(self, _path: str, _query: dict[str, str], _body: bytes) -> None:
        found = tuple(
            LayerInfo(layer=block.layer, version=block.version, count=block.oid.size)
            for block in self.small.blocks.values()
        )
        self._say(200, Layers(layers=found).model_dump_json().encode())

    def block(self, path: str, query: dict[str, str], _body: bytes) -> None:
        block = self.small.blocks[path.split("/")[3]]
        if int(query.get("since", 0)) == block.version:
            self._say(204)
            return
        self._say(200, encode_features(block), "application/vnd.apache.arrow.stream")

    def positions(self, _path: str, query: dict[str, str], _body: bytes) -> None:
        small = self.small
        with small.moved:
            small.moved.wait_for(
                lambda: (
                    small.is_closing
                    or (small.fixes is not None and small.fixes.seq != int(query["since"]))
                ),
                timeout=min(0.2, float(query["wait_s"])),
            )
            fixes = small.fixes
        if fixes is None or fixes.seq == int(query["since"]):
            self._say(204)
            return
        self._say(200, encode_fixes(fixes), "application/vnd.apache.arrow.stream")

    def stream(self, _path: str, _query: dict[str, str], _body: bytes) -> None:
        small = self.small
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with small.moved:
            place, told = self._resume(), len(small.pokes)
        while not small.is_closing:
            with small.moved:
                news = small.log[place:]
                pokes, told = small.pokes[told:], len(small.pokes)
                place = len(small.log)
            for one in news:
                self._frame("change", one.model_dump_json(), f"{small.epoch}:{one.n}")
            if news and small.cuts_after_news:
                small.drop()  # whole frames are out, the reader's 200 ms are not over
                return
            for poke in pokes:
                self._frame("layer", poke.model_dump_json())
            if small.is_beating:
                self._frame("beat", Beat(n=small.n, at=datetime.now(UTC)).model_dump_json())
            with small.moved:
                if place == len(small.log) and told == len(small.pokes):
                    small.moved.wait(0.2)

    def _resume(self) -> int:
        small = self.small
        asked = self.headers.get("last-event-id", "")
        if not asked:
            return len(small.log)
        epoch, _, n = asked.rpartition(":")
        if epoch != small.epoch or (small.log and int(n) < small.log[0].n - 1):
            self._frame("resync", Resync(n=small.n, epoch=small.epoch).model_dump_json())
            return len(small.log)
        return sum(1 for one in small.log if one.n <= int(n))

    def _frame(self, name: str, data: str, event_id: str = "") -> None:
        head = f"id: {event_id}\n" if event_id else ""
        frame = f"{head}event: {name}\ndata: {data}\n\n".encode()
        self.wfile.write(f"{len(frame):x}\r\n".encode() + frame + b"\r\n")
        self.wfile.flush()


_Route = Callable[[_Handler, str, dict[str, str], bytes], None]
_ROUTES: dict[tuple[str, str], _Route] = {
    ("GET", "/v1/health"): _Handler.health,
    ("POST", "/v1/auth/sign-in"): _Handler.sign_in,
    ("POST", "/v1/auth/refresh"): _Handler.refresh,
    ("POST", "/v1/auth/sign-out"): _Handler.sign_out,
    ("GET", "/v1/layers"): _Handler.layers,
    ("GET", "/v1/positions"): _Handler.positions,
    ("GET", "/v1/stream"): _Handler.stream,
}


def _prefixed(method: str, path: str) -> _Route | None:
    if method == "GET" and path.startswith("/v1/items/"):
        return _Handler.items
    if method == "GET" and path.endswith("/block"):
        return _Handler.block
    return None
