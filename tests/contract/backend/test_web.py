"""The departments' page as files: what is served to anyone, under which policy, and what is not."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Scope

from backend.api.web import AT, FOLDER, POLICY, read_shelf
from backend_client.contract import paths
from backend_client.contract.events import EventState, Satisfaction
from backend_client.contract.orders import OrderState
from tests.service import Service, intake, serving

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.js")}
REPORTER = {"name": "王女士", "contact": "13800002706"}


def ask(data: Path, path: str, **more: object) -> httpx.Response:
    async def body() -> httpx.Response:
        async with serving(data) as service:
            method = str(more.pop("method", "GET"))
            return await service.client.request(method, path, **more)  # type: ignore[arg-type]  # a test's keywords

    return asyncio.run(body())


def test_the_page_is_served_to_anyone_under_a_strict_policy(data: Path) -> None:
    reply = ask(data, AT)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["x-frame-options"] == "DENY"


def test_every_file_has_its_type_and_a_copy_is_asked_about(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for name, page in read_shelf().items():
                reply = await service.client.get(AT + name)
                assert (reply.status_code, reply.content) == (200, page.body)
                assert reply.headers["content-type"] == page.media
                held = {"If-None-Match": reply.headers["etag"]}
                again = await service.client.get(AT + name, headers=held)
                assert (again.status_code, again.content) == (304, b"")
                head = await service.client.head(AT + name)
                assert (head.status_code, head.content) == (200, b"")

    asyncio.run(body())


@pytest.mark.parametrize(
    "path",
    [
        "/web/../asgi.py",
        "/web/../../resources/policy/policy.cedar",
        "/web//etc/passwd",
        "/web/..\\asgi.py",
        "/web/./index.html",
        "/web/index.html/",
        "/web/nothing.js",
    ],
)
def test_nothing_else_on_the_disk_is_reached(data: Path, path: str) -> None:
    """The path as a server hands it on, decoded and untidied; a client would tidy it first."""

    async def body() -> list[Message]:
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        async with serving(data) as service:
            scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": []}
            scope.update(query_string=b"", raw_path=path.encode(), root_path="")
            await service.app(scope, receive, send)
        return said

    start, told = asyncio.run(body())
    assert start["status"] == 404
    assert (b"content-security-policy", POLICY.encode()) in start["headers"]
    assert b"no_such_path" in told["body"]


def test_pages_are_only_read_and_the_bare_name_leads_there(data: Path) -> None:
    assert ask(data, AT, method="POST", content=b"x").status_code == 405
    led = ask(data, "/web")
    assert (led.status_code, led.headers["location"]) == (308, AT)


@pytest.mark.parametrize("path", ["/webs", "/website/", "/v1/items/order", "/", "/WEB/"])
def test_everything_beside_the_page_still_asks_who_is_there(data: Path, path: str) -> None:
    assert ask(data, path).status_code == 401


def test_the_page_brings_nothing_from_elsewhere_and_nothing_inline() -> None:
    texts = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    for name, text in texts.items():
        found = set(re.findall(r"https?://[^\"' ]+", text)) - {"http://www.w3.org/2000/svg"}
        assert not found, (name, found)
        assert "innerHTML" not in text, name
    page = texts["index.html"]
    assert not re.search(r"<style|style=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    imported = {one for text in SCRIPTS.values() for one in re.findall(r'from "\./([^"]+)"', text)}
    assert imported <= set(SCRIPTS)


def test_the_page_wears_the_consoles_day_tokens() -> None:
    told = tomllib.loads((ROOT / "resources" / "palettes" / "day.toml").read_text("utf-8"))
    css = (FOLDER / "style.css").read_text("utf-8")
    worn = dict(re.findall(r"--([a-z0-9]+): (#[0-9A-F]{6})", css))
    assert len(worn) > 8
    assert {name: told["tokens"][name] for name in worn} == worn
    assert not set(re.findall(r"#[0-9A-Fa-f]{3,6}\b", css)) - set(worn.values())


def words() -> Mapping[str, tuple[str, str]]:
    rows = re.findall(
        r'^  "?([a-z_.0-9]+)"?: \["(.*?)", "(.*?)"\],$', SCRIPTS["words.js"], re.MULTILINE
    )
    return {key: (zh, en) for key, zh, en in rows}


def test_every_word_is_there_in_both_languages() -> None:
    known = words()
    assert len(known) > 150
    for key, (zh, en) in known.items():
        assert zh, key
        assert en, key
        assert set(re.findall(r"\{\d\}", zh)) == set(re.findall(r"\{\d\}", en)), key
    said = {one for text in SCRIPTS.values() for one in re.findall(r'\bt\("([a-z_.0-9]+)"', text)}
    assert said <= set(known), said - set(known)


def test_every_state_and_step_of_the_contract_has_its_word() -> None:
    known = words()
    assert {f"state_{one.value}" for one in OrderState} <= set(known)
    assert {f"event_{one.value}" for one in EventState} <= set(known)
    assert {f"satisfaction_{one.value}" for one in Satisfaction} <= set(known)
    steps = {
        action
        for path in (ROOT / "backend" / "services").glob("*.py")
        for action in re.findall(r'action="((?:event|order)\.[a-z_]+)"', path.read_text("utf-8"))
    }
    from_routes = re.findall(
        r'needs\("((?:event|order)\.[a-z_]+)"\)',
        "".join(
            (ROOT / "backend" / "api" / f"{one}.py").read_text("utf-8")
            for one in ("events", "event_paths", "orders")
        ),
    )
    quiet = {"event.claim", "event.release", "event.claim_over", "order.send"}
    missing = (steps | set(from_routes)) - quiet - set(known)
    assert not missing


async def sent(service: Service, department: str) -> tuple[str, str]:
    """Take an event in, send it to a unit, and give the ids of event and order."""
    made = await service.post("feed", paths.EVENTS, intake(reporter=REPORTER))
    event_id = made.json()["item_id"]
    verb = paths.EVENT_VERB
    await service.post("dispatcher", verb.format(item_id=event_id, verb="accept"), {"version": 1})
    body = {"version": 2, "department": department}
    reply = await service.post("dispatcher", verb.format(item_id=event_id, verb="dispatch"), body)
    assert reply.status_code == 200, reply.text
    event = await service.get("dispatcher", paths.ITEM.format(kind="event", item_id=event_id))
    assert event.json()["reporter"]
    return event_id, event.json()["order_id"]


def test_a_unit_reads_the_event_of_its_order_but_not_who_reported(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            event_id, order_id = await sent(service, "D27")
            path = paths.ITEM.format(kind="event", item_id=event_id)
            seen = await service.get("operator_water", path)
            assert seen.status_code == 200
            assert seen.json()["text"] == intake()["text"]
            assert seen.json()["reporter"] is None
            assert seen.json()["allowed"] == []
            steps = paths.EVENT_STEPS.format(item_id=event_id)
            told = (await service.get("operator_water", steps)).json()["steps"]
            assert [one["action"] for one in told] == [
                "event.intake",
                "event.accept",
                "event.dispatch",
            ]
            returned = paths.ORDER_VERB.format(item_id=order_id, verb="return")
            await service.post("operator_water", returned, {"version": 1, "reason": "非本单位"})
            decide = paths.EVENT_VERB.format(item_id=event_id, verb="decide")
            said = {"version": 4, "granted": True, "reason": "同意"}
            assert (await service.post("dispatcher", decide, said)).status_code == 200
            for gone in (path, steps):
                assert (await service.get("operator_water", gone)).status_code == 404

    asyncio.run(body())


def test_a_unit_reads_no_event_of_another_units_order(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            event_id, _order = await sent(service, "D24")
            for path in (
                paths.ITEM.format(kind="event", item_id=event_id),
                paths.EVENT_STEPS.format(item_id=event_id),
            ):
                assert (await service.get("operator_water", path)).status_code == 404
                assert (await service.get("operator_rudong", path)).status_code == 404

    asyncio.run(body())
