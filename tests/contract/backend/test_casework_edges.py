"""What the loop must not lose: helpers' orders, time that stood still, a graver report, a call."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.services.renewal import Renewal
from backend_client.contract import paths
from backend_client.contract.events import EventState
from backend_client.contract.orders import Order, OrderState
from tests.contract.backend.cases import Case, begin
from tests.service import nothing_changes, serving


async def order_of(case: Case, order_id: str) -> Order:
    path = paths.ITEM.format(kind="order", item_id=order_id)
    return Order.model_validate((await case.service.get("dispatcher", path)).json())


async def with_helper(case: Case) -> str:
    """Send an event out with a unit that helps and give the helper's order."""
    await case.send()
    assert await case.on_event("assist", department="D25") == 200
    (helper_id,) = (await case.event()).assist_ids
    return helper_id


async def later(case: Case, hours: float) -> None:
    """Let time pass; whoever signed in does it again."""
    case.service.clock.advance(hours * 3_600)
    case.service.forget_tokens()


async def aged(case: Case) -> None:
    """Store an order as an older version did, without lamps."""
    order = await case.order()
    old = order.model_copy(
        update={"led_at": None, "supervised_at": None, "yellow_at": None, "since_at": None}
    )
    with case.service.parts.database.write() as unit:
        unit.connection.execute(
            text("UPDATE work_item SET body = :body WHERE item_id = :id"),
            {"body": old.model_dump_json(), "id": old.item_id},
        )


