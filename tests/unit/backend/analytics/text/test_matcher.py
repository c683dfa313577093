"""A matcher says what a report is of and why, holds what people decided, and forgets wholly."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from backend.analytics.text.decisions import DecisionError
from backend.analytics.text.judge import by_hand
from backend.analytics.text.matcher import Match, Matcher
from backend.analytics.text.policy import Policy
from tests.unit.backend.analytics.text.made_up import city, report

GLASS = report("a", "人民路有玻璃碴", "人民路满地玻璃碴，扎破轮胎", 0)
AGAIN = report("b", "玻璃碴扎破轮胎，人民路没人扫", "人民路满地玻璃碴", 6)
SCHOOL = report("c", "幼儿园何时招生", "青石小区的幼儿园何时招生", 7)
THIRD = report("d", "人民路玻璃碴还没扫", "人民路满地玻璃碴，扎破轮胎", 8)
BOUNDS = Policy(auto=0.5, ask=0.2)


def _matcher(*held: object, policy: Policy = BOUNDS) -> Matcher:
    made = Matcher(policy=policy)
    for one in held:
        made.add(one)  # type: ignore[arg-type]  # reports
    return made


def _of(matcher: Matcher, one: object) -> dict[str, Match]:
    return {found.other: found for found in matcher.look(one)}  # type: ignore[arg-type]  # a report


def test_the_likest_comes_first_with_its_verdict_and_evidence() -> None:
    found = _matcher(SCHOOL, GLASS).look(AGAIN)
    assert found[0].other == "a"
    best = found[0]
    assert (best.event, best.verdict, best.closed) == ("a", "auto", False)
    said = {one.kind: one for one in best.evidence}
    assert said["place"].said.zh == "同一地点 人民路"
    assert said["place"].shared == ("人民路",)
    assert "玻璃碴" in said["thing"].shared
    assert said["time"].said.en == "6 minutes apart"
    assert all(one.verdict == "none" for one in found[1:])


def test_an_empty_matcher_finds_nothing() -> None:
    assert Matcher().look(GLASS) == ()


def test_the_two_bounds_part_the_verdicts() -> None:
    matcher = _matcher(GLASS)
    score = matcher.look(AGAIN)[0].score
    for policy, verdict in (
        (Policy(auto=score, ask=0.0), "auto"),
        (Policy(auto=1.0, ask=score), "ask"),
        (Policy(auto=1.0, ask=math.nextafter(score, 1)), "none"),
    ):
        matcher.policy = policy
        assert matcher.look(AGAIN)[0].verdict == verdict


def test_one_event_is_found_once_by_its_likest_report() -> None:
    matcher = _matcher(GLASS)
    matcher.add(AGAIN, of="a")
    found = matcher.look(THIRD)
    assert [one.event for one in found] == ["a"]
    assert matcher.event("b") == {"a", "b"}


def test_a_held_report_is_not_its_own_match() -> None:
    matcher = _matcher(GLASS, AGAIN)
    assert [one.other for one in matcher.look(GLASS)] == ["b"]


def test_removal_restores_everything() -> None:
    reports = city(events=16)
    held, asked = reports[:-4], reports[-4:]
    matcher = _matcher(*held)
    before = [matcher.look(one) for one in asked]
    words = dict(matcher._wording._in)
    extra = [replace(one, id=f"x{one.id}") for one in city(seed=9, events=24)]
    for one in extra:
        matcher.add(one, of=held[0].id)
    assert [matcher.look(one) for one in asked] != before
    for one in extra:
        matcher.remove(one.id)
    assert [matcher.look(one) for one in asked] == before
    assert matcher._wording._in == words
    assert len(matcher) == len(held)
    assert matcher.event(held[0].id) == {held[0].id}


def test_a_number_set_free_is_used_again() -> None:
    matcher = _matcher(GLASS)
    for at in range(50):
        matcher.add(replace(AGAIN, id=f"n{at}"))
        matcher.remove(f"n{at}")
    assert len(matcher._packed) == 2


def test_what_a_removed_report_joined_stays_joined() -> None:
    matcher = _matcher(GLASS)
    matcher.add(AGAIN, of="a")
    matcher.add(THIRD, of="a")
    matcher.remove("a")
    assert matcher.event("b") == {"b", "d"}


def test_confirmed_reports_are_one_event_and_undoing_parts_them() -> None:
    matcher = _matcher(GLASS, SCHOOL)
    before = matcher.look(AGAIN)
    matcher.confirm("a", "c")
    assert matcher.event("a") == {"a", "c"}
    matcher.undo("c", "a")
    assert matcher.event("a") == {"a"}
    assert matcher.look(AGAIN) == before


def test_a_coming_report_that_was_decided_comes_first_for_sure() -> None:
    matcher = _matcher(GLASS, SCHOOL)
    matcher.confirm("b", "c")
    best = matcher.look(AGAIN)[0]
    assert (best.other, best.score, best.verdict) == ("c", 1.0, "auto")
    assert best.evidence[0].kind == "decided"


def test_not_the_same_is_never_found_and_leaves_what_it_joined() -> None:
    matcher = _matcher(GLASS)
    matcher.add(AGAIN, of="a")
    matcher.add(THIRD, of="b")
    matcher.part("b", "a")
    assert matcher.event("a") == {"a", "d"}
    assert matcher.event("b") == {"b"}
    assert "a" not in _of(matcher, AGAIN)
    matcher.undo("a", "b")
    assert {"a", "d"} & _of(matcher, AGAIN).keys()


def test_decisions_that_contradict_are_refused() -> None:
    matcher = _matcher(GLASS, AGAIN)
    matcher.confirm("a", "b")
    with pytest.raises(DecisionError, match="undo the merge"):
        matcher.part("a", "b")


def test_the_policy_bounds_time_and_ground() -> None:
    matcher = _matcher(replace(GLASS, lon=120.86, lat=31.98))
    late = replace(AGAIN, lon=120.86, lat=31.98, time=AGAIN.time + 10 * 86_400)
    far = replace(AGAIN, lon=120.90, lat=31.98)
    narrow = replace(BOUNDS, days_apart=7.0), replace(BOUNDS, metres_apart=2000.0)
    for one, bounds in zip((late, far), narrow, strict=True):
        matcher.policy = BOUNDS
        assert "a" in _of(matcher, one)
        matcher.policy = bounds
        assert "a" not in _of(matcher, one)


@pytest.mark.parametrize("is_new", [True, False])
def test_after_closing_the_policy_says_whether_it_is_a_new_event(is_new: bool) -> None:
    matcher = _matcher(GLASS, policy=replace(BOUNDS, new_after_closing=is_new))
    matcher.close("a")
    found = _of(matcher, AGAIN)
    assert ("a" not in found) if is_new else found["a"].closed
    matcher.reopen("a")
    assert _of(matcher, AGAIN)["a"].closed is False
    matcher.close("a")
    matcher.remove("a")
    assert matcher.look(AGAIN) == ()


def test_records_rebuild_what_was_held() -> None:
    reports = city(events=16)
    matcher = _matcher(*reports[:-4])
    again = Matcher(policy=BOUNDS)
    for one in reports[:-4]:
        assert again.restore(matcher.record(one.id)) == one.id
    assert [again.look(one) for one in reports[-4:]] == [matcher.look(one) for one in reports[-4:]]
    with pytest.raises(ValueError, match="came twice"):
        again.restore(matcher.record(reports[0].id))


def test_a_class_and_a_county_count() -> None:
    matcher = _matcher(replace(GLASS, kind="0102", region="320602"))
    plain = matcher.look(AGAIN)[0]
    same = matcher.look(replace(AGAIN, kind="0102", region="320602"))[0]
    other = matcher.look(replace(AGAIN, kind="0301", region="320682"))[0]
    assert same.score > plain.score > other.score
    assert "filed in the same class" in [one.said.en for one in same.evidence]
    assert {"分类不同", "不在同一区县"} <= {one.said.zh for one in other.evidence}


def test_words_of_place_given_apart_are_read() -> None:
    matcher = _matcher(report("a", "路灯不亮", place="望江路12号"))
    best = matcher.look(report("b", "路灯坏了", place="望江路12号"))[0]
    assert "同一地点 望江路" in [one.said.zh for one in best.evidence]


def test_refuses_what_is_held_and_what_is_not() -> None:
    matcher = _matcher(GLASS)
    with pytest.raises(ValueError, match="came twice"):
        matcher.add(GLASS)
    with pytest.raises(ValueError, match="no report z"):
        matcher.add(AGAIN, of="z")
    with pytest.raises(ValueError, match="no report z"):
        matcher.remove("z")


def test_a_corrected_report_is_found_where_it_is_now() -> None:
    matcher = Matcher(None, Policy(ask=0.3, metres_apart=500))
    first = report("a", "望江路路灯不亮", lon=120.8, lat=32.0)
    second = report("b", "望江路路灯不亮", minute=3, lon=120.9, lat=32.0)
    matcher.add(first)
    matcher.add(report("c", "青石路井盖破损", lon=120.8, lat=32.0), of="a")
    assert matcher.look(second) == ()
    matcher.renew(report("a", "望江路路灯不亮", lon=120.9001, lat=32.0))
    assert [one.other for one in matcher.look(second)] == ["a"]
    assert matcher.event("a") == {"a", "c"}


def test_the_judge_may_ask_for_more_than_the_policy_never_for_less() -> None:
    matcher = Matcher(replace(by_hand(), sure=0.97), Policy(auto=0.9))
    assert [matcher.verdict(one) for one in (0.98, 0.95, 0.2)] == ["auto", "ask", "none"]
    matcher.judge = replace(by_hand(), sure=0.2)
    assert [matcher.verdict(one) for one in (0.91, 0.6)] == ["auto", "ask"]
