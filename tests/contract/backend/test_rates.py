"""Rates of the loop: counted from real steps, opened to the rows, and behind the units' rank."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend_client.contract import paths
from backend_client.contract.indicators import Board, Entries, Parts, Reading, Units
from backend_client.contract.orders import Order
from tests.contract.backend.cases import Case, begin
from tests.service import Service, run, serving

SAYS = "按实际情况办理"


@dataclass
class City:
    """Take steps on events through the doors, as the people of the centre would."""

    service: Service
    number: int = 0

    def case(self, event_id: str) -> Case:
        return Case(self.service, event_id)

    async def report(self, region: str = "320613001") -> str:
        self.number += 1
        at = self.service.clock.now().isoformat()
        made = await begin(self.service, self.number, accepted=False, region=region, reported_at=at)
        return made.event_id

    async def order(self, event_id: str) -> Order:
        return await self.case(event_id).order()

    async def step(self, event_id: str, verb: str, **more: Any) -> None:
        assert await self.case(event_id).on_event(verb, **more) == 200, verb

    async def order_step(self, event_id: str, verb: str, **more: Any) -> None:
        assert await self.case(event_id).on_order(verb, **more) == 200, verb

    async def send(self, event_id: str, department: str = "D24") -> None:
        await self.case(event_id).send(department)

    async def close(self, event_id: str) -> None:
        await self.case(event_id).finish()

    async def whole(self, department: str = "D24", region: str = "320613001") -> str:
        event_id = await self.report(region)
        await self.step(event_id, "accept")
        await self.send(event_id, department)
        await self.close(event_id)
        return event_id

    async def call(self, event_id: str, satisfaction: str) -> None:
        await self.step(event_id, "call_back", satisfaction=satisfaction)

    async def readings(self, **query: object) -> Mapping[str, Reading]:
        self.service.clock.advance(10)
        reply = await self.service.get("leader", paths.INDICATORS, params=query)
        board = Board.model_validate_json(reply.content)
        return {one.indicator: one for one in board.readings}

    async def ratio(self, name: str) -> tuple[float, float]:
        one = (await self.readings())[name]
        return one.top, one.bottom

    async def units(self) -> Units:
        reply = await self.service.get("leader", paths.UNITS)
        return Units.model_validate_json(reply.content)


def told(data: Path, story: Callable[[City], Awaitable[None]]) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await story(City(service))

    run(body)


def test_orders_sent_back_and_given_time_are_shares_of_those_sent(data: Path) -> None:
    async def story(city: City) -> None:
        for number in range(4):
            event_id = await city.report()
            await city.step(event_id, "accept")
            await city.send(event_id)
            if number == 0:
                await city.order_step(event_id, "return", reason=SAYS)
                await city.step(event_id, "decide", granted=True, reason=SAYS)
                await city.send(event_id, "D25")
            elif number == 1:
                await city.order_step(event_id, "sign")
                until_at = (await city.order(event_id)).due_at + timedelta(days=2)
                await city.order_step(
                    event_id, "extend", reason=SAYS, until_at=until_at.isoformat()
                )
                assert await city.ratio("extended_share") == (0, 3)  # asked for is not granted
                await city.order_step(event_id, "grant", granted=True, reason=SAYS)
        assert await city.ratio("returned_share") == (1, 5)
        assert await city.ratio("extended_share") == (1, 5)
        assert (await city.readings())["returned"].value == 1
        known = {one.unit: one for one in (await city.units()).units}
        assert (known["D24"].returned.top, known["D24"].returned.bottom) == (1, 4)
        assert (known["D25"].returned.top, known["D25"].returned.bottom) == (0, 1)
        assert (known["D24"].extended.top, known["320613"].extended.bottom) == (1, 5)

    told(data, story)


def test_redoing_is_counted_and_wipes_no_answer_out(data: Path) -> None:
    async def story(city: City) -> None:
        content, angry, unreached = [await city.whole() for _ in range(3)]
        assert await city.ratio("first_time") == (3, 3)
        city.service.clock.advance(20)
        await city.call(content, "satisfied")
        await city.call(angry, "unsatisfied")
        await city.call(unreached, "unreached")
        assert await city.ratio("satisfied") == (1, 2)
        await city.step(angry, "redo", reason=SAYS)
        assert await city.ratio("redone_share") == (1, 3)
        assert await city.ratio("first_time") == (2, 3)
        await city.send(angry, "D25")
        await city.close(angry)
        city.service.clock.advance(20)
        await city.call(angry, "satisfied")
        assert await city.ratio("satisfied") == (2, 3)
        assert await city.ratio("redone_share") == (1, 3)
        units = {one.unit: one for one in (await city.units()).units}
        assert (units["D24"].satisfied.top, units["D24"].satisfied.bottom) == (1, 2)
        assert (units["D25"].satisfied.top, units["D25"].satisfied.bottom) == (1, 1)
        assert (units["D25"].redone.top, units["D25"].first_time.top) == (1, 0)
        path = paths.UNIT_ROWS.format(unit="D24")
        reply = await city.service.get("leader", path, params={"which": "satisfied"})
        rows = Entries.model_validate_json(reply.content)
        assert sorted(one.top for one in rows.entries) == [0, 1]

    told(data, story)


def test_a_closing_taken_back_was_none_and_a_call_is_no_closing(data: Path) -> None:
    async def story(city: City) -> None:
        kept, undone = await city.whole(), await city.whole()
        await city.step(undone, "undo")
        assert await city.ratio("first_time") == (1, 1)
        assert (await city.readings())["closed_today"].value == 1
        city.service.clock.advance(86_400)
        city.service.forget_tokens()
        await city.call(kept, "satisfied")
        assert (await city.readings())["closed_today"].value == 0  # it was closed yesterday
        assert await city.ratio("first_time") == (1, 1)
        hours = (await city.readings())["hours_closed"]
        assert hours.value == pytest.approx(0.0, abs=0.01)

    told(data, story)


def test_a_first_word_is_in_time_by_the_table(data: Path) -> None:
    async def story(city: City) -> None:
        early, late, never = [await city.report() for _ in range(3)]
        by_at = (await city.case(early).event()).answer_by_at
        assert by_at is not None
        await city.step(early, "accept")
        assert await city.ratio("heard_on_time") == (1, 1)
        wait_s = (by_at - city.service.clock.now()).total_seconds() + 60
        city.service.clock.advance(wait_s)
        city.service.forget_tokens()
        await city.step(late, "refuse", reason=SAYS)
        assert await city.ratio("heard_on_time") == (1, 3), never

    told(data, story)


def test_merged_reports_are_a_share_until_they_are_split(data: Path) -> None:
    async def story(city: City) -> None:
        main, child, other = [await city.report() for _ in range(3)]
        await city.step(child, "merge", main_id=main)
        assert await city.ratio("joined_share") == (1, 3)
        assert (await city.readings())["merged"].value == 1
        await city.step(child, "split", reason=SAYS)
        assert await city.ratio("joined_share") == (0, 3)
        assert (await city.readings())["merged"].value == 0
        await city.step(other, "refuse", reason=SAYS)
        assert await city.ratio("joined_share") == (0, 2)

    told(data, story)


def test_a_rate_opens_from_the_city_to_its_rows(data: Path) -> None:
    async def story(city: City) -> None:
        first = await city.whole()
        await city.whole(region="320623104")
        city.service.clock.advance(20)
        await city.step(first, "redo", reason=SAYS)
        regions = paths.INDICATOR_REGIONS.format(indicator="redone_share")
        city.service.clock.advance(10)
        reply = await city.service.get("leader", regions)
        parts = {one.region: one for one in Parts.model_validate_json(reply.content).parts}
        assert (parts["320613"].value, parts["320623"].value) == (100.0, 0.0)
        reply = await city.service.get("leader", regions, params={"under": "320613"})
        towns = Parts.model_validate_json(reply.content).parts
        assert [(one.region, one.top) for one in towns] == [("320613001", 1.0)]
        rows = paths.INDICATOR_ROWS.format(indicator="redone_share")
        reply = await city.service.get("leader", rows, params={"region": "320613001"})
        assert [one.item_id for one in Entries.model_validate_json(reply.content).entries] == [
            first
        ]

    told(data, story)


def test_an_order_taken_back_at_once_is_counted_nowhere_and_a_restart_counts_the_same(
    data: Path,
) -> None:
    async def body() -> None:
        async with serving(data) as service:
            city = City(service)
            event_id = await city.report()
            await city.step(event_id, "accept")
            await city.send(event_id)
            await city.step(event_id, "undo")
            done = await city.whole()
            service.clock.advance(20)
            await city.call(done, "unsatisfied")
            assert await city.ratio("returned_share") == (0, 1)
            before, clock = await city.readings(), service.clock
        async with serving(data, clock=clock) as service:
            after = await City(service).readings()
        for name in ("returned_share", "satisfied", "first_time", "heard_on_time"):
            told_before = (before[name].top, before[name].bottom)
            assert (after[name].top, after[name].bottom) == told_before
            assert told_before[1] > 0, name

    run(body)
