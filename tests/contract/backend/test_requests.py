"""Requests as a whole: hot spots planted through the door, the day's numbers, each in scope."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from backend_client.contract import paths
from backend_client.contract.events import EventState
from backend_client.contract.requests import LAYER, Requests
from tests.contract.backend.test_rates import City
from tests.service import Service, intake, run, serving

COVER, RUBBISH = "0101", "1101"


async def plant(
    service: Service,
    first: int,
    places: Sequence[tuple[float, float]],
    *,
    matter: str,
    region: str = "320613001",
    days: float = 0.0,
    channel: str = "hotline",
) -> list[str]:
    ids = []
    at = service.clock.now() - timedelta(days=days)
    for number, (lon, lat) in enumerate(places):
        body = intake(
            first + number,
            region=region,
            matter=matter,
            channel=channel,
            lon=lon,
            lat=lat,
            reported_at=(at - timedelta(minutes=number)).isoformat(),
        )
        reply = await service.post("feed", paths.EVENTS, body)
        assert reply.status_code == 201, reply.text
        ids.append(str(reply.json()["item_id"]))
    return ids


async def requests(service: Service, account: str = "leader", **query: object) -> Requests:
    service.clock.advance(30)
    reply = await service.get(account, paths.REQUESTS, params=query)
    assert reply.status_code == 200, reply.text
    return Requests.model_validate_json(reply.content)


def close_by(count: int, lon: float = 120.87, lat: float = 32.01) -> list[tuple[float, float]]:
    return [(lon + number * 0.0008, lat) for number in range(count)]


def far_apart(count: int) -> list[tuple[float, float]]:
    return [(120.9 + number * 0.02, 32.05) for number in range(count)]


def test_a_planted_cluster_is_a_hot_spot_and_noise_is_none(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await plant(service, 0, far_apart(9), matter=COVER)
            assert (await requests(service)).spots == ()
            ids = await plant(service, 20, close_by(7), matter=COVER)
            await plant(service, 40, close_by(4), matter=RUBBISH)  # another class, too few
            await plant(service, 50, close_by(6), matter="")  # nobody said what they are
            await plant(service, 60, close_by(2), matter=COVER, days=7.2)
            (spot,) = (await requests(service)).spots
            assert (spot.matter, spot.name.en, spot.region) == (
                COVER,
                "Manhole covers",
                "320613001",
            )
            assert (spot.count, spot.before, spot.open) == (7, 2, 7)
            assert set(spot.event_ids) == set(ids)
            city = City(service)
            for event_id in ids:
                await city.step(event_id, "refuse", reason="重复演练")
            assert (await requests(service)).spots == ()

    run(body)


def test_a_hot_spot_is_seen_by_its_own_county_only(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await plant(service, 0, close_by(4), matter=COVER)
            await plant(service, 10, close_by(4), matter=COVER, region="320623104")
            assert (await requests(service)).spots == ()  # four each: no county has five
            await plant(service, 20, close_by(1), matter=COVER, region="320623104")
            (spot,) = (await requests(service)).spots
            assert (spot.region, spot.count) == ("320623104", 5)
            own = await requests(service, "operator_rudong")
            assert (own.region, len(own.spots), own.intake) == ("320623", 1, 5)
            assert (await requests(service, "operator_chongchuan")).spots == ()
            other = await service.get(
                "operator_rudong", paths.REQUESTS, params={"region": "320613"}
            )
            assert other.status_code == 404
            assert (await service.get("feed", paths.REQUESTS)).status_code == 403

    run(body)


def test_two_hot_spots_within_a_kilometre_are_two(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            here, there = [(120.866, 32.006)] * 5, [(120.874, 32.014)] * 6
            await plant(service, 0, here, matter=COVER)
            await plant(service, 20, there, matter=COVER)
            spots = (await requests(service)).spots
            assert sorted(one.count for one in spots) == [5, 6]
            assert len({one.spot_id for one in spots}) == 2
            assert await asyncio.to_thread(service.parts.requests.tend) == 2
            listed = (await service.get("operator", "/v1/layers")).json()["layers"]
            assert {one["layer"]: one["count"] for one in listed}[LAYER] == 2

    run(body)


def test_the_map_shows_hot_spots_while_they_are_there(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            tend = service.parts.requests.tend
            assert await asyncio.to_thread(tend) == 0
            await plant(service, 0, close_by(6), matter=COVER)
            assert await asyncio.to_thread(tend) == 1
            listed = (await service.get("operator", "/v1/layers")).json()["layers"]
            assert {one["layer"]: one["count"] for one in listed}[LAYER] == 1
            service.clock.advance(86_400)
            service.forget_tokens()
            assert await asyncio.to_thread(tend) == 0
            listed = (await service.get("operator", "/v1/layers")).json()["layers"]
            assert {one["layer"]: one["count"] for one in listed}[LAYER] == 0

    run(body)


def test_the_days_numbers_are_those_of_the_events(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await plant(service, 0, far_apart(3), matter=COVER)
            await plant(service, 10, far_apart(2), matter=RUBBISH, channel="grid")
            await plant(service, 20, far_apart(1), matter="", region="320623104", channel="web")
            await plant(service, 30, far_apart(1), matter=COVER, days=2.0)
            city = City(service, number=500)
            done = await city.whole()
            main, child = await city.report(), await city.report()
            await city.step(child, "merge", main_id=main)
            service.clock.advance(20)
            await city.call(done, "satisfied")
            told = await requests(service)
            assert (told.intake, told.answered, told.merged) == (9, 1, 1)
            assert (told.satisfied.top, told.satisfied.bottom) == (1, 1)
            assert {one.channel.value: one.count for one in told.channels}["grid"] == 2
            assert [(one.matter, one.count) for one in told.matters] == [
                ("", 4),
                (COVER, 3),
                (RUBBISH, 2),
            ]
            assert [(one.region, one.count) for one in told.regions] == [
                ("320613", 8),
                ("320623", 1),
            ]
            states = {one.state: one.count for one in told.states}
            assert states[EventState.REGISTERED] == 8
            assert EventState.ARCHIVED not in states
            towns = await requests(service, region="320613")
            assert [(one.region, one.count) for one in towns.regions] == [("320613001", 8)]

    run(body)
