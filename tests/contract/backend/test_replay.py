"""What the map showed at an instant: by the doors that fill it, and asked for afterwards."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend_client.contract import paths
from backend_client.contract.columns import (
    FeatureBlock,
    decode_features,
    decode_fixes,
    merge_features,
)
from tests.service import START, Service, serving

LAYER = "utilities"


def thing(name: str, at: datetime, **more: object) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "outage",
        "name": name,
        "lon": 120.9,
        "lat": 32.0,
        "region": "320613",
        "observed_at": at.isoformat(),
        "properties": {},
        **more,
    }


async def put(
    service: Service, layer: str, *features: object, remove: tuple[str, ...] = ()
) -> None:
    body = {"features": features, "remove": remove}
    door, headers = paths.FEATURES.format(layer=layer), await service.headers("feed")
    reply = await service.client.put(door, json=body, headers=headers)
    assert reply.status_code == 200, reply.text
    assert reply.json()["accepted"] == len(features), reply.text


async def asked(service: Service, account: str, path: str, at: datetime) -> httpx.Response:
    return await service.get(account, path, params={"at": at.isoformat()})


async def shown(service: Service, at: datetime, layer: str = LAYER) -> dict[int, int]:
    """Give what the map showed at an instant: object and state."""
    return states(await back(service, at, layer))


async def back(service: Service, at: datetime, layer: str = LAYER) -> FeatureBlock:
    reply = await service.get("dispatcher", paths.BLOCK.format(layer=layer))
    now = decode_features(reply.content)
    reply = await asked(service, "dispatcher", paths.REPLAY_LAYER.format(layer=layer), at)
    assert reply.status_code == 200, reply.text
    return merge_features(now, decode_features(reply.content))


def states(block: FeatureBlock) -> dict[int, int]:
    return dict(zip(block.oid.tolist(), block.state.tolist(), strict=True))


def test_a_layer_is_shown_as_it_was(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving(tmp_path) as service:
            await service.headers("dispatcher")
            await service.headers("feed")
            clock, seen = service.clock, []

            def note(*expected: tuple[int, int]) -> None:
                clock.advance(30)
                seen.append((clock.now(), dict(expected)))
                clock.advance(30)

            note_at = clock.now
            await put(service, LAYER, thing("A", note_at()), thing("B", note_at(), state=2))
            note((1, 0), (2, 2))
            await put(service, LAYER, thing("A", note_at(), state=3), thing("C", note_at()))
            note((1, 3), (2, 2), (3, 0))
            await put(service, LAYER, remove=("B",))
            note((1, 3), (3, 0))
            await put(service, LAYER, thing("A", note_at(), state=1), thing("B", note_at()))
            note((1, 1), (2, 0), (3, 0))
            await put(service, LAYER, remove=("A", "C"))
            note((2, 0))
            for at, expected in seen:
                assert await shown(service, at) == expected, at
            assert await shown(service, START) == {}
        async with serving(tmp_path, clock=clock) as service:  # after a restart too
            for at, expected in seen:
                assert await shown(service, at) == expected, at

    asyncio.run(run())


def test_values_are_those_measured_then(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving(tmp_path) as service:
            clock = service.clock
            gauge = {"kind": "rain_gauge", "value": 1.0}
            await put(service, "water", thing("G", clock.now(), **gauge))
            asked_at = []
            for level in (1.5, 2.5, 3.5):
                clock.advance(60)
                await put(service, "water", thing("G", clock.now(), **{**gauge, "value": level}))
                asked_at.append((clock.now() + timedelta(seconds=30), level))
            clock.advance(120)
            for at, level in asked_at:
                block = await back(service, at, "water")
                assert block.value.tolist() == [level]
                assert block.observed_s.tolist() == [int(at.timestamp()) - 30]

    asyncio.run(run())


def test_an_event_is_on_the_map_from_intake_to_answer(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving(tmp_path) as service:
            clock = service.clock
            before = clock.now()
            clock.advance(60)
            intake = {
                "intake_id": "i1",
                "channel": "hotline",
                "title": "井盖缺失",
                "text": "井盖缺失",
                "region": "320613",
                "lon": 120.9,
                "lat": 32.0,
                "reported_at": clock.now().isoformat(),
            }
            head = (await service.post("feed", paths.EVENTS, intake)).json()
            clock.advance(60)
            open_at = clock.now()
            path = paths.EVENT_VERB.format(item_id=head["item_id"], verb="accept")
            reply = await service.post("dispatcher", path, {"version": head["version"]})
            path = paths.EVENT_VERB.format(item_id=head["item_id"], verb="close")
            body = {"version": reply.json()["version"], "answer": "已补盖"}
            reply = await service.post("dispatcher", path, body)
            assert reply.status_code == 200, reply.text
            clock.advance(60)
            assert await shown(service, before, "requests") == {}
            assert await shown(service, open_at, "requests") == {1: 0}
            assert await shown(service, clock.now(), "requests") == {}

    asyncio.run(run())


def test_moving_objects_are_where_they_were(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving(tmp_path) as service:
            clock = service.clock
            await put(service, "transport", thing("V", clock.now(), lon=None, lat=None))
            marks = []
            for step in range(4):
                clock.advance(30)
                fix = {"id": "V", "lon": 120.9 + step / 100, "lat": 32.0}
                fix |= {"observed_at": clock.now().isoformat()}
                body = {"layer": "transport", "fixes": [fix]}
                assert (await service.post("feed", paths.POSITIONS, body)).json()["accepted"] == 1
                marks.append((clock.now() + timedelta(seconds=10), 120.9 + step / 100))
            clock.advance(60)
            service.parts.positions.close()  # some of it in the history, none in the journal
            for at, lon in marks:
                reply = await asked(service, "dispatcher", paths.REPLAY_POSITIONS, at)
                assert reply.status_code == 200, reply.text
                block = decode_fixes(reply.content)
                assert [round(e7 / 1e7, 6) for e7 in block.lon_e7.tolist()] == [round(lon, 6)]
            silent = marks[-1][0] + timedelta(minutes=16)
            clock.advance(3_600)
            service.forget_tokens()
            reply = await asked(service, "dispatcher", paths.REPLAY_POSITIONS, silent)
            assert decode_fixes(reply.content).oid.size == 0

    asyncio.run(run())


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "in_future"), (8, "too_long_ago")], ids=["future", "long ago"]
)
def test_an_instant_that_cannot_be_shown_is_refused(tmp_path: Path, days: int, code: str) -> None:
    async def run() -> None:
        async with serving(tmp_path) as service:
            await put(service, LAYER, thing("A", service.clock.now()))
            at = service.clock.now() - timedelta(days=days)
            for path in (paths.REPLAY_POSITIONS, paths.REPLAY_LAYER.format(layer=LAYER)):
                reply = await asked(service, "dispatcher", path, at)
                assert (reply.status_code, reply.json()["code"]) == (422, code)

    asyncio.run(run())


def test_a_reader_sees_of_the_past_what_they_may_see_today(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving(tmp_path) as service:
            clock = service.clock
            far = thing("F", clock.now(), region="320623")
            await put(service, "housing", thing("A", clock.now()), far)
            clock.advance(60)
            at = clock.now()
            clock.advance(60)
            await put(service, "housing", remove=("A", "F"))
            path = paths.REPLAY_LAYER.format(layer="housing")
            assert (await asked(service, "auditor", path, at)).status_code == 404
            found = decode_features((await asked(service, "dispatcher", path, at)).content)
            assert found.oid.tolist() == [1, 2]
            found = decode_features((await asked(service, "dispatcher_rudong", path, at)).content)
            assert len(found.oid) == 1

    asyncio.run(run())
