"""Alarms through the real doors: floods, chatter, upsets, groups, out of service, loads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend.storage import audit
from backend_client.contract import paths
from backend_client.contract.alarms import Alarm, Loads, SeatLoad
from tests.service import START, Service, serving

Row = dict[str, Any]


def cause(number: int, **changed: object) -> Row:
    return {
        "cause": f"valve-{number}",
        "layer": "utilities",
        "level": 3,
        "title": {"zh": f"{number} 号调压站压力低", "en": f"station {number}: pressure low"},
        "action": {"zh": "派人核查", "en": "send somebody to look"},
        "owner": {"zh": "燃气公司", "en": "gas company"},
        "family": "pressure",
        "region": "320613",
        "department": "D33",
        "observed_at": START.isoformat(),
        **changed,
    }


async def tell(service: Service, *raised: Row, over: tuple[str, ...] = ()) -> Row:
    body = {"source": "gas", "raised": list(raised), "returned": list(over)}
    headers = await service.headers("feed")
    reply = await service.client.put(paths.ALARM_CAUSES, headers=headers, json=body)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def standing(service: Service, account: str = "dispatcher") -> dict[str, Alarm]:
    found: dict[str, Alarm] = {}
    after = ""
    while True:
        query = f"?limit=500&after={after}" if after else "?limit=500"
        page = (await service.get(account, paths.ITEMS.format(kind="alarm") + query)).json()
        for one in page["items"]:
            alarm = Alarm.model_validate(one)
            found[alarm.source_id] = alarm
        if not page["next"]:
            return found
        after = page["next"]


async def seats(service: Service, account: str) -> tuple[dict[str, SeatLoad], Loads]:
    reply = await service.get(account, paths.ALARM_LOADS)
    assert reply.status_code == 200, reply.text
    loads = Loads.model_validate_json(reply.text)
    return {one.person.person_id: one for one in loads.seats}, loads


def served(data: Path, body: Callable[[Service], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with serving(data) as service:
            await body(service)

    asyncio.run(whole())


async def verb(service: Service, account: str, alarm: Alarm, name: str, **body: object) -> int:
    path = paths.ALARM_VERB.format(item_id=alarm.item_id, verb=name)
    return (await service.post(account, path, {"version": alarm.version, **body})).status_code


def test_told_again_changes_nothing_and_bad_rows_are_named(data: Path) -> None:
    async def body(service: Service) -> None:
        none = {"zh": " ", "en": ""}
        outside = cause(3, region="320114")
        told = await tell(service, cause(1), cause(2, action=none), outside, cause(4, owner=none))
        assert (told["begun"], told["renewed"]) == (1, 0)
        assert [(one["index"], one["where"]) for one in told["rejected"]] == [
            (1, "action"),
            (2, "region"),
            (3, "owner"),
        ]
        again = await tell(service, cause(1))
        assert (again["begun"], again["renewed"], again["returned"]) == (0, 0, 0)
        over = await tell(service, over=("valve-1", "never-told"))
        assert over["returned"] == 1
        assert (await standing(service))["valve-1"].state == "returned"
        headers = await service.headers("dispatcher")
        refused = await service.client.put(
            paths.ALARM_CAUSES, headers=headers, json={"source": "gas", "raised": [cause(9)]}
        )
        assert refused.status_code == 403

    served(data, body)


def test_a_source_cannot_speak_for_the_services_own_causes(data: Path) -> None:
    async def body(service: Service) -> None:
        await tell(service, cause(1))
        keys = [one.cause for one in (await standing(service)).values()]
        assert keys == ["x:gas:valve-1"]

    served(data, body)


def test_three_times_in_a_minute_is_one_folded_alarm_until_quiet(data: Path) -> None:
    async def body(service: Service) -> None:
        for _ in range(5):
            await tell(service, cause(1))
            await tell(service, over=("valve-1",))
            service.clock.advance(5)
        (alarm,) = (await standing(service)).values()
        assert (alarm.chatter, alarm.raises, alarm.state) == ("chattering", 5, "new")
        assert await verb(service, "dispatcher", alarm, "acknowledge") == 200
        await tell(service, cause(1))
        (alarm,) = (await standing(service)).values()
        assert (alarm.raises, alarm.state) == (6, "acknowledged")
        await tell(service, over=("valve-1",))
        assert service.parts.alarms.quieten_due() == 0
        service.clock.advance(61)
        assert service.parts.alarms.quieten_due() == 1
        (alarm,) = (await standing(service)).values()
        assert (alarm.chatter, alarm.state) == ("none", "closed")

    served(data, body)


def test_a_cause_that_closes_each_time_is_folded_all_the_same(data: Path) -> None:
    async def body(service: Service) -> None:
        for turn in range(3):
            await tell(service, cause(1))
            alarms = [one for one in (await standing_all(service)) if one.state == "new"]
            assert len(alarms) == 1
            assert alarms[0].chatter == ("chattering" if turn == 2 else "none")
            assert await verb(service, "dispatcher", alarms[0], "acknowledge") == 200
            await tell(service, over=("valve-1",))
        assert sum(one.state == "acknowledged" for one in await standing_all(service)) == 1

    served(data, body)


async def standing_all(service: Service) -> list[Alarm]:
    page = (await service.get("dispatcher", paths.ITEMS.format(kind="alarm"))).json()
    return [Alarm.model_validate(one) for one in page["items"]]


def test_first_of_an_upset_is_marked_per_county_and_layer(data: Path) -> None:
    async def body(service: Service) -> None:
        await tell(service, cause(1), cause(2), cause(3, region="320623"))
        service.clock.advance(9)
        await tell(service, cause(4))
        service.clock.advance(11)
        await tell(service, cause(5))
        found = await standing(service)
        first = {name for name, one in found.items() if one.first_out}
        assert first == {"valve-1", "valve-3", "valve-5"}
        assert {found[f"valve-{one}"].group for one in (1, 2, 4)} == {found["valve-1"].item_id}

    served(data, body)


def test_one_cause_is_acknowledged_together_with_a_comment_never_all(data: Path) -> None:
    async def body(service: Service) -> None:
        await tell(service, *(cause(one) for one in range(4)), cause(9, family="leak"))
        found = await standing(service)
        group = {one.item_id: one.version for one in found.values() if "pressure" in one.family}
        every = {one.item_id: one.version for one in found.values()}
        door = paths.ALARM_TOGETHER
        mixed = await service.post("dispatcher", door, {"alarms": every, "note": "同因"})
        assert (mixed.status_code, mixed.json()["where"]) == (422, "alarms")
        no_note = await service.post("dispatcher", door, {"alarms": group, "note": ""})
        assert no_note.status_code == 422
        assert await verb(service, "dispatcher", found["valve-0"], "acknowledge") == 200
        done = await service.post("dispatcher", door, {"alarms": group, "note": "同因，派一组"})
        assert done.json()["count"] == 3
        assert done.json()["left"] == [found["valve-0"].item_id]
        now = await standing(service)
        assert (now["valve-2"].note, now["valve-2"].acknowledged_by is not None) == (
            "同因，派一组",
            True,
        )
        assert now["valve-9"].state == "new"
        again = await service.post("dispatcher", door, {"alarms": group, "note": "同因"})
        assert again.status_code == 409
        with service.parts.database.read() as view:
            assert audit.verify(view.connection).fault is None
        far = await service.post("operator_rudong", door, {"alarms": group, "note": "同因"})
        assert far.status_code == 404

    served(data, body)


def test_out_of_service_is_the_supervisors_and_lasts_until_put_back(data: Path) -> None:
    async def body(service: Service) -> None:
        await tell(service, cause(1))
        alarm = (await standing(service))["valve-1"]
        reason = {"reason": "传感器更换"}
        assert await verb(service, "dispatcher", alarm, "withdraw", **reason) == 403
        assert await verb(service, "duty", alarm, "withdraw", reason="x") == 422
        assert await verb(service, "duty", alarm, "withdraw", **reason) == 200
        await tell(service, over=("valve-1",))
        await tell(service, cause(1))
        service.clock.advance(13 * 3600)
        service._tokens.clear()
        assert service.parts.alarms.tend() == 0
        alarm = (await standing(service, "duty"))["valve-1"]
        assert (alarm.state, alarm.note, alarm.allowed) == (
            "out_of_service",
            "传感器更换",
            ("restore",),
        )
        assert alarm.acknowledged_by is not None
        assert await verb(service, "duty", alarm, "restore") == 200
        assert (await standing(service))["valve-1"].state == "new"

    served(data, body)


def test_a_response_folds_the_rest_away_and_seats_are_not_charged_for_it(data: Path) -> None:
    async def body(service: Service) -> None:
        wish = {"region": "3206", "active": True, "layers": ["water"], "reason": "防汛Ⅲ级"}

        async def suppress(account: str, **changed: object) -> int:
            headers = await service.headers(account)
            body = {**wish, **changed}
            reply = await service.client.put(paths.ALARM_SUPPRESSION, headers=headers, json=body)
            return reply.status_code

        assert await suppress("dispatcher") == 403
        assert await suppress("duty") == 200
        await tell(service, cause(1), cause(2, level=2))
        page = (await service.get("operator", "/v1/items/suppression")).json()
        assert page["items"][0]["set_by"]["person_id"] == "duty"
        own, _ = await seats(service, "operator")
        assert own["operator"].levels == (0, 1, 0, 0)
        assert own["operator"].standing == 2
        assert await suppress("duty", active=False) == 200
        await tell(service, cause(3))
        service.clock.advance(6)
        own, _ = await seats(service, "operator")
        assert own["operator"].levels == (0, 1, 1, 0)

    served(data, body)


def test_loads_are_ones_own_and_the_supervisors(data: Path) -> None:
    async def body(service: Service) -> None:
        for number in range(3):
            await tell(service, cause(number))
            service.clock.advance(30)
        alarm = (await standing(service))["valve-0"]
        assert await verb(service, "operator", alarm, "acknowledge") == 200
        for _ in range(3):
            await tell(service, over=("valve-2",))
            await tell(service, cause(2))
        own, loads = await seats(service, "operator")
        assert set(own) == {"operator"}
        assert loads.chattering == ()
        every, loads = await seats(service, "duty")
        assert {"operator", "operator_rudong", "dispatcher", "duty"} <= set(every)
        assert (every["operator"].acknowledged, every["dispatcher"].acknowledged) == (1, 0)
        assert (every["operator"].seen_s or 0) >= 60
        assert every["operator"].is_signed_in
        assert not every["operator_chongchuan"].is_signed_in
        assert every["operator_rudong"].last_day == 0
        assert every["operator_chongchuan"].last_day == every["operator"].last_day == 6
        assert every["operator"].unacknowledged == 2
        assert loads.chattering[0].cause == "x:gas:valve-2"
        assert loads.chattering[0].raises == 4

    served(data, body)


def test_a_seats_mute_is_short_and_seen_by_its_supervisor(data: Path) -> None:
    async def body(service: Service) -> None:
        async def hear(seconds: float) -> int:
            until = (service.clock.now() + timedelta(seconds=seconds)).isoformat()
            headers = await service.headers("operator")
            body = {"muted_until": until, "has_device": False}
            reply = await service.client.put(paths.ALARM_SOUND, headers=headers, json=body)
            return reply.status_code

        await service.headers("duty")
        assert await hear(200) == 422
        assert await hear(120) == 204
        every, _ = await seats(service, "duty")
        assert every["operator"].muted_until is not None
        assert not every["operator"].has_sound
        service.clock.advance(121)
        every, _ = await seats(service, "duty")
        assert every["operator"].muted_until is None
        page = (
            await service.get("operator", paths.SHIFT_LINES.format(page_id="shift-hall-1"))
        ).json()
        assert [one["text"]["en"] for one in page["rows"] if "muted" in one["text"]["en"]] == [
            "市值班操作员 muted the seat, 2 min at most"
        ]

    served(data, body)


def test_a_flood_is_whole_in_the_database_and_the_trail(data: Path) -> None:
    async def body(service: Service) -> None:
        for first in range(0, 3_000, 1_000):
            told = await tell(service, *(cause(one) for one in range(first, first + 1_000)))
            assert told["begun"] == 1_000
        found = await standing(service)
        assert len(found) == 3_000
        assert sum(one.first_out for one in found.values()) == 1
        with service.parts.database.read() as view:
            assert audit.verify(view.connection).fault is None
            changes = view.changes(after=0, limit=9_000)
            assert changes is not None
            numbers = [one.n for one in changes]
            assert numbers == list(range(1, len(numbers) + 1))
        every, _ = await seats(service, "operator")
        assert every["operator"].peak_minute == 3_000

    served(data, body)
