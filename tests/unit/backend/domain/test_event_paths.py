"""Side paths of events: from every state offered or refused; merged, split and answered whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.domain import event_paths as paths
from backend.domain import events, orders
from backend.domain.refused import Refused
from backend_client.contract.events import (
    OVER,
    CallBack,
    Channel,
    Event,
    EventState,
    Reporter,
    Satisfaction,
)
from backend_client.contract.item import Mark
from backend_client.contract.orders import OrderState, Task
from tests.unit.backend.domain.test_events import (
    AT,
    TABLE,
    WHO,
    code,
    dispatch,
    event,
    intake,
    order,
)

NEXT_DAY = AT + timedelta(days=1)
MARK = Mark(by=WHO, at=AT, reason="why")
OUT = {EventState.DISPATCHED, EventState.SIGNED, EventState.REPORTED}


def other(item_id: str = "m", state: EventState = EventState.ACCEPTED, level: int = 0) -> Event:
    made = events.register(intake(level=level), item_id, AT)
    return made.model_copy(update={"state": state})


def back(satisfaction: Satisfaction) -> CallBack:
    return CallBack(version=1, satisfaction=satisfaction)


STEPS: dict[str, tuple[Callable[[Event], Event], set[EventState], EventState | None]] = {
    "refuse": (lambda e: paths.decline(e, "no"), {EventState.REGISTERED}, EventState.REFUSED),
    "withdraw": (
        lambda e: paths.withdraw(e, "false"),
        {EventState.ACCEPTED, EventState.RETURNED, *OUT},
        EventState.WITHDRAWN,
    ),
    "supervise": (lambda e: paths.supervise(e, MARK), OUT, None),
    "transfer": (lambda e: paths.transferred(e, order()), OUT, EventState.DISPATCHED),
    "decide": (
        lambda e: paths.decided(e, granted=True),
        {EventState.RETURNED},
        EventState.ACCEPTED,
    ),
    "call_back": (
        lambda e: paths.call_back(e, back(Satisfaction.SATISFIED), at=AT, again_at=NEXT_DAY),
        {EventState.CLOSED},
        EventState.ARCHIVED,
    ),
    "redo": (
        lambda e: paths.redo(e, "again"),
        {EventState.REPORTED, EventState.CLOSED, EventState.ARCHIVED},
        EventState.ACCEPTED,
    ),
    "merge": (
        lambda e: paths.merge(e, other()),
        {EventState.REGISTERED, EventState.ACCEPTED},
        EventState.MERGED,
    ),
    "split": (paths.split, {EventState.MERGED}, EventState.REGISTERED),
}


@pytest.mark.parametrize("verb", STEPS)
@pytest.mark.parametrize("state", list(EventState))
def test_a_side_path_is_taken_or_refused_by_state_and_offered_alike(
    verb: str, state: EventState
) -> None:
    step, known, leads_to = STEPS[verb]
    assert (verb in events.verbs(event(state))) is (state in known)
    if state in known:
        assert step(event(state)).state is (leads_to or state)
        return
    with pytest.raises(Refused) as caught:
        step(event(state))
    assert code(caught) == "wrong_state"


def test_what_is_over_is_over_and_the_rest_is_open() -> None:
    assert {state for state in EventState if not event(state).is_open} == OVER


def test_a_return_is_followed_and_decided_and_the_clock_runs_on() -> None:
    sent = events.dispatch(event(EventState.ACCEPTED), order())
    returned = paths.sent_back(sent, order())
    assert (returned.state, returned.returned_by) == (EventState.RETURNED, ("D24",))
    elsewhere = paths.decided(returned, granted=True)
    assert (elsewhere.state, elsewhere.order_id) == (EventState.ACCEPTED, None)
    assert (elsewhere.due_at, elsewhere.sent_at) == (sent.due_at, sent.sent_at)
    late = dispatch(AT.replace(year=2027))
    again = orders.send(elsewhere, late, TABLE, item_id="p", by=WHO, at=AT.replace(day=25))
    assert (again.due_at, again.since_at) == (sent.due_at, sent.sent_at)
    stays = paths.decided(returned, granted=False)
    assert (stays.state, stays.order_id) == (EventState.DISPATCHED, "o")


def test_an_order_of_another_dispatch_does_not_move_the_event() -> None:
    sent = events.dispatch(event(EventState.ACCEPTED), order())
    foreign = order().model_copy(update={"item_id": "x"})
    assert paths.sent_back(sent, foreign) == sent
    assert paths.moved(sent, foreign) == sent


def test_after_two_returns_the_next_order_is_final() -> None:
    given = event(EventState.ACCEPTED)
    assert not paths.is_final(given.model_copy(update={"returned_by": ("D24",)}))
    assert paths.is_final(given.model_copy(update={"returned_by": ("D24", "D25")}))


def test_merging_keeps_everything_and_splitting_gives_it_back() -> None:
    accepted = event(EventState.ACCEPTED)
    merged = paths.merge(accepted, other())
    assert (merged.main_id, merged.was) == ("m", EventState.ACCEPTED)
    assert paths.split(merged) == accepted


def test_an_event_is_not_merged_with_itself_or_with_what_is_over() -> None:
    with pytest.raises(Refused) as caught:
        paths.merge(event(), other("e"))
    assert caught.value.problem.where == "main_id"
    for state in (*OVER, EventState.MERGED):
        with pytest.raises(Refused) as caught:
            paths.merge(event(), other(state=state))
        assert code(caught) == "wrong_state"


def test_a_graver_report_raises_the_event_and_going_lowers_it() -> None:
    main, graver = other(level=3), other("g", level=1)
    raised = paths.weigh(main, [graver])
    assert (raised.level, raised.reports, raised.reported_level) == (1, 2, 3)
    assert paths.weigh(raised, []) == main
    assert paths.weigh(main, [other("n", level=0)]).level == 3


def test_reports_of_reports_count() -> None:
    child = paths.weigh(other("c"), [other("d"), other("f")])
    assert paths.weigh(other(), [child]).reports == 4


def test_an_event_of_an_older_version_keeps_its_level_when_merged() -> None:
    old = other(level=2).model_copy(update={"reported_level": 0})
    raised = paths.weigh(old, [other("n", level=1)])
    assert (raised.level, paths.weigh(raised, []).level) == (1, 2)


def test_a_merged_report_gets_the_answer_and_gives_it_back() -> None:
    merged = paths.merge(event(EventState.ACCEPTED), other())
    answer = {"state": EventState.CLOSED, "answer": "done"}
    main = other().model_copy(update=answer)
    told = paths.answered(merged, main)
    assert (told.state, told.answer) == (EventState.CLOSED, "done")
    assert paths.unanswered(told) == merged
    assert paths.answered(event(), main) == event()
    assert paths.unanswered(event(EventState.CLOSED)) == event(EventState.CLOSED)
    parted = paths.split(told)
    assert (parted.state, parted.answer, parted.main_id) == (EventState.ACCEPTED, "", None)
    assert "redo" not in events.verbs(told)  # what it belongs to is done again


def test_an_event_with_reports_is_not_withdrawn() -> None:
    main = paths.weigh(other(), [other("n")])
    with pytest.raises(Refused) as caught:
        paths.withdraw(main, "false")
    assert code(caught) == "has_reports"


def test_only_citizens_are_called_back_and_only_content_ones_archived() -> None:
    closed = event(EventState.CLOSED)
    assert paths.due_for_call_back(closed, AT).call_back_at is None  # a grid worker's
    citizen = closed.model_copy(update={"channel": Channel.HOTLINE})
    due = paths.due_for_call_back(citizen, AT)
    assert due.call_back_at == AT
    for said, again in ((Satisfaction.UNSATISFIED, AT), (Satisfaction.UNREACHED, NEXT_DAY)):
        told = paths.call_back(due, back(said), at=AT, again_at=NEXT_DAY)
        assert (told.state, told.satisfaction) == (EventState.CLOSED, said)
        assert told.call_back_at == again


def test_a_redo_starts_a_new_clock() -> None:
    closed = events.dispatch(event(EventState.ACCEPTED), order()).model_copy(
        update={"state": EventState.CLOSED, "returned_by": ("D24", "D25"), "supervised": MARK}
    )
    again = paths.redo(closed, "still broken")
    assert (again.redone, again.sent_at, again.due_at, again.order_id) == (1, None, None, None)
    assert (again.returned_by, again.supervised) == ((), None)


def test_a_report_that_does_not_stand_its_check_keeps_clock_and_supervision() -> None:
    late = event(EventState.REPORTED).model_copy(update={"supervised": MARK, "due_at": AT})
    again = paths.redo(late, "an old photo")
    assert (again.redone, again.due_at, again.supervised) == (0, AT, MARK)


@pytest.mark.parametrize("task", list(Task))
def test_whoever_handles_it_an_event_stays_under_supervision(task: Task) -> None:
    watched = event(EventState.SIGNED).model_copy(update={"supervised": MARK})
    sent = orders.send(watched, dispatch(), TABLE, item_id="o", by=WHO, at=AT, task=task)
    assert sent.supervised == MARK


def test_helpers_are_noted_and_a_leading_order_is_no_help() -> None:
    helper = orders.send(event(), dispatch(), TABLE, item_id="h", by=WHO, at=AT, task=Task.ASSIST)
    assert paths.assisted(event(EventState.SIGNED), helper).assist_ids == ("h",)
    with pytest.raises(ValueError, match="handle"):
        paths.assisted(event(EventState.SIGNED), order(OrderState.SENT))


@pytest.mark.parametrize(
    ("name", "contact", "kept"),
    [
        ("王小明", "13812345678", ("王**", "13*******78")),
        ("欧阳", "0513-85098888", ("欧*", "051*******888")),
        ("李", "12", ("李", "**")),
        ("", "", ("", "")),
    ],
)
def test_no_more_of_a_reporter_is_kept_than_needed(
    name: str, contact: str, kept: tuple[str, str]
) -> None:
    masked = events.masked(Reporter(name=name, contact=contact))
    assert masked is not None
    assert (masked.name, masked.contact) == kept
    assert events.masked(None) is None
