"""Every door × every bad body: the contract's status, both languages, and nothing changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from backend.api.guard import MAX_BATCH, MAX_BODY, OPENAPI
from backend_client.contract import paths
from backend_client.contract.problem import Problem
from tests.service import START, Service, intake, nothing_changes, serving

LATER = (START + timedelta(hours=2)).isoformat()
AREA: dict[str, object] = {"shape": "circle", "lon": 120.8, "lat": 32.0, "radius_m": 1000.0}
FEATURE = {
    "id": "a",
    "kind": "port",
    "name": "a",
    "lon": 120.8,
    "lat": 32.0,
    "region": "3206",
    "observed_at": START.isoformat(),
}
FIX = {"id": "a", "lon": 120.8, "lat": 32.0, "observed_at": START.isoformat()}
FEED: dict[str, object] = {
    "title": {"zh": "水位", "en": "Levels"},
    "layer": "water",
    "region": "3206",
    "department": "D27",
    "period_s": 60.0,
}
COMMAND: dict[str, object] = {
    "bays": [1],
    "present_m": [0.0],
    "target_m": 1.0,
    "reason": "抢潮排水",
    "dispatch_no": "2026-001",
}
ISSUE: dict[str, object] = {
    "title": "t",
    "text": "t",
    "urgency": "flash",
    "sign_by_at": LATER,
    "receivers": ["320623"],
}
CAUSE: dict[str, object] = {
    "cause": "v-1",
    "layer": "utilities",
    "level": 3,
    "title": {"zh": "调压站压力低", "en": "pressure low"},
    "action": {"zh": "派人核查", "en": "send somebody"},
    "owner": {"zh": "燃气公司", "en": "gas company"},
    "region": "320613",
    "department": "D41",
    "observed_at": LATER,
}
# door → who may use it, and a body that fits
DRAWING: dict[str, object] = {
    "drawing_id": "d-1",
    "title": "a",
    "kind": "mark",
    "region": "320613",
    "lon": 120.8,
    "lat": 32.0,
    "until_at": LATER,
}

DOORS: dict[tuple[str, str], tuple[str, dict[str, object]]] = {
    ("post", paths.SIGN_IN): ("", {"account": "a", "password": "b"}),
    ("post", paths.REFRESH): ("", {"refresh": "a" * 20}),
    ("post", paths.EVENTS): ("feed", intake()),
    ("post", "/v1/events/{item_id}/accept"): ("dispatcher", {"version": 1}),
    ("post", "/v1/events/{item_id}/locate"): (
        "dispatcher",
        {"version": 1, "lon": 120.0, "lat": 32.0},
    ),
    ("post", "/v1/events/{item_id}/classify"): (
        "dispatcher",
        {"version": 1, "matter": "1101", "level": 4},
    ),
    ("post", "/v1/events/{item_id}/dispatch"): (
        "dispatcher",
        {"version": 1, "department": "D24", "due_at": LATER},
    ),
    ("post", "/v1/events/{item_id}/close"): ("dispatcher", {"version": 1, "answer": "a"}),
    ("post", "/v1/events/{item_id}/undo"): ("dispatcher", {"version": 1}),
    ("post", "/v1/events/{item_id}/claim"): ("dispatcher", {"take_over": False}),
    ("post", paths.SHIFT_LINES): ("dispatcher", {"entry_id": "e-1", "text": "a"}),
    ("post", paths.SHIFT_HANDOVER): (
        "dispatcher",
        {"lines": 1, "incoming": {"account": "a", "password": "b", "totp": "000000"}},
    ),
    **{
        ("post", f"/v1/events/{{item_id}}/{verb}"): ("dispatcher", {"version": 1, "reason": "原因"})
        for verb in ("refuse", "withdraw", "supervise", "redo", "split")
    },
    **{
        ("post", f"/v1/events/{{item_id}}/{verb}"): (
            "dispatcher",
            {"version": 1, "department": "D24", "due_at": LATER},
        )
        for verb in ("assist", "transfer")
    },
    ("post", "/v1/events/{item_id}/decide"): (
        "dispatcher",
        {"version": 1, "granted": True, "reason": "原因"},
    ),
    ("post", "/v1/events/{item_id}/call_back"): (
        "dispatcher",
        {"version": 1, "satisfaction": "satisfied"},
    ),
    ("post", "/v1/events/{item_id}/merge"): ("dispatcher", {"version": 1, "main_id": "a"}),
    ("post", "/v1/matches/{item_id}/apart"): ("dispatcher", {"version": 1, "reason": "原因"}),
    ("post", paths.ANSWERS_TOLD): ("feed", {"numbers": [1]}),
    ("post", "/v1/orders/{item_id}/return"): ("dispatcher", {"version": 1, "reason": "原因"}),
    ("post", "/v1/orders/{item_id}/extend"): (
        "dispatcher",
        {"version": 1, "reason": "原因", "until_at": LATER},
    ),
    ("post", "/v1/orders/{item_id}/grant"): (
        "dispatcher",
        {"version": 1, "granted": True, "reason": "原因"},
    ),
    ("post", "/v1/orders/{item_id}/suspend"): ("dispatcher", {"version": 1, "reason": "原因"}),
    ("post", "/v1/orders/{item_id}/resume"): ("dispatcher", {"version": 1}),
    ("post", "/v1/orders/{item_id}/urge"): ("dispatcher", {"version": 1, "reason": "原因"}),
    ("post", "/v1/orders/{item_id}/sign"): ("dispatcher", {"version": 1}),
    ("post", "/v1/orders/{item_id}/report"): ("dispatcher", {"version": 1, "answer": "a"}),
    ("post", paths.REPAIR_DONE): ("operator", {"outcome": "mended", "note": "a"}),
    ("post", paths.INSTRUCTIONS): ("duty", ISSUE),
    ("post", "/v1/instructions/{item_id}/sign"): ("duty", {"version": 1}),
    ("post", "/v1/alarms/{item_id}/acknowledge"): ("dispatcher", {"version": 1}),
    ("post", "/v1/alarms/{item_id}/shelve"): (
        "dispatcher",
        {"version": 1, "reason": "检修", "until_at": LATER},
    ),
    ("post", "/v1/alarms/{item_id}/withdraw"): ("duty", {"version": 1, "reason": "检修"}),
    ("post", "/v1/alarms/{item_id}/restore"): ("duty", {"version": 1}),
    ("post", paths.ALARM_TOGETHER): ("dispatcher", {"alarms": {"a": 1}, "note": "同因"}),
    ("put", paths.ALARM_CAUSES): ("feed", {"source": "gas", "raised": [CAUSE]}),
    ("put", paths.ALARM_SUPPRESSION): (
        "duty",
        {"region": "3206", "active": True, "layers": ["water"], "reason": "防汛"},
    ),
    ("put", paths.ALARM_SOUND): ("operator", {"has_device": True}),
    ("put", paths.FEATURES): ("feed", {"features": [FEATURE]}),
    ("post", paths.POSITIONS): ("feed", {"layer": "hazmat", "fixes": [FIX]}),
    ("put", paths.FEEDS): ("feed", {"feeds": {"a": FEED}}),
    ("put", paths.DRAWINGS): ("dispatcher", DRAWING),
    ("post", paths.WITHIN): ("operator", {"area": AREA}),
    ("post", paths.WITHIN_EXPORT): ("operator", {"area": AREA}),
    ("post", paths.DEVICE_COMMANDS): ("dispatcher", COMMAND),
    ("post", paths.COMMAND_AUTHORISE): ("duty", {"body_hash": "a", "totp": "000000"}),
    ("post", paths.DEVICE_STOP): ("dispatcher", {"reason": "a"}),
    ("post", "/v1/models/{name}/promote"): ("maintainer", {"number": 1, "reason": "a"}),
    ("post", "/v1/models/{name}/roll_back"): ("maintainer", {"reason": "a"}),
}
OPTIONAL = ("features", "reason", "feeds", "take_over", "has_device")
# No JSON; asked in test_rows.py, test_positions.py and test_attachments.py.
NO_JSON = {("put", paths.ROWS), ("post", paths.POSITION_ROWS), ("post", paths.ATTACHMENTS)}
BATCHES = {paths.FEATURES, paths.POSITIONS}
PARAMETERS = {
    "item_id": "none",
    "layer": "hazmat",
    "device_id": "none",
    "command_id": "none",
    "page_id": "none",
    "repair_id": "none",
    "name": "merge",
}


def spelled(body: dict[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False)


def first(body: dict[str, object]) -> str:
    return next(iter(body))


def bad_bodies(body: dict[str, object]) -> dict[str, tuple[int, bytes]]:
    name = first(body)
    text = spelled(body)
    rest = text[1:]
    deep = "[" * 40 + "]" * 40
    bodies: dict[str, tuple[int, str | bytes]] = {
        "unknown field": (422, f'{{"unknown_field":1,{rest}'),
        "wrong type": (422, spelled({**body, name: {"a": [1]}})),
        "null": (422, spelled({**body, name: None})),
        "missing": (422, "{}" if name not in OPTIONAL else '{"reason":1}'),
        "array": (422, f"[{text}]"),
        "number": (422, "1"),
        "NaN": (400, f'{{"unknown_field":NaN,{rest}'),
        "Infinity": (400, f'{{"unknown_field":-Infinity,{rest}'),
        "too large a number": (400, f'{{"unknown_field":1e999,{rest}'),
        "too large an integer": (400, f'{{"unknown_field":{"9" * 5000},{rest}'),
        "twice": (400, f'{{"{name}":1,{rest}'),
        "deep": (400, f'{{"unknown_field":{deep},{rest}'),
        "very deep": (400, "[" * 300_000),
        "half a character": (400, f'{{"unknown_field":"\\ud800",{rest}'),
        "not JSON": (400, "{"),
        "two values": (400, text + text),
        "single quotes": (400, "{'a':1}"),
        "byte order mark": (400, "\ufeff" + text),
        "broken UTF-8": (400, text.encode()[:-1] + b',"a":"\xff\xfe"}'),
        "unterminated": (400, '{"' + '\\"' * 400_000),
    }
    return {
        key: (status, raw if isinstance(raw, bytes) else raw.encode())
        for key, (status, raw) in bodies.items()
    }


async def call(
    service: Service, door: tuple[str, str], body: bytes, headers: dict[str, str]
) -> tuple[int, Problem]:
    method, path = door
    url = path.format(**PARAMETERS)
    sent = {"Content-Type": "application/json", **headers}
    if path == paths.DEVICE_COMMANDS:
        sent |= {"Idempotency-Key": "k" * 16, "If-Match": '"1.1"'}
    reply = await service.client.request(method, url, content=body, headers=sent)
    assert reply.headers["content-type"] == "application/problem+json", (door, reply.text)
    problem = Problem.model_validate_json(reply.content)
    assert problem.status == reply.status_code
    for text in (problem.what, problem.todo):
        assert text.en.isascii()
        assert len(text.en) > 3
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
    return reply.status_code, problem


def test_the_table_names_every_door_with_a_body(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            page = (await service.client.get(OPENAPI)).json()
        doors = {
            (method, path)
            for path, methods in page["paths"].items()
            for method, operation in methods.items()
            if "requestBody" in operation
        }
        assert doors == set(DOORS) | NO_JSON

    asyncio.run(body())


def test_every_bad_body_at_every_door(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for account in {account for account, _ in DOORS.values() if account}:
                await service.headers(account)
            with nothing_changes(service):
                for door, (account, good) in DOORS.items():
                    headers = await service.headers(account) if account else {}
                    for name, (status, raw) in bad_bodies(good).items():
                        got, problem = await call(service, door, raw, headers)
                        assert got == status, (door, name, problem)
                        if name == "unknown field":
                            assert (problem.code, problem.where) == (
                                "unknown_field",
                                "unknown_field",
                            ), (door, problem)

    asyncio.run(body())


def test_every_door_needs_a_living_token_and_json(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            old = {door: await service.headers(who) for door, (who, _) in DOORS.items() if who}
            with nothing_changes(service):
                for door, (account, good) in DOORS.items():
                    headers = old.get(door, {})
                    raw = spelled(good).encode()
                    plain = {**headers, "Content-Type": "text/plain"}
                    assert (await call(service, door, raw, plain))[0] == 415, door
                    large = {**headers, "Content-Length": "100000000"}
                    assert (await call(service, door, raw, large))[0] == 413, door
                    if not account:
                        continue
                    assert (await call(service, door, raw, {}))[0] == 401, door
                    forged = {"Authorization": "Bearer x.y.z"}
                    assert (await call(service, door, raw, forged))[0] == 401, door
                service.clock.advance(601)
                for door, headers in old.items():
                    raw = spelled(DOORS[door][1]).encode()
                    status, problem = await call(service, door, raw, headers)
                    assert (status, problem.code) == (401, "expired_token"), door

    asyncio.run(body())


def test_endless_body_is_cut_at_the_limit(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for path, limit in ((paths.EVENTS, MAX_BODY), (paths.POSITIONS, MAX_BATCH)):
                sent = 0

                async def endless() -> AsyncIterator[bytes]:
                    nonlocal sent
                    while sent < 100_000_000:
                        sent += 100_000
                        yield b"x" * 100_000

                headers = {**await service.headers("feed"), "Content-Type": "application/json"}
                reply = await service.client.post(path, content=endless(), headers=headers)
                assert (reply.status_code, reply.json()["code"]) == (413, "too_large")
                assert sent <= limit + 200_000

    asyncio.run(body())


def test_large_headers_are_refused(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            headers = {**await service.headers("operator"), "X-Big": "a" * 20_000}
            reply = await service.client.get(paths.ME, headers=headers)
            assert reply.status_code == 431
            reply = await service.client.get(f"{paths.ME}?q={'a' * 20_000}")
            assert reply.status_code == 431

    asyncio.run(body())


def test_someone_elses_county_is_not_found_and_unchanged(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            made = await service.post("feed", paths.EVENTS, intake(region="320613"))
            item_id = made.json()["item_id"]
            with nothing_changes(service):
                for verb, more in (
                    ("accept", {}),
                    ("locate", {"lon": 121.0, "lat": 32.0}),
                    ("dispatch", {"department": "D24", "due_at": LATER}),
                    ("close", {"answer": "a"}),
                ):
                    path = paths.EVENT_VERB.format(item_id=item_id, verb=verb)
                    reply = await service.post("dispatcher_rudong", path, {"version": 1, **more})
                    assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), verb

    asyncio.run(body())


def test_unknown_path_and_method_are_problems(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            reply = await service.get("operator", "/v1/nothing")
            assert (reply.status_code, reply.json()["code"]) == (404, "no_such_path")
            headers = await service.headers("operator")
            reply = await service.client.delete(paths.EVENTS, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (405, "no_such_method")
            assert (await service.client.get("/v1/nothing")).status_code == 401

    asyncio.run(body())


def test_a_fault_tells_the_client_nothing_of_its_inside(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        async with serving(data) as service:
            headers = await service.headers("operator")

            def broken(*_args: object, **_more: object) -> bytes:
                raise RuntimeError("secret inside work_item")

            monkeypatch.setattr(type(service.parts.items), "page", broken)
            with capture_logs() as logged:
                reply = await service.client.get("/v1/items/event", headers=headers)
            assert reply.status_code == 500
            assert [(line["event"], line["path"]) for line in logged] == [
                ("fault", "/v1/items/event")
            ]
            assert Problem.model_validate_json(reply.content).code == "fault"
            assert "work_item" not in reply.text
            assert reply.headers["x-content-type-options"] == "nosniff"

    asyncio.run(body())


def test_full_disk_is_said_changes_nothing_and_passes(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await service.headers("feed")
            long = "积水" * 5_000

            def cap(pages: int) -> None:
                with service.parts.database.write() as unit:
                    unit.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

            cap(1)  # SQLite takes the present size when it is larger
            with nothing_changes(service), capture_logs():
                reply = await service.post("feed", paths.EVENTS, intake(1, text=long))
                assert (reply.status_code, reply.json()["code"]) == (503, "storage")
                assert Problem.model_validate_json(reply.content).todo.zh
            cap(1_000_000)
            again = await service.post("feed", paths.EVENTS, intake(1, text=long))
            assert again.status_code == 201

    asyncio.run(body())
