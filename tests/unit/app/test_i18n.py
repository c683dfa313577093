"""Numbers, ages, dates and spans as both languages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.i18n import Words
from backend_client.contract.base import Language, Text

AT = datetime(2026, 7, 18, 1, 41, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [
        (3218, 0, "3,218"),
        (-12.4, 1, "−12.4"),
        (-0.004, 2, "0.00"),
        (None, 0, "–"),
        (float("nan"), 1, "–"),
        (1234567.891, 2, "1,234,567.89"),
    ],
)
def test_numbers(value: float | None, decimals: int, words: str) -> None:
    assert Words.number(value, decimals) == words


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (59.9, "59 秒", "59 s"),
        (60, "1 分", "1 min"),
        (3_600, "1 时", "1 h"),
        (90_000, "1 天", "1 d"),
        (-3, "0 秒", "0 s"),
        (float("inf"), "未知", "unknown"),
    ],
)
def test_ages(seconds: float, zh: str, en: str) -> None:
    assert Words("zh").age(seconds) == zh
    assert Words("en").age(seconds) == en


def test_dates_are_the_citys() -> None:
    assert Words("zh").date(AT) == "7月18日 周六"
    assert Words("en").date(AT) == "Sat 18 Jul"
    assert Words("en").clock(AT) == "09:41:26"
    assert Words("zh").as_of(AT) == "截至 09:41"
    assert Words("en").since(AT) == "since 09:41"


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [(229, "03:49", "03:49"), (-37, "超 00:37", "over 00:37"), (7_200, "5 天", "5 d")],
)
def test_time_left(minutes: int, zh: str, en: str) -> None:
    due_at = AT + timedelta(minutes=minutes)
    assert Words("zh").left(due_at, AT) == zh
    assert Words("en").left(due_at, AT) == en


@pytest.mark.parametrize(("count", "words"), [(9_999, "9,999"), (14_000, "14.0k")])
def test_counts_for_small_places(count: int, words: str) -> None:
    assert Words().short(count) == words


@pytest.mark.parametrize(("language", "word"), [("zh", "Ⅲ级"), ("en", "level III")])
def test_levels(language: Language, word: str) -> None:
    assert Words(language).level(3) == word


def test_language_changes_by_one_signal() -> None:
    words, heard = Words(), [0]
    words.changed.connect(lambda: heard.append(1))
    words.use("en")
    words.use("en")
    assert words.say(Text("水", "water")) == "water"
    assert heard == [0, 1]
