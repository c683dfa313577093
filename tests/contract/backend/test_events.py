"""An event's whole way through the real application: in once, out to a unit, back as an answer."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from backend.domain.alarms import Cause
from backend.domain.deadlines import Stage
from backend.services.alarms import raise_alarm, return_alarm
from backend.services.deadline_table import load_deadlines
from backend.storage import audit
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.columns import decode_features
from backend_client.contract.events import Event
from tests.service import Service, intake, serving

CAUSE = Cause(
    cause="water:NT-G01:warning",
    source_kind="feature",
    source_id="NT-G01",
    layer="water",
    level=3,
    title=Text("超警戒", "over warning"),
    action=Text("加密巡查", "patrol more often"),
    owner=Text("市水利局", "water bureau"),
    region="320613",
    department="D27",
)


async def act(service: Service, account: str, path: str, body: dict[str, object]) -> int:
    reply = await service.post(account, path, body)
    assert reply.status_code in (200, 201), reply.text
    return int(reply.json()["version"])


async def item(service: Service, kind: str, item_id: str) -> dict[str, object]:
    path = paths.ITEM.format(kind=kind, item_id=item_id)
    return dict((await service.get("dispatcher", path)).json())


def test_event_goes_from_intake_to_answer_and_every_step_is_audited(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            made = await service.post("feed", paths.EVENTS, intake())
            event_id = made.json()["item_id"]
            verb = paths.EVENT_VERB
            await act(
                service, "operator", verb.format(item_id=event_id, verb="accept"), {"version": 1}
            )
            due_at = (service.clock.now() + timedelta(hours=2)).isoformat()
            sent = {"version": 2, "department": "D24", "due_at": due_at, "note": "速办"}
            await act(service, "dispatcher", verb.format(item_id=event_id, verb="dispatch"), sent)
            order_id = str((await item(service, "event", event_id))["order_id"])
            order = paths.ORDER_VERB
            early = await service.post(
                "dispatcher",
                verb.format(item_id=event_id, verb="close"),
                {"version": 3, "answer": "a"},
            )
            assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
            await act(
                service, "operator", order.format(item_id=order_id, verb="sign"), {"version": 1}
            )
            assert (await item(service, "event", event_id))["state"] == "signed"
            await act(
                service,
                "operator",
                order.format(item_id=order_id, verb="report"),
                {"version": 2, "answer": "已抽排"},
            )
            await act(
                service,
                "dispatcher",
                verb.format(item_id=event_id, verb="close"),
                {"version": 5, "answer": "积水已排除"},
            )
            closed = await item(service, "event", event_id)
            assert (closed["state"], closed["answer"]) == ("closed", "积水已排除")
            with service.parts.database.read() as view:
                rows = audit.page(view.connection, after=0, limit=1_000)
                assert audit.verify(view.connection).fault is None
            done = [(row.action, row.person_id) for row in rows if row.n]
            assert done == [
                ("event.intake", "feed"),
                ("event.accept", "operator"),
                ("order.send", "dispatcher"),
                ("event.dispatch", "dispatcher"),
                ("order.sign", "operator"),
                ("order.sign", "operator"),
                ("order.report", "operator"),
                ("order.report", "operator"),
                ("event.close", "dispatcher"),
            ]

    asyncio.run(body())


def test_a_dispatch_without_a_deadline_takes_the_tables_in_working_time(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            event_id = (await service.post("feed", paths.EVENTS, intake())).json()["item_id"]
            verb = paths.EVENT_VERB
            path = verb.format(item_id=event_id, verb="accept")
            await act(service, "operator", path, {"version": 1})
            path = verb.format(item_id=event_id, verb="dispatch")
            await act(service, "dispatcher", path, {"version": 2, "department": "D24"})
            event = await item(service, "event", event_id)
            order = await item(service, "order", str(event["order_id"]))
            table = load_deadlines()
            sent_at = datetime.fromisoformat(str(order["created_at"]))
            due_at = table.due(Stage.HANDLE, int(str(event["level"])), "", sent_at)
            assert datetime.fromisoformat(str(order["due_at"])) == due_at
            assert event["due_at"] == order["due_at"]
            lamps = [order[name] for name in ("yellow_at", "due_at", "supervised_at", "led_at")]
            assert lamps == sorted(lamps, key=str)
            assert len(set(map(str, lamps))) == 4

    asyncio.run(body())


def test_same_intake_many_times_at_once_is_one_event(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("feed")
            replies = await asyncio.gather(
                *(service.post("feed", paths.EVENTS, intake()) for _ in range(12))
            )
            assert sorted(reply.status_code for reply in replies) == [200] * 11 + [201]
            assert len({reply.text for reply in replies}) == 1
            with service.parts.database.read() as view:
                assert len(view.find(Event)) == 1
                assert view.n() == 1

    asyncio.run(body())


def test_two_people_at_one_event_one_wins_and_the_other_learns_who(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            made = await service.post("feed", paths.EVENTS, intake())
            path = paths.EVENT_VERB.format(item_id=made.json()["item_id"], verb="accept")
            for account in ("operator", "dispatcher"):
                await service.headers(account)
            replies = await asyncio.gather(
                service.post("operator", path, {"version": 1}),
                service.post("dispatcher", path, {"version": 1}),
            )
            assert sorted(reply.status_code for reply in replies) == [200, 409]
            lost = next(reply for reply in replies if reply.status_code == 409)
            assert lost.json()["holder"] in ("市值班操作员", "市调度员")

    asyncio.run(body())


def test_event_is_on_the_map_until_it_is_closed(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            made = await service.post("feed", paths.EVENTS, intake())
            event_id = made.json()["item_id"]
            block = paths.BLOCK.format(layer="requests")
            shown = decode_features((await service.get("dispatcher", block)).content)
            assert shown.lon_e7.tolist() == [1_208_600_000]
            assert [shown.kinds[kind] for kind in shown.kind] == ["hotline"]
            verb = paths.EVENT_VERB
            moved: dict[str, object] = {"version": 1, "lon": 121.0, "lat": 32.1}
            await act(service, "dispatcher", verb.format(item_id=event_id, verb="locate"), moved)
            shown = decode_features((await service.get("dispatcher", block)).content)
            assert shown.lon_e7.tolist() == [1_210_000_000]
            hidden = decode_features((await service.get("operator_rudong", block)).content)
            assert hidden.oid.size == 0
            await act(
                service, "dispatcher", verb.format(item_id=event_id, verb="accept"), {"version": 2}
            )
            await act(
                service,
                "dispatcher",
                verb.format(item_id=event_id, verb="close"),
                {"version": 3, "answer": "a"},
            )
            gone = decode_features((await service.get("dispatcher", block)).content)
            assert gone.oid.size == 0

    asyncio.run(body())


def test_alarm_is_one_per_cause_latched_acknowledged_and_unshelved(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            database = service.parts.database
            with database.write() as unit:
                raised = raise_alarm(unit, CAUSE)
                assert raise_alarm(unit, CAUSE) is None
            assert raised is not None
            item_id = raised.item_id
            verb = paths.ALARM_VERB
            assert (await item(service, "alarm", item_id))["allowed"] == ["acknowledge", "shelve"]
            until = (service.clock.now() + timedelta(hours=1)).isoformat()
            shelf = {"version": 1, "reason": "检修", "until_at": until}
            path = verb.format(item_id=item_id, verb="shelve")
            assert (await service.post("operator", path, shelf)).status_code == 403
            await act(service, "dispatcher", path, shelf)
            assert service.parts.alarms.unshelve_due() == 0
            service.clock.advance(3601)
            service._tokens.clear()
            assert service.parts.alarms.unshelve_due() == 1
            assert (await item(service, "alarm", item_id))["state"] == "new"
            with database.write() as unit:
                assert return_alarm(unit, CAUSE.cause) is not None
                assert return_alarm(unit, CAUSE.cause) is None
                assert return_alarm(unit, "nothing") is None
            assert (await item(service, "alarm", item_id))["state"] == "returned"
            path = verb.format(item_id=item_id, verb="acknowledge")
            await act(service, "operator_chongchuan", path, {"version": 4, "note": "已看"})
            assert (await item(service, "alarm", item_id))["state"] == "closed"
            with database.write() as unit:
                anew = raise_alarm(unit, CAUSE)
            assert anew is not None
            assert anew.item_id != item_id

    asyncio.run(body())
