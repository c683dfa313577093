"""The numbered stream: no gap, no repeat, nobody else's business, resync when out of reach."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from backend.api import items
from backend_client.contract import paths
from backend_client.contract.change import Change
from backend_client.contract.orders import Order
from tests.service import Service, Wire, intake, serving, stream

Seen = dict[str, object]


async def post_events(service: Service, numbers: range) -> None:
    for number in numbers:
        reply = await service.post("feed", paths.EVENTS, intake(number))
        assert reply.status_code == 201, reply.text


async def numbers(wire: Wire, count: int) -> list[int]:
    got = []
    for _ in range(count):
        change = await wire.event("change")
        got.append(int(str(change["n"])))
    return got


def test_change_frame_is_the_contract_and_carries_the_readers_verbs(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            auditor = await service.headers("auditor")
            async with stream(service, headers) as wire, stream(service, auditor) as other:
                await post_events(service, range(1))
                change = await wire.event("change")
                epoch = service.parts.hub.epoch
                assert change.pop("id") == f"{epoch}:1"
                item = Change.model_validate(change).item
                assert item is not None
                assert item.allowed == ("accept", "classify", "locate", "merge", "refuse")
                read_only = await other.event("change")
                read_only.pop("id")
                seen = Change.model_validate(read_only).item
                assert seen is not None
                assert seen.allowed == ()
                assert seen.model_copy(update={"allowed": item.allowed}) == item

    asyncio.run(body())


def test_resume_has_no_gap_and_no_repeat_from_ring_log_and_after_restart(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            epoch = service.parts.hub.epoch
            async with stream(service, headers) as wire:
                await post_events(service, range(5))
                assert await numbers(wire, 5) == [1, 2, 3, 4, 5]
            await post_events(service, range(5, 9))
            async with stream(service, headers, f"{epoch}:5") as wire:
                assert await numbers(wire, 4) == [6, 7, 8, 9]
                await post_events(service, range(9, 11))
                assert await numbers(wire, 2) == [10, 11]
        async with serving(data, lifespan=True) as service:
            service.clock.advance(3600 - 30 * 4)
            headers = await service.headers("dispatcher")
            assert service.parts.hub.epoch == epoch
            async with stream(service, headers, f"{epoch}:3") as wire:
                assert await numbers(wire, 8) == [4, 5, 6, 7, 8, 9, 10, 11]
                await post_events(service, range(11, 12))
                assert await numbers(wire, 1) == [12]

    asyncio.run(body())


def test_resume_while_others_write_has_no_gap_and_no_repeat(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            await service.headers("feed")
            epoch = service.parts.hub.epoch
            writer = asyncio.create_task(post_events(service, range(60)))
            got: list[int] = []
            while len(got) < 60:
                last = f"{epoch}:{got[-1]}" if got else f"{epoch}:0"
                async with stream(service, headers, last) as wire:
                    got += await numbers(wire, min(7, 60 - len(got)))
            await writer
            assert got == list(range(1, 61))

    asyncio.run(body())


def test_unknown_future_or_foreign_number_gives_resync(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            await post_events(service, range(3))
            epoch = service.parts.hub.epoch
            for last in (
                f"{epoch}:99",
                "other:1",
                "x",
                f"{epoch}:-1",
                f"{epoch}:１",
                ":",
                "9" * 90,
            ):
                async with stream(service, headers, last) as wire:
                    resync = await wire.event("resync")
                    assert resync == {"n": 3, "epoch": epoch}, last
                    await post_events(service, range(3, 3))
            async with stream(service, headers, "other:1") as wire:
                await wire.event("resync")
                await post_events(service, range(3, 4))
                assert await numbers(wire, 1) == [4]

    asyncio.run(body())


def test_number_older_than_the_log_gives_resync(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            await post_events(service, range(6))
            with service.parts.database.write() as unit:
                unit.connection.exec_driver_sql("DELETE FROM change_log WHERE n <= 3")
        async with serving(data, lifespan=True) as service:
            service.clock.advance(600)
            headers = await service.headers("dispatcher")
            epoch = service.parts.hub.epoch
            async with stream(service, headers, f"{epoch}:2") as wire:
                assert await wire.event("resync") == {"n": 6, "epoch": epoch}
            async with stream(service, headers, f"{epoch}:3") as wire:
                assert await numbers(wire, 3) == [4, 5, 6]

    asyncio.run(body())


def test_pages_then_stream_miss_nothing(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            await service.headers("feed")
            await post_events(service, range(10))
            writer = asyncio.create_task(post_events(service, range(10, 40)))
            first = None
            held: set[str] = set()
            after = ""
            while True:
                path = paths.ITEMS.format(kind="event")
                params = {"after": after, "limit": "7"}
                page = (await service.client.get(path, headers=headers, params=params)).json()
                first = first if first is not None else page["n"]
                held |= {item["item_id"] for item in page["items"]}
                if page["next"] is None:
                    break
                after = page["next"]
            await writer
            async with stream(service, headers, f"{page['epoch']}:{first}") as wire:
                for _ in range(40 - int(str(first))):
                    change = await wire.event("change")
                    held.add(str(change["item_id"]))
            assert len(held) == 40

    asyncio.run(body())


def test_item_leaving_the_readers_scope_is_gone_and_entering_appears(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            rudong = await service.headers("operator_rudong")
            chongchuan = await service.headers("operator_chongchuan")
            async with stream(service, rudong) as left, stream(service, chongchuan) as right:
                await left.event("beat")
                order_id = await move_order(service)
                first = await left.event("change")
                gone = await left.event("change")
                assert first["item"]
                assert (gone["item"], gone["item_id"], gone["n"]) == (None, order_id, 2)
                shown = await right.event("change")
                assert shown["n"] == 2
                assert shown["item"]
            page = (await service.get("operator_rudong", "/v1/items/order")).json()
            assert page["items"] == []
            reply = await service.get("operator_rudong", f"/v1/items/order/{order_id}")
            assert reply.status_code == 404

    asyncio.run(body())


async def move_order(service: Service) -> str:
    now = service.clock.now()
    order = Order.model_validate(
        {
            "item_id": "order-1",
            "version": 1,
            "region": "320623",
            "department": "D27",
            "created_at": now,
            "updated_at": now,
            "event_id": None,
            "title": "t",
            "note": "",
            "state": "sent",
            "due_at": now + timedelta(hours=1),
            "sent_by": {"person_id": "a", "name": "a"},
        }
    )

    def write() -> None:
        with service.parts.database.write() as unit:
            unit.add(order, by=None, action="order.send")
        with service.parts.database.write() as unit:
            moved = unit.load(Order, "order-1").model_copy(update={"region": "320613"})
            unit.put(moved, by=None, action="order.move")

    await asyncio.to_thread(write)
    return order.item_id


def test_beat_comes_without_news_and_pokes_are_coalesced(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            async with stream(service, headers) as wire:
                beat = await wire.event("beat")
                assert "id" not in beat
                assert beat["n"] == 0

                def poke() -> None:
                    for version in range(1, 101):
                        with service.parts.database.write() as unit:
                            unit.layer_moved("water", version)

                loop = asyncio.get_running_loop()
                started = loop.time()
                await asyncio.to_thread(poke)
                pokes: list[int] = []
                while not pokes or pokes[-1] != 100:
                    poked = await wire.event("layer")
                    if poked["layer"] == "water":  # divisions are shown at the start as well
                        pokes.append(int(str(poked["version"])))
                most = (loop.time() - started) / 0.2 + 2
                assert len(pokes) <= most
                assert pokes == sorted(pokes)

    asyncio.run(body())


def test_slow_reader_is_dropped_and_resumes_without_loss(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            hub = service.parts.hub
            hub._ring = type(hub._ring)(hub._ring, maxlen=5)
            headers = await service.headers("dispatcher")
            async with stream(service, headers) as wire:
                await wire.event("beat")

                def storm() -> None:
                    with service.parts.database.write() as unit:
                        for number in range(20):
                            event = intake_item(service, number)
                            unit.add(event, by=None, action="order.send")

                await asyncio.to_thread(storm)
                assert await wire.ended()
            async with stream(service, headers, f"{hub.epoch}:0") as wire:
                assert await numbers(wire, 20) == list(range(1, 21))

    asyncio.run(body())


def intake_item(service: Service, number: int) -> Order:
    now = service.clock.now()
    return Order.model_validate(
        {
            "item_id": f"order-{number}",
            "version": 1,
            "region": "3206",
            "department": "D27",
            "created_at": now,
            "updated_at": now,
            "event_id": None,
            "title": "t",
            "note": "",
            "state": "sent",
            "due_at": now,
            "sent_by": {"person_id": "a", "name": "a"},
        }
    )


def test_readers_that_left_are_forgotten(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            for _ in range(5):
                async with stream(service, headers) as wire:
                    await wire.event("beat")
            assert not service.parts.hub._bells

    asyncio.run(body())


def test_reader_that_takes_nothing_is_dropped(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "SEND_S", 0.2)

    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            headers = await service.headers("dispatcher")
            async with stream(service, headers) as wire:
                await wire.event("beat")
                wire.reads.clear()
                bells = service.parts.hub._bells
                assert len(bells) == 1
                async with asyncio.timeout(5):
                    while bells:  # noqa: ASYNC110  nothing announces a reader's end
                        await asyncio.sleep(0.05)
                wire.reads.set()

    asyncio.run(body())
