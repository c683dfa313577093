"""Rules judge where nothing is decided; lessons change the judge, plain arrays keep it."""

from __future__ import annotations

import numpy as np
import pytest

from backend.analytics.text.clues import CLUES, rows
from backend.analytics.text.judge import bounds, by_hand, evenly, ground, learned, of_parts
from backend.analytics.text.merging import train
from tests.unit.backend.analytics.text.made_up import city, decisions, reading, readings

HERE = reading("人民路有玻璃碴", "人民路满地玻璃碴，扎破轮胎")
SAME = reading("玻璃碴扎破轮胎，人民路没人扫", "人民路满地玻璃碴", 6)
OTHER = reading("幼儿园何时招生", "青石小区的幼儿园何时招生", 6)


def test_rules_alone_tell_plain_cases() -> None:
    likely = by_hand().scores(rows([(HERE, SAME), (HERE, OTHER)]))
    assert likely[0] > 0.6 > 0.2 > likely[1]
    assert by_hand().scores(rows([])).shape == (0,)


def test_distance_speaks_for_and_against_where_nothing_was_learned() -> None:
    near = reading("人民路有玻璃碴", lon=120.86, lat=31.98)
    beside = reading("人民路玻璃碴", lon=120.8605, lat=31.98)
    away = reading("人民路玻璃碴", lon=121.2, lat=31.98)
    clues = rows([(near, beside), (near, away), (HERE, SAME)])
    worth = ground(clues)
    assert worth[0] > 0 > worth[1] == -3.5
    assert worth[2] == 0
    likely = by_hand().scores(clues[:2])
    assert likely[0] > likely[1]


def test_few_lessons_leave_the_rules() -> None:
    few = learned(np.ones((10, len(CLUES))), np.ones(10, dtype=np.bool_))
    assert few.forest is None
    one_kind = learned(np.ones((80, len(CLUES))), np.ones(80, dtype=np.bool_))
    assert one_kind.forest is None


def test_learns_and_comes_back_from_plain_arrays_the_same() -> None:
    reports = city()
    every = readings(reports)
    decided = decisions(reports)
    judge = train(every, decided)
    clues = rows([(every[one.one], every[one.other]) for one in decided])
    same = np.array([one.is_same for one in decided])
    likely = judge.scores(clues)
    assert np.mean((likely >= 0.5) == same) > 0.95
    again = of_parts(judge.parts())
    assert np.array_equal(again.scores(clues), likely)
    assert all(part.dtype.kind in "fib" for part in judge.parts().values())
    assert np.array_equal(train(every, decided).scores(clues), likely)


def test_refuses_a_model_of_other_clues() -> None:
    parts = by_hand().parts()
    parts["weights"] = parts["weights"][:-1]
    with pytest.raises(ValueError, match="重新训练"):
        of_parts(parts)


def test_the_band_moves_with_the_threshold() -> None:
    judge = by_hand().at(0.8)
    assert judge.band == pytest.approx((0.65, 0.95))
    assert judge.asks(0.7)
    assert not judge.asks(0.96)
    assert by_hand().at(0.95).band[1] == 1


def test_joins_likelihoods_by_weight() -> None:
    assert evenly([(0.9, 1.0)]) == pytest.approx(0.9, abs=0.01)
    assert evenly([(0.9, 1.0), (0.1, 1.0)]) == pytest.approx(0.5)
    assert evenly([(0.9, 3.0), (0.1, 1.0)]) > 0.5


def test_bounds_are_chosen_for_how_often_they_are_right() -> None:
    scores = np.array([0.95, 0.9, 0.9, 0.8, 0.7, 0.6, 0.4, 0.2])
    same = np.array([True, True, True, False, True, False, False, False])
    assert bounds(scores, same, 1.0, 0.5) == (0.9, 0.7)
    assert bounds(scores, same, 0.8, 0.5) == (0.7, 0.7)
    assert bounds(scores[::-1], same[::-1], 1.0, 0.5) == (0.9, 0.7)
    assert bounds(scores, np.zeros(8, dtype=bool)) == (1.0, 1.0)
    assert bounds(scores[:0], same[:0]) == (1.0, 1.0)
