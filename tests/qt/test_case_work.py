"""Side paths at the desk by keys: the list, each form, what is sent; the page, the lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.stores import Link
from backend_client.contract.base import Language, Text
from backend_client.contract.events import (
    CallBack,
    Decide,
    Dispatch,
    Event,
    EventState,
    Merge,
    Reasoned,
    Satisfaction,
    Touch,
)
from backend_client.contract.orders import Extend, Order, OrderState, Return
from backend_client.contract.problem import Problem
from backend_client.errors import Refused, Unreachable
from tests.qt.case_picture import Pairs, case_order, mark, pair, returned, wish
from tests.qt.fakes import FakeDeeds
from tests.qt.picture import NOW, Picture, event, make_picture
from tests.qt.test_desk import shown
from tests.qt.test_panels import cut_words
from widgets.case_paths import PATHS, offers, orders_of
from widgets.case_question import CaseQuestion, MoreQuestion
from widgets.desk import Desk
from widgets.panels.event import marks
from widgets.panels.merge_review import spans
from widgets.panels.timeline import ACTIONS

K, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier
UNKNOWN = Problem(status=404, code="no", what=Text("查无此件。", "None."), todo=Text("。", "."))
VERBS = tuple(path.verb for path in PATHS if path.kind == "event")


def a_case(picture: Picture, **more: object) -> tuple[Event, Order]:
    """Put an overdue event every verb is allowed on, with its order."""
    fields: dict[str, object] = {"due_at": NOW - timedelta(hours=8), "extension": wish()}
    order = case_order(1, "NT-case-000901", -8).model_copy(update=fields)
    case = event(
        60,
        item_id="NT-case-000901",
        state=EventState.SIGNED,
        order_id=order.item_id,
        due_at=order.due_at,
        allowed=VERBS,
    ).model_copy(update=more)
    picture.put(case, order)
    return case, order


def at_case(qtbot: QtBot, deeds: FakeDeeds, **more: object) -> tuple[Desk, Event, Order]:
    case, order = a_case(deeds.picture, **more)
    desk = shown(qtbot, deeds)
    desk.queue.reveal(case.item_id)
    assert desk.queue.key == case.item_id
    return desk, case, order


def in_front(kind: type[QDialog], deed: Callable[[], None], tries: int = 100) -> None:
    """Do something once a question of this kind is in front."""

    def look(left: int) -> None:
        question = QApplication.activeModalWidget()
        if isinstance(question, kind) and question.isActiveWindow():
            deed()
        elif left:
            QTimer.singleShot(20, lambda: look(left - 1))

    QTimer.singleShot(20, lambda: look(tries))


def press(*keys: str) -> None:
    """Press keys where the focus is; longer words are typed."""
    for key in keys:
        widget = QApplication.focusWidget()
        assert widget is not None
        if len(key) > 1 and hasattr(K, f"Key_{key}"):
            QTest.keyClick(widget, getattr(K, f"Key_{key}"))
        else:
            QTest.keyClicks(widget, key)


def go(desk: Desk, letter: str, *keys: str) -> None:
    """Open the list, choose by letter, answer the form."""

    def choose() -> None:
        if keys:
            in_front(CaseQuestion, lambda: press(*keys))
        press(letter)

    in_front(MoreQuestion, choose)
    QTest.keyClick(desk, K.Key_M)
    QApplication.processEvents()


CASES: dict[str, tuple[str, tuple[str, ...], object]] = {
    "refuse": ("r", ("not ours", "Return"), Reasoned(version=1, reason="not ours")),
    "merge": ("m", ("00902", "Return"), Merge(version=1, main_id="NT-case-000902")),
    "split": ("p", ("another", "Return"), Reasoned(version=1, reason="another")),
    "decide": ("d", ("y", "theirs", "Return"), Decide(version=1, granted=True, reason="theirs")),
    "supervise": ("v", ("ordered", "Return"), Reasoned(version=1, reason="ordered")),
    "call_back": (
        "c",
        ("2", "smells still", "Return"),
        CallBack(version=1, satisfaction=Satisfaction.UNSATISFIED, words="smells still"),
    ),
    "redo": ("o", ("not done", "Return"), Reasoned(version=1, reason="not done")),
    "withdraw": ("w", ("by caller", "Return"), Reasoned(version=1, reason="by caller")),
    "urge": ("u", ("called again", "Return"), Reasoned(version=1, reason="called again")),
    "grant": ("g", ("n", "enough", "Return"), Decide(version=1, granted=False, reason="enough")),
    "extend": (
        "e",
        ("Down", "Tab", "rain", "Return"),
        Extend(version=1, reason="rain", until_at=NOW + timedelta(days=3)),
    ),
    "suspend": ("h", ("waits", "Return"), Reasoned(version=1, reason="waits")),
    "resume": ("i", (), Touch(version=1)),
    "return": ("b", ("Tab", "not ours", "Return"), Return(version=1, reason="not ours")),
}


@pytest.mark.parametrize("verb", CASES)
def test_each_side_path_is_taken_once_by_keys(qtbot: QtBot, verb: str) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, order = at_case(qtbot, deeds)
    other = event(61, item_id="NT-case-000902", state=EventState.DISPATCHED)
    deeds.picture.put(other)
    letter, keys, body = CASES[verb]
    go(desk, letter, *keys)
    path = next(one for one in PATHS if one.verb == verb)
    item = case if path.kind == "event" else order
    assert [one for one in deeds.asked if one[0] != "claim"] == [(verb, (item.item_id, body))]
    assert desk.page.message == "已记录"


@pytest.mark.parametrize("letter", "at")
def test_a_unit_must_be_named_before_anything_goes_to_it(qtbot: QtBot, letter: str) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, _order = at_case(qtbot, deeds)

    def fill() -> None:
        question = QApplication.activeModalWidget()
        assert isinstance(question, CaseQuestion)
        press("Return")
        assert not question.go.isEnabled()
        question.unit.setCurrentIndex(question.unit.findText("城管局"))
        question.reason.setFocus()
        press("at once", "Return")

    def choose() -> None:
        in_front(CaseQuestion, fill)
        press(letter)

    in_front(MoreQuestion, choose)
    QTest.keyClick(desk, K.Key_M)
    verb = {"a": "assist", "t": "transfer"}[letter]
    body = Dispatch(version=1, department="D25", note="at once")
    assert deeds.asked[-1] == (verb, (case.item_id, body))


def test_every_path_has_a_case_here_its_own_letter_and_words() -> None:
    assert {*CASES, "assist", "transfer"} == {path.verb for path in PATHS}
    assert len({path.key for path in PATHS}) == len(PATHS)
    assert {path.action for path in PATHS} <= set(ACTIONS)


def test_nothing_goes_out_without_a_reason_and_esc_leaves(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case, _order = at_case(qtbot, deeds)
    go(desk, "w", "x", "Return", "Escape")
    assert [verb for verb, _ in deeds.asked] == ["claim"]


def test_a_side_path_is_barred_with_its_reason(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture(), barred={"withdraw": Text("席位空闲", "the seat rests")})
    desk, _case, _order = at_case(qtbot, deeds)
    go(desk, "w")
    assert deeds.asked == []
    assert desk.page.message == "席位空闲"


def test_an_event_that_allows_nothing_more_has_no_list(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case, order = at_case(qtbot, deeds, allowed=())
    deeds.picture.put(order.model_copy(update={"version": 2, "allowed": ()}))
    assert not desk.page.buttons["more"].isEnabled()
    QTest.keyClick(desk, K.Key_M)
    assert "没有其他操作" in desk.page.message


def test_a_further_order_is_reached_by_the_arrows(qtbot: QtBot) -> None:
    picture = make_picture()
    case, order = a_case(picture, assist_ids=("case-2",))
    helping = case_order(2, case.item_id, 5, department="D33", allowed=("urge",))
    picture.put(helping, case.model_copy(update={"version": 2, "assist_ids": ("case-2",)}))
    now = picture.stores.events.get(case.item_id)
    assert now is not None
    found = offers(now, orders_of(now, picture.stores))
    assert [one.item.item_id for one in found if one.path.verb == "urge"] == ["case-1", "case-2"]
    question = MoreQuestion(picture.room("desk"), now, found)
    qtbot.addWidget(question)
    QTest.keyClicks(question, "u")
    assert question.chosen.item == order
    for _ in found:
        QTest.keyClick(question, K.Key_Down)
    assert question.chosen.item == helping


# ---- the page ------------------------------------------------------------------------------


def test_marks_say_what_stands_on_an_event() -> None:
    picture = make_picture()
    case, order = a_case(
        picture,
        supervised=mark("市领导批示"),
        returned_by=("D25", "D33"),
        reports=4,
        redone=1,
        call_back_at=NOW,
        satisfaction=Satisfaction.UNREACHED,
        reason="未清理干净",
    )
    urged = order.model_copy(update={"urged": 2, "is_final": True})
    said = " · ".join(marks(case, (urged,), picture.words))
    assert said == (
        "督办 · 催办 2 · 申请延期 · 退单 2 · 终审 · 并来 3 件 · 重办 1"
        " · 未接通 · 待回访 · 未清理干净"
    )
    merged = case.model_copy(update={"state": EventState.MERGED, "main_id": "NT-case-000902"})
    assert "并入 000902" in marks(merged, (), picture.words)
    assert marks(event(0), (), picture.words) == []


def test_the_trail_is_read_from_the_service_once_and_told_in_words(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, order = at_case(qtbot, deeds)
    asked = deeds.picture.numbers.casework.asked
    qtbot.waitUntil(lambda: case.item_id in asked, timeout=2_000)
    passed, why = desk.page.passed()
    assert why == ""
    assert [one.what.zh for one in passed[:6]] == [
        *("登记", "受理", "派单", "退单", "审定退单", "派单")
    ]
    assert [one.what.zh for one in passed].count("签收") == 1  # one deed, two rows of the trail
    assert passed[3].note == "李静 · 应急局 · 非本单位职责"
    assert passed[4].note == "陈晓 · 同意 · 按权责清单归应急局"
    deeds.picture.pulse.beat()
    assert asked.count(case.item_id) == 1
    deeds.picture.put(order.model_copy(update={"version": 2, "urged": 1}))
    qtbot.waitUntil(lambda: asked.count(case.item_id) == 2, timeout=2_000)


def test_events_passed_by_with_j_are_not_asked_for(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    for _ in range(4):
        QTest.keyClick(desk, K.Key_J)
    last = desk.queue.key
    asked = deeds.picture.numbers.casework.asked
    qtbot.waitUntil(lambda: last in asked, timeout=2_000)
    assert set(asked) == {last}


@pytest.mark.parametrize(
    ("error", "zh"),
    [
        (Unreachable(Text("无应答。", "no answer")), "稍后重试"),
        (
            Refused(
                Problem(status=404, code="no", what=Text("查无此件。", "None."), todo=Text("", ""))
            ),
            "查无此件",
        ),
    ],
)
def test_a_trail_that_cannot_be_read_says_so_and_the_event_tells_what_it_can(
    qtbot: QtBot, error: Exception, zh: str
) -> None:
    deeds = FakeDeeds(make_picture())
    deeds.picture.numbers.casework.refuses = error
    desk, _case, _order = at_case(qtbot, deeds)
    assert desk.page.passed()[1] == "正在读取全程"
    qtbot.waitUntil(lambda: zh in desk.page.passed()[1], timeout=2_000)
    passed, _why = desk.page.passed()
    assert {"登记", "派单", "签收"} <= {one.what.zh for one in passed}
    deeds.picture.stores.set_link(Link.OFFLINE)
    if isinstance(error, Unreachable):
        assert "连接中断" in desk.page.passed()[1]


def test_the_whole_trail_is_a_list_the_keys_move_in(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, _order = at_case(qtbot, deeds)
    asked = deeds.picture.numbers.casework.asked
    qtbot.waitUntil(lambda: case.item_id in asked, timeout=2_000)
    QTest.keyClick(desk, K.Key_S, SHIFT)
    assert desk.under.currentWidget() is desk.trail
    count = len(desk.page.passed()[0])
    assert (len(desk.trail.keys), desk.trail.key) == (count, str(count - 1))
    QTest.keyClick(desk, K.Key_K)
    assert desk.trail.key == str(count - 2)
    deeds.picture.pulse.beat()
    assert desk.trail.key == str(count - 2)


# ---- what is due ---------------------------------------------------------------------------


def test_due_rows_open_their_event_and_never_move_by_themselves(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, _order = at_case(qtbot, deeds)
    QTest.keyClick(desk, K.Key_Q, SHIFT)
    assert desk.under.currentWidget() is desk.due
    assert desk.due.keys[0] == case.item_id
    QTest.keyClick(desk, K.Key_J)
    chosen, before = desk.due.key, desk.due.keys
    late = case_order(2, "NT-case-000903", -40)
    graver = event(
        62,
        item_id="NT-case-000903",
        state=EventState.SIGNED,
        order_id=late.item_id,
        due_at=late.due_at,
    )
    deeds.picture.put(graver, late)
    assert desk.due.keys == (*before, graver.item_id)
    assert desk.due.key == chosen
    QTest.keyClick(desk, K.Key_O)
    assert desk.due.keys[0] == graver.item_id
    assert desk.due.key == chosen
    desk.due.select(graver.item_id)
    QTest.keyClick(desk, K.Key_Return)
    assert desk.queue.key == graver.item_id
    assert graver.item_id in desk.queue.keys
    assert deeds.asked[-1] == ("claim", graver.item_id)


def test_the_form_says_what_a_unit_has_in_hand(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk, _case, _order = at_case(qtbot, deeds)
    unit = desk.form.unit
    unit.setCurrentIndex(unit.findText("城管局"))
    # two of the picture's own three orders are open, none late
    assert desk.form.load.text() == "在办 3 · 超期 1"
    unit.showPopup()
    beside = {unit.itemText(row): unit.itemData(row, 257) for row in range(unit.count())}
    unit.hidePopup()
    assert beside["城管局"] == "在办 3 · 超期 1"
    assert beside["应急局"] == "在办 0"


# ---- merge review --------------------------------------------------------------------------


def with_pairs(qtbot: QtBot) -> tuple[Desk, FakeDeeds, Pairs]:
    deeds = FakeDeeds(make_picture())
    one = event(70, item_id="NT-pair-000701", state=EventState.ACCEPTED, allowed=("merge",))
    others = [
        event(70 + n, item_id=f"NT-pair-00070{1 + n}", state=EventState.DISPATCHED) for n in (1, 2)
    ]
    deeds.picture.put(one, *others)
    found = [pair(one.item_id, other.item_id, 0.9 - 0.1 * n) for n, other in enumerate(others)]
    suggestions = deeds.picture.stores.suggestions
    pairs = Pairs(found, suggestions.changed.emit)
    suggestions.serve(pairs)
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_M, SHIFT)
    assert desk.review.hasFocus()
    return desk, deeds, pairs


def test_without_a_provider_there_is_no_pair_and_no_key_does_anything(qtbot: QtBot) -> None:
    deeds = FakeDeeds(make_picture())
    desk = shown(qtbot, deeds)
    QTest.keyClick(desk, K.Key_M, SHIFT)
    assert desk.review.pair is None
    assert desk.review.face() == "empty"
    for key in (K.Key_Y, K.Key_N, K.Key_L):
        QTest.keyClick(desk.review, key)
    assert deeds.asked == []


def test_yes_merges_the_event_with_the_other_as_main_once(qtbot: QtBot) -> None:
    desk, deeds, pairs = with_pairs(qtbot)
    QTest.keyClick(desk.review, K.Key_Y)
    body = Merge(version=1, main_id="NT-pair-000702")
    assert deeds.asked == [("merge", ("NT-pair-000701", body))]
    merged = deeds.picture.stores.events.get("NT-pair-000701")
    assert merged is not None
    deeds.picture.put(merged.model_copy(update={"version": 2, "state": EventState.MERGED}))
    assert desk.review.pair is None  # no pair of a merged event is asked again
    assert pairs.said == []


def test_no_and_later_go_to_the_provider_and_the_next_pair_comes(qtbot: QtBot) -> None:
    desk, deeds, pairs = with_pairs(qtbot)
    first, second = pairs.waiting
    QTest.keyClick(desk.review, K.Key_L)
    assert desk.review.pair == second
    QTest.keyClick(desk.review, K.Key_N)
    assert pairs.said == [(first.key, "later"), (second.key, "no")]
    assert desk.review.pair == first
    assert deeds.asked == []
    assert desk.side.currentWidget() is desk.form  # L drew no lasso and N nothing on the map
    assert desk._shape is None


def test_the_pair_shown_stays_when_likelier_ones_come(qtbot: QtBot) -> None:
    desk, _deeds, pairs = with_pairs(qtbot)
    shown_first = desk.review.pair
    assert shown_first is not None
    pairs.waiting.insert(0, pair("NT-pair-000703", "NT-pair-000702", 0.99))
    desk.room.stores.suggestions.changed.emit()
    assert desk.review.pair == shown_first


def test_a_refused_answer_is_said_and_the_pair_stays(qtbot: QtBot) -> None:
    desk, _deeds, pairs = with_pairs(qtbot)
    pairs.refuses = Unreachable(Text("无应答。", "no answer"))
    before = desk.review.pair
    QTest.keyClick(desk.review, K.Key_N)
    assert desk.review.pair == before
    assert "无应答" in desk.review.message
    assert desk.review.buttons["N"].isEnabled()


def test_esc_gives_the_keys_back_to_the_queue(qtbot: QtBot) -> None:
    desk, _deeds, pairs = with_pairs(qtbot)
    QTest.keyClick(desk.review, K.Key_Escape)
    QTest.keyClick(desk, K.Key_Y)
    assert desk.under.currentWidget() is desk.feeds
    assert pairs.said == []


def test_shared_words_are_found_longest_first_and_never_inside_another() -> None:
    text = "易家桥新村 12 幢，易家桥"
    assert spans(text, ("易家桥", "易家桥新村", "", "无")) == [(0, 5), (11, 3)]


# ---- nothing is cut ------------------------------------------------------------------------


@pytest.mark.parametrize("palette", ["night", "day"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_on_page_lists_review_and_forms(
    qtbot: QtBot, language: Language, palette: str
) -> None:
    deeds = FakeDeeds(make_picture())
    desk, case, order = at_case(qtbot, deeds, supervised=mark("市领导批示"), reports=3)
    deeds.picture.words.use(language)
    deeds.picture.theme.use(palette)
    sent_back = case_order(5, "NT-case-000905", 30, state=OrderState.RETURNED, returned=returned())
    deeds.picture.put(
        event(
            65, item_id="NT-case-000905", state=EventState.RETURNED, order_id="case-5", due_at=None
        ),
        sent_back,
    )
    other = event(61, item_id="NT-case-000902", state=EventState.DISPATCHED)
    deeds.picture.put(other)
    deeds.picture.stores.suggestions.serve(Pairs([pair(case.item_id, other.item_id)]))
    for panel in (desk.due, desk.trail):
        desk.bring(panel)
        assert cut_words(desk) == {}
    desk.show_review()
    assert cut_words(desk) == {}
    found = offers(case, (order,))
    questions: list[QDialog] = [MoreQuestion(desk.room, case, found, desk)]
    questions += [CaseQuestion(desk.room, one, desk) for one in found]
    for question in questions:
        question.show()
        assert cut_words(question) == {}
        question.close()
