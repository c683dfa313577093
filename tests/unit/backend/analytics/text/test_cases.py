"""Finished cases found again: by words, class and place; bounded in memory and time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from backend.analytics.text.cases import Cases, Told, shared, told
from backend.analytics.text.message import Message


def case(text: str, matter: str = "", county: str = "320613", lon: float | None = None) -> Told:
    lat = None if lon is None else 32.0
    return told(Message("-", 0.0, text[:12], text, kind=matter, region=county, lon=lon, lat=lat))


LAMP = "人民路路灯不亮，晚上漆黑一片，行人看不清路"
FOOD = "菜场门口流动摊贩占道经营，堵塞交通"


def test_the_like_in_words_and_class_come_first() -> None:
    cases = Cases()
    cases.put("lamp", case("工农路路灯坏了，夜里漆黑", "0102"))
    cases.put("food", case(FOOD, "1401"))
    cases.put("class only", case("景观照明缺失", "0102"))
    found = list(cases.like(case(LAMP, "0102"), 5))
    assert found[0].case_id == "lamp"
    assert "food" not in {one.case_id for one in found}
    assert found[0].same_class
    assert "漆黑" in shared(case(LAMP), case("工农路路灯坏了，夜里漆黑"))


def test_nearer_counts_more_and_a_place_alone_counts_nothing() -> None:
    cases = Cases()
    cases.put("far", case(LAMP, "0102", lon=121.5))
    cases.put("near", case(LAMP, "0102", lon=120.8601))
    cases.put("here, another matter", case(FOOD, "1401", lon=120.86))
    found = list(cases.like(case(LAMP, "0102", lon=120.86), 5))
    assert [one.case_id for one in found] == ["near", "far"]
    assert found[0].metres is not None
    assert found[0].metres < 50


def test_only_cases_of_the_counties_asked_for() -> None:
    cases = Cases()
    for county in ("320613", "320623"):
        cases.put(county, case(LAMP, "0102", county))
    found = cases.like(case(LAMP, "0102"), 5, ("320623",))
    assert [one.case_id for one in found] == ["320623"]


def test_the_same_again_is_one_and_old_ones_give_way() -> None:
    cases = Cases(most=10)
    for number in range(35):
        cases.put(f"case-{number}", case(LAMP, "0102"))
        cases.put(f"case-{number}", case(FOOD, "1401"))
    assert len(cases) <= 20
    assert "case-0" not in cases
    assert "case-34" in cases
    assert all(one.same_class for one in cases.like(case(LAMP, "0102"), 40))


def quickest_s(work: Callable[[], object]) -> float:
    """Give the least of ten times in processor seconds."""
    took = []
    for _ in range(10):
        begun_s = time.thread_time()
        work()
        took.append(time.thread_time() - begun_s)
    return min(took)


def test_sixty_thousand_cases_are_asked_in_time() -> None:
    """The quickest question of 60,000 cases against the quickest plain pass over as many numbers.

    Processor seconds of this thread, so that whoever else is at work does not count.
    """
    draw = random.Random(4)
    words = [f"词{number}" for number in range(4_000)]
    cases = Cases()
    for number in range(60_000):
        keys = tuple(draw.choices(words, k=20))
        cases.put(f"case-{number}", Told(keys, f"{number % 90:04}", "320613", 120.0, 32.0))
    asked = Told(tuple(words[:20]), "0012", "320613", 120.0, 32.0)
    found = list(cases.like(asked, 60))
    took_s = quickest_s(lambda: list(cases.like(asked, 60)))
    plain_s = quickest_s(lambda: sum(len(one) for one in [found] * 60_000))
    print(f"one question of 60,000 cases: {took_s * 1000:.1f} ms, {took_s / plain_s:.1f} passes")
    assert found
    assert took_s < 40 * plain_s
