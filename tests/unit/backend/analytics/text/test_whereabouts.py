"""Known places are found however they are written; where two may be meant none is chosen."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analytics.text import places
from backend.analytics.text.gazetteer import LonLat, Spot, read_gazetteer, spell
from backend.analytics.text.whereabouts import APART, CHOSEN, Mention, find
from backend.analytics.text.words import cutter, normal

FACTS = Path(__file__).parents[5] / "resources" / "facts"
KNOWN = read_gazetteer()


def found(text: str, near: LonLat | None = None) -> list[Mention]:
    plain = normal(text)
    names = places.names(list(cutter().cut(places.without_areas(plain), HMM=False)))
    return list(find(plain, KNOWN, names, near))


def chosen(text: str, near: LonLat | None = None) -> list[str]:
    return [one.chosen.name for one in found(text, near) if one.chosen]


def table(name: str) -> list[dict[str, str]]:
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["townships.csv", "county_units.csv", "sluices.csv"])
def test_every_place_of_the_facts_is_found_by_its_full_name(name: str) -> None:
    lost = [
        row["name"]
        for row in table(name)
        if row["name"] not in chosen(f"反映{row['name']}有问题")
        and row["name"] not in chosen(f"反映{row.get('county', '')}{row['name']}有问题")
    ]
    assert not lost


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4号港闸漏水", "四号港闸"),
        ("四号港闸漏水", "四号港闸"),
        ("3余镇停电", "三余镇"),
        ("16总西闸", "十六总西闸"),
        ("白浦镇没人管", "白蒲镇"),
        ("沙金街道", "金沙街道"),
        ("天升港镇街道", "天生港镇街道"),
        ("九围港闸", "九圩港闸"),
        ("通吕运和边上", "通吕运河"),
        ("和平街道噪音", "和平桥街道"),
        ("如东拼茶镇", "栟茶镇"),
        ("海门市", "海门区"),
        ("港闸区", "崇川区"),
        ("G15高速堵车", "G15沈海高速"),
        ("204国道", "G204国道"),
        ("吕四的渔船", "吕四港镇"),
        ("苏通大橋", "苏通大桥"),
    ],
)
def test_other_writings_are_found(text: str, name: str) -> None:
    assert name in chosen(text)


@pytest.mark.parametrize(
    "text",
    [
        "小区停水", "合作社分红", "三星手机坏了", "长沙市", "狼山路路灯", "南阳市", "幸福感",
        "希望新开一条线", "永兴公寓东区", "上下左右", "人行通道被占", "205国道", "5号港闸",
        "十五总西闸", "沪昆高速", "楚江新区", "电话13812345678",
    ],
)  # fmt: skip
def test_no_place_is_chosen_for_everyday_words(text: str) -> None:
    assert not chosen(text)


def test_where_two_may_be_meant_both_are_given_and_none_is_chosen() -> None:
    (one,) = found("城东的路坏了")
    assert {each.spot.name for each in one.candidates} == {"城东街道", "城东镇"}
    assert one.chosen is None


def test_two_that_are_nearly_as_likely_are_both_given_however_sure() -> None:
    (one,) = found("经济开发区停电")
    assert one.chosen is None
    assert one.candidates[0].share > CHOSEN
    assert one.candidates[0].share - one.candidates[1].share < APART


def test_another_numeral_is_no_slip_and_an_exact_name_is_no_part_of_one() -> None:
    (one,) = found("3余镇停电")
    assert [each.spot.name for each in one.candidates] == ["三余镇"]
    (one,) = found("那里的区通吕运河发黑")
    assert one.words == "通吕运河"


def test_a_name_does_not_speak_for_itself() -> None:
    (one,) = found("海安那边")
    assert {each.spot.name: "县区" in each.why.zh for each in one.candidates}["海安镇"] is False


def test_the_county_named_decides_and_says_so() -> None:
    here = {one.words: one for one in found("海安市城东镇积水")}
    assert here["城东镇"].chosen is not None
    assert here["城东镇"].chosen.region == "320685"
    first, second = here["城东镇"].candidates
    assert "与所说县区一致" in first.why.zh
    assert "in the county named" in first.why.en
    assert "不在所说县区" in second.why.zh
    assert chosen("海安镇") == ["海安镇"]
    assert chosen("海安那边") == ["海安市"]


def test_a_town_of_another_county_than_the_one_named_is_not_chosen() -> None:
    assert chosen("白蒲镇停水") == ["白蒲镇"]
    assert chosen("通州区白蒲镇停水") == ["通州区"]


def test_coordinates_speak_for_what_is_near_and_say_so() -> None:
    (one,) = found("城东的路坏了", near=(120.52, 32.56))
    assert one.chosen is not None
    assert one.chosen.region == "320685"
    assert "坐标在附近" in one.candidates[0].why.zh


def test_a_name_nearly_right_is_offered_with_its_reason() -> None:
    (one,) = found("平湖镇")
    assert one.chosen is None
    assert one.candidates[0].spot.name == "平潮镇"
    assert one.candidates[0].why.zh == "与“平潮镇”一字之差"


def test_a_known_name_inside_a_longer_one_is_a_hint_only() -> None:
    (one,) = found("金沙中学补课")
    assert one.chosen is None
    assert "金沙中学" in one.candidates[0].why.zh


def test_a_city_adds_places_of_its_own() -> None:
    own = Spot("R1", "road", "濠北路", "320613", ((120.86, 32.02), (120.88, 32.02)), 20, 50)
    more = KNOWN.with_spots([own])
    (one,) = find("濠北路积水", more)
    assert one.chosen == own
    assert find("白蒲镇", more)[0].chosen == find("白蒲镇", KNOWN)[0].chosen
    (misheard,) = find("豪北路积水", more)
    assert misheard.chosen == own


@given(st.text("海安城东镇通州区白蒲如皋市闸港4四，x", max_size=30))
@settings(deadline=None)
def test_a_choice_is_always_sure_and_alone(text: str) -> None:
    for one in found(text):
        shares = [each.share for each in one.candidates]
        assert shares == sorted(shares, reverse=True)
        assert all(0 < share <= 1 for share in shares)
        alone = len(shares) == 1 or shares[0] - shares[1] >= APART
        assert (one.chosen is not None) == (shares[0] >= CHOSEN and alone)


def test_distance_is_to_the_nearest_piece_of_a_line() -> None:
    line = Spot("L", "road", "线", "", ((120.0, 32.0), (121.0, 32.0)))
    assert line.away_m(120.5, 32.01) == pytest.approx(1112, rel=0.01)
    assert line.away_m(121.01, 32.0) == pytest.approx(943, rel=0.01)
    assert Spot("P", "town", "点", "").away_m(120, 32) is None


def test_sounds_are_loose_and_keep_their_places() -> None:
    assert spell("白浦镇") == spell("白蒲镇")
    assert spell("16总") == spell("十六总")
    assert spell("申村") == spell("深村") == spell("森村")
    assert len(spell("a1停水")) == 4
