"""The city's file of what is one event: read as it stands, and faults named in both languages."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from backend.analytics.text.policy import BadPolicyError, Policy, load_policy


def _file(folder: Path, said: str) -> Path:
    path = folder / "merging.toml"
    path.write_text(said, encoding="utf-8")
    return path


def test_the_file_that_comes_with_it_is_sound() -> None:
    policy = load_policy()
    assert 0 < policy.ask < policy.auto < 1
    assert policy.days_apart < math.inf
    assert policy.metres_apart < math.inf


def test_what_is_left_out_is_as_usual(tmp_path: Path) -> None:
    assert load_policy(_file(tmp_path, "")) == Policy()
    assert load_policy(_file(tmp_path, "auto = 1\nnew_after_closing = false")) == Policy(
        auto=1.0, new_after_closing=False
    )


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ("auto = 1.2", "auto = 1.2 应为 0 至 1 的数", "must be a number from 0 to 1"),
        ('ask = "high"', "ask = 'high' 应为", "must be a number"),
        ("auto = true", "auto = True 应为", "must be a number"),
        ("days_apart = 0", "days_apart = 0 应为", "must be a number"),
        ("metres_apart = nan", "metres_apart = nan 应为", "must be a number"),
        ("auto = 0.4\nask = 0.6", "不应大于", "ask must not be above auto"),
        ("new_after_closing = 1", "应为 true 或 false", "must be true or false"),
        ("days = 3", "不认识 days", "days is not known, write one of days_apart"),
        ("auto = ", "无法读取", "cannot be read"),
    ],
)
def test_a_fault_is_named_in_both_languages(tmp_path: Path, said: str, zh: str, en: str) -> None:
    with pytest.raises(BadPolicyError) as refused:
        load_policy(_file(tmp_path, said))
    assert str(refused.value).startswith("merging.toml")
    assert zh in str(refused.value)
    assert en in str(refused.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadPolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.toml")
