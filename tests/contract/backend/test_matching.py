"""What may be one event is proposed once, judged by people, bound for ever, and survives a kill."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from backend.analytics.text.policy import Policy
from backend_client.contract import paths
from backend_client.contract.events import EventState
from backend_client.contract.matches import MatchState
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
from tests.service import serving


def test_a_second_report_of_one_event_is_proposed_with_its_reasons(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first = await report(service, 1, **GLASS)
            await report(service, 2, **OTHER)
            second = await report(service, 3, **ALIKE)
            (match,) = await matched(service)
            assert {match.event_id, match.other_id} == {first.event_id, second.event_id}
            kinds = {one.kind for one in match.evidence}
            assert {"place", "time"} <= kinds
            assert any(one.shared for one in match.evidence)
            assert (await matched(service)) == [match]  # asked once

    asyncio.run(body())


def test_same_merges_and_apart_binds(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first = await report(service, 1, **GLASS)
            second = await report(service, 2, **ALIKE)
            third = await report(service, 3, **ALIKE)
            found = await matched(service)
            assert len(found) >= 2
            pair = {first.event_id, second.event_id}
            one = next(match for match in found if {match.event_id, match.other_id} == pair)
            assert await judge(service, one, "same") == 200
            assert await judge(service, one, "apart") == 409
            held = await second.event()
            assert (held.state, held.main_id) == (EventState.MERGED, first.event_id)
            rest = [match for match in await matched(service) if match.state is MatchState.OPEN]
            for match in rest:
                assert third.event_id in (match.event_id, match.other_id)
                assert await judge(service, match, "apart") == 200
            await report(service, 4, **OTHER)
            assert not [one for one in await matched(service) if one.state is MatchState.OPEN]

    asyncio.run(body())


def test_a_sure_match_is_merged_by_itself_and_a_split_binds(data: Path) -> None:
    async def body() -> None:
        async with asking(data, auto=0.3) as service:
            first = await report(service, 1, **GLASS)
            second = await report(service, 2, **ALIKE, level=1)
            (match,) = await matched(service)
            assert (match.state, match.auto) == (MatchState.SAME, True)
            held = await first.event()
            assert (held.reports, held.level) == (2, 1)
            steps = [one for one in (await first.steps()).steps if one.action == "event.merge"]
            assert (steps[0].name, "同一" in steps[0].reason) == ("", True)
            assert await second.on_event("split", reason="两处不同的地方") == 200
            (judged,) = await matched(service)
            assert judged.state is MatchState.APART
            assert (await first.event()).reports == 1

    asyncio.run(body())


def test_a_report_somebody_has_in_hand_is_not_merged_under_their_hands(data: Path) -> None:
    async def body() -> None:
        async with asking(data, auto=0.3) as service:
            await report(service, 1, **GLASS)
            second = await report(service, 2, **ALIKE)
            path = paths.EVENT_VERB.format(item_id=second.event_id, verb="claim")
            assert (await service.post("operator", path, {})).status_code == 200
            (match,) = await matched(service)
            assert (match.state, match.auto) == (MatchState.OPEN, False)
            assert (await second.event()).state is EventState.REGISTERED

    asyncio.run(body())


def test_after_a_restart_nothing_is_asked_twice_or_left_out(data: Path) -> None:
    async def body() -> None:
        async with asking(data, minutes=5) as service:
            await report(service, 1, **GLASS)
            await matched(service)
            await report(service, 2, **ALIKE)  # not looked at before the service goes down
        async with asking(data, minutes=10) as service:
            (match,) = await matched(service)
        async with asking(data, minutes=15) as service:
            assert await matched(service) == [match]
            assert await judge(service, match, "apart") == 200
        async with asking(data, minutes=20) as service:
            (kept,) = await matched(service)
            assert kept.state is MatchState.APART
            apart = service.parts.work.matching.matcher.decisions.kept_apart(match.event_id)
            assert match.other_id in apart

    asyncio.run(body())


def test_many_alike_ask_after_a_restart_of_as_many_as_without_one(data: Path) -> None:
    """Later ones are held by then; they take no place of those a report is to ask of."""

    async def body() -> None:
        async with asking(data) as service:
            cases = [await report(service, 1, **GLASS)]
            await matched(service)
            cases += [await report(service, number, **ALIKE) for number in range(2, 10)]
        async with asking(data, minutes=20) as service:
            found = await matched(service)
        asked = Counter(match.event_id for match in found)
        assert [asked[one.event_id] for one in cases] == [0, 1, 2, 3, 4, 5, 5, 5, 5]

    asyncio.run(body())


def test_a_match_of_what_is_over_is_no_longer_asked(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            _first, second, match = await asked_pair(service)
            assert await second.on_event("refuse", reason="广告来电") == 200
            (gone,) = await matched(service)
            assert (gone.item_id, gone.state) == (match.item_id, MatchState.GONE)

    asyncio.run(body())


def test_another_county_sees_no_match_that_is_not_its_own(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            _first, _second, match = await asked_pair(service)
            path = paths.ITEM.format(kind="match", item_id=match.item_id)
            assert (await service.get("operator_rudong", path)).status_code == 404
            assert (await service.get("operator_chongchuan", path)).status_code == 200

    asyncio.run(body())


def test_the_rules_of_a_new_city_merge_nothing_by_themselves(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            service.parts.work.matching.matcher.policy = Policy(auto=0.3, ask=0.3)
            _first, second, match = await asked_pair(service)
            assert (match.state, match.auto) == (MatchState.OPEN, False)
            assert (await second.event()).state is EventState.REGISTERED

    asyncio.run(body())


def test_across_counties_people_decide(data: Path) -> None:
    async def body() -> None:
        async with asking(data, auto=0.3) as service:
            await report(service, 1, **GLASS)
            await report(service, 2, **ALIKE, region="320612")
            (match,) = await matched(service)
            assert (match.region, match.auto, match.state) == ("3206", False, MatchState.OPEN)

    asyncio.run(body())


def test_what_nobody_can_say_yes_to_is_not_asked(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first, second, match = await asked_pair(service)
            assert match.state is MatchState.OPEN
            for case in (first, second):
                assert await case.on_event("accept") == 200
                await case.send()
            (gone,) = await matched(service)
            assert gone.state is MatchState.GONE

    asyncio.run(body())
