"""Lessons are kept only if unseen events gain; questions are of both kinds, the unsure first."""

from __future__ import annotations

import numpy as np

from backend.analytics.text.clues import CLUES, rows
from backend.analytics.text.feedback import Lessons, curve, questions, taught
from backend.analytics.text.judge import by_hand
from tests.unit.backend.analytics.text.made_up import city, decisions, readings

NONE = Lessons(np.zeros((0, len(CLUES))), np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int64))


def _lessons(seed: int) -> Lessons:
    reports = city(seed)
    every = readings(reports)
    decided = decisions(reports, seed, 300)
    return Lessons(
        rows([(every[one.one], every[one.other]) for one in decided]),
        np.array([one.is_same for one in decided]),
        np.array([int(one.one.split("-")[0]) for one in decided]),
    )


def test_a_new_citys_judge_gains_by_what_is_decided() -> None:
    pool, exam = _lessons(1), _lessons(2)
    right = curve(by_hand(), NONE, pool, exam, (100, 100), 1)
    assert right[-1] > right[0]
    assert right == curve(by_hand(), NONE, pool, exam, (100, 100), 1)


def test_wrong_decisions_do_not_pass_the_gate() -> None:
    pool = _lessons(1)
    lies = Lessons(pool.clues, ~pool.same, pool.groups)
    start = taught(by_hand(), NONE, pool)
    assert start is not by_hand()
    assert taught(start, pool, lies) is start


def test_nothing_decided_changes_nothing() -> None:
    start = by_hand()
    assert taught(start, NONE, NONE) is start


def test_asks_the_least_sure_of_both_kinds() -> None:
    pool = _lessons(1)
    judge = by_hand()
    asked = questions(judge, pool.clues, 20)
    likely = judge.scores(pool.clues)
    assert len(set(asked.tolist())) == 20
    assert abs(int((likely[asked] >= judge.threshold).sum()) - 10) <= 1
    assert len(questions(judge, pool.clues[:3], 20)) == 3
