"""Evidence says its kind and what to mark, and what is to be marked is found in the text."""

from __future__ import annotations

from backend.analytics.text.evidence import reasons, spans
from tests.unit.backend.analytics.text.made_up import reading


def test_kinds_and_what_to_mark() -> None:
    one = reading("人民路积水", "人民路12号积水严重，车辆熄火", lon=120.86, lat=31.98)
    other = reading("人民路积水没过脚踝", "人民路12号积水严重", 6, lon=120.861, lat=31.98)
    said = {each.kind: each for each in reasons(one, other)}
    assert said.keys() == {"place", "thing", "time", "distance", "class", "wording"}
    assert said["distance"].said.zh == "相距 94 米"
    assert said["class"].said.en == "same matter flooding"
    for each in said.values():
        assert all(run in one.cut.plain and run in other.cut.plain for run in each.shared)
    assert "人民路12号积水严重" in said["wording"].shared[0]


def test_what_speaks_against_comes_last() -> None:
    one = reading("人民路积水", lon=120.86, lat=31.98)
    other = reading("望江路路灯不亮", lon=120.87, lat=31.98)
    kinds = [each.kind for each in reasons(one, other)]
    assert kinds == [*sorted(kinds, key=lambda kind: kind == "against")]
    assert kinds.count("against") == 3


def test_finds_what_to_mark_in_the_text_as_it_came() -> None:
    assert spans("人民路有玻璃碴，人民路", ["人民路"]) == ((0, 3), (8, 11))
    assert spans("地铁三号线停运", ["3号线"]) == ((2, 5),)
    assert spans("ＡＢＣ大厦漏水", ["abc大厦"]) == ((0, 5),)
    assert spans("路灯不亮", ["井盖", ""]) == ()
