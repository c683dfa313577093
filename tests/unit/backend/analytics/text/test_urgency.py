"""Danger is heard; what is denied, past, over or only feared does not raise the alarm."""

from __future__ import annotations

import pytest

from backend.analytics.text.urgency import ORDINARY, Alarms
from backend.analytics.text.words import normal

ALARMS = Alarms()


def read(text: str, year: int | None = 2026) -> tuple[int, list[tuple[str, str]]]:
    found = ALARMS.read(normal(text), year)
    return found.level, [(one.words, one.standing) for one in found.signs]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("老人倒地不省人事", 1),
        ("厨房起火了", 1),
        ("有人触电", 1),
        ("楼道里燃气泄漏", 1),
        ("电梯里有人被困", 1),
        ("孩子溺水了", 1),
        ("他没有呼吸了", 1),
        ("不是没有起火", 1),
        ("没有灭火器，起火了", 1),
        ("去年起火，今天又起火了", 1),
        ("没有人受伤，但是还在着火", 1),
        ("疑似燃气泄漏", 1),
        ("燃气泄漏怎么办", 1),
        ("老人溺水还没有被救，没获救", 1),
        ("电线掉下来了冒火花", 2),
        ("井盖不见了", 2),
        ("整栋楼停电", 3),
        ("路灯不亮", 4),
        ("", 4),
    ],
)
def test_the_gravest_sign_that_is_so_gives_the_level(text: str, level: int) -> None:
    assert read(text)[0] == level


@pytest.mark.parametrize(
    "text",
    [
        "没有起火", "并没有发生火灾", "未造成人员受伤", "没有人员被困", "不是着火", "没有再次起火",
        "没看到明火", "没有闻到煤气味", "尚未发生爆炸",
    ],
)  # fmt: skip
def test_what_is_denied_is_told_and_does_not_count(text: str) -> None:
    level, signs = read(text)
    assert level == ORDINARY
    assert signs
    assert {standing for _, standing in signs} == {"denied"}


@pytest.mark.parametrize(
    "text",
    [
        "去年起火后一直没修",
        "上个月这里有人溺水",
        "曾经发生火灾",
        "2019年起火烧毁的房子",
        "三年前触电的事",
    ],
)
def test_what_is_past_does_not_count(text: str) -> None:
    level, signs = read(text)
    assert level == ORDINARY
    assert [standing for _, standing in signs] == ["past"]


def test_a_year_is_past_only_before_that_of_the_report() -> None:
    assert read("2026年起火", 2026)[0] == 1
    assert read("2026年起火", 2027)[0] == ORDINARY
    assert read("2019年起火", None)[0] == 1


@pytest.mark.parametrize("text", ["起火了，已扑灭", "有人被困，已救出", "孩子走失，已找到"])
def test_what_is_over_does_not_count(text: str) -> None:
    level, signs = read(text)
    assert level == ORDINARY
    assert signs[0][1] == "over"


@pytest.mark.parametrize("text", ["担心起火", "容易触电", "火灾隐患很大", "万一爆炸谁负责"])
def test_what_is_feared_should_be_seen_but_is_no_emergency(text: str) -> None:
    level, signs = read(text)
    assert level == 3
    assert signs[0][1] == "feared"


def test_a_sign_says_its_words_in_both_languages() -> None:
    (sign,) = ALARMS.read("厨房起火").signs
    assert sign.words == "起火"
    assert sign.why().zh == "起火（“起火”，正在发生）"
    assert sign.why().en == "fire (“起火”, happening)"


def test_a_word_said_a_thousand_times_hides_no_other() -> None:
    level, signs = read("停电" * 1000 + "，有人触电")
    assert level == 1
    assert ("触电", "now") in signs
