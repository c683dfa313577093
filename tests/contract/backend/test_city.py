"""The city feeds the real service through its public door alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import numpy as np
import pytest

from backend.simulator import layers
from backend.simulator.city import City, Plan
from backend.simulator.desk import Desk
from backend.simulator.faults import QUIET_S, Fault, fault_at, turn_of
from backend.simulator.feed import Feed
from backend.simulator.kinds import LayerTable
from backend.simulator.link import Link
from backend.simulator.objects import Objects
from backend.simulator.stages import Stages
from backend.simulator.stock import make
from backend.simulator.table import whole, words_of
from backend.simulator.troubles import TROUBLES, Troubles, there
from backend.storage import features as table
from backend_client.client import Client
from backend_client.contract.alarms import Alarm
from backend_client.contract.clock import ManualClock
from backend_client.contract.columns import decode_features
from backend_client.contract.events import Event, EventState
from backend_client.contract.feeds import Feed as FeedItem
from backend_client.contract.feeds import FeedFault, FeedState
from backend_client.contract.orders import Order
from backend_client.contract.rows import Rows
from tests.service import START, Service, run, serving
from tests.town import kind, world


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
            assert set(counts) == {"hazmat", "requests", "water"}, "without bulk objects"
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


def test_the_start_stock_is_in_work_and_only_a_handful_waits(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            bridge = Bridge(service, asyncio.get_running_loop())
            feed, desk = (line(service, bridge, name) for name in ("feed", "dispatcher"))
            plan = Plan(seed=7, scale=0.02, tidy=True, stock_days=1.5)
            city = City(plan, Feed(feed), service.clock, desk=Desk(desk, service.clock, seed=7))
            await asyncio.to_thread(play, city, service.clock, 2, 5.0)
            now = service.clock.now()
            with service.parts.database.read() as view:
                events, orders = view.find(Event), view.find(Order)
            old = [one for one in events if now - one.reported_at > timedelta(hours=3)]
            assert len(old) > 150
            waiting = [one for one in old if one.state is EventState.REGISTERED]
            assert len(waiting) <= 3
            assert all(one.order_id for one in old if one not in waiting)
            soon = [one for one in orders if one.due_at < now + timedelta(hours=1)]
            assert 0 < len(soon) < len(orders) * 0.12
            for link in (feed, desk):
                await asyncio.to_thread(link.close)

    run(body)


FEED, GAUGES = "water-D27", "water-gauges"


def with_fault(fault: Fault, at_s: float, feed: str) -> tuple[int, float]:
    """Find a seed with which a feed has a fault for half an hour, and how long until then."""
    turn = turn_of(feed, at_s, 60)
    wait_s = next(s for s in range(1_801) if turn_of(feed, at_s + s, 60) > turn)
    seed = next(
        seed
        for seed in range(20_000)
        if fault_at(seed, feed, at_s + wait_s, beat_s=60, has_unit=True) is fault
    )
    return seed, wait_s


async def play_feed(
    path: Path, *, fault: Fault, tidy: bool, name: str = FEED
) -> tuple[FeedItem, list[Alarm], float]:
    """Play one feed into its fault; give its record, all alarms, and the highest level shown."""
    async with serving(path) as service:
        bridge = Bridge(service, asyncio.get_running_loop())
        feed = Feed(line(service, bridge, "feed"))
        began_s = service.clock.now().timestamp()
        seed, wait_s = with_fault(fault, began_s + QUIET_S, name)
        tables = [LayerTable("water", "水", "Water", (kind("water", "dike"),))]
        objects = Objects(replace(world(0.02), seed=seed), tables, tidy=tidy, began_s=began_s)
        city = City(Plan(seed=seed, scale=0.001, tidy=True), feed, service.clock, objects=objects)
        await asyncio.to_thread(play, city, service.clock, round((QUIET_S + wait_s) / 60) + 24, 60)
        await asyncio.to_thread(service.parts.feeds.tend)
        with service.parts.database.read() as view:
            record = next(one for one in view.find(FeedItem) if one.item_id == name)
            alarms = view.find(Alarm)
        block = (
            await service.get("operator", "/v1/layers/water/block", params={"since": 0})
        ).content
        shown = decode_features(block)
        metres = [shown.kinds.index(word) for word in ("dike", "level_station")]
        highest_m = float(np.nanmax(shown.value[np.isin(shown.kind, metres)]))
        return record, alarms, highest_m


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault.DOUBLED, FeedFault.DOUBLED),
        (Fault.UNIT, FeedFault.UNIT),
        (Fault.CLOCK, FeedFault.CLOCK),
        (Fault.BEHIND, FeedFault.BEHIND),
        (Fault.SILENT, FeedFault.NONE),
    ],
)
def test_a_feed_that_fails_is_seen_to_fail(tmp_path: Path, fault: Fault, told: FeedFault) -> None:
    record, alarms, highest_m = run(lambda: play_feed(tmp_path, fault=fault, tidy=False))
    assert highest_m < 20, "centimetres are not shown as metres"
    if fault is Fault.SILENT:
        assert record.state is FeedState.DEAD
        assert any(FEED in one.cause for one in alarms)
    else:
        assert record.fault is told


def test_a_tidy_feed_is_live_and_without_fault(tmp_path: Path) -> None:
    record, alarms, _highest_m = run(lambda: play_feed(tmp_path, fault=Fault.SILENT, tidy=True))
    assert (record.state, record.fault) == (FeedState.LIVE, FeedFault.NONE)
    assert not any(FEED in one.cause for one in alarms)


def test_gauges_in_centimetres_raise_no_flood_alarm(tmp_path: Path) -> None:
    record, alarms, highest_m = run(
        lambda: play_feed(tmp_path, fault=Fault.UNIT, tidy=False, name=GAUGES)
    )
    assert record.fault is FeedFault.UNIT
    assert highest_m < 20
    assert all(one.level > 1 and "00 米" not in one.title.zh for one in alarms)


class Heard(Feed):
    """A feed that counts the rows it describes and those it only tells of."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.described = self.told = 0

    def wide(self, layer: str, rows: Rows) -> bool:
        """Count and send."""
        count = rows.batch.num_rows
        self.described += count if rows.is_whole else 0
        self.told += 0 if rows.is_whole else count
        return super().wide(layer, rows)


