"""A packed reading is small and compares as the reading did."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analytics.text.clues import row
from backend.analytics.text.reading import Wording, cut, weigh
from backend.analytics.text.shelf import pack, unpack
from tests.unit.backend.analytics.text.made_up import city, readings, report


def test_compares_as_before() -> None:
    every = list(readings(city(events=24)).values())
    for one, other in pairwise(every):
        packed = unpack(pack(one)), unpack(pack(other))
        assert row(*packed) == pytest.approx(row(one, other), abs=4e-3)
        assert packed[0].cut.marks() == one.cut.marks()


def test_packing_again_changes_nothing_more() -> None:
    one = unpack(pack(weigh(cut(city()[0]), Wording())))
    assert unpack(pack(one)) == one


def test_is_small() -> None:
    long = report("a", "望江路路灯不亮" * 3, "望江路东侧第十二盏路灯不亮，夜间行人通行困难。" * 12)
    packed = pack(weigh(cut(long), Wording()))
    assert len(packed) < 2_500


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_any_writing_can_be_packed(title: str, text: str, place: str) -> None:
    one = weigh(cut(report("a", title, text, place=place)), Wording())
    back = unpack(pack(one))
    assert back.cut.plain == one.cut.plain
    assert back.words.keys() == one.words.keys()
    assert back.things == pytest.approx(one.things, abs=2e-3)


@pytest.mark.parametrize("broken", [b"", b"[]", b"[0]", b"{}", b"[1,2,3]", b"\xff\x00"])
def test_what_is_no_packed_reading_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="read the report anew"):
        unpack(broken)
