"""The city feeds the real service through its public door alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.simulator.city import City, Plan
from backend.simulator.desk import Desk
from backend.simulator.feed import Feed
from backend.simulator.link import Link
from backend_client.client import Client
from backend_client.contract.alarms import Alarm
from backend_client.contract.clock import ManualClock
from backend_client.contract.events import Event, EventState
from tests.service import START, Service, run, serving


class Bridge(httpx.BaseTransport):
    """Carry a blocking client's calls to the application on another thread's loop."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = httpx.ASGITransport(app=service.app)
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request in memory."""
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result(20)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        reply = await self._inner.handle_async_request(sent)
        body = await reply.aread()
        return httpx.Response(reply.status_code, headers=reply.headers, content=body)


def line(service: Service, transport: Bridge, account: str) -> Link:
    """Open an account's line over the bridge."""
    link = Link(
        "http://service", service.data / "first-passwords.json", service.clock, account=account
    )
    link.client.close()
    link.client = Client("http://service", service.clock, transport=transport)
    return link


def play(city: City, clock: ManualClock, steps: int, seconds: float) -> None:
    """Play a while with large steps."""
    for _ in range(steps):
        city.step()
        clock.advance(seconds)


@pytest.mark.parametrize("rate", [2.0])
def test_the_city_fills_every_layer_and_its_desk_moves_events(tmp_path: Path, rate: float) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            bridge = Bridge(service, asyncio.get_running_loop())
            feed, desk = (line(service, bridge, name) for name in ("feed", "dispatcher"))
            plan = Plan(seed=7, scale=0.06, rate=rate)
            city = City(plan, Feed(feed), service.clock, desk=Desk(desk, service.clock, seed=7))
            await asyncio.to_thread(play, city, service.clock, 12, 5.0)
            counts = {
                one["layer"]: one["count"]
                for one in (await service.get("operator", "/v1/layers")).json()["layers"]
            }
            assert set(counts) == {"hazmat", "requests", "water"}
            assert counts["hazmat"] > 300
            assert counts["water"] >= 18 + 6 + 21 + 7
            with service.parts.database.read() as view:
                events, alarms = view.find(Event), view.find(Alarm)
            assert len(events) > 10
            assert {event.state for event in events} >= {
                EventState.REGISTERED,
                EventState.ACCEPTED,
                EventState.DISPATCHED,
            }
            assert all(event.reported_at <= START + timedelta(hours=1) for event in events)
            assert alarms
            series = await service.get("operator", "/v1/layers/water/features/1/series?hours=24")
            assert len(series.json()["points"]) > 140
            for link in (feed, desk):
                await asyncio.to_thread(link.close)

    run(body)
