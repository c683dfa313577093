"""What the matcher holds follows the city: corrected, closed, undone, lost, restarted."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from backend.analytics.text import matcher as matchers
from backend.analytics.text import reading
from backend.analytics.text.matcher import Match as Found
from backend.analytics.text.message import Message
from backend.analytics.text.policy import Policy
from backend.services import matching as turns
from backend.services.matching import Matching
from backend.storage.tables import CHANGE_LOG
from backend.storage.unit import Unit
from backend_client.contract import paths
from backend_client.contract.events import EventState
from backend_client.contract.matches import MatchState
from tests.contract.backend.cases import Case
from tests.contract.backend.pairs import (
    ALIKE,
    GLASS,
    OTHER,
    asked_pair,
    asking,
    judge,
    matched,
    report,
)
from tests.service import Service


def at_work(service: Service) -> Matching:
    return service.parts.work.matching


async def close(case: Case) -> None:
    """Take an event to its answer."""
    assert await case.on_event("accept") == 200
    await case.send()
    await case.finish()


def test_a_corrected_place_reaches_the_matcher(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            near = Policy(auto=2.0, ask=0.3, metres_apart=500)
            at_work(service).matcher.policy = near
            first = await report(service, 1, **GLASS)
            second = await report(service, 2, **ALIKE | {"lon": 120.99})
            assert await matched(service) == []  # 12 km apart
            assert await second.on_event("locate", lon=120.8605, lat=32.01) == 200
            (match,) = await matched(service)
            assert {match.event_id, match.other_id} == {first.event_id, second.event_id}
            assert (
                await first.on_event("locate", lon=120.8609, lat=32.01) == 200
            )  # the earlier one may be it too
            (again,) = await matched(service)
            distances = [one.words for one in again.evidence if one.kind == "distance"]
            assert again.version > match.version
            assert distances != [one.words for one in match.evidence if one.kind == "distance"]

    asyncio.run(body())


def test_an_undone_close_brings_its_matches_back(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first, _second, match = await asked_pair(service)
            await close(first)
            (gone,) = await matched(service)
            assert gone.state is MatchState.GONE
            assert first.event_id not in at_work(service).matcher
            assert await first.on_event("undo") == 200
            (back,) = await matched(service)
            assert (back.item_id, back.state, back.decided) == (
                match.item_id,
                MatchState.OPEN,
                None,
            )
            assert first.event_id in at_work(service).matcher

    asyncio.run(body())


def test_what_was_decided_binds_an_event_that_is_back(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first, second, match = await asked_pair(service)
            assert await judge(service, match, "apart") == 200
            await matched(service)
            await close(first)
            await matched(service)
            decisions = at_work(service).matcher.decisions
            assert not decisions.apart  # what is let go of is not remembered for ever
            assert await first.on_event("undo") == 200
            await matched(service)
            assert first.event_id in decisions.kept_apart(second.event_id)

    asyncio.run(body())


def test_where_the_policy_says_so_a_report_joins_a_closed_event(data: Path) -> None:
    """`new_after_closing = false`: after a restart too, and yes takes it in hand again."""

    async def body() -> None:
        joins = Policy(auto=0.3, ask=0.3, new_after_closing=False)
        async with asking(data, auto=0.3) as service:
            first = await report(service, 1, **GLASS)
            await close(first)
        async with asking(data, auto=0.3, minutes=20) as service:
            work = at_work(service)
            work.matcher.policy = joins
            object.__setattr__(work.paths, "joins_closed", True)
            object.__setattr__(service.parts.work.event_paths, "joins_closed", True)
            first = Case(service, first.event_id)
            assert await matched(service) == []
            assert first.event_id in work.matcher
            second = await report(service, 21, **ALIKE)
            (match,) = await matched(service)
            assert (match.state, match.auto) == (MatchState.OPEN, False)  # a person takes it up
            assert await judge(service, match, "same") == 200
            held, main = await second.event(), await first.event()
            assert (held.state, held.main_id) == (EventState.MERGED, first.event_id)
            assert (main.state, main.redone, main.reports) == (EventState.ACCEPTED, 1, 2)

    asyncio.run(body())


def test_a_split_and_a_merge_nobody_proposed_bind_after_a_restart(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first = await report(service, 1, **GLASS)
            second = await report(service, 2, **OTHER)
            assert await matched(service) == []
            assert await second.on_event("merge", main_id=first.event_id, reason="同一处") == 200
            (said,) = await matched(service)
            assert (said.state, said.auto) == (MatchState.SAME, False)
            assert await second.on_event("split", reason="不是同一件") == 200
            (said,) = await matched(service)
            assert said.state is MatchState.APART
            live = service.parts.models.listed().models[0].rules
            assert live.metrics["decided"] == 0  # nobody had proposed it
        async with asking(data, minutes=20) as service:
            await matched(service)
            apart = at_work(service).matcher.decisions.kept_apart(first.event_id)
            assert second.event_id in apart

    asyncio.run(body())


def test_an_answer_thought_better_of_counts_once(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            _first, second, match = await asked_pair(service)
            assert await judge(service, match, "same") == 200
            live = service.parts.models.listed().models[0].rules
            assert live.metrics == {"decided": 1.0, "right": 1.0}
            assert await second.on_event("split", reason="两处") == 200
            live = service.parts.models.listed().models[0].rules
            assert live.metrics == {"decided": 1.0, "right": 0.0}

    asyncio.run(body())


def test_a_feed_that_lost_its_place_is_begun_anew_and_leaves_nothing_out(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first = await report(service, 1, **GLASS)
            refused = await report(service, 2, **OTHER)
            await matched(service)
            assert await refused.on_event("refuse", reason="广告来电") == 200
            second = await report(service, 3, **ALIKE)
            trim(service)
            await report(service, 4, **OTHER | {"title": "公交晚点", "text": "五路公交晚点半小时"})
            (match,) = await matched(service)
            assert {match.event_id, match.other_id} == {first.event_id, second.event_id}
            assert refused.event_id not in at_work(service).matcher

    asyncio.run(body())


def test_a_restart_reads_no_report_anew(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        async with asking(data) as service:
            for number in range(1, 6):
                await report(service, number, **OTHER | {"title": f"小区停水 {number} 栋"})
            moved = await report(service, 6, **GLASS)
            await matched(service)
            assert len(at_work(service).holding.records() or ()) == 6
            at_work(service).holding.close()
            assert (
                await moved.on_event("locate", lon=120.87, lat=32.02) == 200
            )  # while the matcher does not look
        cut: list[str] = []

        def note(report: Message) -> reading.Cut:
            cut.append(report.id)
            return reading.cut(report)

        monkeypatch.setattr(matchers, "cut", note)
        async with asking(data, minutes=20) as service:
            await matched(service)
            assert len(at_work(service).matcher) == 6
            assert cut == [moved.event_id]
            at_work(service).holding.close()

    asyncio.run(body())


def test_a_turn_writes_little_at_a_time_and_leaves_the_doors_two_thirds(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        async with asking(data) as service:
            await matched(service)
            work, database = at_work(service), service.parts.database
            for number in range(1, 9):
                await report(service, number, **GLASS | {"title": f"碎玻璃 {number}"})
            proposed, ticks = [0], itertools.count(1)
            write, propose = database.write, turns.Matching._propose

            def count() -> AbstractContextManager[Unit]:
                proposed.append(0)
                return write()

            def note(self: turns.Matching, unit: Unit, due: Any, one: Found) -> None:
                proposed[-1] += 1
                propose(self, unit, due, one)

            monkeypatch.setattr(database, "write", count)
            monkeypatch.setattr(turns.Matching, "_propose", note)
            monkeypatch.setattr(service.clock, "steady_s", lambda: 1e4 + next(ticks) / 1_000)
            began = work.read_to
            rest_s = await asyncio.to_thread(work.tend)
            assert len(proposed) > 2  # the doors come in between
            assert max(proposed) <= 2 * turns._PER_UNIT  # one report more than fills it, at most
            assert work.read_to > began
            assert rest_s >= 2 * 0.008  # eight reports, a millisecond each
            ticks = itertools.count(100_000)  # and nobody has written since
            await asyncio.to_thread(work.tend)  # reads what it wrote itself
            assert await asyncio.to_thread(work.tend) == turns.REST_S

    asyncio.run(body())


def test_a_place_corrected_before_a_kill_is_looked_at_after_it(data: Path) -> None:
    near = Policy(auto=2.0, ask=0.3, metres_apart=500)

    async def body() -> None:
        async with asking(data) as service:
            at_work(service).matcher.policy = near
            first = await report(service, 1, **GLASS)
            second = await report(service, 2, **ALIKE | {"lon": 120.99})
            await report(service, 3, **ALIKE)
            (match,) = await matched(service)  # written, and with it that the second was looked at
            assert second.event_id not in (match.event_id, match.other_id)
            assert (
                await second.on_event("locate", lon=120.8605, lat=32.01) == 200
            )  # and nobody looks any more
        async with asking(data, minutes=20) as service:
            at_work(service).matcher.policy = near
            pairs = [{one.event_id, one.other_id} for one in await matched(service)]
            assert {first.event_id, second.event_id} in pairs

    asyncio.run(body())


def test_killed_amid_what_came_unseen_it_looks_at_the_rest(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_PER_FILL", 1)

    async def body() -> None:
        async with asking(data) as service:
            first = await report(service, 1, **GLASS)
            await matched(service)
            unseen = [await report(service, number, **ALIKE) for number in range(2, 6)]
            trim(service)
        async with asking(data, minutes=20) as service:
            work = at_work(service)
            while not await proposed(service):  # the first of them, and no further
                await asyncio.to_thread(work.tend)
            assert not work.is_filled
            trim(service)
        async with asking(data, minutes=40) as service:
            pairs = [{one.event_id, one.other_id} for one in await matched(service)]
            assert all({first.event_id, one.event_id} in pairs for one in unseen)

    asyncio.run(body())


async def proposed(service: Service) -> bool:
    reply = await service.get("dispatcher", paths.ITEMS.format(kind="match"))
    return bool(reply.json()["items"])


def trim(service: Service) -> None:
    """Leave of the changes no more than the last: the feed has lost its place."""
    with service.parts.database.write() as unit:
        unit.connection.execute(delete(CHANGE_LOG).where(CHANGE_LOG.c.n < unit.n()))
