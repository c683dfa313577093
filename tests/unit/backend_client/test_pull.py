"""Positions by long poll: whole at first, then what moved, whole again after a new epoch."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from backend_client.client import Client
from backend_client.contract.auth import Tokens
from backend_client.contract.clock import ManualClock
from backend_client.contract.columns import FixBlock, encode_fixes
from backend_client.errors import Refused
from backend_client.pull import Fixes, Pull
from tests.fakes import AT, fixes
from tests.small_service import PERSON, problem


def pull_on(answers: list[Callable[[], httpx.Response]], asked: list[int]) -> Pull:
    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(int(request.url.params["since"]))
        return answers.pop(0)()

    clock = ManualClock(AT)
    client = Client(
        "http://service", clock, transport=httpx.MockTransport(reply), sleep=clock.advance
    )
    client.wire.take(
        Tokens(access="access-1", refresh="refresh-1", expires_in_s=600, person=PERSON)
    )
    return Pull(client, clock, sleep=clock.advance)


def give(block: FixBlock) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, content=encode_fixes(block))


def nothing() -> httpx.Response:
    return httpx.Response(204)


def broken() -> httpx.Response:
    raise httpx.ReadError("reset")


def refuse(status: int) -> Callable[[], httpx.Response]:
    kind = {"content-type": "application/problem+json"}
    text = problem(status).model_dump_json()
    return lambda: httpx.Response(status, headers=kind, text=text)


def take_all(answers: list[Callable[[], httpx.Response]], asked: list[int]) -> list[Fixes]:
    return list(pull_on(answers, asked).batches(lambda: not answers))


def test_first_batch_is_whole_and_later_ones_are_not() -> None:
    asked: list[int] = []
    found = take_all([give(fixes(((1, 5),), seq=4)), nothing, give(fixes(((1, 6),), seq=5))], asked)
    assert [(one.block.seq, one.whole) for one in found] == [(4, True), (5, False)]
    assert asked == [0, 4, 4]


def test_new_epoch_starts_from_nothing() -> None:
    asked: list[int] = []
    found = take_all(
        [
            give(fixes(((1, 5), (2, 5)), seq=90)),
            give(fixes(((1, 6),), seq=3, epoch="p2")),
            give(fixes(((1, 6), (2, 6)), seq=3, epoch="p2")),
        ],
        asked,
    )
    assert asked == [0, 90, 0]
    assert [(one.block.epoch, one.whole) for one in found] == [("p1", True), ("p2", True)]


def test_silence_and_crowding_are_waited_out() -> None:
    asked: list[int] = []
    answers = [broken, broken, broken, refuse(503), refuse(503), refuse(503)]
    found = take_all([*answers, give(fixes(((1, 5),), seq=4))], asked)
    assert len(found) == 1
    assert found[0].whole


def test_refusal_ends_the_pull() -> None:
    with pytest.raises(Refused):
        take_all([refuse(403)], [])


def test_empty_world_is_a_whole_batch_once() -> None:
    asked: list[int] = []
    empty = give(fixes((), seq=0))
    found = take_all([empty, empty], asked)
    assert [one.whole for one in found] == [True, True]
