"""The first thing a request meets: header and body limits, sign-in, strict JSON, safe replies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import problems
from backend.api.strict import check_json
from backend.domain.refused import Refused, refuse
from backend.services.auth import Signed
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.problem import Problem
from backend_client.contract.rows import MOST_BYTES

MAX_BODY = 1_000_000
MAX_BATCH = 8_000_000
MAX_HEADERS = 16_384
BODY_S = 30.0
STOP_ASKS_S = 0.5
OPENAPI = "/v1/openapi.json"
PUBLIC: frozenset[str] = frozenset({paths.HEALTH, paths.SIGN_IN, paths.REFRESH, OPENAPI})
"""Paths that need no token; every other path does, known or not."""

_BATCHES = re.compile(r"^/v1/(positions|layers/[^/]+/features)$")
_COLUMNS = re.compile(r"^/v1/(positions|layers/[^/]+)/rows$")
_STOP = re.compile(r"^/v1/devices/[^/]+/stop$")
_AT_DOOR = 8
_AT_STOP = 2
_AT_SCALES = 2
_JSON, _ARROW = b"application/json", b"application/vnd.apache.arrow.stream"
_SMALL = 4_096  # checked in less time than a thread takes to start
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SAFE: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_STORE = (b"cache-control", b"no-store")


Identify = Callable[[str], Signed]
"""Tell who is behind an `Authorization` header."""
Note = Callable[[Person, bytes, Problem], None]
"""Note what somebody handed in and why it was refused."""


class Guard:
    """Wrap the application; what it refuses never reaches a route.

    Args:
        app: the application behind it.
        authenticate: `Authorization` header → who it is; sync, runs in a worker thread.
        stopping: the same for STOP: with the database, and from memory when that is away.
        note: hears of reports whose body is not strict JSON.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticate: Identify,
        stopping: tuple[Identify, Identify],
        note: Note,
    ) -> None:
        self._app = app
        self._note = note
        self._authenticate = authenticate
        self._stopping, self._remembered = stopping
        # Room of their own: knowing who asks never waits for large bodies or slow reads.
        self._at_door = CapacityLimiter(_AT_DOOR)
        self._at_stop = CapacityLimiter(_AT_STOP)  # STOP never queues behind other people's reads
        self._at_scales = CapacityLimiter(_AT_SCALES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def safe_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": _hardened(message)}
            await send(message)

        try:
            checked = await self._check(scope, receive)
            if checked is not None:
                await self._app(scope, checked, safe_send)
        except Refused as no:
            await problems.render(no.problem, no.headers)(scope, receive, safe_send)
        except Exception as error:
            problem = problems.fault(error, str(scope["path"]))
            if started:
                raise
            await problems.render(problem)(scope, receive, safe_send)

    async def _who(self, bearer: str) -> Signed:
        return await to_thread.run_sync(self._authenticate, bearer, limiter=self._at_door)

    async def _who_stops(self, bearer: str) -> Signed:
        """Ask the database for half a second, then memory: STOP depends on no database."""
        try:
            async with asyncio.timeout(STOP_ASKS_S):
                return await to_thread.run_sync(
                    self._stopping, bearer, limiter=self._at_stop, abandon_on_cancel=True
                )
        except (TimeoutError, SQLAlchemyError):
            return self._remembered(bearer)

    async def _check(self, scope: Scope, receive: Receive) -> Receive | None:
        headers = _headers(scope)
        if b"%00" in scope["query_string"] or "\x00" in scope["path"]:
            raise _zero()
        if scope["path"] not in PUBLIC:
            bearer = headers.get(b"authorization", b"").decode("latin-1")
            stops = _STOP.match(scope["path"]) is not None
            scope["signed"] = await (self._who_stops(bearer) if stops else self._who(bearer))
        if scope["method"] not in _WITH_BODY:
            return receive
        if scope["path"] == paths.ATTACHMENTS:  # a file: its route counts the bytes as they come
            _check_one_length(headers)
            return receive
        try:
            async with asyncio.timeout(BODY_S):
                body = await _body(receive, headers, _limit(scope["path"]))
        except TimeoutError as error:
            raise _slow() from error
        if body is None:
            return None
        columns = _COLUMNS.match(scope["path"]) is not None
        if body or columns:
            _check_type(headers, _ARROW if columns else _JSON)
        if body and not columns:
            await self._check_json(scope, body)
        return _replay(body, receive)

    async def _check_json(self, scope: Scope, body: bytes) -> None:
        try:
            if len(body) <= _SMALL:
                check_json(body)
            else:
                await to_thread.run_sync(check_json, body, limiter=self._at_scales)
        except Refused as no:
            if (scope["method"], scope["path"]) == ("POST", paths.EVENTS):
                self._note(scope["signed"].person, body, no.problem)
            raise


def _headers(scope: Scope) -> dict[bytes, bytes]:
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    size = sum(len(name) + len(value) for name, value in pairs)
    if size + len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_HEADERS:
        raise refuse(
            431,
            "large_headers",
            Text("请求头过大。", "The headers are too large."),
            Text("缩短请求头或地址。", "Shorten headers or address."),
        )
    return dict(pairs)


def _limit(path: str) -> int:
    if _COLUMNS.match(path):
        return MOST_BYTES
    return MAX_BATCH if _BATCHES.match(path) else MAX_BODY


def _check_one_length(headers: dict[bytes, bytes]) -> None:
    if b"content-length" in headers and b"transfer-encoding" in headers:
        raise _ambiguous()


async def _body(receive: Receive, headers: dict[bytes, bytes], limit: int) -> bytes | None:
    """Read the body up to its limit; None when the client has gone."""
    _check_one_length(headers)
    told = headers.get(b"content-length", b"0")
    if told.isdigit() and int(told[:20]) > limit:
        raise _large(limit)
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _large(limit)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _check_type(headers: dict[bytes, bytes], wanted: bytes) -> None:
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind != wanted:
        refused = _TYPES[wanted]
        raise refused()


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _hardened(message: Message) -> list[tuple[bytes, bytes]]:
    headers = [*message.get("headers", []), *_SAFE]
    if not any(name.lower() == b"cache-control" for name, _value in headers):
        headers.append(_NO_STORE)
    return headers


def _zero() -> Refused:
    return refuse(
        400,
        "zero",
        Text("地址中有空字符。", "The address holds a zero character."),
        Text("去掉该字符后再发送。", "Take it out and send again."),
        where="url",
    )


def _large(limit: int) -> Refused:
    return refuse(
        413,
        "too_large",
        Text(f"正文超过 {limit} 字节。", f"The body is over {limit} bytes."),
        Text("分批发送。", "Send it in smaller parts."),
        where="body",
    )


def _ambiguous() -> Refused:
    return refuse(
        400,
        "two_lengths",
        Text("正文长度有两种说法。", "The body's length is given in two ways."),
        Text("只给一种长度。", "Give one of them."),
        where="Content-Length",
    )


def _not_json() -> Refused:
    return refuse(
        415,
        "not_json",
        Text("只接受 JSON 正文。", "Only a JSON body is taken."),
        Text("以 application/json 发送。", "Send it as application/json."),
        where="Content-Type",
    )


def _not_columns() -> Refused:
    return refuse(
        415,
        "not_arrow",
        Text("此接口只接受 Arrow 列数据。", "Only an Arrow stream is taken here."),
        Text(f"以 {_ARROW.decode()} 发送。", f"Send it as {_ARROW.decode()}."),
        where="Content-Type",
    )


_TYPES = {_JSON: _not_json, _ARROW: _not_columns}


def _slow() -> Refused:
    return refuse(
        408,
        "too_slow",
        Text(f"正文在 {BODY_S:.0f} 秒内未收完。", f"The body did not come within {BODY_S:.0f} s."),
        Text("检查网络后再试。", "Check the network and try again."),
        where="body",
    )
