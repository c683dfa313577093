"""The whole of the console below the widgets against a small real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.console import Console, build
from app.stores import Link
from backend_client.contract.clock import SystemClock
from tests.fakes import event, features, fixes, gate
from tests.small_service import SmallService

WAIT_MS = 8_000


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
    errors: list[Exception] = []
    with qtbot.waitSignal(console.reach.session.signed_in, timeout=WAIT_MS):
        console.reach.session.sign_in("operator", "secret", None, failed=errors.append)
    assert not errors


def is_online(console: Console) -> bool:
    return console.reach.stores.link is Link.ONLINE


def test_snapshot_then_stream_fills_the_stores(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    for index in range(250):
        service.put(event(f"e{index:03d}"))
    service.put(gate())
    sign_in(console, qtbot)
    stores = console.reach.stores
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)
    assert len(stores.events.all()) == 250
    assert stores.gates.get("g1") is not None
    n = service.put(event("e000", version=2))
    qtbot.waitUntil(lambda: stores.events.version("e000") == 2, timeout=WAIT_MS)
    assert stores.n == n
    service.remove(event("e001"))
    qtbot.waitUntil(lambda: stores.events.get("e001") is None, timeout=WAIT_MS)


def test_layers_and_positions_come_without_the_numbered_log(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.move(features())
    service.fixes = fixes(((7, 1000), (9, 1000)), seq=4)
    sign_in(console, qtbot)
    stores = console.reach.stores
    qtbot.waitUntil(lambda: stores.blocks.get("water").oid.size == 3, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: stores.positions.latest("hazmat").oid.size == 2, timeout=WAIT_MS)
    service.move(features((4,), version=2, base=1, removed=(1,)))
    qtbot.waitUntil(lambda: stores.blocks.get("water").version == 2, timeout=WAIT_MS)
    assert stores.blocks.get("water").oid.tolist() == [2, 3, 4]


def test_dead_service_is_late_then_offline_and_the_picture_stays(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.put(event())
    sign_in(console, qtbot)
    stores = console.reach.stores
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)
    seen: list[str] = []
    stores.link_changed.connect(seen.append)
    service.close()
    qtbot.waitUntil(lambda: stores.link is Link.OFFLINE, timeout=5_000)
    assert stores.events.get("e1") is not None
    assert [notice.key for notice in console.notices.kept()].count("link") == 1
    service.open()
    service.put(event("e2"))
    qtbot.waitUntil(lambda: stores.events.get("e2") is not None, timeout=15_000)
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)
    assert [notice.key for notice in console.notices.kept()].count("link") == 2


def test_silent_service_is_late_after_two_seconds(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    sign_in(console, qtbot)
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)
    service.is_beating = False
    seen: list[str] = []
    console.reach.stores.link_changed.connect(seen.append)
    qtbot.waitUntil(lambda: "offline" in seen, timeout=5_500)
    assert seen[0] == "late"
    service.is_beating = True
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)


def test_broken_connection_resumes_without_gap_or_repeat(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    sign_in(console, qtbot)
    stores = console.reach.stores
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)
    told: list[str] = []
    stores.events.changed.connect(told.extend)
    for index in range(20):
        service.put(event(f"e{index}"))
        service.drop()
    qtbot.waitUntil(lambda: len(stores.events.all()) == 20, timeout=30_000)
    assert sorted(told) == sorted(f"e{index}" for index in range(20))


def test_another_history_replaces_newer_looking_items(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.put(event("e1", version=9))
    service.put(event("e2"))
    sign_in(console, qtbot)
    stores = console.reach.stores
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)
    with service.moved:
        service.epoch, service.n = "two", 0
        service.items.clear()
        service.log.clear()
    service.put(event("e1", version=1))
    service.drop()
    qtbot.waitUntil(lambda: stores.events.version("e1") == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: stores.events.get("e2") is None, timeout=WAIT_MS)
    assert stores.epoch == "two"


def test_restart_with_the_service_down_shows_the_last_picture_with_its_age(
    qtbot: QtBot, tmp_path: Path, service: SmallService
) -> None:
    service.put(event())
    service.move(features())
    service.fixes = fixes(((7, 1000),), seq=4)
    first = build(tmp_path, SystemClock(), url=service.url)
    first.start()
    sign_in(first, qtbot)
    stores = first.reach.stores
    qtbot.waitUntil(lambda: is_online(first), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: stores.blocks.get("water").oid.size == 3, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: stores.positions.latest("hazmat").oid.size == 1, timeout=WAIT_MS)
    first.close()
    service.close()
    second = build(tmp_path, SystemClock(), url=service.url)
    second.start()
    try:
        stores = second.reach.stores
        qtbot.waitUntil(lambda: stores.link is Link.CACHED, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: stores.events.get("e1") is not None, timeout=WAIT_MS)
        assert stores.blocks.get("water").oid.size == 3
        assert stores.positions.latest("hazmat").oid.tolist() == [7]
        assert 0 < stores.events.age_s("e1") < 60
        assert 0 < stores.blocks.age_s("water") < 60
        qtbot.waitUntil(lambda: stores.link is Link.OFFLINE, timeout=30_000)
    finally:
        second.close()


def test_another_persons_picture_is_not_shown_to_the_next(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    service.put(event())
    sign_in(console, qtbot)
    stores = console.reach.stores
    qtbot.waitUntil(lambda: is_online(console), timeout=WAIT_MS)
    console.reach.session.sign_out()
    assert stores.events.get("e1") is not None  # nobody signed in: the wall is not blanked
    service.items.clear()
    service.person = service.person.model_copy(update={"person_id": "auditor"})
    sign_in(console, qtbot)
    assert stores.events.get("e1") is None


def test_sign_in_that_fails_says_why(console: Console, qtbot: QtBot, service: SmallService) -> None:
    errors: list[Exception] = []
    console.reach.session.sign_in("operator", "wrong", None, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=WAIT_MS)
    assert console.reach.session.person is None
