"""Drawings and divisions: on the shared map for all in scope, gone when their time is over."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx

from backend.services import divisions
from backend.storage import audit
from backend_client.contract import paths
from backend_client.contract.columns import FeatureBlock, decode_features
from backend_client.contract.shapes import AREA, decode
from tests.service import Service, serving

RING = [[120.80, 32.00], [120.84, 32.00], [120.84, 32.03], [120.80, 32.00]]


def drawing(service: Service, **more: object) -> dict[str, object]:
    ends = service.clock.now() + timedelta(hours=6)
    return {
        "drawing_id": "d-1",
        "title": "一号险段",
        "note": "集结",
        "kind": "area",
        "region": "320613",
        "outline": {"form": "area", "parts": [RING]},
        "until_at": ends.isoformat(),
        **more,
    }


async def put(service: Service, account: str, body: object) -> httpx.Response:
    headers = await service.headers(account)
    return await service.client.put(paths.DRAWINGS, headers=headers, json=body)


async def erase(service: Service, account: str, drawing_id: str = "d-1") -> int:
    headers = await service.headers(account)
    path = paths.DRAWING.format(drawing_id=drawing_id)
    return (await service.client.delete(path, headers=headers)).status_code


async def layer(service: Service, account: str, name: str = "drawings") -> FeatureBlock | None:
    reply = await service.get(account, paths.BLOCK.format(layer=name))
    return decode_features(reply.content) if reply.status_code == 200 else None


def test_a_drawn_area_is_on_everybodys_map_until_it_is_erased(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            made = await put(service, "dispatcher", drawing(service))
            assert made.status_code == 200, made.text
            block = await layer(service, "duty")
            assert block is not None
            assert block.oid.tolist() == [made.json()["oid"]]
            form, parts = decode(block.shapes.row(0))
            assert form == AREA
            assert len(parts[0]) == len(RING)
            path = paths.FEATURE.format(layer="drawings", oid=made.json()["oid"])
            seen = (await service.get("duty", path)).json()
            assert (seen["name"], seen["properties"]["note"]) == ("一号险段", "集结")
            assert await erase(service, "dispatcher") == 204
            left = await layer(service, "duty")
            assert left is not None
            assert left.oid.size == 0
            with service.parts.database.read() as view:
                rows = audit.page(view.connection, after=0, limit=500)
            deeds = [row.action for row in rows if row.target == "drawings/d-1"]
            assert deeds == ["drawing.edit", "drawing.erase"]

    asyncio.run(body())


def test_the_same_id_again_replaces_the_drawing(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            first = await put(service, "dispatcher", drawing(service))
            again = await put(service, "dispatcher", drawing(service, title="二号险段"))
            assert again.json() == first.json()
            block = await layer(service, "dispatcher")
            assert block is not None
            assert block.oid.size == 1

    asyncio.run(body())


def test_who_may_not_draw_and_what_is_elsewhere_is_refused(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            assert (await put(service, "auditor", drawing(service))).status_code == 403
            there = drawing(service, region="320623")
            assert (await put(service, "operator_chongchuan", there)).status_code in (403, 404)
            assert (await put(service, "dispatcher", there)).status_code == 200
            mine = drawing(service)  # the same id, moved into one's own county
            assert (await put(service, "operator_chongchuan", mine)).status_code in (403, 404)
            assert await erase(service, "operator_chongchuan") in (403, 404)
            assert await erase(service, "dispatcher", "nothing") == 404

    asyncio.run(body())


def test_a_drawing_that_makes_no_sense_is_refused_in_both_languages(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            now = service.clock.now()
            bad = (
                drawing(service, until_at=now.isoformat()),
                drawing(service, until_at=(now + timedelta(days=31)).isoformat()),
                drawing(service, kind="mark"),
                drawing(service, kind="line"),
                drawing(service, outline=None),
                drawing(service, title=""),
            )
            for one in bad:
                reply = await put(service, "dispatcher", one)
                assert reply.status_code == 422, one
                assert reply.json()["what"]["zh"]
                assert reply.json()["what"]["en"]

    asyncio.run(body())


def test_a_drawing_leaves_the_map_at_its_end(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            soon = (service.clock.now() + timedelta(minutes=3)).isoformat()
            await put(service, "dispatcher", drawing(service, until_at=soon))
            await asyncio.to_thread(service.parts.drawings.erase_due)
            before = await layer(service, "dispatcher")
            service.clock.advance(180)
            assert await asyncio.to_thread(service.parts.drawings.erase_due) == 1
            after = await layer(service, "dispatcher")
            assert before is not None
            assert after is not None
            assert (before.oid.size, after.oid.size) == (1, 0)

    asyncio.run(body())


def test_divisions_are_put_once_and_only_where_a_place_is_known(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            parts = service.parts
            await asyncio.to_thread(divisions.show, parts.database, parts.features)
            block = await layer(service, "dispatcher", divisions.LAYER)
            assert block is not None
            kinds = [block.kinds[code] for code in block.kind]
            assert (kinds.count("county"), kinds.count("zone"), kinds.count("town")) == (7, 3, 66)
            await asyncio.to_thread(divisions.show, parts.database, parts.features)
            again = await layer(service, "dispatcher", divisions.LAYER)
            assert again is not None
            assert again.version == block.version

    asyncio.run(body())