def test_a_class_said_by_a_person_decides_the_deadline(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            rubbish, plain = await begin(service, 1, level=0), await begin(service, 2, level=0)
            assert await rubbish.on_event("classify", matter="1101", level=4) == 200
            told = await rubbish.event()
            assert (told.matter, told.level, told.reported_level) == ("1101", 4, 4)
            for case in (rubbish, plain):
                await case.send()
            assert (await rubbish.order()).due_at < (await plain.order()).due_at
            assert [one.facts for one in (await rubbish.steps()).steps][2] == {
                "matter": "1101",
                "level": "4",
            }
            with nothing_changes(service):
                assert await rubbish.on_event("classify", matter="1102", level=4) == 409

    asyncio.run(body())


def test_a_class_or_unit_nobody_knows_is_refused(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            with nothing_changes(service):
                assert await case.on_event("classify", matter="9999", level=4) == 422
                assert await case.on_event("dispatch", department="D99") == 422
            await case.send()
            with nothing_changes(service):
                assert await case.on_event("assist", department="D00") == 422
                assert await case.on_event("transfer", department="D99") == 422

    asyncio.run(body())


def test_a_close_taken_back_gives_the_helpers_their_orders_back(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            helper_id = await with_helper(case)
            for verb, more in (("sign", {}), ("report", {"answer": "好了"})):
                assert await case.on_order(verb, **more) == 200
            assert await case.on_event("close", answer="已修好") == 200
            assert (await order_of(case, helper_id)).state is OrderState.WITHDRAWN
            assert await case.on_event("undo") == 200
            assert (await order_of(case, helper_id)).state is OrderState.SENT
            assert (await case.event()).state is EventState.REPORTED

    asyncio.run(body())


def test_an_event_merged_later_leaves_no_helper_at_work(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            main, case = await begin(service, 1), await begin(service, 2)
            helper_id = await with_helper(case)
            assert await case.on_order("return", reason="不归我们管") == 200
            assert await case.on_event("decide", granted=True, reason="并案处理") == 200
            assert await case.on_event("merge", main_id=main.event_id) == 200
            assert (await order_of(case, helper_id)).state is OrderState.WITHDRAWN
            await later(case, 24 * 60)
            await asyncio.to_thread(service.parts.work.escalation.tend)
            assert (await order_of(case, helper_id)).led is None
            assert await case.on_event("split", reason="不是同一处") == 200
            given = await order_of(case, helper_id)
            assert given.state is OrderState.SENT
            assert given.led is not None, "its time ran out while nobody could look"

    asyncio.run(body())


def test_an_extension_never_takes_back_what_a_standstill_gave(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            assert await case.on_order("sign") == 200
            until_at = (await case.order()).due_at + timedelta(minutes=30)
            wish = {"reason": "等配件", "until_at": until_at.isoformat()}
            assert await case.on_order("extend", **wish) == 200
            assert await case.on_order("suspend", reason="燃气公司先施工") == 200
            await later(case, 48)
            assert await case.on_order("resume") == 200
            moved_at = (await case.order()).due_at
            assert moved_at > until_at
            assert await case.on_order("grant", granted=True, reason="同意") == 200
            assert (await case.order()).due_at == moved_at

    asyncio.run(body())


def test_a_transfer_keeps_the_time_the_clock_stood_still(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            assert await case.on_order("sign") == 200
            due_at = (await case.order()).due_at
            assert await case.on_order("suspend", reason="等权属单位") == 200
            await later(case, 48)
            assert await case.on_event("transfer", department="D30") == 200
            moved = await case.order()
            assert moved.due_at > due_at
            assert (await case.event()).due_at == moved.due_at

    asyncio.run(body())


def test_a_graver_report_brings_the_deadline_forward_and_a_lesser_one_does_not(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            main = await begin(service, 1, level=4)
            await main.send()
            due_at = (await main.order()).due_at
            lesser = await begin(service, 2, accepted=False, level=4)
            assert await lesser.on_event("merge", main_id=main.event_id) == 200
            assert (await main.order()).due_at == due_at
            graver = await begin(service, 3, accepted=False, level=1)
            assert await graver.on_event("merge", main_id=main.event_id) == 200
            hastened = await main.order()
            assert hastened.due_at < due_at
            assert hastened.yellow_at is not None
            assert hastened.yellow_at < hastened.due_at
            assert (await main.event()).due_at == hastened.due_at
            assert "order.hasten" in [one.action for one in (await main.steps()).steps]

    asyncio.run(body())


@pytest.mark.parametrize(("said", "hours"), [("unreached", 1.0), ("unsatisfied", 0.0)])
def test_who_was_not_reached_or_is_not_content_is_not_forgotten(
    data: Path, said: str, hours: float
) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service, channel="hotline")
            assert await case.on_event("close", answer="已处置") == 200
            assert await case.on_event("call_back", satisfaction=said) == 200
            told = await case.event()
            assert told.state is EventState.CLOSED
            assert told.call_back_at is not None
            assert told.call_back_at >= service.clock.now() + timedelta(hours=hours)
            assert await case.on_event("call_back", satisfaction="satisfied") == 200
            assert (await case.event()).call_back_at is None

    asyncio.run(body())


def test_the_first_word_is_due_until_somebody_says_it(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            urgent = await begin(service, 1, accepted=False, level=1)
            told = await urgent.event()
            assert told.answer_by_at == told.created_at + timedelta(minutes=30)
            assert await urgent.on_event("accept") == 200
            assert (await urgent.event()).answer_by_at is None

    asyncio.run(body())


def test_an_order_nobody_signs_is_urged_once(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service, level=1)
            await case.send()
            await later(case, 0.3)
            for _ in range(2):
                await asyncio.to_thread(service.parts.work.escalation.tend)
            order = await case.order()
            assert order.urged == 1
            assert order.urge is not None
            assert order.urge.by.person_id == "service"

    asyncio.run(body())


def test_a_kill_before_the_look_is_noted_urges_nobody_twice(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            await later(case, 24 * 60)
            for _ in range(2):
                await asyncio.to_thread(service.parts.work.escalation.tend)
                with service.parts.database.write() as unit:
                    unit.connection.execute(text("DELETE FROM meta WHERE key = 'escalated_until'"))
            order = await case.order()
            assert (order.urged, order.led is not None) == (1, True)

    asyncio.run(body())


def test_an_order_renewed_after_its_time_is_escalated_all_the_same(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            await aged(case)
            await later(case, 24 * 60)
            await asyncio.to_thread(service.parts.work.escalation.tend)
            assert (await case.order()).led is None
            await asyncio.to_thread(Renewal(service.parts.work.events.steps).run)
            assert (await case.order()).led is not None

    asyncio.run(body())


def test_a_withdrawal_is_told_to_the_reporter(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            assert await case.on_event("withdraw", reason="与另一事件重复登记") == 200
            service.clock.advance(11)
            path = f"{paths.ANSWERS}?channel=hotline"
            owed = (await service.get("feed", path)).json()["answers"]
            assert [(one["said"], one["words"]) for one in owed][-1] == (
                "withdrawn",
                "与另一事件重复登记",
            )

    asyncio.run(body())


def test_an_order_of_an_older_version_gets_its_lamps_and_escalates(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            fresh = await case.order()
            await aged(case)
            renewal = Renewal(service.parts.work.events.steps)
            for _ in range(2):
                await asyncio.to_thread(renewal.run)
            again = await case.order()
            assert again.led_at == fresh.led_at
            assert again.version == fresh.version + 1
            await later(case, 24 * 60)
            await asyncio.to_thread(service.parts.work.escalation.tend)
            assert (await case.order()).led is not None

    asyncio.run(body())


def test_a_unit_reads_its_own_steps_and_not_its_neighbours(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send("D27")
            assert await case.on_event("assist", department="D25") == 200
            (helper_id,) = (await case.event()).assist_ids
            path = paths.ORDER_VERB.format(item_id=helper_id, verb="urge")
            body = {"version": 1, "reason": "请尽快"}
            assert (await service.post("dispatcher", path, body)).status_code == 200
            assert helper_id in {one.target for one in (await case.steps()).steps}
            assert helper_id not in {
                one.target for one in (await case.steps("operator_water")).steps
            }

    asyncio.run(body())


def test_who_waits_for_orders_in_one_state_reads_these_and_in_scope(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            cases = [await begin(service, number) for number in range(4)]
            for case, department in zip(cases, ("D27", "D27", "D27", "D25"), strict=True):
                await case.send(department)
            assert await cases[0].on_order("sign") == 200
            path = paths.ITEMS.format(kind="order")
            found, after = [], ""
            while True:
                query = {"state": "sent", "limit": 1, "after": after}
                page = (await service.get("operator_water", path, params=query)).json()
                found += [one["item_id"] for one in page["items"]]
                if page["next"] is None:
                    break
                after = page["next"]
            assert found == sorted([(await case.order()).item_id for case in cases[1:3]])
            everything = (await service.get("operator_water", path)).json()["items"]
            assert len(everything) == 3
            none = await service.get("operator_water", path, params={"state": "no_such"})
            assert none.json()["items"] == []
            odd = await service.get("operator_water", path, params={"state": "x' OR 1=1"})
            assert odd.status_code == 422

    asyncio.run(body())
