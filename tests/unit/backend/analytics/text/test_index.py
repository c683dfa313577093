"""The search finds what shares words, names in other writing, or ground; forgotten ones no more."""

from __future__ import annotations

from backend.analytics.text.index import Index
from tests.unit.backend.analytics.text.made_up import city, reading, readings


def test_finds_the_reports_of_an_event_among_many() -> None:
    every = readings(city())
    index = Index()
    ids = list(every)
    for slot, one in enumerate(every.values()):
        index.put(slot, one)
    found = [ids[slot] for slot in index.like(every["5-0"], 6)]
    assert {"5-0", "5-1", "5-2"} <= set(found)
    assert found[0] == "5-0"
    assert len(index) == len(every)


def test_finds_a_name_in_another_order() -> None:
    index = Index()
    index.put(0, reading("能东华府逾期交房"))
    index.put(1, reading("幼儿园招生"))
    assert index.like(reading("东能华府漏水"), 1) == [0]


def test_finds_what_lies_beside_it_without_a_shared_word() -> None:
    index = Index()
    index.put(0, reading("停水", lon=120.86, lat=31.98))
    index.put(1, reading("停水", lon=121.86, lat=31.98))
    assert index.like(reading("管道爆裂", lon=120.8601, lat=31.9801), 5) == [0]


def test_finds_nothing_in_nothing_and_nothing_forgotten() -> None:
    index = Index()
    one = reading("路灯不亮")
    assert index.like(one, 5) == []
    index.put(0, one)
    index.forget(0, one)
    assert index.like(one, 5) == []
    assert len(index) == 0


def test_passes_over_what_is_too_old() -> None:
    index = Index()
    for slot, minute in enumerate((0, 3000)):
        index.put(slot, reading("路灯不亮", minute=minute, lon=120.86, lat=31.98))
    now = reading("路灯不亮", minute=3060, lon=120.86, lat=31.98)
    assert index.like(now, 5) == [0, 1]
    assert index.like(now, 5, within_s=3600.0) == [1]
    assert index.time(1) - index.time(0) == 180_000.0
