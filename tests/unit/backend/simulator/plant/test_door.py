"""The devices' door: token first, strict bodies, link faults, log on the disk before the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from backend.simulator.plant import plant as core
from backend.simulator.plant.door import make_door
from backend.simulator.plant.host import IDLE_EXIT_S, Host
from backend.simulator.plant.spec import load
from backend_client.contract.clock import ManualClock

FACTS = Path(__file__).parents[5] / "resources" / "facts"
SPECS = load(FACTS, seed=7)
GATE = "NT-S34"


class Site:
    """A door in memory over a plant on a manual clock."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(datetime(2026, 7, 20, 2, tzinfo=UTC))
        self.folder = folder
        plant = core.build(SPECS, at=self.clock.now(), seed=7, speed=60)
        self.host = Host(plant, folder, self.clock)
        transport = httpx.ASGITransport(app=make_door(self.host, "secret"))
        self.client = httpx.AsyncClient(
            transport=transport,
            base_url="http://plant",
            headers={"Authorization": "Bearer secret"},
        )

    async def post(self, verb: str, **body: object) -> httpx.Response:
        return await self.client.post(f"/devices/{GATE}/{verb}", json=body)

    def log(self) -> list[dict[str, object]]:
        text = (self.folder / "device.log").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


def at_site(folder: Path, body: Callable[[Site], Awaitable[None]]) -> None:
    async def job() -> None:
        site = Site(folder)
        await body(site)
        await site.client.aclose()
        site.host.close()

    asyncio.run(job())


def test_without_the_token_the_door_says_nothing(tmp_path: Path) -> None:
    async def body(site: Site) -> None:
        for header in ("", "Bearer wrong", "secret"):
            reply = await site.client.get("/devices", headers={"Authorization": header})
            assert reply.status_code == 401
        assert (await site.client.get("/devices")).status_code == 200

    at_site(tmp_path, body)


def test_bodies_are_strict_and_devices_known(tmp_path: Path) -> None:
    async def body(site: Site) -> None:
        order: dict[str, object] = {
            "command_id": "c",
            "fence": 1,
            "seq": 0,
            "bays": [1],
            "target_m": 1.0,
        }
        changes: list[dict[str, object]] = [
            {"target_m": "1"},
            {"fence": True},
            {"bays": []},
            {"force": 1},
            {"command_id": "x" * 65},
        ]
        for change in changes:
            assert (await site.post("select", **(order | change))).status_code == 422
        broken = await site.client.post(f"/devices/{GATE}/select", content=b'{"target_m": NaN')
        assert broken.status_code == 422
        assert (await site.client.post("/devices/NT-S99/stop", json={})).status_code == 404
        assert (await site.post("maintenance", faults=["no such"])).status_code == 422
        assert (await site.post("maintenance", link="no such")).status_code == 422

    at_site(tmp_path, body)


def test_an_order_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    async def body(site: Site) -> None:
        site.host.plant.devices[GATE].outer_m = 1.0
        await site.post("maintenance", inner_m=2.0, vessels=0)
        await site.post("claim", fence=1)
        await site.client.post("/heartbeat", json={"fences": {GATE: 1}})
        seen = (await site.client.get(f"/devices/{GATE}")).json()
        outer_m = seen["outer_m"]
        await site.post("maintenance", inner_m=outer_m + 0.8)
        order = {"command_id": "c", "fence": 1, "bays": [1], "target_m": 0.5}
        selected = await site.post("select", seq=seen["seq"], **order)
        assert selected.status_code == 200, selected.text
        assert site.log()[-1]["what"] == "select"
        operated = await site.post("operate", seq=selected.json()["seq"], **order)
        assert operated.status_code == 200
        assert "operate" in [row["what"] for row in site.log()]
        again = await site.post("operate", seq=selected.json()["seq"], **order)
        assert (again.status_code, again.json()["refused"]) == (409, "not_selected")
        state = json.loads((tmp_path / "state.json").read_text())
        assert state["devices"][GATE]["running"] == "c"
        site.clock.advance(3)
        site.host.tick()
        assert (await site.client.get(f"/devices/{GATE}")).json()["echoes"] == {"c": "done"}

    at_site(tmp_path, body)


def test_a_device_without_a_link_answers_nobody(tmp_path: Path) -> None:
    async def body(site: Site) -> None:
        await site.post("maintenance", link="down")
        assert (await site.client.get(f"/devices/{GATE}")).status_code == 503
        assert (await site.post("stop")).status_code == 503
        rows = (await site.client.get("/devices")).json()["devices"]
        told = {row["device_id"]: row["answers"] for row in rows}
        assert told[GATE] is False
        assert sum(told.values()) == 35

    at_site(tmp_path, body)


def test_facts_and_curves_are_told(tmp_path: Path) -> None:
    async def body(site: Site) -> None:
        facts = (await site.client.get("/devices?facts=1")).json()["facts"]
        assert len(facts) == 36
        assert facts[0]["name_en"]
        curves = (await site.client.get("/curves?hours=2")).json()
        assert len(curves[GATE]) == 13

    at_site(tmp_path, body)


def test_a_plant_nobody_calls_ends_by_itself(tmp_path: Path) -> None:
    async def body(site: Site) -> None:
        site.clock.advance(IDLE_EXIT_S + 1)
        async with asyncio.timeout(2):
            await site.host.run()

    at_site(tmp_path, body)
