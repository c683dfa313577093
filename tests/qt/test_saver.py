"""The file lost while the console runs: set aside, and the whole picture written again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite
from pytestqt.qtbot import QtBot

from app.keeper import Keeper
from app.notices import Notices
from app.saver import Saver
from app.stores import Link, Stores
from app.tasks import Tasks
from backend_client.cache import Cache
from backend_client.contract.clock import ManualClock, SystemClock
from backend_client.picture import Picture
from tests.fakes import AT, change, event, features, fixes, gate, removal

URL = "http://service"
WAIT_MS = 8_000


@dataclass(slots=True)
class Desk:
    """Stores with a picture, and the saver that keeps it in a file."""

    path: Path
    stores: Stores
    saver: Saver
    keeper: Keeper
    notices: Notices
    bot: QtBot

    def kept(self) -> Picture | None:
        """Read what the file holds."""
        answers: list[Picture | None] = []
        self.keeper.cache(lambda cache: cache.load(URL), answers.append)
        self.bot.waitUntil(lambda: bool(answers), timeout=WAIT_MS)
        return answers[0]


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    clock = SystemClock()
    tasks, stores = Tasks(clock), Stores(clock)
    notices = Notices(clock, tmp_path / "crash.txt")
    keeper = Keeper(tmp_path, tasks=tasks, notices=notices, clock=clock)
    made = Desk(tmp_path / "cache.db", stores, Saver(keeper, stores, clock), keeper, notices, qtbot)
    stores.restart("one", 5)
    stores.hear()
    stores.set_link(Link.ONLINE)
    stores.apply([change(6, event()), change(7, gate())])
    stores.blocks.put(features())
    stores.positions.apply(fixes(((7, 1000),), seq=4), whole=True)
    made.saver.begin(URL, "operator")
    made.saver.add(stores.changes())
    made.saver.flush()
    yield made
    made.saver.pause()
    keeper.close()
    tasks.close()


def damage(path: Path) -> None:
    """Overwrite every page while the console has the file open."""
    raw = sqlite.connect(str(path))
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    with path.open("r+b") as file:
        file.write(b"\xff" * max(path.stat().st_size, 40_960))


def test_a_file_lost_while_running_holds_the_whole_picture_again(desk: Desk) -> None:
    assert desk.kept() is not None
    damage(desk.path)
    for change_ in (change(8, event("e8")), removal(9, gate())):
        desk.stores.apply([change_])
        desk.saver.add([change_])
    desk.saver.flush()
    desk.bot.waitUntil(lambda: desk.kept() is not None, timeout=WAIT_MS)
    desk.keeper.cache(lambda cache: cache.close())
    fresh = Cache(desk.path, ManualClock(AT), lambda found: pytest.fail(str(found)))
    picture = fresh.load(URL)
    fresh.close()
    assert picture is not None
    assert picture.standing.n == 9
    assert {one.item_id: one.n for one in picture.items} == {"e1": 6, "e8": 8}
    assert {one.item_id: one.item for one in picture.items} == {
        one.item_id: one for one in desk.stores.events.all()
    }
    assert [block.oid.tolist() for block, _ in picture.blocks] == [[1, 2, 3]]
    assert picture.fixes is not None
    assert picture.fixes[0].observed_ms.tolist() == [1000]
    assert [one.text.en for one in desk.notices.kept()] == ["The local cache is damaged."]
    assert len(list(desk.path.parent.glob("cache.db.corrupt-*"))) >= 1


def test_a_large_layer_is_written_seldom_and_at_the_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def versions() -> list[int]:
        picture = desk.kept()
        return [block.version for block, _age_s in picture.blocks] if picture else []

    monkeypatch.setattr("app.saver.BULK_EVERY_S", 0.0)
    first = versions()
    desk.stores.blocks.put(replace(features(), version=first[0] + 1))
    desk.saver.flush()
    assert versions() == [first[0] + 1]
    monkeypatch.setattr("app.saver.ROWS_A_S", 0.001)  # as if its three rows were millions
    desk.stores.blocks.put(replace(features(), version=first[0] + 2))
    desk.saver.flush()
    assert versions() == [first[0] + 1]
    desk.saver.pause()
    assert versions() == [first[0] + 2]
