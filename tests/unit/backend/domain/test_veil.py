"""Who reported is hidden in a refused body, however it is written; the rest stays as it came."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.veil import veil

NAME, PHONE = "王小明", "13812345678"


@pytest.mark.parametrize(
    "raw",
    [
        '{"reporter": {"name": "王小明", "contact": "13812345678"}, "title": "积水"}',
        '{"reporter": {"name": "王小明", "contact": 13812345678}, "title": "积水"}',
        '{"reporter": ["王小明", "13812345678"], "title": "积水"}',
        '{"reporter": "王小明 13812345678", "title": "积水"}',
        '{"reporter": "王小明13812345678", "title": "积水"}',
        '{"rep\\u006frter": {"n\\u0061me": "王小明", "tel": "138\\u00312345678"}, "title": "积水"}',
        '{"reporter": {"name": "\\u738b\\u5c0f\\u660e", "o": "13812345678"}, "title": "积水"}',
        '{"title": "积水", "电话": "13812345678", "姓名": "王小明"}',
        '{"title": "积水", "reporter": {"name": "王小明", "contact": "13812345678',
        '{"title": "积水", "reporter": {"contact": "13812345678", "name": "王小明',
        '{"title": "积水", reporter: 13812345678}',
        'name,积水,"13812345678"',
    ],
)
def test_neither_name_nor_number_is_left(raw: str) -> None:
    hidden = veil(raw)
    assert NAME not in hidden
    assert PHONE not in hidden
    assert "\\u738b\\u5c0f\\u660e" not in hidden
    assert "积水" in hidden
    assert veil(hidden) == hidden, "what is hidden stays so"


def test_what_is_nobodys_stays_word_for_word() -> None:
    raw = '{"title":  "积水", "text": "打 13800001111 没人接", "lon": 120.86,\n "reporter": null}'
    assert veil(raw) == raw


def test_enough_is_left_to_tell_one_from_another() -> None:
    told = json.loads(veil(json.dumps({"reporter": {"name": NAME, "contact": PHONE}})))
    assert told["reporter"] == {"name": "王**", "contact": "13*******78"}


@pytest.mark.parametrize("depth", [100, 300, 480, 700, 5_000])
def test_a_body_nested_deeply_is_veiled_all_the_same(depth: int) -> None:
    raw = f'{{"电话": "{PHONE}", "a": {"[" * depth}"{PHONE}"{"]" * depth}}}'
    assert raw.count(PHONE) - veil(raw).count(PHONE) >= 1


@pytest.mark.timeout(10)
@pytest.mark.parametrize("raw", ['{"reporter": [' + '"\\' * 32_000, '[{"tel": ' + '"\\' * 32_000])
def test_a_broken_body_takes_no_longer_than_a_whole_one(raw: str) -> None:
    assert len(veil(raw)) <= len(raw)


@given(st.text(max_size=200))
def test_any_text_is_taken(raw: str) -> None:
    assert veil(veil(raw)) == veil(raw)


@given(st.text("0123456789", min_size=7, max_size=20))
def test_no_number_of_a_reporter_is_kept(number: str) -> None:
    assert number not in veil(json.dumps({"reporter": {"contact": number}}))
