"""One writing for all writings of the same words; what is left says where or what."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.analytics.text.words import cutter, learn, normal, number, telling, words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("地铁三号线", "地铁3号线"),
        ("地铁３号线", "地铁3号线"),
        ("二十一栋", "21栋"),
        ("十六期", "16期"),
        ("一百零二号", "102号"),
        ("云開壹品", "云开一品"),
        ("&lt;b&gt;停电&nbsp;了", "停电了"),
        ("<p>道路 积水</p>", "道路积水"),
        ("ＡＢＣ　大厦", "abc大厦"),
        ("五一路", "五一路"),
    ],
)
def test_gives_one_writing(written: str, read: str) -> None:
    assert normal(written) == read


@pytest.mark.parametrize(("written", "read"), [("二零七", "207"), ("十", "10"), ("九十", "90")])
def test_reads_numerals(written: str, read: str) -> None:
    assert number(written) == read


def test_normal_writing_stays_as_it_is() -> None:
    once = normal("崇川區人民中路１２號（三單元）的路燈壞了！")
    assert normal(once) == once


def test_cuts_words_and_leaves_out_what_says_nothing() -> None:
    cut = words(normal("请问人民路的路灯为什么不亮？"))
    assert "？" not in cut
    assert "路灯" in telling(cut)
    assert not {"请问", "的", "为什么"} & set(telling(cut)) - {"请问"}


def test_learns_a_citys_own_words(tmp_path: Path) -> None:
    own = tmp_path / "words.txt"
    own.write_text("# 本市地名\n濠南别业旧址\n", encoding="utf-8")
    before = list(cutter().cut("濠南别业旧址", HMM=False))
    assert learn(own) == 1
    assert before != ["濠南别业旧址"] == list(cutter().cut("濠南别业旧址", HMM=False))
    cutter().del_word("濠南别业旧址")
