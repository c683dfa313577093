"""What examines never teaches; the gate lets nothing worse in."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.models import Decision, barred, digest, is_frozen, night_of, split

AT = datetime(2026, 7, 20, tzinfo=UTC)


def decision(key: str, *groups: str, **body: object) -> Decision:
    return Decision(key, groups, AT, body)


def measured(candidate: float, in_use: float, rules: float) -> dict[str, dict[str, float]]:
    given = {"candidate": candidate, "in_use": in_use, "rules": rules}
    return {label: {"right": value} for label, value in given.items()}


def test_one_group_in_five_is_kept_apart_for_good_and_by_its_name_alone() -> None:
    groups = [f"event-{number}" for number in range(2_000)]
    apart = [is_frozen("merge", group) for group in groups]
    assert 0.17 < sum(apart) / len(apart) < 0.23
    assert apart == [is_frozen("merge", group) for group in groups]
    assert apart != [is_frozen("matter", group) for group in groups]
    assert [at for at in range(20) if apart[at]] == [6, 10, 16]


def test_no_group_lies_on_both_sides() -> None:
    decided = [decision(f"{group}-{pair}", f"g{group}") for group in range(60) for pair in range(3)]
    lessons, exam = split("merge", decided, frozenset())
    assert len(lessons) + len(exam) == len(decided)
    assert exam
    assert not {one.groups for one in lessons} & {one.groups for one in exam}


def test_what_touches_a_group_kept_apart_examines_so_that_nothing_of_it_is_taught() -> None:
    apart = next(f"g{n}" for n in range(50) if is_frozen("merge", f"g{n}"))
    teaching = next(f"g{n}" for n in range(50) if not is_frozen("merge", f"g{n}"))
    both, one = decision("a", teaching, apart), decision("b", teaching)
    assert split("merge", [both, one], frozenset()) == ([one], [both])


def test_what_examined_once_never_teaches_though_its_group_changes() -> None:
    teaching = next(f"g{n}" for n in range(50) if not is_frozen("merge", f"g{n}"))
    moved, other = decision("a", teaching), decision("b", teaching)
    assert split("merge", [moved, other], frozenset()) == ([moved, other], [])
    assert split("merge", [moved, other], frozenset({"a"})) == ([other], [moved])


def test_what_was_taken_back_teaches_nothing() -> None:
    teaching = next(f"g{n}" for n in range(50) if not is_frozen("merge", f"g{n}"))
    assert split("merge", [Decision("a", (teaching,), AT, None)], frozenset()) == ([], [])


def test_what_it_was_taught_by_is_told_apart_and_not_by_its_order() -> None:
    yes, no, other = (
        decision("a", "g", same=True),
        decision("a", "g", same=False),
        decision("b", "g"),
    )
    assert digest([yes, other], []) == digest([other, yes], [])
    many = {digest(*sides) for sides in (([yes], []), ([no], []), ([], [yes]), ([yes], [other]))}
    assert len(many) == 4


@pytest.mark.parametrize(
    ("candidate", "in_use", "rules", "passes"),
    [
        (0.90, 0.89, 0.80, True),
        (0.90, 0.90, 0.90, True),
        (0.90, 0.91, 0.80, False),
        (0.90, 0.80, 0.91, False),
        (math.nan, 0.80, 0.80, False),
    ],
)
def test_the_gate(candidate: float, in_use: float, rules: float, *, passes: bool) -> None:
    why = barred("right", measured(candidate, in_use, rules), 50, fewest=50)
    assert (why is None) is passes
    if why is not None:
        assert "0.9" in why.zh or "nan" in why.zh


def test_the_gate_stays_shut_while_too_little_is_kept_apart() -> None:
    why = barred("right", measured(1.0, 0.5, 0.5), 49, fewest=50)
    assert why is not None
    assert "49" in why.zh
    assert "49" in why.en


def test_a_night_begins_at_two_oclock_of_the_city() -> None:
    two = datetime(2026, 7, 19, 18, tzinfo=UTC)  # 02:00 on the 20th in the city
    assert night_of(two).isoformat() == "2026-07-20"
    assert night_of(two - timedelta(seconds=1)).isoformat() == "2026-07-19"
    assert night_of(two + timedelta(hours=23, minutes=59)).isoformat() == "2026-07-20"
