"""Places are found by how they end; names written otherwise are still alike."""

from __future__ import annotations

import pytest

from backend.analytics.text.places import (
    Name,
    areas,
    likeness,
    named,
    names,
    numbers,
    sound,
    without_areas,
)
from backend.analytics.text.words import cutter, normal


def _names(text: str) -> list[str]:
    return [one.full for one in names(list(cutter().cut(without_areas(normal(text)), HMM=False)))]


def _name(core: str) -> Name:
    return named(core + "小区", core, "estate")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("崇川区人民中路的路灯不亮", "人民中路"),
        ("通州区金沙街道垃圾没有清运", "金沙街道"),
        ("A3区青石湾小区夜间施工", "青石湾"),
        ("请问第三幼儿园何时招生", "第三幼儿园"),
        ("投诉海门区东洲公园旁的搅拌站", "东洲公园"),
    ],
)
def test_finds_names_of_both_ways_of_writing(text: str, found: str) -> None:
    assert found in _names(text)


@pytest.mark.parametrize("text", ["我们小区停水", "这条路很烂", "社区不管", "学校补课", "人在家里"])
def test_takes_no_plain_word_for_a_name(text: str) -> None:
    assert not _names(text)


def test_finds_areas_but_no_estates() -> None:
    assert areas("a3区和崇川区") >= {"a3区"}
    assert areas("崇川区人民路") == {"崇川区"}
    assert areas("南通市崇川区人民路") == {"南通市", "崇川区"}
    assert not areas("我们小区和社区")


def test_numbers_tell_like_things_apart() -> None:
    found = numbers(normal("地铁三号线与207路公交，二期5栋，2019年"))
    assert found["line"] == {"3"}
    assert found["bus"] == {"207"}
    assert found["phase"] == {"2"}
    assert found["block"] == {"5"}
    assert found["year"] == {"2019"}


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("青石湾", "青石湾", 1.0, 1.0),
        ("能东华府", "东能华府", 0.95, 0.95),
        ("金科时代", "金科代时", 0.95, 0.95),
        ("锦绣", "锦秀", 0.95, 0.95),
        ("青石湾", "大青石湾", 0.9, 0.9),
        ("青石湾", "望江台", 0.0, 0.0),
        ("万科城", "万科湾", 0.0, 0.6),
    ],
)
def test_says_how_far_names_are_one(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(_name(one), _name(other)) <= most
    assert likeness(_name(one), _name(other)) == likeness(_name(other), _name(one))


def test_hears_names_in_any_order() -> None:
    assert sound("东能") == sound("能东")
