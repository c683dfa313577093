"""The real service in memory for tests: real application, real database file, manual clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pyotp
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.types import Message, Scope

from backend.api.parts import Parts
from backend.asgi import Settings, build
from backend.gateways.scada.driver import Driver
from backend.services.gates.live import Pace
from backend.storage.place import find
from backend_client.contract import paths
from backend_client.contract.clock import ManualClock

START = datetime(2026, 7, 20, 1, 40, tzinfo=UTC)
T = TypeVar("T")


def fast_hasher() -> PasswordHasher:
    """Give argon2id with the least work it allows."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Service:
    """One application with what a test needs to drive it.

    `client` answers in memory; `headers(account)` signs in (with the one-time code, moving the
    clock a step on so that no code is used twice) and remembers the token.
    """

    app: FastAPI
    parts: Parts
    clock: ManualClock
    data: Path
    client: httpx.AsyncClient
    accounts: dict[str, dict[str, str]]
    _tokens: dict[str, str] = field(default_factory=dict)

    def code(self, account: str) -> str:
        """Give a one-time code of an account that has not been used yet."""
        self.clock.advance(30)
        return pyotp.TOTP(self.accounts[account]["totp_secret"]).at(self.clock.now())

    async def sign_in(self, account: str, *, mfa: bool = True) -> dict[str, object]:
        """Sign in and give the tokens."""
        known = self.accounts[account]
        body: dict[str, object] = {"account": account, "password": known["password"]}
        if mfa and known["totp_secret"]:
            body["totp"] = self.code(account)
        reply = await self.client.post(paths.SIGN_IN, json=body)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    async def headers(self, account: str) -> dict[str, str]:
        """Give the `Authorization` header of an account, signing in on first use."""
        if account not in self._tokens:
            self._tokens[account] = str((await self.sign_in(account))["access"])
        return {"Authorization": f"Bearer {self._tokens[account]}"}

    def forget_tokens(self) -> None:
        """Sign everybody in anew: a token does not outlast a long wait."""
        self._tokens.clear()

    async def get(self, account: str, path: str, **more: object) -> httpx.Response:
        """GET as an account."""
        return await self.client.get(path, headers=await self.headers(account), **more)  # type: ignore[arg-type]  # a test's keywords

    async def post(self, account: str, path: str, body: object) -> httpx.Response:
        """POST JSON as an account."""
        return await self.client.post(path, headers=await self.headers(account), json=body)


@asynccontextmanager
async def serving(
    data: Path,
    *,
    lifespan: bool = False,
    driver: Driver | None = None,
    clock: ManualClock | None = None,
) -> AsyncIterator[Service]:
    """Build the application on a folder and close it again.

    Args:
        data: the service's folder, which may name a server's database in its settings file; the
            same folder again is a restart.
        lifespan: also run background tasks, needed for streams across threads.
        driver: the way to the devices, none when left out.
        clock: the service's clock, a new one at `START` when left out.
    """
    clock = clock or ManualClock(START)
    pace = Pace(poll_s=0.1, watch_s=0.01)
    settings = Settings(
        data=data,
        database=find(data, None),
        clock=clock,
        hasher=fast_hasher(),
        plant=False,
        driver=driver,
        pace=pace,
        shifts=False,  # tests of the log turn its pages themselves
    )
    app = build(settings)
    first = json.loads((data / "first-passwords.json").read_text(encoding="utf-8"))
    accounts = {line["account"]: line for line in first}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        service = Service(app, app.state.parts, clock, data, client, accounts)
        if lifespan:
            async with app.router.lifespan_context(app):
                yield service
        else:
            try:
                yield service
            finally:
                await asyncio.to_thread(service.parts.positions.close)
                await asyncio.to_thread(service.parts.search.index.close)
                await asyncio.to_thread(service.parts.database.close)


def run(job: Callable[[], Awaitable[T]]) -> T:
    """Run one asynchronous test body on a loop of its own."""

    async def body() -> T:
        return await job()

    return asyncio.run(body())


@dataclass
class Wire:
    """One streaming request straight to the application; `httpx` would wait for its end."""

    queue: asyncio.Queue[Message]
    status: int = 0
    buffer: bytes = b""
    reads: asyncio.Event = field(default_factory=asyncio.Event)

    async def event(self, name: str, *, limit_s: float = 5.0) -> dict[str, object]:
        """Wait for the next event of a name; give its `data`, with `id` where it has one."""
        async with asyncio.timeout(limit_s):
            while True:
                kind, data = await self._next()
                if kind == name:
                    return data

    async def until_beat(self, *, limit_s: float = 5.0) -> list[tuple[str, dict[str, object]]]:
        """Collect events up to and without the next beat."""
        seen: list[tuple[str, dict[str, object]]] = []
        async with asyncio.timeout(limit_s):
            while True:
                kind, data = await self._next()
                if kind == "beat":
                    return seen
                seen.append((kind, data))

    async def ended(self, *, limit_s: float = 5.0) -> bool:
        """Tell whether the stream ends within the limit."""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    message = await self.queue.get()
                    if message["type"] == "http.response.body" and not message.get("more_body"):
                        return True
        except TimeoutError:
            return False

    async def _next(self) -> tuple[str, dict[str, object]]:
        while b"\n\n" not in self.buffer:
            message = await self.queue.get()
            self.buffer += message.get("body", b"")
        block, _, self.buffer = self.buffer.partition(b"\n\n")
        lines = dict(line.split(": ", 1) for line in block.decode().split("\n"))
        data = json.loads(lines["data"])
        if "id" in lines:
            data["id"] = lines["id"]
        return lines["event"], data


@asynccontextmanager
async def stream(
    service: Service, headers: dict[str, str], last_id: str | None = None
) -> AsyncIterator[Wire]:
    """Open `/v1/stream` in memory and close it at the end."""
    sent = {**headers, **({"Last-Event-ID": last_id} if last_id else {})}
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": paths.STREAM,
        "raw_path": paths.STREAM.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in sent.items()],
        "client": ("test", 1),
        "server": ("service", 80),
    }
    wire = Wire(asyncio.Queue())
    wire.reads.set()
    gone = asyncio.Event()
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            wire.status = message["status"]
        await wire.reads.wait()
        await wire.queue.put(message)

    task = asyncio.create_task(service.app(scope, receive, send))
    start = await wire.queue.get()
    assert start["type"] == "http.response.start"
    try:
        yield wire
    finally:
        gone.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def intake(number: int = 1, **changed: object) -> dict[str, object]:
    """Give a well-formed intake body."""
    return {
        "intake_id": f"hotline-{number}",
        "channel": "hotline",
        "title": "路面积水",
        "text": "人民中路路口积水约 20 厘米",
        "place": "人民中路",
        "lon": 120.86,
        "lat": 32.01,
        "region": "320613",
        "level": 3,
        "reported_at": START.isoformat(),
        **changed,
    }


@contextmanager
def nothing_changes(service: Service) -> Iterator[None]:
    """Fail when the block changed any work item."""
    with service.parts.database.read() as view:
        before = view.n()
    yield
    with service.parts.database.read() as view:
        assert view.n() == before
