"""Layers some roles may not look into: no door, search, lasso or stream brings them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backend.services.policy import load_policy
from backend.services.sift import OWNERS
from backend_client.contract import paths
from backend_client.contract.auth import Person, Role
from backend_client.contract.columns import decode_fixes
from maps.spec import load_layers
from tests.service import START, Service, serving, stream

ACCOUNTS = ("operator", "dispatcher", "duty", "leader", "maintainer", "auditor")
CLOSED = {"maintainer": {"housing", "police"}, "auditor": {"housing", "police"}}
"""Written by hand, beside the policy."""


def person(role: Role, departments: tuple[str, ...] = ("*",)) -> Person:
    return Person(
        person_id="p", name="p", role=role, regions=("3206",), departments=departments, mfa=False
    )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.FEED])
def test_the_service_opens_what_the_layer_files_offer(role: Role) -> None:
    policy = load_policy()
    for spec in load_layers():
        assert policy.opens(person(role), spec.layer_id) == spec.is_open_to(role)
        assert policy.opens(person(role, ("D27",)), spec.layer_id) == spec.is_open_to(role)
    assert policy.opens(person(Role.FEED), "police")  # it asks how many of its objects there are


async def put(service: Service, layer: str) -> None:
    """Put a still and a moving object, and where the moving one is."""
    still = {
        "id": f"{layer}-1",
        "kind": "thing",
        "name": f"演示{layer}",
        "lon": 120.9,
        "lat": 32.0,
        "region": "320613",
        "observed_at": START.isoformat(),
        "properties": {},
    }
    moving = {**still, "id": f"{layer}-2", "lon": None, "lat": None}
    fix = {"id": f"{layer}-2", "lon": 120.9, "lat": 32.0, "observed_at": START.isoformat()}
    fixes = {"layer": layer, "fixes": [{**fix, "speed_kmh": 5.0, "heading_deg": 0.0, "state": 0}]}
    door = paths.FEATURES.format(layer=layer)
    headers = await service.headers("feed")
    told = await service.client.put(door, json={"features": [still, moving]}, headers=headers)
    assert told.json()["accepted"] == 2, told.text
    reply = await service.post("feed", paths.POSITIONS, fixes)
    assert reply.json()["accepted"] == 1, reply.text


async def seen(service: Service, account: str) -> dict[str, set[str]]:
    """Give which layers each way of looking brings an account."""
    found: dict[str, set[str]] = {}
    listed = (await service.get(account, paths.LAYERS)).json()["layers"]
    found["list"] = {one["layer"] for one in listed}
    found["door"], found["object"], found["track"] = set(), set(), set()
    for layer in OWNERS:
        doors = {
            "door": paths.BLOCK.format(layer=layer),
            "object": paths.FEATURE.format(layer=layer, oid=1),
            "track": paths.TRACK.format(layer=layer, oid=2),
        }
        for name, door in doors.items():
            status = (await service.get(account, door)).status_code
            assert status in (200, 404)
            found[name] |= {layer} if status == 200 else set()
    fixes = decode_fixes((await service.get(account, paths.POSITIONS)).content)
    found["fixes"] = {fixes.layers[number] for number in fixes.layer.tolist()}
    hits = (await service.get(account, paths.SEARCH, params={"q": "演示", "limit": 50})).json()
    found["search"] = {hit["layer"] for hit in hits["hits"] if hit["what"] == "feature"}
    circle = {"shape": "circle", "lon": 120.9, "lat": 32.0, "radius_m": 100.0}
    within = (await service.post(account, paths.WITHIN, {"area": circle, "limit": 200})).json()
    found["lasso"] = {row["layer"] for row in within["rows"]}
    return found


def test_a_role_is_given_only_the_layers_open_to_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path / "data") as service:
            for layer in OWNERS:
                await put(service, layer)
            await asyncio.to_thread(service.parts.indexing.finish)
            for account in ACCOUNTS:
                mine = set(OWNERS) - CLOSED.get(account, set())
                for way, layers in (await seen(service, account)).items():
                    assert layers & set(OWNERS) == mine, (account, way)

    asyncio.run(scenario())


def test_the_first_news_of_a_new_layer_reach_who_may_see_it_and_nobody_else(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with serving(tmp_path / "data", lifespan=True) as service:
            operator, auditor = [await service.headers(one) for one in ("operator", "auditor")]
            async with stream(service, operator) as seen, stream(service, auditor) as unseen:
                await seen.event("beat")
                await unseen.event("beat")
                await put(service, "police")
                while (await seen.event("layer"))["layer"] != "police":
                    pass
                told = [data for kind, data in await unseen.until_beat() if kind == "layer"]
                await put(service, "urban")
                while (last := await unseen.event("layer"))["layer"] != "urban":
                    told.append(last)
                assert "police" not in {one["layer"] for one in told}

    asyncio.run(scenario())


def test_news_of_a_closed_layer_go_to_nobody_who_may_not_see_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serving(tmp_path / "data") as service:
            for layer in ("police", "urban"):
                await put(service, layer)
            features = service.parts.features
            reader = person(Role.AUDITOR)
            assert not features.reaches(reader, "police")
            assert features.reaches(reader, "urban")
            assert features.reaches(person(Role.OPERATOR), "police")
            assert features.reaches(person(Role.OPERATOR, ("D16",)), "police")

    asyncio.run(scenario())
