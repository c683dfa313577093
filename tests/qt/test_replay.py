"""Replay on the real service: maps turn back together, nothing can be done meanwhile but STOP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.console import Console, build
from app.replay import PLAY_SPEED, Replay
from app.session import REPLAYING, Session
from backend_client.client import Client
from backend_client.contract.clock import SystemClock
from backend_client.contract.feature import FeatureIn, Upsert
from backend_client.contract.positions import Fixes, PositionIn
from backend_client.errors import Refused
from tests.end2end.stack import Service
from tests.qt.picture import make_picture
from widgets.reach_deeds import ReachDeeds
from widgets.replay_control import InstantQuestion

WAIT_MS = 20_000


def broke(error: object = None) -> None:
    raise AssertionError(error)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("replay") / "service").start()
    yield running
    running.stop()


@pytest.fixture
def console(service: Service, tmp_path: Path, qtbot: QtBot) -> Iterator[Console]:
    made = build(tmp_path / "console", SystemClock(), url=service.url)
    made.start()
    made.reach.session.sign_in(
        "dispatcher", str(service.account("dispatcher")["password"]), None, failed=broke
    )
    qtbot.waitUntil(lambda: made.reach.session.person is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: made.reach.stores.clock_offset_s is not None, timeout=WAIT_MS)
    yield made
    made.close()


@pytest.fixture
def replay(console: Console, qapp: QApplication) -> Replay:
    reach = console.reach
    return Replay(reach.client, reach.tasks, reach.stores, reach.session, SystemClock(), qapp)


def outage(feed: Client, *names: str, state: int = 0, remove: tuple[str, ...] = ()) -> None:
    """Tell of some outages, and which are over."""
    features = tuple(
        FeatureIn(
            id=name,
            kind="outage_power",
            name=name,
            lon=120.9,
            lat=32.0,
            region="320613",
            state=state,
            observed_at=datetime.now(UTC),
            properties={},
        )
        for name in names
    )
    feed.upsert("utilities", Upsert(features=features, remove=remove))


def next_second() -> datetime:
    """Wait until a new second has begun and give it: the past is told by whole seconds."""
    time.sleep(1.01 - datetime.now(UTC).microsecond / 1e6)
    return datetime.now(UTC)


def test_maps_turn_back_run_on_and_come_home(
    console: Console,
    replay: Replay,
    service: Service,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.replay.LEAST_BACK", timedelta(0))  # nobody waits here for a past
    stores, feed = console.reach.stores, service.client("feed")
    van = FeatureIn(
        id="V",
        kind="van",
        name="V",
        lon=None,
        lat=None,
        region="320613",
        observed_at=datetime.now(UTC),
        properties={},
    )
    feed.upsert("transport", Upsert(features=(van,)))

    def drive(lon: float) -> None:
        fix = PositionIn(id="V", lon=lon, lat=32.0, observed_at=datetime.now(UTC))
        feed.send_positions(Fixes(layer="transport", fixes=(fix,)))

    outage(feed, "A", state=2)
    drive(120.8)
    first = next_second()
    drive(120.9)
    then = next_second()
    outage(feed, "B", remove=("A",))
    drive(121.0)
    qtbot.waitUntil(lambda: stores.blocks.get("utilities").oid.tolist() == [2], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: stores.positions.latest("transport").oid.size == 1, timeout=WAIT_MS)
    replay.go(then)
    replay.want(("utilities", "transport"))
    qtbot.waitUntil(lambda: replay.is_read, timeout=WAIT_MS)
    assert replay.blocks.get("utilities").oid.tolist() == [1]
    assert replay.blocks.get("utilities").state.tolist() == [2]
    assert replay.positions.latest("transport").lon_e7.tolist() == [1_209_000_000]
    assert stores.blocks.get("utilities").oid.tolist() == [2], "now goes on beneath"
    replay.go(first)
    qtbot.waitUntil(lambda: replay.is_read, timeout=WAIT_MS)
    assert replay.positions.latest("transport").lon_e7.tolist() == [1_208_000_000], "back in time"
    assert replay.clock.now() == replay.at
    replay.step(-600)
    qtbot.waitUntil(lambda: replay.is_read, timeout=WAIT_MS)
    assert not replay.blocks.get("utilities").oid.size
    assert replay.positions.latest("transport").oid.size == 0
    assert "transport" in replay.positions.layers(), "a map must be told that nobody is there"
    replay.go(then - timedelta(seconds=30))
    replay.play()
    assert replay.speed == PLAY_SPEED
    qtbot.waitUntil(lambda: replay.at is None, timeout=WAIT_MS)
    assert replay.speed == 0
    assert not replay.blocks.layers()
    feed.close()


def test_nothing_is_done_in_replay_but_stopping(
    console: Console, replay: Replay, qtbot: QtBot
) -> None:
    session: Session = console.reach.session
    told: list[bool] = []
    session.looked_back.connect(told.append)
    replay.go(datetime.now(UTC) - timedelta(minutes=5))
    assert session.read_only == REPLAYING
    assert session.why_no_control() == REPLAYING
    failures: list[Exception] = []
    ReachDeeds(console.reach).claim(
        "E1", take_over=False, done=lambda _: broke(), failed=failures.append
    )
    assert isinstance(failures[0], Refused)
    assert failures[0].problem.code == "replaying"
    replay.go_live()
    assert session.read_only is None
    assert told == [True, False]
    replay.go(datetime.now(UTC) - timedelta(minutes=5))
    session.sign_out()
    assert replay.at is None, "the next person begins with now"


def test_what_cannot_be_read_is_told_and_the_rest_stays(
    console: Console, replay: Replay, service: Service, qtbot: QtBot
) -> None:
    feed = service.client("feed")
    outage(feed, "C")
    blocks = console.reach.stores.blocks
    qtbot.waitUntil(lambda: "utilities" in blocks.layers(), timeout=WAIT_MS)
    failures: list[Exception] = []
    replay.failed.connect(failures.append)
    console.reach.client.wire.point("http://127.0.0.1:9")
    replay.go(datetime.now(UTC) - timedelta(minutes=5))
    replay.want(("utilities",))
    qtbot.waitUntil(lambda: bool(failures), timeout=WAIT_MS)
    assert replay.at is None, "nothing is there to show: now again"
    console.reach.client.wire.point(service.url)
    then = (datetime.now(UTC) - timedelta(minutes=6)).replace(microsecond=0)
    replay.go(then)
    replay.want(("utilities",))
    qtbot.waitUntil(lambda: replay.is_read, timeout=WAIT_MS)
    console.reach.client.wire.point("http://127.0.0.1:9")
    replay.step(-60)
    qtbot.waitUntil(lambda: len(failures) > 1, timeout=WAIT_MS)
    assert replay.at == then, "no map bears an instant it does not show"
    assert replay.is_read
    console.reach.client.wire.point(service.url)
    replay.go_live()
    feed.close()


def test_an_instant_is_asked_for_in_the_citys_time(qtbot: QtBot) -> None:
    picture = make_picture()
    room = picture.room("desk")
    now = room.stores.server_now()
    question = InstantQuestion(room, now - timedelta(hours=3))
    qtbot.addWidget(question)
    assert question.at == (now - timedelta(hours=3)).replace(microsecond=question.at.microsecond)
    shown = question.field.dateTime().toString("yyyy-MM-dd HH:mm:ss")
    assert shown == f"{room.words.local(now - timedelta(hours=3)):%Y-%m-%d %H:%M:%S}"
    question.field.setDateTime(question.field.dateTime().addDays(3))
    assert question.at <= now, "no future"
