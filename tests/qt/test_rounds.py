"""What is asked again and again: at once, while somebody is here, sooner after a miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from pytestqt.qtbot import QtBot

from app import almanac
from app.console import Console, build
from app.notices import Notices
from app.rounds import RETRY_MS, Round
from backend_client.client import Client
from backend_client.contract.alarms import Loads
from backend_client.contract.base import Text
from backend_client.contract.clock import ManualClock, SystemClock
from backend_client.contract.service import Health
from backend_client.errors import Unreachable
from tests.fakes import AT
from tests.small_service import SmallService

T = TypeVar("T")
WAIT_MS = 8_000
LOST = Unreachable(Text("断了。", "lost"))


class Held:
    """Keep jobs until they are let go: done with what they give, or failed."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], None], Callable[[Exception], None]]] = []

    def run(
        self,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        assert failed is not None
        self.waiting.append((lambda: done(job()), failed))

    def let_go(self) -> None:
        self.waiting.pop(0)[0]()

    def miss(self, error: Exception) -> None:
        self.waiting.pop(0)[1](error)


@pytest.fixture
def service() -> Iterator[SmallService]:
    small = SmallService()
    yield small
    small.close()


@pytest.fixture
def client(service: SmallService) -> Iterator[Client]:
    made = Client(service.url, SystemClock())
    made.sign_in("operator", "secret")
    yield made
    made.close()


def test_it_asks_at_once_and_again_and_a_miss_comes_sooner(qtbot: QtBot, client: Client) -> None:
    held, told = Held(), list[tuple[int, str]]()
    hour = 3_600_000
    one = Round(client, held, lambda: 7, lambda n, who: told.append((n, who)), every_ms=hour)
    one.start()
    held.miss(LOST)
    assert one._timer.interval() == RETRY_MS
    one.ask()
    held.let_go()
    person = client.person
    assert person is not None
    assert told == [(7, person.person_id)]
    assert one._timer.interval() == hour
    one._timer.start(1)
    qtbot.waitUntil(lambda: bool(held.waiting), timeout=WAIT_MS)
    one.stop()


def test_nobody_is_told_what_was_asked_by_who_has_left(qtbot: QtBot, client: Client) -> None:
    held, told, left = Held(), list[int](), list[bool]()
    one = Round(
        client,
        held,
        lambda: 7,
        lambda n, _who: told.append(n),
        every_ms=10_000,
        left=lambda: left.append(True),
    )
    one.start()
    client.sign_out()
    one.stop()
    held.let_go()
    one.ask()
    assert (told, left, held.waiting) == ([], [True], [])
    assert not one._timer.isActive()


def test_a_bug_is_no_missed_answer(qtbot: QtBot, client: Client) -> None:
    held = Held()
    one = Round(client, held, lambda: 7, lambda _n, _who: None, every_ms=10_000)
    one.ask()
    with pytest.raises(KeyError):
        held.miss(KeyError("bug"))


def health(year: int | None) -> Health:
    return Health(
        name="small",
        version="1",
        epoch="one",
        n=0,
        at=datetime.now(UTC),
        simulated=False,
        calendar_unknown=year,
    )


def test_an_unknown_year_is_told_once_and_so_is_its_end(qtbot: QtBot, tmp_path: Path) -> None:
    notices = Notices(ManualClock(AT), tmp_path / "crash.txt")
    for year in (2027, 2027, None, None):
        almanac.tell_calendar(notices, health(year))
    said = [one.text.zh for one in notices.kept()]
    assert said == ["2027 年的节假日安排未知。", "节假日安排已齐。"]
    assert "deadlines.toml" in notices.kept()[0].todo.en


@pytest.fixture
def console(qtbot: QtBot, tmp_path: Path, service: SmallService) -> Iterator[Console]:
    made = build(tmp_path, SystemClock(), url=service.url)
    made.start()
    yield made
    made.close()


def test_the_console_asks_for_loads_and_the_calendar_once_somebody_is_here(
    console: Console, qtbot: QtBot, service: SmallService
) -> None:
    loads = Loads(at=datetime.now(UTC), seats=())
    service.answers["GET", "/v1/alarms/loads"] = lambda _: (200, loads.model_dump_json().encode())
    service.answers["GET", "/v1/health"] = lambda _: (200, health(2027).model_dump_json().encode())
    reach = console.reach
    qtbot.wait(100)
    assert "/v1/alarms/loads" not in service.paths()
    assert not reach.notices.is_lost(almanac.KEY)
    with qtbot.waitSignal(reach.session.signed_in, timeout=WAIT_MS):
        reach.session.sign_in("operator", "secret", None, failed=lambda _: None)
    qtbot.waitUntil(lambda: reach.stores.loads.loads == loads, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: reach.notices.is_lost(almanac.KEY), timeout=WAIT_MS)
    reach.session.sign_out()
    assert reach.stores.loads.loads is None
