"""Feeds post fixes; readers get the latest of each object; the history has each once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pyarrow as pa

from backend.storage.features import milliseconds
from backend_client.contract.columns import FixBlock, decode_fixes
from backend_client.contract.positions import Fixed
from backend_client.contract.rows import FIX_TYPES, FixRows, Rows, encode_fix_rows, encode_rows
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


def test_each_object_brings_its_kind_and_remembers_its_feed(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1), lorry(2, kind="escort"), lorry(3))
            batch = {"layer": "hazmat", "fixes": [fix(2), fix(3)], "feed": "gps"}
            assert (await service.post("feed", "/v1/positions", batch)).json()["accepted"] == 2
            seen = await look(service, "operator")
            words = [seen.kinds[code] for code in seen.kind]
            assert (seen.oid.tolist(), words) == ([2, 3], ["escort", "vehicle"])
            one = await service.get("operator", "/v1/layers/hazmat/features/2")
            assert one.json()["feed"] == "gps"

    run(body)


def test_an_object_taken_out_leaves_the_screens_that_showed_it(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            away = lorry(3, region="320623")
            await put(service, "hazmat", lorry(1), lorry(2), away)
            await send(service, fix(1), fix(2), fix(3))
            readers = ("operator", "operator_chongchuan", "operator_rudong")
            since = {name: (await look(service, name)).seq for name in readers}
            await put(service, "hazmat", lorry(2, region="320623"), remove=["V1"])
            moved = {name: await look(service, name, since=since[name]) for name in readers}
            told = {
                name: (block.removed.tolist(), block.oid.tolist()) for name, block in moved.items()
            }
            assert told == {
                "operator": ([1], [2]),
                "operator_chongchuan": ([1, 2], []),
                "operator_rudong": ([], [2]),
            }
            block = moved["operator_chongchuan"]
            assert {block.layers[code] for code in block.removed_layer} == {"hazmat"}
            assert (await look(service, "operator")).removed.size == 0  # all anew: nothing to drop

    run(body)


def test_bad_fixes_of_the_wide_door_are_named_and_good_ones_kept(tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(tmp_path) as service:
            await put(service, "hazmat", lorry(1))
            now_ms = milliseconds(START)
            good: dict[str, object] = {
                "id": "V1",
                "lon": 120.9,
                "lat": 32.0,
                "speed_kmh": None,
                "heading_deg": 12.5,
                "state": 1,
                "observed_ms": now_ms,
            }
            bad: list[tuple[str, dict[str, object]]] = [
                ("id", {"id": None}),
                ("id", {"id": "V9"}),
                ("lon", {"lon": None}),
                ("lat", {"lat": 91.0}),
                ("lat", {"lat": float("nan")}),
                ("speed_kmh", {"speed_kmh": 401.0}),
                ("heading_deg", {"heading_deg": 360.0}),
                ("state", {"state": 5}),
                ("observed_ms", {"observed_ms": None}),
                ("observed_at", {"observed_ms": now_ms + 61_000}),
                ("observed_at", {"observed_ms": now_ms - 25 * 3_600_000}),
            ]
            rows = [good, *({**good, **one} for _, one in bad)]
            columns = {
                name: pa.array([row[name] for row in rows], kind)
                for name, kind in FIX_TYPES.items()
            }
            headers = {
                **await service.headers("feed"),
                "Content-Type": "application/vnd.apache.arrow.stream",
            }
            raw = encode_fix_rows(FixRows(pa.record_batch(columns), "hazmat"))
            reply = await service.client.post("/v1/positions/rows", content=raw, headers=headers)
            made = Fixed.model_validate_json(reply.content)
            assert (made.accepted, made.duplicate) == (1, 0)
            assert [one.where for one in made.rejected] == [where for where, _ in bad]
            seen = await look(service, "operator")
            assert (seen.state.tolist(), seen.heading_deg.tolist()) == ([1], [12.5])
            assert seen.speed_kmh.tolist() == [0.0]
            torn = await service.client.post(
                "/v1/positions/rows", content=raw[:100], headers=headers
            )
            assert (torn.status_code, torn.json()["code"]) == (422, "bad_rows")
            nameless = encode_rows(Rows(pa.record_batch(columns)))
            reply = await service.client.post(
                "/v1/positions/rows", content=nameless, headers=headers
            )
            assert (reply.status_code, reply.json()["code"]) == (422, "bad_rows")

    run(body)
