"""Side paths of events and orders through the real application, with their timeline."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend_client.contract import paths
from backend_client.contract.events import EventState
from backend_client.contract.orders import Order, OrderState, Task
from backend_client.contract.readings import Reading
from tests.contract.backend.cases import begin
from tests.service import Service, intake, nothing_changes, serving


def test_a_return_is_decided_and_the_clock_never_starts_anew(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            first = await case.order()
            service.clock.advance(600)
            service.forget_tokens()
            assert await case.on_order("return", reason="不归我们管", department="D30") == 200
            assert (await case.event()).state is EventState.RETURNED
            assert await case.on_event("decide", granted=True, reason="确属城管") == 200
            await case.send("D30")
            again = await case.order()
            assert (again.due_at, again.since_at) == (first.due_at, first.since_at)
            assert (await case.event()).due_at == first.due_at
            assert await case.on_order("return", reason="也不归我们", department="D31") == 200
            assert await case.on_event("decide", granted=False, reason="就是你们的") == 200
            final = await case.order()
            assert (final.state, final.is_final) == (OrderState.SENT, True)
            with nothing_changes(service):
                assert await case.on_order("return", reason="还是不要") == 409

    asyncio.run(body())


def test_the_whole_loop_to_the_archive_and_back(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service, channel="hotline")
            await case.send()
            assert await case.on_order("sign") == 200
            until_at = (await case.order()).due_at + timedelta(days=2)
            asked = {"reason": "等配件到货", "until_at": until_at.isoformat()}
            assert await case.on_order("extend", **asked) == 200
            assert await case.on_order("grant", granted=True, reason="同意") == 200
            assert (await case.event()).due_at == until_at
            assert await case.on_order("suspend", reason="燃气公司先施工") == 200
            service.clock.advance(3_600)
            service.forget_tokens()
            assert await case.on_order("resume") == 200
            assert await case.on_order("urge", reason="市民再次来电") == 200
            assert await case.on_order("report", answer="井盖已换好") == 200
            assert (await case.event()).state is EventState.REPORTED
            assert await case.on_event("close", answer="已修复，感谢反映") == 200
            closed = await case.event()
            assert (closed.state, closed.call_back_at is not None) == (EventState.CLOSED, True)
            assert await case.on_event("call_back", satisfaction="unsatisfied") == 200
            assert await case.on_event("redo", reason="市民称未修好") == 200
            again = await case.event()
            assert (again.state, again.redone) == (EventState.ACCEPTED, 1)
            assert await case.on_event("close", answer="当面说明并已修好") == 200
            assert await case.on_event("call_back", satisfaction="satisfied") == 200
            assert (await case.event()).state is EventState.ARCHIVED
            steps = (await case.steps()).steps
            assert [step.action for step in steps if step.target == case.event_id] == [
                *("event.intake", "event.accept", "event.dispatch", "order.sign"),
                *("order.grant", "order.resume", "order.report", "event.close"),
                *("event.call_back", "event.redo", "event.close", "event.call_back"),
            ]
            told = {step.action: step for step in steps}
            assert told["order.urge"].reason == "市民再次来电"
            assert told["order.urge"].name
            assert all(step.name or step.action == "event.intake" for step in steps)

    asyncio.run(body())


def test_merged_reports_are_linked_counted_answered_and_parted(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            main = await begin(service, level=3)
            child = await begin(service, 2, accepted=False, level=1)
            third = await begin(service, 3, accepted=False)
            assert await child.on_event("merge", main_id=main.event_id) == 200
            assert await third.on_event("merge", main_id=child.event_id) == 200
            held = await main.event()
            assert (held.level, held.reports) == (1, 3)
            assert (await third.event()).main_id == main.event_id
            assert {step.target for step in (await main.steps()).steps} == {
                main.event_id,
                child.event_id,
                third.event_id,
            }
            with nothing_changes(service):
                assert await main.on_event("withdraw", reason="误报") == 409
                assert await main.on_event("merge", main_id=child.event_id) == 422
            assert await main.on_event("close", answer="已处置") == 200
            for one in (child, third):
                told = await one.event()
                assert (told.state, told.answer) == (EventState.CLOSED, "已处置")
            assert await main.on_event("undo") == 200
            assert (await child.event()).state is EventState.MERGED
            assert await child.on_event("split", reason="不是同一处") == 200
            parted = await child.event()
            assert (parted.state, parted.main_id, parted.level) == (
                EventState.REGISTERED,
                None,
                1,
            )
            left = await main.event()
            assert (left.level, left.reports) == (3, 2)

    asyncio.run(body())


def test_a_main_event_takes_in_what_was_merged_before(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            top, middle, low = [await begin(service, number) for number in range(3)]
            assert await low.on_event("merge", main_id=middle.event_id) == 200
            assert await middle.on_event("merge", main_id=top.event_id) == 200
            assert (await top.event()).reports == 3
            assert await low.on_event("split", reason="另一件事") == 200
            assert ((await top.event()).reports, (await middle.event()).reports) == (2, 1)
            assert await middle.on_event("split", reason="另一件事") == 200
            assert (await top.event()).reports == 1

    asyncio.run(body())


def test_helpers_transfers_and_withdrawals_reach_the_units(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            first = await case.order()
            assert await case.on_event("assist", department="D25", note="封路") == 200
            (helper_id,) = (await case.event()).assist_ids
            path = paths.ITEM.format(kind="order", item_id=helper_id)
            helper = Order.model_validate((await service.get("dispatcher", path)).json())
            assert (helper.task, helper.department) == (Task.ASSIST, "D25")
            with nothing_changes(service):
                assert await case.on_event("transfer", department="D24") == 422
            assert await case.on_event("transfer", department="D30", note="属城管") == 200
            moved = await case.order()
            assert (moved.department, moved.due_at) == ("D30", first.due_at)
            assert await case.on_event("supervise", account="duty", reason="领导关注") == 200
            assert (await case.order()).supervised is not None
            assert await case.on_event("withdraw", reason="重复登记") == 200
            for order_id in (first.item_id, moved.item_id, helper_id):
                path = paths.ITEM.format(kind="order", item_id=order_id)
                order = Order.model_validate((await service.get("dispatcher", path)).json())
                assert order.state is OrderState.WITHDRAWN

    asyncio.run(body())


def test_nobody_takes_a_step_that_is_not_theirs(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            with nothing_changes(service):
                assert await case.on_event("supervise", account="operator", reason="催催") == 403
                assert await case.on_event("withdraw", account="operator", reason="算了") == 403
                assert await case.on_order("urge", account="operator", reason="快点") == 403
                assert await case.on_event("transfer", account="leader", department="D30") == 403
                assert await case.on_order("return", account="auditor", reason="不管") == 403

    asyncio.run(body())


@pytest.mark.parametrize("reason", ["", " ", "x" * 201, None])
def test_a_step_that_needs_a_reason_gets_one(data: Path, reason: object) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service, accepted=False)
            with nothing_changes(service):
                assert await case.on_event("refuse", reason=reason) == 422
            assert await case.on_event("refuse", reason="不属受理范围") == 200
            told = await case.event()
            assert (told.state, told.answer) == (EventState.REFUSED, "不属受理范围")

    asyncio.run(body())


def test_the_reporter_is_masked_before_anything_is_stored(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            reporter = {"name": "王小明", "contact": "13812345678"}
            case = await begin(service, reporter=reporter)
            told = await case.event()
            assert told.reporter is not None
            assert told.reporter.contact == "13*******78"

    asyncio.run(body())
    stored = b"".join(one.read_bytes() for one in data.rglob("*") if one.is_file())
    assert b"13812345678" not in stored
    assert "王小明".encode() not in stored


def test_what_stays_undone_is_supervised_then_led_once_each(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            due_at = service.clock.now() + timedelta(hours=10)
            assert (
                await case.on_event("dispatch", department="D24", due_at=due_at.isoformat()) == 200
            )
            tend = service.parts.work.escalation.tend

            async def after(hours: float) -> Order:
                service.clock.advance(hours * 3_600)
                service.forget_tokens()
                for _ in range(2):
                    await asyncio.to_thread(tend)
                return await case.order()

            order = await after(11.9)
            assert (order.supervised, order.led) == (None, None)
            order = await after(0.2)
            assert (order.supervised is not None, order.led) == (True, None)
            assert (await case.event()).supervised is not None
            order = await after(3)
            assert order.led is not None
            told = [step.action for step in (await case.steps()).steps]
            assert (told.count("order.overdue"), told.count("order.led")) == (1, 1)

    asyncio.run(body())


def test_a_suspended_or_reported_order_is_not_escalated(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            due_at = service.clock.now() + timedelta(hours=10)
            cases = [await begin(service, number) for number in range(2)]
            for case in cases:
                sent = {"department": "D24", "due_at": due_at.isoformat()}
                assert await case.on_event("dispatch", **sent) == 200
                assert await case.on_order("sign") == 200
            assert await cases[0].on_order("suspend", reason="等燃气公司") == 200
            assert await cases[1].on_order("report", answer="好了") == 200
            service.clock.advance(20 * 3_600)
            service.forget_tokens()
            await asyncio.to_thread(service.parts.work.escalation.tend)
            for case in cases:
                assert (await case.order()).supervised is None

    asyncio.run(body())


async def owed(service: Service, channel: str = "hotline") -> list[dict[str, Any]]:
    service.clock.advance(10)
    path = f"{paths.ANSWERS}?channel={channel}"
    return list((await service.get("feed", path)).json()["answers"])


def test_everybody_who_reported_is_told_once_by_their_own_channel(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            main = await begin(service, 1)
            child = await begin(service, 2, accepted=False, channel="police")
            assert await child.on_event("merge", main_id=main.event_id) == 200
            assert await main.on_event("close", answer="已清理") == 200
            told = {channel: await owed(service, channel) for channel in ("hotline", "police")}
            assert [one["said"] for one in told["hotline"]] == ["accepted", "answered"]
            assert [(one["said"], one["words"], one["intake_id"]) for one in told["police"]] == [
                ("answered", "已清理", "hotline-2")
            ]
            numbers = {"numbers": [one["n"] for one in told["hotline"]]}
            for _ in range(2):
                reply = await service.post("feed", paths.ANSWERS_TOLD, numbers)
                assert reply.status_code == 204
            assert await owed(service) == []
            assert len(await owed(service, "police")) == 1
            steps = [one.action for one in (await main.steps()).steps]
            assert steps.count("event.told") == 2

    asyncio.run(body())


def test_a_redo_is_told_and_a_return_is_not(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            assert await case.on_order("return", reason="不归我们管") == 200
            assert await case.on_event("decide", granted=True, reason="改派") == 200
            assert await case.on_event("close", answer="已答复") == 200
            assert await case.on_event("redo", reason="没修好") == 200
            said = [one["said"] for one in await owed(service)]
            assert said == ["accepted", "answered", "again"]

    asyncio.run(body())


def test_an_answer_taken_back_within_its_ten_seconds_is_never_told(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await owed(service)
            assert await case.on_event("close", answer="打错字了") == 200
            path = f"{paths.ANSWERS}?channel=hotline"
            early = (await service.get("feed", path)).json()["answers"]
            assert [one["said"] for one in early] == ["accepted"]
            assert await case.on_event("undo") == 200
            assert "打错字了" not in [one["words"] for one in await owed(service)]

    asyncio.run(body())


def test_a_report_is_read_for_whoever_may_see_it(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            words = "人民中路路口燃气泄漏，有人晕倒不省人事，请快来人"
            case = await begin(service, accepted=False, title="燃气泄漏", text=words)
            path = paths.EVENT_READING.format(item_id=case.event_id)
            reply = await service.get("operator", path)
            reading = Reading.model_validate(reply.json())
            assert 1 <= reading.level <= 2
            assert reading.signs
            assert any(unit.role == "lead" for unit in reading.units)
            assert (await service.get("operator_rudong", path)).status_code == 404
            assert (await case.event()).level == 3  # suggested, never set by itself

    asyncio.run(body())


def test_two_channels_with_one_number_are_not_taken_for_one_report(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await begin(service, 1)
            other = await service.post("feed", paths.EVENTS, intake(1, channel="police"))
            assert (other.status_code, other.json()["where"]) == (422, "intake_id")

    asyncio.run(body())


def test_an_event_others_are_merged_with_is_not_refused(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            main = await begin(service, 1, accepted=False)
            child = await begin(service, 2, accepted=False)
            assert await child.on_event("merge", main_id=main.event_id) == 200
            with nothing_changes(service):
                assert await main.on_event("refuse", reason="广告") == 409

    asyncio.run(body())


def test_an_order_that_inherits_a_clock_run_out_is_supervised_at_once(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            due_at = (service.clock.now() + timedelta(hours=1)).isoformat()
            assert await case.on_event("dispatch", department="D24", due_at=due_at) == 200
            assert await case.on_order("return", reason="不归我们管") == 200
            assert await case.on_event("decide", granted=True, reason="改派") == 200
            service.clock.advance(4 * 3_600)
            service.forget_tokens()
            await case.send("D30")
            order = await case.order()
            assert order.led is not None
            assert order.supervised is not None

    asyncio.run(body())


def test_a_report_that_fails_its_check_keeps_the_clock_and_tells_nobody(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            await case.send()
            due_at = (await case.order()).due_at
            assert await case.on_order("sign") == 200
            assert await case.on_order("report", answer="好了") == 200
            assert await case.on_event("redo", reason="照片是旧的") == 200
            again = await case.event()
            assert (again.state, again.due_at, again.redone) == (EventState.ACCEPTED, due_at, 0)
            assert [one["said"] for one in await owed(service)] == ["accepted"]

    asyncio.run(body())


def test_a_number_of_an_answer_is_never_given_twice(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            main = await begin(service, 1)
            child = await begin(service, 2, accepted=False)
            assert await child.on_event("merge", main_id=main.event_id) == 200
            assert await main.on_event("close", answer="已处置") == 200
            given = {one["n"] for one in await owed(service)}
            assert await main.on_event("redo", reason="没修好") == 200
            later = {one["n"] for one in await owed(service)} - given
            assert later
            assert min(later) > max(given)

    asyncio.run(body())


def test_what_is_below_a_parted_event_waits_for_its_own_answer(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            top, middle, low = [await begin(service, number) for number in range(3)]
            assert await low.on_event("merge", main_id=middle.event_id) == 200
            assert await middle.on_event("merge", main_id=top.event_id) == 200
            assert await top.on_event("close", answer="已处置") == 200
            assert await middle.on_event("split", reason="另一件事") == 200
            assert (await low.event()).state is EventState.MERGED
            assert await middle.on_event("close", answer="另行处置") == 200
            assert (await low.event()).answer == "另行处置"

    asyncio.run(body())
