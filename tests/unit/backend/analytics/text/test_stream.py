"""Reports join in the order of time; what people decided is binding and never contradicts."""

from __future__ import annotations

import pytest

from backend.analytics.text.decisions import DecisionError, Decisions
from backend.analytics.text.judge import by_hand
from backend.analytics.text.message import Message
from backend.analytics.text.stream import Stream, events
from tests.unit.backend.analytics.text.made_up import city, report

GLASS = report("a", "人民路有玻璃碴", "人民路满地玻璃碴，扎破轮胎", 0)
AGAIN = report("b", "玻璃碴扎破轮胎，人民路没人扫", "人民路满地玻璃碴", 6)
SCHOOL = report("c", "幼儿园何时招生", "青石小区的幼儿园何时招生", 7)
THIRD = report("d", "人民路玻璃碴还没扫", "人民路满地玻璃碴，扎破轮胎", 8)


def _stream(decisions: Decisions | None = None) -> Stream:
    return Stream(by_hand(), decisions=decisions)


def test_a_repeat_joins_and_says_why() -> None:
    stream = _stream()
    first, again, school = (stream.take(one) for one in (GLASS, AGAIN, SCHOOL))
    assert (first.event, first.joined, first.nearest) == ("a", False, None)
    assert (again.event, again.joined, again.nearest) == ("a", True, "a")
    assert "同一地点 人民路" in [one.zh for one in again.reasons]
    assert (school.event, school.joined) == ("c", False)


def test_what_came_before_is_never_changed_by_what_comes_later() -> None:
    reports = city()
    short = events(_stream(), reports[:60])
    whole = events(_stream(), reports)
    assert short == {one.id: whole[one.id] for one in reports[:60]}


def test_the_order_of_the_table_does_not_matter() -> None:
    reports = city(events=16)
    assert events(_stream(), reports) == events(_stream(), reports[::-1])


def test_confirmed_reports_are_one_event_whatever_they_say() -> None:
    decided = Decisions()
    decided.confirm("a", "c")
    stream = _stream(decided)
    stream.take(GLASS)
    step = stream.take(SCHOOL)
    assert (step.event, step.joined, step.asks) == ("a", True, False)
    assert step.reasons[0].en == "confirmed by a person"


def test_what_is_not_the_same_stays_apart_whatever_it_says() -> None:
    decided = Decisions()
    decided.part("a", "b")
    found = events(_stream(decided), [GLASS, AGAIN, THIRD])
    assert found["a"] != found["b"]


def test_a_later_report_confirmed_with_two_events_joins_them() -> None:
    decided = Decisions()
    decided.confirm("a", "d")
    decided.confirm("c", "d")
    stream = _stream(decided)
    stream.take(GLASS)
    stream.take(SCHOOL)
    assert stream.take(THIRD).event == "a"
    assert stream.take(report("e", SCHOOL.title, SCHOOL.text, 9)).event == "a"


def test_decisions_that_contradict_are_refused() -> None:
    decided = Decisions()
    decided.confirm("a", "b")
    with pytest.raises(DecisionError, match="undo the merge"):
        decided.part("b", "a")
    decided.part("b", "c")
    with pytest.raises(DecisionError, match="not the same"):
        decided.confirm("a", "c")
    assert decided.event("a") == {"a", "b"}


def test_a_closed_event_takes_no_more() -> None:
    stream = _stream()
    stream.take(GLASS)
    stream.close("a")
    assert stream.take(AGAIN).event == "b"


@pytest.mark.parametrize(
    ("late", "why"), [(report("z", "停水", minute=-5), "order of time"), (GLASS, "twice")]
)
def test_refuses_what_comes_late_or_twice(late: Message, why: str) -> None:
    stream = _stream()
    stream.take(GLASS)
    with pytest.raises(ValueError, match=why):
        stream.take(late)


def test_asks_a_person_in_the_band() -> None:
    stream = Stream(by_hand().at(0.99))
    stream.take(GLASS)
    step = stream.take(AGAIN)
    assert step.asks
    assert not step.joined
    assert step.nearest == "a"
    assert step.reasons
