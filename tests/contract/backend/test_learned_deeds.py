"""What people do with events teaches what events are about and whose they are."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from backend.domain.models import Decision
from backend.services import decided
from backend.services.matches import DECIDED_KEPT
from backend.storage import lessons
from backend_client.contract import paths
from backend_client.contract.matches import MatchState
from backend_client.contract.readings import Reading
from tests.contract.backend.cases import begin
from tests.contract.backend.pairs import asked_pair, asking, judge, matched
from tests.service import START, Service, serving
from tests.unit.backend.analytics.text.made_up import THINGS, city

CODES = ("1101", "1102", "1103", "1104", "1105", "1106")
"""Classes the rules would never say of what the made-up city reports."""


def labels(found: list[Decision]) -> dict[str, object]:
    return {one.key: one.body and one.body["labels"] for one in found}


def test_deeds_are_lessons_and_the_last_word_counts(data: Path) -> None:
    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service)
            matters = CODES[:2]
            for matter in matters:
                assert await case.on_event("classify", matter=matter, level=0) == 200
            await case.send("D24")
            assert await case.on_event("transfer", department="D25") == 200
            await case.finish()
            with service.parts.database.read() as view:
                assert labels(list(decided.matters(view))) == {case.event_id: matters[1]}
                assert labels(list(decided.units(view))) == {case.event_id: "D25"}

    asyncio.run(body())


def lesson(seed: int, id_: str, title: str, text: str) -> Decision:
    event = int(id_.split("-", maxsplit=1)[0])
    key = f"{seed}.{id_}"
    told = {"id": key, "title": title, "text": text, "labels": CODES[event // 8 % len(THINGS)]}
    return Decision(key, (key,), START + timedelta(minutes=event), told)


def test_classes_are_learned_from_deeds_and_read_so(data: Path) -> None:
    """Rules first; once the exam is passed a reading says what people say."""

    async def body() -> None:
        async with serving(data) as service:
            case = await begin(service, title=THINGS[0][0], text=THINGS[0][1])
            path = paths.EVENT_READING.format(item_id=case.event_id)

            async def read() -> Reading:
                return Reading.model_validate((await service.get("dispatcher", path)).json())

            before = await read()
            assert before.classes[0].code not in CODES
            with service.parts.database.write() as unit:
                for seed in (1, 2):
                    for one in city(seed):
                        told = lesson(seed, one.id, one.title, one.text)
                        lessons.keep(unit.connection, "matter", told)
            learned = await asyncio.to_thread(service.parts.learning.run, "matter")
            assert learned is None
            (line,) = (one for one in service.parts.models.listed().models if one.name == "matter")
            (version,) = line.versions
            assert (line.in_use, line.answers) == (1, 1)
            assert version.exam >= line.fewest
            assert version.rivals["rules"]["right"] < version.frozen["right"]
            assert (await read()).classes[0].code == CODES[0]
            assert service.parts.learning.run("matter") is not None  # nothing new, nothing learned

    asyncio.run(body())


def test_old_matches_are_dropped_and_stay_lessons(data: Path) -> None:
    async def body() -> None:
        async with asking(data) as service:
            first, second, match = await asked_pair(service)
            assert await judge(service, match, "apart") == 200
            before = pairs(service)
            assert [one.key for one in before] == [match.item_id]
            service.clock.advance(DECIDED_KEPT.total_seconds() + 60)
            service.forget_tokens()
            service.parts.work.matches.tend()
            (kept,) = await matched(service)  # both are open: it binds, however old
            assert kept.state is MatchState.APART
            for case in (first, second):
                assert await case.on_event("refuse", reason="广告来电") == 200
            service.clock.advance(DECIDED_KEPT.total_seconds() + 60)
            service.forget_tokens()
            service.parts.work.matches.tend()
            assert await matched(service) == []
            after = pairs(service)
            assert [one.key for one in after] == [match.item_id]
            assert after[0].body is not None
            assert after[0].body["same"] is False

    asyncio.run(body())


def pairs(service: Service) -> list[Decision]:
    with service.parts.database.read() as view:
        return list(decided.pairs(view))
