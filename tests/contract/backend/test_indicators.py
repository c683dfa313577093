"""Indicators: counted from real events and orders, opened to the rows, recorded, in scope."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from backend.services.indicators import load_indicators
from backend.services.units import unit_ids
from backend_client.contract import paths
from backend_client.contract.indicators import Board, Entries, Parts, Past, Reading, Units
from tests.contract.backend.test_layers import put, station
from tests.service import START, Service, intake, run, serving

TOWNS = ("320613001", "320613002", "320623104", "320613", "3206")


async def ask(service: Service, account: str, path: str, **query: object) -> bytes:
    reply = await service.get(account, path, params=query)
    assert reply.status_code == 200, reply.text
    return reply.content


async def board(service: Service, account: str = "leader", **query: object) -> Board:
    return Board.model_validate_json(await ask(service, account, paths.INDICATORS, **query))


async def reading(service: Service, name: str, account: str = "leader", **query: object) -> Reading:
    shown = await board(service, account, **query)
    return next(one for one in shown.readings if one.indicator == name)


async def fill(service: Service) -> None:
    """Take in an event per region, and two orders for one unit, one of them reported in time."""
    for number, region in enumerate(TOWNS):
        body = intake(number, region=region, reported_at=service.clock.now().isoformat())
        assert (await service.post("feed", paths.EVENTS, body)).status_code == 201


async def send(service: Service, number: int, *, hours: float = 2.0, report: bool = False) -> str:
    """Register an event and send it to D24, and let the unit report when asked to."""
    body = intake(100 + number, reported_at=service.clock.now().isoformat())
    event = str((await service.post("feed", paths.EVENTS, body)).json()["item_id"])
    accept = paths.EVENT_VERB.format(item_id=event, verb="accept")
    assert (await service.post("operator", accept, {"version": 1})).status_code == 200
    due_at = (service.clock.now() + timedelta(hours=hours)).isoformat()
    sent = {"version": 2, "department": "D24", "due_at": due_at}
    path = paths.EVENT_VERB.format(item_id=event, verb="dispatch")
    assert (await service.post("dispatcher", path, sent)).status_code == 200
    item = await service.get("dispatcher", paths.ITEM.format(kind="event", item_id=event))
    order = str(item.json()["order_id"])
    if report:
        for verb, more in (("sign", {"version": 1}), ("report", {"version": 2, "answer": "已办"})):
            path = paths.ORDER_VERB.format(item_id=order, verb=verb)
            assert (await service.post("operator", path, more)).status_code == 200
    return order


def test_every_row_of_the_table_is_whole_and_every_group_has_tiles() -> None:
    listed = load_indicators().listed
    assert len(listed) == 63
    assert {one.definition.group.value for one in listed.values()} == {
        *("today", "channels", "accountability", "safety", "water", "city", "economy", "data")
    }
    for one in listed.values():
        words = one.definition.formula
        assert words.zh
        assert words.en
        assert one.definition.owner in unit_ids()
    assert not listed["gdp"].definition.live
    assert listed["open"].definition.live


def test_numbers_open_down_to_the_rows_and_add_up(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            assert (await reading(service, "open")).value == 5
            path = paths.INDICATOR_REGIONS.format(indicator="open")
            city = Parts.model_validate_json(await ask(service, "leader", path))
            assert [(part.region, part.top) for part in city.parts] == [
                ("320613", 3.0),
                ("320623", 1.0),
            ]
            assert city.own.top == 1
            towns = Parts.model_validate_json(await ask(service, "leader", path, under="320613"))
            assert (towns.whole.top, towns.own.top, len(towns.parts)) == (3, 1, 2)
            rows = paths.INDICATOR_ROWS.format(indicator="open")
            listed = Entries.model_validate_json(
                await ask(service, "leader", rows, region="320613", limit=2)
            )
            assert (listed.total, len(listed.entries), listed.hidden) == (3, 2, 0)
            assert {entry.kind for entry in listed.entries} == {"event"}
            item_id = listed.entries[0].item_id
            accept = paths.EVENT_VERB.format(item_id=item_id, verb="accept")
            await service.post("operator", accept, {"version": 1})
            close = paths.EVENT_VERB.format(item_id=item_id, verb="close")
            done = await service.post("dispatcher", close, {"version": 2, "answer": "已办"})
            assert done.status_code == 200, done.text
            service.clock.advance(10)
            assert (await reading(service, "open")).value == 4
            assert (await reading(service, "closed_today")).value == 1

    run(body)


def test_what_no_source_brings_is_said_to_have_none(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            shown = await board(service)
            values = {one.indicator: one.value for one in shown.readings}
            live = {one.indicator for one in shown.definitions if one.live}
            assert len(values) == 63
            assert "gdp" not in live
            assert values["gdp"] is None
            assert values["over_warning"] is None  # nobody has brought a station yet
            assert values["gates_open"] is None
            assert values["open"] == 0
            await put(service, "water", station(1, value=3.4), station(2, value=2.0))
            service.clock.advance(10)
            assert (await reading(service, "over_warning")).value == 1
            path = paths.INDICATOR_ROWS.format(indicator="over_warning")
            entries = Entries.model_validate_json(await ask(service, "leader", path)).entries
            assert [(one.layer, one.name.zh) for one in entries] == [("water", "1号水位站")]
            rows = await service.get("leader", paths.INDICATOR_ROWS.format(indicator="gdp"))
            assert rows.status_code == 404

    run(body)


def test_a_county_sees_its_own_county_only(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            own = await board(service, "operator_rudong")
            assert own.region == "320623"
            assert (await reading(service, "open", "operator_rudong")).value == 1
            for region in ("3206", "320613", "320613001"):
                path = paths.INDICATORS
                reply = await service.get("operator_rudong", path, params={"region": region})
                assert reply.status_code == 404, region
                for door in (paths.INDICATOR_SERIES, paths.INDICATOR_ROWS):
                    reply = await service.get(
                        "operator_rudong",
                        door.format(indicator="open"),
                        params={"region": region},
                    )
                    assert reply.status_code == 404, (door, region)
            under = paths.INDICATOR_REGIONS.format(indicator="open")
            reply = await service.get("operator_rudong", under, params={"under": "3206"})
            assert reply.status_code == 404
            assert (await service.get("feed", paths.INDICATORS)).status_code == 403
            units = Units.model_validate_json(await ask(service, "operator_rudong", paths.UNITS))
            assert [one.unit for one in units.units if not one.unit.startswith("D")] == ["320623"]
            other = paths.UNIT_ROWS.format(unit="320613")
            assert (await service.get("operator_rudong", other)).status_code == 404

    run(body)


def test_numbers_are_recorded_and_compared_once_there_is_history(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            indicators = service.parts.indicators
            assert (await reading(service, "open")).since_at is None
            assert await asyncio.to_thread(indicators.tend) > 0
            assert await asyncio.to_thread(indicators.tend) == 0  # once in ten minutes
            service.clock.advance(7 * 86_400)
            service._tokens.clear()
            made = await service.post("feed", paths.EVENTS, intake(50, region="320613"))
            assert made.status_code == 201
            assert (await reading(service, "open")).earlier is None
            await asyncio.to_thread(indicators.tend)
            now = await reading(service, "open")
            assert now.since_at is not None
            assert now.earlier is None  # both were recorded at :40, no full hour is there
            path = paths.INDICATOR_SERIES.format(indicator="open")
            past = Past.model_validate_json(await ask(service, "leader", path, hours=170))
            assert [moment.value for moment in past.moments] == [6.0]  # :40 is thinned by now
            town = Past.model_validate_json(
                await ask(service, "leader", path, hours=24, region="320613001")
            )
            assert [moment.value for moment in town.moments] == [1.0]
            assert [moment.value for moment in town.earlier] == [1.0]

    run(body)


def test_a_full_hour_is_compared_with_the_same_hour_a_week_before(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            indicators = service.parts.indicators
            service.clock.advance((START.replace(minute=0) - START).total_seconds() + 3_600)
            await fill(service)
            await asyncio.to_thread(indicators.tend)
            service.clock.advance(7 * 86_400 - (service.clock.now().second))
            service._tokens.clear()
            made = await service.post("feed", paths.EVENTS, intake(50, region="320613"))
            assert made.status_code == 201
            await asyncio.to_thread(indicators.tend)
            now = await reading(service, "open")
            assert now.earlier is not None
            assert (now.earlier.then, now.earlier.now) == (5.0, 6.0)

    run(body)


def test_old_numbers_are_thinned_to_hours_and_days(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            for _ in range(6):
                await asyncio.to_thread(service.parts.indicators.tend)
                service.clock.advance(600)
            service.clock.advance(3 * 86_400)
            await asyncio.to_thread(service.parts.indicators.tend)
            path = paths.INDICATOR_SERIES.format(indicator="open")
            past = Past.model_validate_json(await ask(service, "leader", path, hours=168))
            assert [moment.at.minute for moment in past.moments[:-1]] == [0]
            service.clock.advance(36 * 86_400)
            await asyncio.to_thread(service.parts.indicators.tend)
            service._tokens.clear()
            days = Past.model_validate_json(await ask(service, "leader", path, hours=400 * 24))
            assert len(days.moments) == 3  # the first day, three days on, 36 days on

    run(body)


def test_units_are_ranked_by_their_orders_and_open_to_them(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            for number in range(3):
                await send(service, number, report=True)
            for number in range(3, 6):
                await send(service, number)
            service.clock.advance(5 * 3_600)
            service._tokens.clear()
            units = Units.model_validate_json(await ask(service, "leader", paths.UNITS))
            assert len(units.units) == 74
            first = units.units[0]
            known = {one.unit: one for one in units.units}
            assert (first.unit, first.rank) in {("D24", 1), ("320613", 1)}
            mine = known["D24"]
            assert (mine.sent, mine.overdue) == (6, 3)
            assert (mine.closed_on_time.top, mine.closed_on_time.bottom) == (3, 6)
            assert (mine.signed_on_time.top, mine.signed_on_time.bottom) == (3, 6)
            assert mine.hours is not None
            assert known["D01"].rank is None
            county = known["320613"]
            assert county.closed_on_time == mine.closed_on_time
            path = paths.UNIT_ROWS.format(unit="D24")
            for which, count in (("due", 6), ("overdue", 3), ("sent", 6), ("signed", 6)):
                rows = Entries.model_validate_json(await ask(service, "leader", path, which=which))
                assert rows.total == len(rows.entries) == count, which
            value = await reading(service, "closed_on_time")
            assert value.value == pytest.approx(50.0)

    run(body)


def test_a_restart_counts_the_same(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            await fill(service)
            await asyncio.to_thread(service.parts.indicators.tend)
        async with serving(data) as service:
            now = await reading(service, "open")
            assert now.value == 5
            assert now.since_at is not None

    run(body)
