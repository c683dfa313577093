"""Finished cases like one, over the doors: found, told without the reporter, cut to the scope."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend_client.contract import paths
from backend_client.contract.readings import Matters, Reading, Similar
from tests.contract.backend.cases import Case, begin
from tests.service import Service, serving

LAMP: dict[str, Any] = {
    "title": "路灯不亮",
    "text": "人民路与工农路交叉口路灯三盏不亮，晚上漆黑",
    "place": "人民路工农路口",
    "reporter": {"name": "王小明", "contact": "13812341234"},
}


async def closed(
    service: Service, number: int, answer: str, matter: str = "0102", **changed: Any
) -> Case:
    """Bring a case to its answer by the whole line: sent, signed, reported, closed."""
    case = await begin(service, number, **{**LAMP, **changed})
    assert await case.on_event("classify", matter=matter, level=0) == 200
    await case.send("D24")
    assert await case.on_order("sign") == 200
    service.clock.advance(3 * 3600)
    service.forget_tokens()
    assert await case.on_order("report", answer="done") == 200
    assert await case.on_event("close", answer=answer) == 200
    return case


def index(service: Service) -> None:
    """Let the index take in what is there, as its background task does."""
    similar = service.parts.work.similar
    for _ in range(20):
        similar.tend()


async def similar_to(service: Service, case: Case, account: str = "operator") -> Similar:
    path = paths.EVENT_SIMILAR.format(item_id=case.event_id)
    reply = await service.get(account, path)
    assert reply.status_code == 200, reply.text
    assert [one for one in ("王", "13*", "13812341234", "reporter") if one in reply.text] == []
    return Similar.model_validate(reply.json())


def test_a_case_like_it_tells_answer_unit_and_how_long_it_took(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            old = await closed(service, 1, "三盏路灯已更换灯泡")
            await closed(
                service,
                2,
                "已劝离",
                "1101",
                title="占道经营",
                text="菜场门口流动摊贩占道",
                place="菜场",
            )
            new = await begin(service, 3, **{**LAMP, "text": "人民路路灯不亮，漆黑一片"})
            index(service)
            found = await similar_to(service, new)
            assert found.ready
            first = found.cases[0]
            assert (first.event_id, first.answer) == (old.event_id, "三盏路灯已更换灯泡")
            assert (first.department, first.matter) == ("D24", "0102")
            assert 0 <= first.took_s - 3 * 3600 < 120  # signing in anew takes a little
            assert any("漆黑" in one.zh or "不亮" in one.zh for one in first.why)
            assert "已劝离" not in {one.answer for one in found.cases}

    asyncio.run(body())


def test_an_open_or_reopened_case_is_no_hint(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            old = await closed(service, 1, "已更换灯泡")
            new = await begin(service, 2, **LAMP)
            index(service)
            assert [one.event_id for one in (await similar_to(service, new)).cases] == [
                old.event_id
            ]
            assert await old.on_event("redo", reason="又不亮了") == 200
            index(service)
            assert (await similar_to(service, new)).cases == ()

    asyncio.run(body())


def test_a_county_sees_its_own_cases_only_and_another_none_at_all(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await closed(service, 1, "城里已修", region="320613")
            own = await closed(service, 2, "如东已修", region="320623")
            new = await begin(service, 3, **{**LAMP, "region": "320623"})
            index(service)
            seen = (await similar_to(service, new, "operator_rudong")).cases
            assert [one.event_id for one in seen] == [own.event_id]
            assert len((await similar_to(service, new)).cases) == 2
            city = await begin(service, 4, **{**LAMP, "region": "320613"})
            path = paths.EVENT_SIMILAR.format(item_id=city.event_id)
            assert (await service.get("operator_rudong", path)).status_code == 404

    asyncio.run(body())


def test_what_was_finished_before_a_start_is_known_after_it(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            old = await closed(service, 1, "已更换灯泡")
            clock = service.clock
        async with serving(data, clock=clock) as service:
            new = await begin(service, 2, **LAMP)
            assert not (await similar_to(service, new)).ready
            index(service)
            found = await similar_to(service, new)
            assert [one.event_id for one in found.cases] == [old.event_id]

    asyncio.run(body())


def test_the_reading_gives_the_tables_time_and_the_tree_its_names(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service, 1, level=0)
            path = paths.EVENT_READING.format(item_id=case.event_id)
            plain = Reading.model_validate((await service.get("operator", path)).json()).due
            assert plain is not None
            assert (plain.matter, plain.span.en) == ("", "5 working days")
            assert await case.on_event("classify", matter="1101", level=0) == 200
            due = Reading.model_validate((await service.get("operator", path)).json()).due
            assert due is not None
            assert (due.matter, due.span.zh) == ("1101", "4 工作小时")
            await case.send()
            assert (await case.order()).due_at - due.due_at < timedelta(minutes=1)
            tree = Matters.model_validate((await service.get("operator", paths.MATTERS)).json())
            named = {one.code: (one.name.zh, one.group.zh) for one in tree.matters}
            assert named["1101"] == ("暴露垃圾", "市容环境")

    asyncio.run(body())


def test_a_commit_does_not_wait_for_who_looks(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            similar = service.parts.work.similar
            with similar._lock:  # as a look through 120,000 cases holds it
                async with asyncio.timeout(5):
                    await begin(service, 1, **LAMP)

    asyncio.run(body())
