"""Roles × actions × places: doors, pages and stream agree with one table written by hand."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from backend.services.policy import POLICY_FILE, load_policy
from backend_client.contract import paths
from backend_client.contract.auth import Person, Role
from backend_client.contract.orders import Order
from tests.service import START, Service, intake, serving, stream

LOOK = (
    *("item.view", "layer.open", "layer.view", "position.view", "resource.view", "gate.view"),
    *("indicator.view", "shift.view", "account.self"),
)
WATCH = ("shift.write", "shift.handover", "event.claim", "event.undo")
FILES = ("attachment.view", "attachment.add", "repair.view", "repair.done")
DESK = (
    *("event.intake", "event.accept", "event.locate", "event.classify", "event.close"),
    *("event.refuse", "event.merge", "event.split", "event.call_back", "drawing.edit"),
)
LEAD = (
    *("event.dispatch", "event.assist", "event.transfer", "event.decide", "event.supervise"),
    *("event.redo", "event.withdraw", "order.urge", "order.grant", "order.suspend"),
    *("order.resume", "alarm.shelve", "model.view"),
)
UNIT = ("order.sign", "order.report", "order.return", "order.extend", "instruction.sign")
SEAT = ("alarm.acknowledge", "resource.export", "gate.abort", "gate.stop")
MODELS = ("model.view", "model.promote", "model.roll_back", "model.learn")
# Written from the roles of the study, not from the policy file: two hands, one truth.
GRANTED: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset({*LOOK, *WATCH, *FILES, *DESK, *UNIT, *SEAT, "gate.request"}),
    Role.DISPATCHER: frozenset({*LOOK, *WATCH, *FILES, *DESK, *LEAD, *UNIT, *SEAT, "gate.request"}),
    Role.DUTY_LEADER: frozenset(
        {*LOOK, *WATCH, *FILES, *LEAD, *SEAT, *MODELS, "event.close", "event.take_over"}
        | {"event.merge", "event.split", "drawing.edit", "instruction.issue", "instruction.sign"}
        | {"alarm.withdraw", "alarm.restore", "alarm.suppress", "alarm.load", "gate.authorise"}
    ),
    Role.LEADER: frozenset(
        {*LOOK, "instruction.issue", "resource.export", "alarm.load", "model.view"}
        | {"gate.authorise", "gate.abort", "gate.stop", "attachment.view", "repair.view"}
    ),
    Role.MAINTAINER: frozenset({*LOOK, *MODELS, "feed.register", "layer.feed"}),
    Role.AUDITOR: frozenset({*LOOK, "audit.view", "resource.export"}),
    Role.FEED: frozenset(
        {"event.intake", "layer.feed", "position.feed", "layer.open", "layer.view"}
        | {"account.self", "attachment.add", "feed.register", "alarm.feed"}
    ),
}
ACTIONS = sorted({action for granted in GRANTED.values() for action in granted} | {"made.up"})
SCOPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "city": (("3206",), ("*",)),
    "county": (("320623",), ("*",)),
    "two counties": (("320623", "320613"), ("*",)),
    "water only": (("3206",), ("D27",)),
    "nothing": ((), ()),
}
PLACES = [
    (region, department)
    for region in ("3206", "320613", "320623", "320623104", "3206TW", "3201")
    for department in ("D27", "D33")
]
CENTRES_ONLY = {"order.grant", "order.suspend", "order.resume"}
MFA_ONLY = {"gate.request", "instruction.issue"}


def inside(scope: str, region: str, department: str) -> bool:
    regions, departments = SCOPES[scope]
    return any(region.startswith(own) for own in regions) and (
        "*" in departments or department in departments
    )


@pytest.mark.parametrize("role", list(Role))
def test_policy_grants_what_the_table_says_and_nothing_else(role: Role) -> None:
    policy = load_policy()
    for action, scope, place, mfa in product(ACTIONS, SCOPES, PLACES, (True, False)):
        regions, departments = SCOPES[scope]
        person = Person(
            person_id="p", name="p", role=role, regions=regions, departments=departments, mfa=mfa
        )
        expected = (
            action in GRANTED[role]
            and inside(scope, *place)
            and (mfa or action not in MFA_ONLY)
            and ("*" in departments or action not in CENTRES_ONLY)
        )
        assert policy.permits(person, action, *place) is expected, (role, action, scope, place, mfa)


def test_the_table_speaks_of_every_action_of_the_policy() -> None:
    told = set(re.findall(r'Action::"([a-z_.]+)"', POLICY_FILE.read_text(encoding="utf-8")))
    assert told == set(ACTIONS) - {"made.up"}


def test_a_broken_rule_denies() -> None:
    policy = type(load_policy())("permit (principal, action, resource) when { resource.missing };")
    person = Person(
        person_id="p", name="p", role=Role.LEADER, regions=("3206",), departments=("*",)
    )
    assert not policy.permits(person, "item.view", "3206", "D27")


REGIONS = ("3206", "320613", "320623", "320623104", "3206TW")
DEPARTMENTS = ("D27", "D41")
READERS = {
    "operator": ("3206", None),
    "operator_rudong": ("320623", None),
    "operator_chongchuan": ("320613", None),
    "operator_water": ("3206", "D27"),
    "dispatcher_rudong": ("320623", None),
    "duty": ("3206", None),
    "leader": ("3206", None),
    "maintainer": ("3206", None),
    "auditor": ("3206", None),
}


def orders(service: Service) -> list[Order]:
    now = service.clock.now()
    return [
        Order.model_validate(
            {
                "item_id": f"order-{region}-{department}",
                "version": 1,
                "region": region,
                "department": department,
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
        for region in REGIONS
        for department in DEPARTMENTS
    ]


def visible(account: str, made: list[Order]) -> set[str]:
    region, department = READERS[account]
    return {
        order.item_id
        for order in made
        if order.region.startswith(region) and department in (None, order.department)
    }


def test_stream_pages_single_reads_and_doors_share_one_scope(data: Path) -> None:
    async def body() -> None:
        async with serving(data, lifespan=True) as service:
            made = orders(service)
            for account in READERS:
                await service.headers(account)
            for account in READERS:
                await check_reader(service, account, made)
                await asyncio.to_thread(drop, service, made)

    asyncio.run(body())


def drop(service: Service, made: list[Order]) -> None:
    with service.parts.database.write() as unit:
        for order in made:
            unit.remove(unit.load(Order, order.item_id), by=None, action="order.drop")


async def check_reader(service: Service, account: str, made: list[Order]) -> None:
    expected = visible(account, made)
    assert 0 < len(expected) <= len(made)
    headers = await service.headers(account)

    def write() -> None:
        with service.parts.database.write() as unit:
            for order in made:
                unit.add(order, by=None, action="order.send")

    async with stream(service, headers) as wire:
        await wire.event("beat")
        await asyncio.to_thread(write)
        streamed = {
            str(change["item_id"]) for name, change in await wire.until_beat() if name == "change"
        }
    assert streamed == expected, account
    page = (await service.get(account, paths.ITEMS.format(kind="order"))).json()
    assert {item["item_id"] for item in page["items"]} == expected, account
    for order in made:
        path = paths.ITEM.format(kind="order", item_id=order.item_id)
        status = (await service.get(account, path)).status_code
        assert status == (200 if order.item_id in expected else 404), (account, order.item_id)
        await check_door(service, account, order, seen=order.item_id in expected)


async def check_door(service: Service, account: str, order: Order, *, seen: bool) -> None:
    path = paths.ORDER_VERB.format(item_id=order.item_id, verb="sign")
    reply = await service.post(account, path, {"version": 9})  # a version that never fits
    role = Role(service.accounts[account]["role"])
    if "order.sign" not in GRANTED[role]:
        assert reply.status_code == 403, (account, order.item_id)
        return
    assert reply.status_code == (409 if seen else 404), (account, order.item_id)


def test_feed_reads_no_item_and_registers_events_anywhere_in_the_city(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for path in ("/v1/items/event", "/v1/stream", "/v1/audit"):
                assert (await service.get("feed", path)).status_code == 403
            for number, region in enumerate(REGIONS):
                reply = await service.post("feed", paths.EVENTS, intake(number, region=region))
                assert reply.status_code == 201
            outside = await service.post("feed", paths.EVENTS, intake(99, region="3201"))
            assert outside.status_code == 403

    asyncio.run(body())


def test_county_operator_registers_only_in_the_own_county(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            own = await service.post("operator_rudong", paths.EVENTS, intake(1, region="320623"))
            assert own.status_code == 201
            for number, region in enumerate(("320613", "3206", "3206TW"), 2):
                body = intake(number, region=region)
                reply = await service.post("operator_rudong", paths.EVENTS, body)
                assert reply.status_code == 403, region
            seen = await service.post("operator_chongchuan", paths.EVENTS, intake(1))
            assert seen.status_code == 403, "another county's intake id tells nothing"

    asyncio.run(body())


def test_instruction_reaches_its_receivers_and_each_signs_for_itself(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            body = {
                "title": "防汛",
                "text": "加强值守",
                "urgency": "urgent",
                "sign_by_at": (START + timedelta(days=1)).isoformat(),
                "receivers": ["320623", "320613"],
            }
            made = await service.post("duty", paths.INSTRUCTIONS, body)
            assert made.status_code == 201, made.text
            item_id = made.json()["item_id"]
            sign = paths.INSTRUCTION_VERB.format(item_id=item_id, verb="sign")
            path = paths.ITEM.format(kind="instruction", item_id=item_id)
            assert (await service.get("operator_rudong", path)).json()["allowed"] == ["sign"]
            assert (await service.get("operator_water", path)).status_code == 404
            assert (await service.get("operator", path)).json()["allowed"] == []
            assert (await service.post("operator", sign, {"version": 1})).status_code == 403
            assert (await service.post("operator_rudong", sign, {"version": 1})).status_code == 200
            again = await service.post("operator_rudong", sign, {"version": 2})
            assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
            item = (await service.get("operator_chongchuan", path)).json()
            assert item["allowed"] == ["sign"]
            signed = {r["region"]: r["signed_by"] for r in item["receipts"]}
            assert signed["320623"]["person_id"] == "operator_rudong"
            assert signed["320613"] is None

    asyncio.run(body())


def test_instruction_outside_the_issuers_region_is_refused(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            body = {
                "title": "t",
                "text": "t",
                "urgency": "flash",
                "sign_by_at": (START + timedelta(days=1)).isoformat(),
                "receivers": ["320623", "320105"],
            }
            reply = await service.post("duty", paths.INSTRUCTIONS, body)
            assert (reply.status_code, reply.json()["where"]) == (422, "receivers.1")
            assert (await service.post("dispatcher", paths.INSTRUCTIONS, body)).status_code == 403

    asyncio.run(body())


def test_instruction_with_the_same_key_is_made_once(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            body = {
                "title": "t",
                "text": "t",
                "urgency": "flash",
                "sign_by_at": (START + timedelta(days=1)).isoformat(),
                "receivers": ["320623"],
            }
            headers = {**await service.headers("duty"), "Idempotency-Key": "k" * 16}
            first = await service.client.post(paths.INSTRUCTIONS, json=body, headers=headers)
            again = await service.client.post(paths.INSTRUCTIONS, json=body, headers=headers)
            assert first.json() == again.json()
            other = await service.post("duty", paths.INSTRUCTIONS, body)
            assert other.json()["item_id"] != first.json()["item_id"]

    asyncio.run(body())
