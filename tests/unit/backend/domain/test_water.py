"""A level is over at its limit and back only two centimetres below it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import water
from backend.domain.water import Limits, judge
from backend_client.contract.feature import FeatureIn

LIMITS = Limits(3.0, 3.5)


@pytest.mark.parametrize(
    ("level_m", "was", "state"),
    [
        (2.99, 0, 0),
        (3.00, 0, 3),
        (2.99, 3, 3),
        (2.981, 3, 3),
        (2.98, 3, 0),
        (3.49, 3, 3),
        (3.50, 3, 2),
        (3.49, 2, 2),
        (3.48, 2, 3),
        (2.99, 2, 3),
        (2.98, 2, 0),
        (9.0, 0, 2),
        (-1.0, 2, 0),
        (2.985, 4, 0),
    ],
)
def test_levels_have_a_dead_band(level_m: float, was: int, state: int) -> None:
    assert judge(level_m, LIMITS, was=was) == state


def test_a_limit_that_is_not_known_is_not_applied() -> None:
    assert judge(99.0, Limits(None, None), was=0) == 0
    assert judge(3.2, Limits(3.0, None), was=0) == 3
    assert judge(3.2, Limits(None, 3.1), was=0) == 2


@given(st.lists(st.floats(-5, 10, allow_nan=False), min_size=2, max_size=30))
def test_wobbling_within_the_band_never_chatters(levels: list[float]) -> None:
    was = 0
    for level in levels:
        state = judge(level, LIMITS, was=was)
        assert judge(level, LIMITS, was=state) == state  # the same level again changes nothing
        assert judge(level - 0.01, LIMITS, was=state) == state or round(level * 1000) not in (
            3000, 3500,
        )  # fmt: skip
        was = state


def station(**changed: object) -> FeatureIn:
    """Give a level station."""
    body = {
        "id": "S1",
        "kind": "level_station",
        "name": "测试站",
        "lon": 121.0,
        "lat": 32.0,
        "region": "3206",
        "value": 3.1,
        "observed_at": "2026-07-20T00:00:00Z",
        "properties": {
            "warning_level_m": 3,
            "guarantee_level_m": 3.5,
            "name_en": "Test station",
        },
        **changed,
    }
    return FeatureIn.model_validate_json(json.dumps(body))


def test_only_stations_with_a_limit_are_judged() -> None:
    assert water.is_judged(station())
    assert not water.is_judged(station(value=None))
    assert not water.is_judged(station(kind="rain_gauge"))
    assert not water.is_judged(station(properties={}))
    assert not water.is_judged(station(properties={"warning_level_m": "3.0"}))
    assert not water.is_judged(station(properties={"warning_level_m": True}))


@pytest.mark.parametrize("state", [water.OVER_WARNING, water.OVER_GUARANTEE])
def test_an_abnormal_level_names_what_to_do_in_both_languages(state: int) -> None:
    call = water.call_for(station(), state)
    limit = {water.OVER_WARNING: "3.00", water.OVER_GUARANTEE: "3.50"}[state]
    for title, name in ((call.title.zh, "测试站"), (call.title.en, "Test station")):
        assert name in title
        assert "3.10" in title
        assert limit in title
    assert call.action.zh
    assert call.action.en
    assert call.level == state
    assert call.cause == water.cause_of("S1")
    assert len(water.cause_of("x" * 64)) <= 64
