"""Many events at once by keys: marked, done one by one, what fails is listed and stays marked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from backend_client.contract.base import Text
from backend_client.contract.events import Classify, EventState, Merge, Reasoned
from backend_client.contract.problem import Problem
from backend_client.errors import Refused
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import event, make_picture
from tests.qt.test_case_work import in_front, press
from tests.qt.test_desk import shown
from widgets.bulk import BulkQuestion, BulkResult, ManyReason, Run
from widgets.classify import ClassifyQuestion
from widgets.deeds import Failed
from widgets.desk import Desk

K, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier
IDS = [f"NT-bulk-00000{number}" for number in range(4)]


class SomeRefuse(FakeDeeds):
    """Refuse the steps of some events as changed by somebody else."""

    bad: frozenset[str] = frozenset()

    def _answer(self, verb: str, what: object, done: Callable[[], None], failed: Failed) -> None:
        item = what[0] if isinstance(what, tuple) else what
        if item in self.bad:
            self.asked.append((verb, what))
            failed(
                Refused(
                    Problem(
                        status=409,
                        code="stale_version",
                        what=Text("已被修改。", "It was changed."),
                        todo=Text("", ""),
                        holder="王强",
                    )
                )
            )
            return
        super()._answer(verb, what, done, failed)


def at_queue(qtbot: QtBot, deeds: FakeDeeds) -> Desk:
    """Put four events at the end of the queue and choose the first of them."""
    made = [
        event(0, item_id=one, state=EventState.REGISTERED, version=at + 1, due_at=None, level=0)
        for at, one in enumerate(IDS)
    ]
    deeds.picture.put(*made)
    desk = shown(qtbot, deeds)
    desk.queue.sort()
    desk.queue.reveal(IDS[0])
    order = [key for key in desk.queue.keys if key in IDS]
    desk.queue.select(order[0])
    return desk


def mark(desk: Desk, count: int) -> list[str]:
    for _ in range(count - 1):
        QTest.keyClick(desk, K.Key_J, SHIFT)
    marked = [one.item_id for one in desk.queue.marked]
    assert len(marked) == count
    return marked


def go(desk: Desk, deed: Callable[[], None]) -> None:
    in_front(BulkQuestion, deed)
    QTest.keyClick(desk, K.Key_B, SHIFT)
    QApplication.processEvents()
    desk.activateWindow()  # no window manager does it when the questions are gone
    assert QTest.qWaitForWindowActive(desk, 3_000)
    desk.setFocus()


def test_each_is_accepted_by_a_step_of_its_own(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = at_queue(qtbot, deeds)
    marked = mark(desk, 3)
    go(desk, lambda: press("s"))
    assert [what for verb, what in deeds.asked if verb == "accept"] == marked
    assert desk.queue.marked == ()
    assert desk.page.message == "受理 3 件已记录"


def test_what_fails_is_listed_with_its_reason_and_stays_marked(qtbot: QtBot) -> None:
    deeds = SomeRefuse(make_picture())
    desk = at_queue(qtbot, deeds)
    marked = mark(desk, 3)
    deeds.bad = frozenset({marked[1]})
    listed: list[str] = []

    def read() -> None:
        result = QApplication.activeModalWidget()
        assert isinstance(result, BulkResult)
        listed.extend(result.list.item(row).text() for row in range(result.list.count()))
        press("Return")

    def choose() -> None:
        in_front(BulkResult, read)
        press("s")

    go(desk, choose)
    qtbot.waitUntil(lambda: len(listed) == 1, timeout=3_000)
    assert "王强 已修改此件" in listed[0]
    assert marked[1][-6:] in listed[0]
    assert [one.item_id for one in desk.queue.marked] == [marked[1]]
    assert [what for verb, what in deeds.asked if verb == "accept"] == marked


class Slow(FakeDeeds):
    """Answer when told to, as a service far away does."""

    waiting: list[Callable[[], None]]

    def _answer(self, verb: str, what: object, done: Callable[[], None], failed: Failed) -> None:
        self.waiting.append(lambda: FakeDeeds._answer(self, verb, what, done, failed))


def marks(desk: Desk) -> list[str]:
    return [one.item_id for one in desk.queue.marked]


def test_what_is_marked_while_many_are_done_stays_marked(qtbot: QtBot) -> None:
    deeds = Slow(make_picture())
    deeds.waiting = []
    desk = at_queue(qtbot, deeds)
    marked = mark(desk, 2)
    go(desk, lambda: press("s"))
    assert marks(desk) == []
    desk.queue.select(marked[0])
    QTest.keyClick(desk, K.Key_Space, SHIFT)  # the next deed is prepared meanwhile
    while deeds.waiting:
        deeds.waiting.pop(0)()
    assert desk.page.message == "受理 2 件已记录"
    assert marks(desk) == [marked[0]]


def test_one_reason_refuses_all_with_each_ones_version(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = at_queue(qtbot, deeds)
    marked = mark(desk, 2)

    def choose() -> None:
        in_front(ManyReason, lambda: press("x", "Return", " not ours", "Return"))
        press("r")

    go(desk, choose)
    versions = {one: IDS.index(one) + 1 for one in marked}
    assert [what for verb, what in deeds.asked if verb == "refuse"] == [
        (one, Reasoned(version=versions[one], reason="x not ours")) for one in marked
    ]


def test_one_class_for_all_and_one_event_for_all_to_merge_with(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = at_queue(qtbot, deeds)
    qtbot.waitUntil(lambda: desk.page.read.matters is not None, timeout=3_000)
    marked = mark(desk, 2)

    def choose() -> None:
        in_front(ClassifyQuestion, lambda: press("0102", "Return"))
        press("c")

    go(desk, choose)
    said = [what for verb, what in deeds.asked if verb == "classify"]
    assert [one[0] for one in said if isinstance(one, tuple)] == marked
    body = said[0][1] if isinstance(said[0], tuple) else None
    assert isinstance(body, Classify)
    assert body.matter == "0102"

    again = mark(desk, 2)
    main = desk.queue.key
    assert main in again
    go(desk, lambda: press("m"))
    merged = [what for verb, what in deeds.asked if verb == "merge"]
    others = [one for one in again if one != main]
    assert [one[0] for one in merged if isinstance(one, tuple)] == others
    assert all(isinstance(one, tuple) and isinstance(one[1], Merge) for one in merged)


def test_only_what_is_open_to_an_event_is_sent_and_marks_go_with_esc(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture(), barred={"accept": Text("席位空闲", "the seat rests")})
    desk = at_queue(qtbot, deeds)
    mark(desk, 2)
    names: list[str] = []

    def look() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, BulkQuestion)
        names.extend(question.list.item(row).text()[0] for row in range(question.list.count()))
        press("s")  # not offered: nothing happens
        assert QApplication.activeModalWidget() is question
        press("Escape")

    go(desk, look)
    assert "S" not in names
    assert [verb for verb, _ in deeds.asked if verb == "accept"] == []
    QTest.keyClick(desk, K.Key_Escape)
    assert desk.queue.marked == ()
    QTest.keyClick(desk, K.Key_Space, SHIFT)
    assert len(desk.queue.marked) == 1
    QTest.keyClick(desk, K.Key_Space, SHIFT)
    assert desk.queue.marked == ()
    QTest.keyClick(desk, K.Key_B, SHIFT)
    assert "先用 Shift+J" in desk.page.message


def test_the_main_event_is_the_one_selected_when_it_was_asked(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = at_queue(qtbot, deeds)
    marked = mark(desk, 3)
    main = desk.queue.key
    offered: list[str] = []

    def choose() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, BulkQuestion)
        rows = [question.list.item(row).text() for row in range(question.list.count())]
        offered.extend(row for row in rows if row.startswith("M"))
        gone = deeds.picture.stores.events.get(main)
        assert gone is not None
        deeds.picture.put(gone.model_copy(update={"version": 8, "state": EventState.ACCEPTED}))
        assert desk.queue.key != main  # the queue went on behind the question
        press("m")

    go(desk, choose)
    merged = [what for verb, what in deeds.asked if verb == "merge"]
    assert [one[0] for one in merged if isinstance(one, tuple)] == [
        one for one in marked if one != main
    ]
    assert all(isinstance(one, tuple) and one[1].main_id == main for one in merged)
    assert main[-6:] in offered[0]


def test_many_are_never_classified_by_enter_alone_and_keep_their_levels(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = at_queue(qtbot, deeds)
    qtbot.waitUntil(lambda: desk.page.read.matters is not None, timeout=3_000)
    marked = mark(desk, 2)
    grave = deeds.picture.stores.events.get(marked[0])
    assert grave is not None
    deeds.picture.put(grave.model_copy(update={"version": 7, "level": 2}))

    def say() -> None:
        question = QApplication.activeModalWidget()
        press("Return")
        assert QApplication.activeModalWidget() is question  # nothing was chosen yet
        press("0102", "Return")

    def choose() -> None:
        in_front(ClassifyQuestion, say)
        press("c")

    go(desk, choose)
    said = [what[1] for verb, what in deeds.asked if verb == "classify" and isinstance(what, tuple)]
    assert [(one.matter, one.level) for one in said] == [("0102", 2), ("0102", 0)]


def test_a_thousand_answers_at_once_make_no_tower(qtbot: QtBot) -> None:
    picture, ended = make_picture(), list[int]()
    events = [event(0, item_id=f"NT-bulk-{number:06}") for number in range(1_000)]
    run = Run(
        picture.room("desk"),
        lambda _event, _done, failed: failed(ValueError("no")),
        list(events),
        lambda _done, failed: ended.append(len(failed)),
    )
    run.go()
    assert ended == [1_000]


def test_an_event_that_left_the_queue_is_marked_no_more(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = at_queue(qtbot, deeds)
    marked = mark(desk, 2)
    gone = deeds.picture.stores.events.get(marked[0])
    assert gone is not None
    deeds.picture.put(gone.model_copy(update={"version": 8, "state": EventState.ACCEPTED}))
    deeds.picture.put(gone.model_copy(update={"version": 9, "state": EventState.REGISTERED}))
    assert [one.item_id for one in desk.queue.marked] == [marked[1]]
