"""Feeds post fixes; readers get the latest of each object; the history has each once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx

from backend_client.contract.columns import FixBlock, decode_fixes
from tests.contract.backend.test_layers import put
from tests.service import START, Service, run, serving


def lorry(number: int, **changed: object) -> dict[str, object]:
    """Register a moving object."""
    return {
        "id": f"V{number}",
        "kind": "vehicle",
        "name": f"苏F{number:05d}",
        "lon": None,
        "lat": None,
        "region": "320613",
        "observed_at": START.isoformat(),
        **changed,
    }


def fix(number: int, seconds: float = 0, **changed: object) -> dict[str, object]:
    """Give one fix of an object."""
    return {
        "id": f"V{number}",
        "lon": 120.9,
        "lat": 32.0,
        "speed_kmh": 40.0,
        "observed_at": (START + timedelta(seconds=seconds)).isoformat(),
        **changed,
    }


async def send(service: Service, *fixes: object) -> httpx.Response:
    """Post fixes as the feed."""
    return await service.post("feed", "/v1/positions", {"layer": "hazmat", "fixes": fixes})


async def look(service: Service, account: str, **params: float) -> FixBlock:
    """Read the latest fixes."""
    reply = await service.get(account, "/v1/positions", params=params)
    assert reply.status_code == 200, reply.text
    return decode_fixes(reply.content)


async def track(service: Service, oid: int) -> list[str]:
    """Read the instants of a track."""
    reply = await service.get("operator", f"/v1/layers/hazmat/features/{oid}/track")
    assert reply.status_code == 200, reply.text
    return [point["at"] for point in reply.json()["points"]]


def test_latest_only_moves_forward_and_history_takes_each_once(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1))
            sent = [fix(1, 0), fix(1, 20, lon=121.0), fix(1, 10), fix(1, 20), fix(1, 10), fix(1, 0)]
            answers = [(await send(service, one)).json() for one in sent]
            assert [(one["accepted"], one["duplicate"]) for one in answers] == [
                (1, 0),
                (1, 0),
                (1, 0),
                (0, 1),
                (0, 1),
                (0, 1),
            ]
            seen = await look(service, "operator")
            assert (seen.oid.tolist(), seen.lon_e7.tolist()) == ([1], [1_210_000_000])
            assert len(await track(service, 1)) == 3

    run(body)


def test_bad_fixes_are_named_and_good_neighbours_kept(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1))
            reply = await send(
                service,
                fix(1, 0),
                fix(2),
                fix(1, 61),
                fix(1, -86_401),
                fix(1, 1, lat=91.0),
                fix(1, 1, speed_kmh=-1.0),
                fix(1, 1),
                fix(1, 1),
            )
            assert reply.status_code == 200, reply.text
            made = reply.json()
            assert (made["accepted"], made["duplicate"]) == (2, 1)
            assert [(one["index"], one["where"]) for one in made["rejected"]] == [
                (1, "id"),
                (2, "observed_at"),
                (3, "observed_at"),
                (4, "lat"),
                (5, "speed_kmh"),
            ]
            assert all(one["zh"] and one["en"] for one in made["rejected"])
            none = await service.post("feed", "/v1/positions", {"layer": "hazmat", "fixes": []})
            assert none.status_code == 422
            long = await send(service, *[fix(1, lat=91.0)] * 5_001, *[fix(1, 2)] * 5_000)
            assert long.status_code == 422  # rows that are refused count too
            assert (await service.post("operator", "/v1/positions", {})).status_code == 403

    run(body)


def test_doubles_are_known_across_a_restart(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1))
            await send(service, *(fix(1, second) for second in range(0, -100, -10)))
            epoch = (await look(service, "operator")).epoch
        async with serving(tmp_path) as service:
            service.clock.advance(600)  # one-time codes work once, across a restart too
            again = await send(service, *(fix(1, second) for second in range(0, -110, -10)))
            assert (again.json()["accepted"], again.json()["duplicate"]) == (1, 10)
            assert len(await track(service, 1)) == 11
            seen = await look(service, "operator")
            assert seen.epoch != epoch
            assert seen.observed_ms.tolist() == [int(START.timestamp() * 1000)]

    run(body)


def test_readers_see_the_objects_of_their_region(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1), lorry(2, region="320623"))
            await send(service, fix(1), fix(2))
            seen = {
                account: (await look(service, account)).oid.tolist()
                for account in ("operator", "operator_rudong", "operator_water")
            }
            assert seen == {"operator": [1, 2], "operator_rudong": [2], "operator_water": []}
            foreign = await service.get("operator_rudong", "/v1/layers/hazmat/features/1/track")
            assert foreign.status_code == 404

    run(body)


def test_waiting_ends_when_something_moves(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1))
            await send(service, fix(1))
            first = await look(service, "operator")
            waiting = asyncio.create_task(look(service, "operator", since=first.seq, wait_s=20))
            idle = await look(service, "operator", since=first.seq, wait_s=0.3)
            assert (len(idle.oid), idle.seq) == (0, first.seq)
            assert not waiting.done()
            await send(service, fix(1, 5))
            moved = await asyncio.wait_for(waiting, 5)
            assert (moved.oid.tolist(), moved.seq > first.seq) == ([1], True)

    run(body)
