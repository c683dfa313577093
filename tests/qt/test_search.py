"""Search: typing is answered at once, the service is asked after a pause, Enter goes there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.actions.search import UNREACHED, Search
from backend_client.contract.base import Text
from backend_client.contract.problem import Problem
from backend_client.contract.search import Hit, Hits
from backend_client.errors import Refused, Unreachable
from tests.qt.picture import Picture, make_picture
from tests.qt.test_panels import make_desk
from widgets.search import MORE, NOTHING, SearchBox, object_of, place_of


class Finder:
    """Find what it is told to, or fail as it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.hits: tuple[Hit, ...] = ()
        self.more = False
        self.error: Exception | None = None

    def search(self, words: str, *, limit: int = 20) -> Hits:
        self.asked.append(words)
        if self.error is not None:
            raise self.error
        return Hits(query=words, hits=self.hits, more=self.more)


class Later:
    """Run jobs when told to."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def run(
        self,
        job: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        def both() -> None:
            try:
                result = job()
            except (ValueError, Refused, Unreachable) as error:
                assert failed is not None
                failed(error)
                return
            done(result)

        self.jobs.append(both)

    def work(self) -> None:
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            job()


def hit(**more: Any) -> Hit:
    fields: dict[str, Any] = {
        "what": "feature",
        "layer": "fire",
        "oid": 3,
        "kind": "hydrant",
        "name": "学田消火栓",
        "name_en": "Xuetian hydrant",
        "region": "320613",
        "state": 4,
        "field": "name",
        "text": "学田消火栓",
        "lon": 120.86,
        "lat": 32.01,
    }
    return Hit(**(fields | more))


def parts() -> tuple[Finder, Later, Search]:
    finder, later = Finder(), Later()
    return finder, later, Search(finder, later)


def asked(qtbot: QtBot, later: Later, search: Search, words: str) -> None:
    """Ask, wait for the pause, let the answer come."""
    search.ask(words)
    qtbot.waitUntil(lambda: bool(later.jobs), timeout=2_000)
    later.work()


def test_many_letters_are_one_question_and_the_newest_answer_counts(qtbot: QtBot) -> None:
    finder, later, search = parts()
    for words in ("学", "学田", "学田 ", "学田消"):
        search.ask(words)
    assert search.is_waiting
    qtbot.waitUntil(lambda: bool(later.jobs), timeout=2_000)
    assert len(later.jobs) == 1
    first = later.jobs.pop()
    search.ask("狼山")
    qtbot.waitUntil(lambda: bool(later.jobs), timeout=2_000)
    finder.hits = (hit(),)
    later.work()
    finder.hits = ()
    first()  # a late answer to an old question
    assert search.hits == (hit(),)
    assert not search.is_waiting
    assert finder.asked == ["狼山", "学田消"]
    search.ask("")
    assert search.hits == ()
    assert not search.is_waiting


def test_a_lost_service_a_refusal_and_a_bug_are_told_apart(qtbot: QtBot) -> None:
    finder, later, search = parts()
    finder.error = Unreachable(Text("断", "down"))
    asked(qtbot, later, search, "学田")
    assert search.fault == UNREACHED
    assert not search.is_waiting
    what = Text("词太短。", "Too short.")
    finder.error = Refused(Problem(status=422, code="short", what=what, todo=what))
    asked(qtbot, later, search, "学")
    assert search.fault == what
    finder.error = None
    asked(qtbot, later, search, "学")  # the same words again after a fault are a new try
    assert search.fault is None
    finder.error = ValueError("ours")
    with pytest.raises(ValueError, match="ours"):
        asked(qtbot, later, search, "狼山")


def box_of(qtbot: QtBot, picture: Picture, search: Search, **more: Any) -> SearchBox:
    room = replace(picture.room("desk"), **more)
    box = SearchBox(room, search, picture.pulse.specs)
    qtbot.addWidget(box)
    box.show()
    return box


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "学田消火栓 · 消火栓 · 崇川区 · Ⅳ级 · 停用"),
        ("en", "Xuetian hydrant · Hydrant · Chongchuan · level IV · out of service"),
    ],
)
def test_enter_goes_to_the_chosen_row(qtbot: QtBot, language: str, line: str) -> None:
    picture = make_picture()
    picture.words.use("zh" if language == "zh" else "en")
    finder, later, search = parts()
    box = box_of(qtbot, picture, search)
    finder.hits = (hit(), hit(oid=4, name="狼山消火栓", text="HY-4", field="id"))
    QTest.keyClicks(box.query, "hydrant")
    qtbot.waitUntil(lambda: bool(later.jobs), timeout=2_000)
    later.work()
    assert box.list.item(0).text() == line
    assert not box.list.item(0).icon().isNull()
    assert box.list.item(1).text().endswith(" · HY-4")
    QTest.keyClick(box.query, Qt.Key.Key_Down)
    with qtbot.waitSignal(box.chosen) as caught:
        QTest.keyClick(box.query, Qt.Key.Key_Return)
    assert caught.args[0].oid == 4
    assert not box.isVisible()


def test_nothing_found_more_found_and_faults_are_said(qtbot: QtBot) -> None:
    picture = make_picture()
    finder, later, search = parts()
    box = box_of(qtbot, picture, search)
    asked(qtbot, later, search, "没有的东西")
    assert box.said.text() == NOTHING.zh
    box.go()  # nothing to go to: stays open
    assert box.isVisible()
    finder.hits, finder.more = (hit(),), True
    asked(qtbot, later, search, "消火栓")
    assert box.said.text() == MORE.zh
    finder.error = Unreachable(Text("断", "down"))
    asked(qtbot, later, search, "学田")
    assert box.said.text() == UNREACHED.zh


def test_rows_of_layers_that_are_not_offered_are_left_out(qtbot: QtBot) -> None:
    picture = make_picture()
    finder, later, search = parts()
    box = box_of(qtbot, picture, search, sees=lambda layer: layer != "police")
    finder.hits = (hit(layer="police", kind="call"), hit(what="place", layer="", kind="town"))
    asked(qtbot, later, search, "学田")
    assert [one.what for one in box.shown] == ["place"]
    assert box.list.item(0).text() == "学田消火栓 · 地点 · 崇川区 · Ⅳ级"


def test_a_letter_shows_within_a_tenth_of_a_second(qtbot: QtBot) -> None:
    """However slow the service is: nothing is asked on the main thread."""
    picture = make_picture()
    finder, later, search = parts()
    box = box_of(qtbot, picture, search)
    finder.hits = tuple(hit(oid=number) for number in range(40))
    asked(qtbot, later, search, "消")
    before = time.process_time()
    QTest.keyClicks(box.query, "x")
    box.grab()
    assert time.process_time() - before < 0.1
    assert box.query.text() == "x"


def test_a_moving_object_is_gone_to_where_it_is_now() -> None:
    stores = make_picture().stores
    fixes = stores.positions.latest("hazmat")
    oid = int(fixes.oid[5])
    moving = hit(layer="hazmat", oid=oid, lon=None, lat=None)
    assert place_of(stores, moving) == (fixes.lon_e7[5] / 1e7, fixes.lat_e7[5] / 1e7)
    assert place_of(stores, hit()) == (120.86, 32.01)
    assert place_of(stores, hit(layer="party", oid=999_999, lon=None, lat=None)) is None
    town = hit(what="place", layer="", kind="town", region="320682", lon=None, lat=None)
    middle = place_of(stores, town)  # the tables have no place for it: where its objects stand
    assert middle is not None
    assert 120.4 < middle[0] < 121.6
    assert place_of(stores, town.model_copy(update={"region": "320999"})) is None
    assert object_of(stores, moving) == ("hazmat", oid)
    event = stores.events.all()[0]
    found = object_of(stores, hit(what="event", layer="requests", item_id=event.item_id))
    assert found == ("requests", 1)
    assert object_of(stores, hit(what="event", layer="requests", item_id="gone")) == ("", 0)


def test_the_desk_opens_what_was_found(qtbot: QtBot) -> None:
    picture = make_picture()
    desk = make_desk(picture, qtbot)
    desk.show_hit(hit())
    assert desk.side.currentWidget() is desk.object
    assert "fire" in desk.layers.offered()
    event = picture.stores.events.all()[3]
    desk.show_hit(hit(what="event", layer="requests", item_id=event.item_id))
    assert desk.queue.key == event.item_id