def test_a_city_that_comes_back_describes_nothing_again(tmp_path: Path) -> None:
    tables = [
        LayerTable(
            "police",
            "警务",
            "Policing",
            (kind("police", "key_place"), kind("police", "checkpoint")),
        )
    ]

    def city_of(service: Service, heard: Heard, scale: float) -> City:
        began_s = service.clock.now().timestamp()
        objects = Objects(world(scale), tables, tidy=True, began_s=began_s)
        return City(Plan(scale=0.001, tidy=True), heard, service.clock, objects=objects)

    async def body() -> None:
        async with serving(tmp_path) as service:
            bridge = Bridge(service, asyncio.get_running_loop())
            heard = [Heard(line(service, bridge, "feed")) for _ in range(3)]
            for one, scale in zip(heard, (0.02, 0.02, 0.03), strict=True):
                city = city_of(service, one, scale)
                await asyncio.to_thread(play, city, service.clock, 12, 60.0)
            first, again, larger = heard
            assert first.described == 160 + 180
            assert again.described == 0
            assert again.told >= 180, "its readings come all the same"
            assert larger.described == 240 + 180, "a larger city is described whole"

    run(body)


def test_an_outage_is_on_the_map_while_it_lasts_and_then_gone(tmp_path: Path) -> None:
    power = next(one for one in TROUBLES if one.kind.word == "outage_power")

    def shown(service: Service) -> set[str]:
        block = service.parts.features.layer("utilities").block(0, lambda _region, _unit: True)
        assert block is not None
        rows = [
            int(oid)
            for oid, kind in zip(block.oid, block.kind, strict=True)
            if block.kinds[kind] == "outage_power"
        ]
        with service.parts.database.read() as view:
            found = (table.get(view.connection, "utilities", oid) for oid in rows)
            return {one.id for one in found if one is not None}

    async def body() -> None:
        async with serving(tmp_path) as service:
            link = line(service, Bridge(service, asyncio.get_running_loop()), "feed")
            troubles, town = Troubles(world(), Feed(link)), world()
            seen: list[set[str]] = []
            for _ in range(9):
                now_s = service.clock.now().timestamp()
                await asyncio.to_thread(troubles.step, now_s)
                places = range(power.kind.count)
                there_now = [place for place in places if there(power, place, town, now_s)]
                seen.append({f"SIM-OP{place:05d}" for place in there_now})
                assert shown(service) == seen[-1]
                service.clock.advance(25 * 60)
            assert any(before - after for before, after in pairwise(seen)), "none was repaired"
            assert any(after - before for before, after in pairwise(seen)), "none came"
            while not shown(service):
                await asyncio.to_thread(troubles.step, service.clock.now().timestamp())
                service.clock.advance(25 * 60)
            other_town = replace(town, seed=town.seed + 1)
            again = Troubles(other_town, Feed(link))  # takes out what it did not bring itself
            now_s = service.clock.now().timestamp()
            await asyncio.to_thread(again.step, now_s)
            other = [place for place in places if there(power, place, other_town, now_s)]
            assert shown(service) == {f"SIM-OP{place:05d}" for place in other}
            await asyncio.to_thread(link.close)

    run(body)


def test_a_lead_that_moved_on_is_told_anew(tmp_path: Path) -> None:
    stock = make("housing", kind("housing", "lead_visited"), world())

    async def body() -> None:
        async with serving(tmp_path) as service:
            link = line(service, Bridge(service, asyncio.get_running_loop()), "feed")
            feed, now_s = Feed(link), service.clock.now().timestamp()
            await asyncio.to_thread(feed.wide, "housing", Rows(whole(stock, now_s), "housing-D23"))
            stages = Stages(world(), feed, layers.load())
            await asyncio.to_thread(stages.step, now_s)
            service.clock.advance(9 * 86_400)
            later_s = service.clock.now().timestamp()
            await asyncio.to_thread(stages.step, later_s)
            ids = [str(one) for one in stock.ids.to_pylist()]
            with service.parts.database.read() as view:
                held = table.known(view.connection, "housing", ids, ("kind",)).columns["kind"]
            words, stage = words_of(stock, later_s)
            assert held.to_pylist() == [words[one] for one in stage]
            assert len(set(held.to_pylist())) > 1
            assert (stage != words_of(stock, now_s)[1]).any()
            await asyncio.to_thread(link.close)

    run(body)
