"""Courses teach from lessons, keep the exam out, and mark by it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from backend.analytics.text import judge as judges
from backend.analytics.text import learning, merging, modelfile, sort_course
from backend.analytics.text.clues import CLUES
from backend.analytics.text.judge import by_hand
from backend.analytics.text.learning import COURSES, course_of
from backend.analytics.text.merge_course import COURSE, body
from backend.analytics.text.merging import following
from backend.analytics.text.modelfile import ModelFileError
from backend.services.model_kinds import KINDS
from tests.unit.backend.analytics.text.made_up import THINGS, city, decisions

Bodies = list[dict[str, object]]


def pairs(seed: int, most: int = 300) -> Bodies:
    by_id = {one.id: one for one in city(seed)}
    return [
        body(by_id[one.one], by_id[one.other], same=one.is_same)
        for one in decisions(city(seed), seed, most)
    ]


def reports(seed: int) -> Bodies:
    """Give a city's reports with the number of their thing as label."""
    return [
        sort_course.body(one.id, one.title, one.text, [f"D{event // 8 % len(THINGS):02}"])
        for one in city(seed)
        if (event := int(one.id.split("-")[0])) >= 0
    ]


def test_every_kind_of_the_registry_has_a_course() -> None:
    assert {kind.name for kind in KINDS} == COURSES.keys()
    for name in COURSES:
        assert callable(course_of(name).teach)


def test_the_judge_learned_is_better_than_the_rules_on_another_city(tmp_path: Path) -> None:
    file = tmp_path / "judge.npz"
    assert COURSE.teach(pairs(1), [], file)
    exam = pairs(2)
    ours, rules = COURSE.examine(file, exam), COURSE.examine(None, exam)
    assert ours["right"] > rules["right"]
    assert ours["loss"] < rules["loss"]
    assert ours["same"] == rules["same"] == sum(one["same"] is True for one in exam) / len(exam)


def test_too_few_pairs_teach_nothing(tmp_path: Path) -> None:
    assert not COURSE.teach(pairs(1, 30), [], tmp_path / "judge.npz")
    assert not (tmp_path / "judge.npz").exists()


def test_what_follows_from_lessons_is_not_learned_where_it_is_in_the_exam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three reports of one event the third pair follows from two."""
    every = pairs(1)
    apart = [one for one in every if one["same"] and ids(one) == {"0-0", "0-2"}]
    lessons = [one for one in every if one not in apart]
    assert len(apart) == 1
    learned: list[int] = []

    def count(clues: object, same: list[bool]) -> judges.Judge:
        learned.append(len(same))
        return by_hand()

    monkeypatch.setattr(merging, "learned", count)
    COURSE.teach(lessons, apart, tmp_path / "judge.npz")
    COURSE.teach(lessons, [], tmp_path / "judge.npz")
    assert learned[0] == learned[1] - 1
    assert learned[1] == len(lessons) + len(following([decided(one) for one in lessons]))


def ids(one: dict[str, object]) -> set[str]:
    found = decided(one)
    return {found.one, found.other}


def decided(one: dict[str, object]) -> merging.Decided:
    sides = [side["id"] for side in (one["one"], one["other"]) if isinstance(side, dict)]
    return merging.Decided(sides[0], sides[1], one["same"] is True)


def test_a_judge_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "judge.npz"
    judges.save(by_hand().at(0.7), file)
    assert judges.load(file).threshold == 0.7
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ModelFileError, match="train it again"):
        judges.load(file)


def test_the_judge_learned_joins_by_itself_only_from_where_it_was_right(tmp_path: Path) -> None:
    """On what it did not learn from: of what joins, enough is one event, on another city too."""
    file = tmp_path / "judge.npz"
    assert COURSE.teach(pairs(1), [], file)
    judge = judges.load(file)
    assert 0.0 < judge.sure < 1.0
    lies = [one | {"same": at % 2 == 0} for at, one in enumerate(pairs(1))]
    COURSE.teach(lies, [], file)
    assert judges.load(file).sure > judge.sure  # what is decided at random is never that sure


def test_a_judge_made_before_that_was_measured_is_read(tmp_path: Path) -> None:
    file = tmp_path / "judge.npz"
    parts = by_hand().parts()
    parts["set"] = parts["set"][:7]
    modelfile.save(file, judges.KIND, {"clues": CLUES}, parts)
    assert judges.load(file).sure == 0.0


@pytest.mark.parametrize("name", ["matter", "unit"])
def test_a_sorter_is_taught_and_examined(tmp_path: Path, name: str) -> None:
    file, course = tmp_path / "sorter.npz", course_of(name)
    assert course.teach(reports(1), [], file)
    reached = course.examine(file, reports(2))
    assert reached["right"] > 0.9
    assert reached["third"] >= reached["right"]
    assert course.examine(None, reports(2))["right"] < reached["right"]
    strange = [one | {"labels": "D99"} for one in reports(2)]
    assert course.examine(file, strange) == {"right": 0.0, "third": 0.0, "known": 0.0}
    assert not course.teach(reports(1)[:30], [], tmp_path / "no.npz")
    assert not course.teach([one | {"labels": "D01"} for one in reports(1)], [], tmp_path / "no")


def test_an_exam_alone_is_held_without_learning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind: list[int] = []
    monkeypatch.setattr(os, "nice", behind.append)
    judges.save(by_hand(), tmp_path / "one.npz")
    task = {"name": "merge", "files": {"in_use": str(tmp_path / "one.npz")}}
    (tmp_path / learning.TASK).write_text(json.dumps(task))
    lines = [json.dumps(one, ensure_ascii=False) for one in pairs(2, 20)]
    (tmp_path / learning.EXAM).write_text("\n".join(lines), "utf-8")
    assert learning.main([str(tmp_path)]) == 0
    reached = json.loads((tmp_path / learning.RESULT).read_text())
    assert reached["in_use"] == reached["rules"]
    assert not (tmp_path / learning.MODEL).exists()
    (tmp_path / learning.LESSONS).write_text("\n".join(lines), "utf-8")
    learning.main([str(tmp_path)])
    assert behind == [5, 19]
