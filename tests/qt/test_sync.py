"""The turns the road for data takes when something goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.console import Console, build
from app.i18n import Words
from app.stores import Link
from backend_client.contract.clock import SystemClock
from backend_client.contract.columns import encode_features
from tests.fakes import event, features
from tests.small_service import SmallService, problem
from widgets.facts import ConsoleFacts

WAIT_MS = 12_000


@pytest.fixture
def service() -> Iterator[SmallService]:
    small = SmallService()
    yield small
    small.close()


@pytest.fixture
def console(qtbot: QtBot, tmp_path: Path, service: SmallService) -> Iterator[Console]:
    made = build(tmp_path, SystemClock(), url=service.url)
    made.start()
    yield made
    made.close()


def sign_in(console: Console, qtbot: QtBot) -> None:
    with qtbot.waitSignal(console.reach.session.signed_in, timeout=WAIT_MS):
        console.reach.session.sign_in("operator", "secret", None, failed=lambda _: None)


def online(console: Console, qtbot: QtBot) -> None:
    sign_in(console, qtbot)
    qtbot.waitUntil(lambda: console.reach.stores.link is Link.ONLINE, timeout=WAIT_MS)


def test_delta_on_a_version_we_do_not_hold_is_fetched_whole(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.move(features(version=3))
    online(console, qtbot)
    blocks = console.reach.stores.blocks
    qtbot.waitUntil(lambda: blocks.version("water") == 3, timeout=WAIT_MS)
    whole = encode_features(features((7, 8), version=9))
    odd = encode_features(features((8,), version=9, base=5))
    answers = [odd, whole]
    service.answers["GET", "/v1/layers/water/block"] = lambda _: (200, answers.pop(0))
    service.move(features((7, 8), version=9))
    qtbot.waitUntil(lambda: blocks.get("water").oid.tolist() == [7, 8], timeout=WAIT_MS)
    assert answers == []


def test_layer_out_of_sight_is_dropped(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.move(features(version=3))
    service.move(features(version=3, layer="hazmat"))
    online(console, qtbot)
    blocks = console.reach.stores.blocks
    qtbot.waitUntil(lambda: set(blocks.layers()) == {"water", "hazmat"}, timeout=WAIT_MS)
    del service.blocks["hazmat"]
    service.drop()  # a new connection compares the layers again
    qtbot.waitUntil(lambda: blocks.layers() == ("water",), timeout=WAIT_MS)


def test_layer_that_cannot_be_read_is_told_and_the_others_go_on(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    refusal = problem(403).model_dump_json().encode()
    service.answers["GET", "/v1/layers/hazmat/block"] = lambda _: (403, refusal)
    service.move(features(layer="hazmat"))
    service.move(features())
    online(console, qtbot)
    blocks = console.reach.stores.blocks
    qtbot.waitUntil(lambda: blocks.get("water").oid.size == 3, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(console.notices.kept()), timeout=WAIT_MS)
    assert console.notices.kept()[-1].text.en == "No."


def test_snapshot_that_fails_is_taken_again(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.put(event())
    page = "/v1/items/event"
    service.answers["GET", page] = lambda _: (200, b"<html>")
    sign_in(console, qtbot)
    qtbot.waitUntil(lambda: any(path.startswith(page) for path in service.paths()), timeout=WAIT_MS)
    assert console.reach.stores.events.get("e1") is None
    del service.answers["GET", page]
    qtbot.waitUntil(lambda: console.reach.stores.events.get("e1") is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: console.reach.stores.link is Link.ONLINE, timeout=WAIT_MS)


def test_long_snapshot_is_applied_in_pieces_and_gone_items_leave(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.page_size = 2_000
    for index in range(1_700):
        service.put(event(f"e{index:04d}"))
    online(console, qtbot)
    stores = console.reach.stores
    qtbot.waitUntil(lambda: len(stores.events.all()) == 1_700, timeout=WAIT_MS)
    told: list[int] = []
    stores.events.changed.connect(lambda ids: told.append(len(ids)))
    with service.moved:
        for index in range(1_200):
            del service.items["event", f"e{index:04d}"]
        service.log.clear()
        service.n += 5_000
        service.epoch = "two"
    service.drop()
    qtbot.waitUntil(lambda: len(stores.events.all()) == 500, timeout=WAIT_MS)
    assert max(told) <= 500


def test_stream_refused_for_a_reason_is_told_and_tried_again(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    refusal = problem(403).model_dump_json().encode()
    service.answers["GET", "/v1/stream"] = lambda _: (403, refusal)
    sign_in(console, qtbot)
    qtbot.waitUntil(lambda: bool(console.notices.kept()), timeout=WAIT_MS)
    assert console.reach.stores.link is not Link.ONLINE
    del service.answers["GET", "/v1/stream"]
    qtbot.waitUntil(lambda: console.reach.stores.link is Link.ONLINE, timeout=WAIT_MS)


def test_positions_refused_are_told_and_tried_again(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    refusal = problem(403).model_dump_json().encode()
    service.answers["GET", "/v1/positions"] = lambda _: (403, refusal)
    online(console, qtbot)
    qtbot.waitUntil(lambda: bool(console.notices.kept()), timeout=WAIT_MS)
    before = sum("/v1/positions" in path for path in service.paths())
    del service.answers["GET", "/v1/positions"]
    qtbot.waitUntil(
        lambda: sum("/v1/positions" in path for path in service.paths()) > before + 2,
        timeout=WAIT_MS,
    )


def test_closing_takes_little_time_with_everything_running(
    qtbot: QtBot, tmp_path: Path, service: SmallService
) -> None:
    clock = SystemClock()
    console = build(tmp_path, clock, url=service.url)
    console.start()
    online(console, qtbot)
    start_s = clock.steady_s()
    console.close()
    assert clock.steady_s() - start_s < 2.0


def test_the_banner_says_when_the_next_try_comes(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    facts = ConsoleFacts(console.reach, console.settings, Words())
    online(console, qtbot)
    assert facts.retry_s() is None
    service.close()
    qtbot.waitUntil(lambda: console.reach.stores.link is Link.OFFLINE, timeout=WAIT_MS)
    assert facts.retry_s() is not None
    service.open()
    console.sync.try_now()
    qtbot.waitUntil(lambda: console.reach.stores.link is Link.ONLINE, timeout=WAIT_MS)
    assert facts.retry_s() is None
