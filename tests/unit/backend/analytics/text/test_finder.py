"""Many words are found at once, the longest where several begin, none inside a longer one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.analytics.text.finder import Finder

WORDS = ("停水", "停水通知", "水管", "管爆裂", "通知")


def test_the_longest_word_is_found_and_what_lies_inside_it_is_not() -> None:
    found = [(one.at, one.word) for one in Finder(WORDS).find("停水通知：水管爆裂停水")]
    assert found == [(0, "停水通知"), (5, "水管"), (6, "管爆裂"), (9, "停水")]


def test_a_single_character_is_no_word() -> None:
    with pytest.raises(ValueError, match="太短"):
        Finder(["水"])


@given(st.text("停水通知管爆裂x", max_size=40))
def test_every_hit_stands_where_it_says_and_no_word_is_missed(text: str) -> None:
    hits = list(Finder(WORDS).find(text))
    assert all(text[one.at : one.end] == one.word for one in hits)
    covered = {at for one in hits for at in range(one.at, one.end)}
    for word in WORDS:
        for one in re.finditer(f"(?={word})", text):
            assert set(range(one.start(), one.start() + len(word))) <= covered
