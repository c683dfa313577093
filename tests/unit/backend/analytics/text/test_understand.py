"""One report is understood whole, by rules alone or with what was learned, whatever comes in."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analytics.text.message import Message
from backend.analytics.text.sample import sample
from backend.analytics.text.sorter import Sorter, learn
from backend.analytics.text.understand import READ, Understood, read_known, understand
from backend.analytics.text.urgency import ORDINARY
from tests.unit.backend.analytics.text.made_up import report

KNOWN = read_known()
FIRE = "海安市城东镇12栋厨房起火，有人被困，电话13812345678"


def read(
    text: str, title: str = "", lon: float | None = None, lat: float | None = None
) -> Understood:
    return understand(report("x", title, text, lon=lon, lat=lat), KNOWN)


def taught(pairs: dict[str, str]) -> Sorter:
    rows = [
        {"id": f"{label}{at}", "title": "", "text": f"{text}，第{at}次", "label": label}
        for label, text in pairs.items()
        for at in range(12)
    ]
    return learn([sample(row, "label") for row in rows], duties=0.0)


def test_everything_is_said_of_one_report() -> None:
    seen = read(FIRE, lon=120.521, lat=32.561)
    assert seen.classes[0].code == "1501"
    assert "起火" in seen.classes[0].why.zh
    assert "起火" in seen.classes[0].why.en
    assert [one.chosen.name for one in seen.places if one.chosen] == ["海安市", "城东镇"]
    assert seen.urgency.level == 1
    assert (seen.units[0].unit, seen.units[0].role) == ("D54", "lead")
    assert "主办“火灾火情”" in seen.units[0].why.zh
    assert ("mobile", "138******78") in {(one.kind, one.words) for one in seen.entities}
    assert ("block", "12") in {(one.kind, one.words) for one in seen.entities}
    assert not seen.remarks


def test_the_county_of_the_place_leads_what_is_the_countys() -> None:
    text = "白蒲镇人行道地砖破损，坑洼不平"
    said = read(text)
    assert (said.units[0].unit, said.units[0].role) == ("320682", "lead")
    assert "白蒲镇" in said.units[0].why.zh
    by_place = read(text.replace("白蒲镇", ""), lon=120.7612, lat=32.2487)
    assert by_place.units[0].unit == "320682"
    assert "按坐标" in by_place.units[0].why.zh
    nowhere = read(text.replace("白蒲镇", ""))
    assert "nowhere" in [one.kind for one in nowhere.remarks]
    assert not [one for one in nowhere.units if one.role == "lead"]


def test_words_and_coordinates_that_disagree_are_flagged_and_none_is_changed() -> None:
    given = report("x", "", "如皋市白蒲镇停水", lon=121.6601, lat=31.8102)
    seen = understand(given, KNOWN)
    assert {one.kind for one in seen.remarks} == {"far"}
    assert (given.lon, given.lat) == (121.6601, 31.8102)
    assert [one.chosen.name for one in seen.places if one.chosen] == ["如皋市", "白蒲镇"]


def test_a_year_gone_is_told_by_the_reports_own_time() -> None:
    assert read("2026年这里起火").urgency.level == ORDINARY
    assert read("2027年这里起火").urgency.level == 1
    assert understand(replace(report("x", "", "起火"), time=1e30), KNOWN).urgency.level == 1


def test_what_was_learned_is_blended_in_and_says_so() -> None:
    text = "这里有一个大蓝盒子嗡嗡响"
    assert not read(text).classes
    sorter = taught({"0104": "大蓝盒子嗡嗡响", "2301": "龙头里出不来水"})
    seen = understand(report("x", "", text), replace(KNOWN, sorter=sorter))
    assert seen.classes[0].code == "0104"
    assert "以往相似诉求" in seen.classes[0].why.zh
    assert seen.units[0].unit == "D62"


def test_a_router_may_name_units_by_id_or_name_and_others_are_left_out() -> None:
    text = "这里有一个大蓝盒子嗡嗡响"
    router = taught({"供电公司": "大蓝盒子嗡嗡响", "D24": "龙头里出不来水", "某某局": "天上有云"})
    seen = understand(report("x", "", text), replace(KNOWN, router=router))
    assert seen.units[0].unit == "D62"
    assert "以往相似诉求" in seen.units[0].why.zh
    assert {one.unit for one in seen.units} <= {"D62", "D24"}


def test_one_unit_leads_and_shares_fall() -> None:
    seen = read("夜间施工打桩，渣土车带泥上路，扬尘很大，通州区金沙街道")
    roles = [one.role for one in seen.units]
    assert roles.count("lead") == 1
    assert roles[0] == "lead"
    shares = [one.share for one in seen.units[1:]]
    assert shares == sorted(shares, reverse=True)
    assert len({one.unit for one in seen.units}) == len(seen.units)


@pytest.mark.parametrize(
    "text",
    [
        " ", "。", "😀😀🔥", "\u200b\ufeff", "<b></b>", "a", "?????",
        "' OR 1=1; DROP TABLE events; --", "<script>alert(1)</script>", "\x00\x01", "\ud83d",
    ],
)  # fmt: skip
def test_what_says_nothing_is_understood_as_nothing(text: str) -> None:
    seen = read(text, title=text)
    assert not seen.classes
    assert not seen.places
    assert not seen.units
    assert seen.urgency.level == ORDINARY


def test_words_are_read_out_of_mark_up() -> None:
    assert read("<p>小区<b>停水</b>了</p>").classes[0].code == "2301"
    assert read("&lt;p&gt;厨房起火").urgency.level == 1


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
def test_a_text_in_another_encoding_is_said_to_be_garbled(encoding: str) -> None:
    broken = "小区停水两天没有人管，请尽快处理".encode(encoding).decode("latin-1")
    assert "garbled" in [one.kind for one in read(broken).remarks]
    lost = "小区停水两天没有人管".encode("gb18030").decode("utf-8", "surrogateescape")
    assert "garbled" in [one.kind for one in read(lost).remarks]
    assert "garbled" not in [one.kind for one in read("小区停水café").remarks]


@pytest.mark.parametrize(
    "piece", ["起火", "狼山镇", "镇", "<", "1", "三十", "没有", "a ", "😀", "&lt;", "138", "两"]
)
def test_a_megabyte_takes_bounded_time_and_says_it_was_cut(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    read("热身")
    began = time.process_time()
    seen = read(text, title=text)
    assert time.process_time() - began < 0.25
    assert "cut" in [one.kind for one in seen.remarks]


def test_danger_late_in_a_long_letter_is_heard() -> None:
    assert read("我想反映一件事情" * 800 + "，有人溺水").urgency.level == 1
    assert READ > 6400


@given(st.text(max_size=60), st.text(max_size=30), st.none() | st.floats(), st.none() | st.floats())
@settings(deadline=None, max_examples=60)
def test_whatever_comes_in_is_read(
    text: str, title: str, lon: float | None, lat: float | None
) -> None:
    seen = understand(Message("x", 1.8e9, title, text, lon=lon, lat=lat), KNOWN)
    assert 1 <= seen.urgency.level <= 4
    assert all(0 < one.share <= 1 for one in seen.classes)
    assert seen == understand(Message("x", 1.8e9, title, text, lon=lon, lat=lat), KNOWN)
