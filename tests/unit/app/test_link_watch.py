"""Late after 2 s, offline after 4 s, told once; the clock and the certificate too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from app.link_watch import LinkWatch
from app.notices import Notices
from app.stores import BEATS_KEPT_S, Link, Stores
from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock
from backend_client.errors import Unreachable, Untrusted
from tests.fakes import AT

WORDS = Text("断", "down")


class Probes(Tasks):
    """Answer every probe at once, as told."""

    error: Exception | None = None

    def run(self, job: object, done: Callable[..., None], failed: object = None) -> None:
        assert callable(failed)
        if self.error is not None:
            failed(self.error)


class Bench:
    """A link watch on a clock moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(AT)
        self.stores = Stores(self.clock)
        self.notices = Notices(self.clock, folder / "crash.txt")
        self.tasks = Probes(self.clock)
        self.client = Client("http://service", self.clock)
        self.watch = LinkWatch(
            self.client, self.tasks, self.stores, notices=self.notices, clock=self.clock
        )

    def beat(self, off_s: float = 0.0) -> None:
        self.stores.hear(self.clock.now() + timedelta(seconds=off_s))
        self.watch.hear()

    def keys(self) -> list[str]:
        return [notice.key for notice in self.notices.kept()]


@pytest.fixture
def bench(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.watch.stop()
    made.tasks.close()
    made.client.close()


def test_silence_is_late_then_offline_and_told_once(bench: Bench) -> None:
    bench.beat()
    seen = []
    for _ in range(30):
        bench.clock.advance(0.25)
        bench.watch.look()
        seen.append(bench.stores.link)
    assert seen.index(Link.LATE) == 8  # 2.25 s
    assert seen.index(Link.OFFLINE) == 16  # 4.25 s, banner well before 5 s
    assert bench.keys() == ["link"]
    bench.beat()
    assert bench.stores.link is Link.ONLINE
    assert bench.keys() == ["link", "link"]


def test_one_broken_connection_is_late_not_a_banner(bench: Bench) -> None:
    bench.beat()
    seen: list[str] = []
    bench.stores.link_changed.connect(seen.append)
    bench.watch.falter()
    assert bench.keys() == []
    bench.watch.lose()
    assert seen == ["late", "offline"]


def test_no_service_before_sign_in_is_offline_after_four_seconds(bench: Bench) -> None:
    bench.tasks.error = Unreachable(WORDS)
    bench.watch.start()
    seen = []
    for _ in range(28):
        bench.clock.advance(0.25)
        bench.watch.look()
        seen.append(bench.stores.link)
    assert set(seen[:16]) == {Link.STARTING}
    assert seen[-1] is Link.OFFLINE


def test_clock_off_by_more_than_two_seconds_is_told_and_its_end_too(bench: Bench) -> None:
    bench.beat(off_s=1.9)
    assert bench.keys() == []
    bench.beat(off_s=-2.1)
    assert bench.keys() == []  # it may only have been long under way
    bench.clock.advance(BEATS_KEPT_S + 1)
    bench.beat(off_s=-2.1)
    bench.beat(off_s=-2.2)
    assert bench.keys() == ["clock"]
    bench.beat()
    assert bench.keys() == ["clock", "clock"]


def test_certificate_that_does_not_stand_is_told_once(bench: Bench) -> None:
    for _ in range(3):
        bench.watch.note(Untrusted(WORDS))
    bench.watch.note(Unreachable(WORDS))
    assert bench.keys() == ["certificate"]
    bench.beat()
    assert bench.keys() == ["certificate", "certificate"]


def test_signed_out_console_expects_no_beats(bench: Bench) -> None:
    bench.beat()
    bench.watch.idle()
    bench.clock.advance(60)
    bench.watch.look()
    assert bench.stores.link is Link.STARTING


def test_our_own_service_may_take_a_minute_to_come_up(bench: Bench) -> None:
    bench.tasks.error = Unreachable(WORDS)
    bench.watch.start(patience_s=60.0)
    seen = []
    for _ in range(62):
        bench.clock.advance(1.0)
        bench.watch.look()
        seen.append(bench.stores.link)
    assert set(seen[:58]) == {Link.STARTING}
    assert seen[-1] is Link.OFFLINE
