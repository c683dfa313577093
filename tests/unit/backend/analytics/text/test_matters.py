"""Words of one matter are one; wishes, questions and complaints are told apart."""

from __future__ import annotations

import pytest

from backend.analytics.text.matters import denies, matters, wish


def test_like_words_are_one_matter() -> None:
    assert matters("工地半夜施工噪音大") & matters("彻夜打桩，吵得睡不着")
    assert not matters("路灯不亮") & matters("幼儿园何时招生")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("投诉夜间施工", "against"),
        ("建议增设路灯", "urge"),
        ("咨询落户政策", "ask"),
        ("人民路路灯", ""),
    ],
)
def test_tells_what_is_wanted(title: str, kind: str) -> None:
    assert wish(title) == kind


def test_hears_a_denial() -> None:
    assert denies("小区没有电梯")
    assert denies("路灯不亮")
    assert not denies("不但吵")
    assert not denies("电梯故障")
