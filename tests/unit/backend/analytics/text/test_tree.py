"""The city's tree is whole, and reports go where their words point."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from backend.analytics.text.tree import MATTERS_FILE, read_tree
from backend.analytics.text.understand import COUNTY
from backend.analytics.text.words import normal

FACTS = Path(__file__).parents[5] / "resources" / "facts"
TREE = read_tree()
TOLD = tomllib.loads(MATTERS_FILE.read_text(encoding="utf-8"))


def departments() -> set[str]:
    with (FACTS / "departments.csv").open(encoding="utf-8", newline="") as file:
        return {f"D{int(row['no']):02d}" for row in csv.DictReader(file)}


def guessed(text: str, title: str = "") -> list[str]:
    plain = normal(text)
    return [one.matter.code for one in TREE.guesses(normal(title) or plain[:40], plain)]


def test_every_code_is_unique_of_four_digits_and_of_a_group() -> None:
    lines = [line.split(" = ")[0] for line in MATTERS_FILE.read_text("utf-8").splitlines()]
    codes = [line for line in lines if len(line) == 4 and line.isdigit()]
    assert len(codes) == len(set(codes)) == len(TREE.matters)
    assert {code[:2] for code in codes} == set(TOLD["groups"])
    assert all(code.isdigit() and len(code) == 4 for code in TREE.matters)


def test_names_are_in_both_languages_and_each_stands_once() -> None:
    zh = [one.name.zh for one in TREE.matters.values()]
    en = [one.name.en for one in TREE.matters.values()]
    assert len(set(zh)) == len(zh)
    assert len(set(en)) == len(en)
    assert all(name and not name.isascii() for name in zh)
    assert all(name and name.isascii() for name in en)


def test_every_unit_exists_and_none_assists_itself() -> None:
    known = {*departments(), COUNTY}
    assert len(known) == 65
    for one in TREE.matters.values():
        assert {one.lead, *one.assist} <= known, one.code
        assert one.lead not in one.assist, one.code
        assert len(set(one.assist)) == len(one.assist), one.code


def test_every_class_is_found_by_its_own_name_or_cues() -> None:
    lost = [
        one.code
        for one in TREE.matters.values()
        if one.code not in guessed("，".join(one.cues[:6]))[:2]
    ]
    assert not lost


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("小区门口窨井盖没了，露个大洞", "0101"),
        ("路灯坏了半个月，晚上一片漆黑", "0102"),
        ("垃圾堆了三天没人收，臭死了", "1101"),
        ("工地半夜打桩，夜间施工吵得睡不着", "1301"),
        ("楼顶违章搭建阳光房", "1106"),
        ("公司拖欠农民工工资", "2204"),
        ("健身房跑路，会员卡退费没人管", "2205"),
        ("请问公积金贷款怎么提取", "2103"),
        ("家里停水两天了", "2301"),
        ("物业公司乱收物业费", "2201"),
        ("化工厂半夜偷排废水，气味刺鼻", "2210"),
        ("河道里全是水葫芦漂浮物", "1104"),
        ("老人走失，联系不上", "2306"),
    ],
)
def test_a_report_goes_to_the_class_its_words_speak_for(text: str, code: str) -> None:
    assert guessed(text)[0] == code


def test_the_title_weighs_more_than_the_text() -> None:
    assert guessed("停水停电停电", title="停水")[0] == "2301"
    assert guessed("停水停水停电", title="停电")[0] == "2302"


def test_one_everyday_word_is_no_certainty_and_two_classes_share_it() -> None:
    (first, *_) = TREE.guesses("", normal("有人在这里抽搐"))
    assert 0.4 < first.share < 0.9
    assert not TREE.guesses("", "你好")
    shares = [one.share for one in TREE.guesses("", normal("路灯和公厕都坏了"))]
    assert sum(shares) < 1
    assert shares[0] < 0.5
