"""Pairs on the desk: put off for a while, each once, with how often people agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.console import Console, build
from app.match_provider import ANSWERS, MatchProvider
from app.model_registry import ReachRegistry
from app.suggestions import LATER_S
from backend_client.contract.change import Change
from backend_client.contract.clock import ManualClock
from backend_client.contract.item import Mark, PersonRef
from backend_client.contract.matches import Match, MatchState
from backend_client.errors import Refused
from tests.fakes import AT

MARK = Mark(by=PersonRef(person_id="p", name="周敏"), at=AT, reason="")


@pytest.fixture
def console(qtbot: QtBot, tmp_path: Path) -> Iterator[Console]:
    made = build(tmp_path, ManualClock(AT), url="http://127.0.0.1:9")
    yield made
    made.close()


@pytest.fixture
def provider(console: Console) -> MatchProvider:
    return MatchProvider(console.reach, console.reach.stores)


def match(number: int, state: MatchState, version: int = 1, **more: object) -> Match:
    decided = None if state is MatchState.OPEN else MARK
    fields: dict[str, object] = {
        "item_id": f"match-{number}",
        "version": version,
        "region": "320613",
        "department": "D41",
        "created_at": AT,
        "updated_at": AT,
        "event_id": f"event-{number}",
        "other_id": f"event-{number + 1}",
        "score": 0.5 + number / 10_000,
        "evidence": (),
        "state": state,
        "decided": decided,
        "model": "0",
    }
    return Match(**(fields | more))  # type: ignore[arg-type]  # as given


def put(console: Console, *matches: Match) -> None:
    changes = [
        Change(n=place, kind="match", item_id=one.item_id, item=one)
        for place, one in enumerate(matches, start=console.reach.stores.n + 1)
    ]
    console.reach.stores.matches.apply(changes)
    console.reach.stores.n += len(changes)


def test_a_pair_put_off_comes_back_after_a_while(
    qtbot: QtBot, console: Console, provider: MatchProvider
) -> None:
    put(console, match(1, MatchState.OPEN), match(2, MatchState.OPEN))
    second, first = provider.pairs()
    provider.judge(second, "later", lambda: None, fail)
    assert [one.match_id for one in provider.pairs()] == [first.match_id]
    assert list(provider.put_off()) == [AT + timedelta(seconds=LATER_S)]
    clock = console.reach.clock
    assert isinstance(clock, ManualClock)
    clock.advance(LATER_S - 1)
    provider._come_back()
    assert len(provider.pairs()) == 1
    clock.advance(2)
    with qtbot.waitSignal(console.reach.stores.suggestions.changed):
        provider._back.start(0)  # what it waits for is the machine's time
    assert [one.match_id for one in provider.pairs()] == ["match-2", "match-1"]
    assert provider.put_off() == []


def test_what_is_judged_is_no_longer_held_among_the_open(
    console: Console, provider: MatchProvider
) -> None:
    put(console, match(1, MatchState.OPEN))
    (pair,) = provider.pairs()
    provider.judge(pair, "later", lambda: None, fail)
    put(console, match(1, MatchState.GONE, 2))
    assert (provider.pairs(), provider.put_off()) == ([], [])
    put(console, match(1, MatchState.OPEN, 3))
    assert len(provider.pairs()) == 1


def test_answers_of_people_and_merges_of_the_service_are_told_apart(
    console: Console, provider: MatchProvider
) -> None:
    old = Mark(by=MARK.by, at=AT - timedelta(days=3), reason="")
    put(
        console,
        *(match(n, MatchState.APART, decided=old) for n in range(5)),
        *(match(100 + n, MatchState.SAME) for n in range(ANSWERS - 2)),
        match(900, MatchState.SAME, auto=True),
        match(901, MatchState.APART, auto=True),
        match(902, MatchState.APART, model=""),  # nobody had proposed it
    )
    told = provider.answered()
    assert (told.answers, told.right) == (ANSWERS, ANSWERS - 2)  # three old ones are out
    assert (told.merged, told.taken_back) == (2, 1)


def fail(error: Exception) -> None:
    raise AssertionError(error)


def test_a_seat_that_looks_back_judges_nothing_and_asks_nothing_of_models(
    console: Console, provider: MatchProvider
) -> None:
    put(console, match(1, MatchState.OPEN))
    (pair,) = provider.pairs()
    console.reach.session.look_back(True)
    told: list[Exception] = []
    provider.judge(pair, "no", lambda: None, told.append)
    registry = ReachRegistry(console.reach)
    registry.learn("merge", lambda _line: None, told.append)
    registry.roll_back("merge", "no use", lambda _line: None, told.append)
    codes = [one.problem.code for one in told if isinstance(one, Refused)]
    assert codes == ["replaying"] * 3


def test_pairs_are_made_once_however_often_they_are_read(
    console: Console, provider: MatchProvider
) -> None:
    put(console, match(1, MatchState.OPEN))
    assert provider.pairs()[0] is provider.pairs()[0]
