"""Claims and undo through the real application: one hand on an event, ten seconds to undo."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend_client.contract import paths
from backend_client.contract.claims import Claim
from backend_client.contract.events import Event, EventState
from tests.service import Service, intake, nothing_changes, serving


async def take(service: Service) -> str:
    """Register an event and give its id."""
    made = await service.post("feed", paths.EVENTS, intake())
    return str(made.json()["item_id"])


async def do(
    service: Service, account: str, event_id: str, verb: str, body: object = None
) -> httpx.Response:
    return await service.post(account, paths.EVENT_VERB.format(item_id=event_id, verb=verb), body)


async def event(service: Service, event_id: str) -> Event:
    path = paths.ITEM.format(kind="event", item_id=event_id)
    return Event.model_validate((await service.get("dispatcher", path)).json())


async def claim(service: Service, event_id: str) -> Claim | None:
    path = paths.ITEM.format(kind="claim", item_id=event_id)
    reply = await service.get("auditor", path)
    return Claim.model_validate(reply.json()) if reply.status_code == 200 else None


def sending(service: Service, version: int) -> dict[str, object]:
    due_at = (service.clock.now() + timedelta(hours=1)).isoformat()
    return {"version": version, "department": "D24", "due_at": due_at}


def test_what_one_has_in_hand_nobody_else_steps_on(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            event_id = await take(service)
            for account in ("operator", "dispatcher", "duty"):
                await service.headers(account)
            held = await do(service, "operator", event_id, "claim", {})
            assert held.status_code == 200, held.text
            with nothing_changes(service):
                for verb, sent in (("claim", {}), ("accept", {"version": 1})):
                    no = await do(service, "dispatcher", event_id, verb, sent)
                    assert (no.status_code, no.json()["code"]) == (409, "claimed")
                    assert no.json()["holder"] == "市值班操作员"
            own = await do(service, "operator", event_id, "accept", {"version": 1})
            assert own.status_code == 200
            with nothing_changes(service):
                no = await do(service, "dispatcher", event_id, "dispatch", sending(service, 2))
            assert no.json()["code"] == "claimed"

    asyncio.run(body())


def test_a_claim_ends_after_five_idle_minutes_and_work_renews_it(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            event_id = await take(service)
            await do(service, "operator", event_id, "claim", {})
            service.clock.advance(299)
            await do(service, "operator", event_id, "claim", {})
            renewed_at = service.clock.now()
            for account in ("dispatcher", "auditor"):
                await service.headers(account)  # a code each: the clock goes on
            service.clock.advance(299 - (service.clock.now() - renewed_at).total_seconds())
            await asyncio.to_thread(service.parts.claims.tend)
            assert await claim(service, event_id) is not None
            service.clock.advance(1)
            free = await do(service, "dispatcher", event_id, "accept", {"version": 1})
            assert free.status_code == 200  # over at the door, before anybody swept
            await asyncio.to_thread(service.parts.claims.tend)
            assert await claim(service, event_id) is None

    asyncio.run(body())


def test_only_the_holder_releases_and_only_a_supervisor_takes_over(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await asyncio.to_thread(service.parts.shifts.tend)
            event_id = await take(service)
            await do(service, "operator", event_id, "claim", {})
            assert (await do(service, "dispatcher", event_id, "release")).status_code == 204
            assert await claim(service, event_id) is not None
            no = await do(service, "dispatcher", event_id, "claim", {"take_over": True})
            assert (no.status_code, no.json()["code"]) == (403, "forbidden")
            yes = await do(service, "duty", event_id, "claim", {"take_over": True})
            assert yes.status_code == 200
            now = await claim(service, event_id)
            assert now is not None
            assert now.holder.name == "市值班领导"
            told = await service.get("duty", paths.SHIFT_LINES.format(page_id="shift-hall-1"))
            assert told.json()["rows"][-1]["text"]["zh"].startswith("接管 ")
            assert (await do(service, "duty", event_id, "release")).status_code == 204
            assert await claim(service, event_id) is None

    asyncio.run(body())


@pytest.mark.parametrize(
    ("account", "status"),
    [
        ("operator", 200),
        ("dispatcher", 200),
        ("duty", 200),
        ("operator_chongchuan", 200),  # the event lies in Chongchuan
        ("operator_rudong", 404),
        ("leader", 403),
        ("maintainer", 403),
        ("auditor", 403),
        ("feed", 403),
    ],
)
def test_who_may_take_an_event_in_hand(data: Path, account: str, status: int) -> None:
    async def body() -> None:
        async with serving(data) as service:
            event_id = await take(service)
            assert (await do(service, account, event_id, "claim", {})).status_code == status

    asyncio.run(body())


def test_a_dispatch_is_undone_with_its_order_and_told(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await asyncio.to_thread(service.parts.shifts.tend)
            event_id = await take(service)
            await do(service, "dispatcher", event_id, "accept", {"version": 1})
            before = await event(service, event_id)
            await service.headers("operator")
            await do(service, "dispatcher", event_id, "dispatch", sending(service, 2))
            sent = await event(service, event_id)
            assert "undo" in sent.allowed
            with nothing_changes(service):
                other = await do(service, "operator", event_id, "undo", {"version": 3})
                assert (other.status_code, other.json()["code"]) == (409, "no_undo")
            done = await do(service, "dispatcher", event_id, "undo", {"version": 3})
            assert done.status_code == 200, done.text
            after = await event(service, event_id)
            same = {"version": after.version, "updated_at": after.updated_at}
            assert after == before.model_copy(update=same)
            order = paths.ITEM.format(kind="order", item_id=str(sent.order_id))
            assert (await service.get("dispatcher", order)).status_code == 404
            told = await service.get("dispatcher", paths.SHIFT_LINES.format(page_id="shift-hall-1"))
            assert told.json()["rows"][-1]["text"]["zh"].startswith("撤销派单 ")

    asyncio.run(body())


def test_a_close_is_undone_within_ten_seconds_only(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            event_id = await take(service)
            await do(service, "operator", event_id, "accept", {"version": 1})
            answered = {"version": 2, "answer": "已答复"}
            await do(service, "operator", event_id, "close", answered)
            service.clock.advance(10)
            undone = await do(service, "operator", event_id, "undo", {"version": 3})
            assert undone.status_code == 200
            assert (await event(service, event_id)).state is EventState.ACCEPTED
            await do(service, "operator", event_id, "close", answered | {"version": 4})
            service.clock.advance(11)
            with nothing_changes(service):
                late = await do(service, "operator", event_id, "undo", {"version": 5})
            assert (late.status_code, late.json()["code"]) == (409, "no_undo")

    asyncio.run(body())
