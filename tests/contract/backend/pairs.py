"""Reports that may be one event, the matching that finds them, and what people say of a pair."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from backend.analytics.text.judge import by_hand
from backend.analytics.text.policy import Policy
from backend.services.models import InUse
from backend_client.contract import paths
from backend_client.contract.change import Page
from backend_client.contract.clock import ManualClock
from backend_client.contract.matches import Match
from tests.contract.backend.cases import Case
from tests.service import START, Service, intake, serving

GLASS = {
    "title": "路面玻璃碴",
    "text": "人民中路与濠西路交叉口机动车道上一大片碎玻璃碴，已有两辆车扎胎",
    "place": "人民中路濠西路口",
}
ALIKE = {
    "title": "人民中路路口有碎玻璃",
    "text": "人民中路濠西路口路面上有很多玻璃碴，车子扎胎了，请尽快清理",
    "place": "人民中路濠西路口",
    "lon": 120.8605,
    "channel": "police",
}
OTHER = {
    "title": "小区停水",
    "text": "新城花园三号楼从昨晚开始停水，没有通知",
    "place": "新城花园",
    "lon": 121.05,
    "lat": 32.08,
}


@asynccontextmanager
async def asking(data: Path, *, auto: float = 2.0, minutes: int = 0) -> AsyncIterator[Service]:
    """Serve with a policy that asks people, or with one that merges what is likely by itself."""
    clock = ManualClock(START + timedelta(minutes=minutes))  # each code works once
    async with serving(data, clock=clock) as service:
        matching = service.parts.work.matching
        matching.matcher.policy = Policy(auto=auto, ask=0.3)
        if auto < 1:  # as if a judge had passed its exam
            matching.judge = lambda: InUse(1, by_hand())
        yield service


async def report(service: Service, number: int, **changed: object) -> Case:
    at = START - timedelta(minutes=30 - number)
    body = intake(number, reported_at=at.isoformat(), **changed)
    made = await service.post("feed", paths.EVENTS, body)
    assert made.status_code == 201, made.text
    service.clock.advance(1)
    return Case(service, str(made.json()["item_id"]))


async def matched(service: Service) -> list[Match]:
    await asyncio.to_thread(_tend, service)
    reply = await service.get("dispatcher", paths.ITEMS.format(kind="match"))
    found = [one for one in Page.model_validate(reply.json()).items if isinstance(one, Match)]
    return sorted(found, key=lambda one: one.created_at)


def _tend(service: Service) -> None:
    matching = service.parts.work.matching
    for _ in range(200):
        matching.tend()
        with service.parts.database.read() as view:
            if matching.read_to == view.n() and matching.is_filled:
                return
    raise AssertionError("it never came to the end of the changes")


async def judge(service: Service, match: Match, verb: str) -> int:
    if verb == "same":  # the event's own step
        case = Case(service, match.event_id)
        return await case.on_event("merge", main_id=match.other_id, reason="看过")
    path = paths.MATCH_VERB.format(item_id=match.item_id, verb=verb)
    body = {"version": match.version, "reason": "看过"}
    return (await service.post("dispatcher", path, body)).status_code


async def asked_pair(service: Service) -> tuple[Case, Case, Match]:
    """Report one event twice; give both and what is asked of them."""
    first = await report(service, 1, **GLASS)
    second = await report(service, 2, **ALIKE)
    (match,) = await matched(service)
    return first, second, match
