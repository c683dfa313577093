"""Clues do not depend on the order of two reports, and their reasons are words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analytics.text.clues import CLUES, ORDER, metres, row, rows
from backend.analytics.text.evidence import reasons
from backend.analytics.text.reading import Wording, cut, weigh
from tests.unit.backend.analytics.text.made_up import reading, report

GLASS = reading("人民路有玻璃碴", "人民路公交站旁满地玻璃碴，扎破轮胎", 0)
AGAIN = reading("玻璃碴扎破轮胎，人民路没人扫", "在人民路骑车被玻璃碴扎了", 6)
LAMP = reading("人民路路灯不亮", "人民路晚上漆黑，路灯坏了", 6)
ELSEWHERE = reading("望江大道有玻璃碴", "望江大道满地玻璃碴", 6)


def _zh(one: object, other: object) -> str:
    return "；".join(said.said.zh for said in reasons(one, other))  # type: ignore[arg-type]  # readings


def test_says_why_two_reports_are_one_event() -> None:
    said = [one.said for one in reasons(GLASS, AGAIN)]
    assert "同一地点 人民路" in [one.zh for one in said]
    assert any(one.zh.startswith("同一事物") and "玻璃碴" in one.zh for one in said)
    assert said[-1].zh == "相隔 6 分钟"
    assert said[-1].en == "6 minutes apart"
    assert any(one.en == "same place 人民路" for one in said)


def test_says_what_speaks_against_it() -> None:
    assert "事情不同" in _zh(GLASS, LAMP)
    assert "地点不同 人民路、望江大道" in _zh(GLASS, ELSEWHERE)
    three, five = reading("地铁三号线何时通车"), reading("地铁5号线何时通车")
    assert "线路不同 3、5" in _zh(three, five)


def test_names_written_otherwise_are_called_alike() -> None:
    said = _zh(reading("东能华府不交房"), reading("能东华府开发商逾期交房"))
    assert "地名相近 东能华府 / " in said


def test_tells_distance_where_both_have_a_place() -> None:
    one = reading("路灯不亮", lon=120.86, lat=31.98)
    other = reading("路灯坏了", lon=120.87, lat=31.98)
    apart = metres(one, other)
    assert apart == pytest.approx(943, abs=2)
    assert "相距 943 米" in _zh(one, other)
    assert row(one, other)[ORDER["far"]] > 0
    assert metres(one, reading("路灯坏了")) is None
    assert row(one, reading("路灯坏了"))[ORDER["near"]] == row(GLASS, LAMP)[ORDER["far"]] == 0


@pytest.mark.parametrize(
    ("minute", "said"), [(0, "0 分钟"), (119, "119 分钟"), (180, "3 小时"), (4320, "3 天")]
)
def test_says_the_time_between_as_people_do(minute: int, said: str) -> None:
    assert _zh(GLASS, reading("x", minute=minute)).endswith(f"相隔 {said}")


def test_place_and_thing_are_clues_of_their_own() -> None:
    same, lamp, away = (row(GLASS, other) for other in (AGAIN, LAMP, ELSEWHERE))
    assert same[ORDER["name_best_least"]] == lamp[ORDER["name_best_least"]] == 1
    assert away[ORDER["name_best_least"]] < 0.6
    assert same[ORDER["title_things"]] > lamp[ORDER["title_things"]]


def test_every_row_has_every_clue() -> None:
    assert rows([(GLASS, AGAIN), (GLASS, LAMP)]).shape == (2, len(CLUES))
    assert rows([]).shape == (0, len(CLUES))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_writings_compare_the_same_both_ways(one: str, other: str) -> None:
    wording = Wording()
    a, b = (weigh(cut(report("x", text, text)), wording) for text in (one, other))
    assert row(a, b) == pytest.approx(row(b, a))


def test_rare_words_tell_more_and_new_ones_most() -> None:
    wording = Wording()
    empty = wording.rarity("玻璃碴"), wording.rarity("问题")
    assert empty[0] > empty[1]
    for _ in range(50):
        wording.see(["玻璃碴"])
    assert wording.rarity("玻璃碴") < empty[0]
    assert wording.rarity_of_sign("@望江") > wording.rarity_of_sign("玻璃碴")


def test_weighs_the_classes_of_the_citys_tree() -> None:
    def subjects(one: str, other: str) -> tuple[float, float]:
        clues = row(reading(one), reading(other))
        return clues[ORDER["subjects_same"]], clues[ORDER["subjects_apart"]]

    same, apart = subjects("漆黑一片没有灯", "路灯不亮")  # other words, one class
    assert same > 0.5 > apart
    same, apart = subjects("路灯不亮", "路面积水倒灌")
    assert apart > 0.5 > same
    assert subjects("甲乙丙丁", "路灯不亮") == (0.0, 0.0)  # unknown speaks neither way
