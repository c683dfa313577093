"""A value is abnormal at its limit and back only past the dead-band; the table is well-formed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import states
from backend.domain.states import StateRule, judge, limits_of, read_states
from backend.services.judging import STATES_FILE, load_states
from backend_client.contract.base import Text

LEVEL = load_states().rules["water"]["level_station"]
LIMITS = [3.5, 3.0]
RULE = """
[[rule]]
layer = "utilities"
kind = "gas_valve"
name = "pressure"
over = false
dead_band = 0.5
owner = { zh = "燃气", en = "Gas" }
source = "ours"
levels = [{ level = 2, limit = 1.0, title = { zh = "{name} {value}", en = "{name} {value}" } }]
"""


def one(rule: StateRule, value: float, limits: list[float], was: int) -> int:
    return int(judge(rule, np.array([value]), np.array([limits]), np.array([was]))[0])


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
    assert one(LEVEL, level_m, LIMITS, was) == state


def test_under_a_limit_is_the_mirror_of_over_it() -> None:
    rule = read_states(RULE).rules["utilities"]["gas_valve"]
    values = np.array([1.01, 1.0, 1.2, 1.49, 1.5])
    was = np.array([0, 0, 2, 2, 2])
    limits = np.tile([limits_of(rule, {})], (5, 1)).reshape(5, 1)
    assert judge(rule, values, limits, was).tolist() == [0, 2, 2, 2, 0]


def test_a_limit_that_is_not_known_is_not_applied() -> None:
    assert one(LEVEL, 99.0, [np.nan, np.nan], 0) == 0
    assert one(LEVEL, 3.2, [np.nan, 3.0], 0) == 3
    assert one(LEVEL, 3.2, [3.1, np.nan], 0) == 2
    for fields in ({}, {"warning_level_m": "3.0"}, {"warning_level_m": True}):
        assert not states.is_judged(np.array([limits_of(LEVEL, fields)])).any()
    assert states.is_judged(np.array([limits_of(LEVEL, {"warning_level_m": 3})])).all()


@given(st.lists(st.floats(-5, 10, allow_nan=False), min_size=2, max_size=30))
def test_wobbling_within_the_band_never_chatters(levels: list[float]) -> None:
    was = 0
    for level in levels:
        state = one(LEVEL, level, LIMITS, was)
        assert one(LEVEL, level, LIMITS, state) == state  # the same again changes nothing
        if was and state == 0:
            assert level <= LIMITS[1] - 0.02 + 1e-6
        was = state


@pytest.mark.parametrize("state", [2, 3])
def test_an_abnormal_level_names_what_to_do_in_both_languages(state: int) -> None:
    names = Text("测试站", "Test station")
    said = states.words_for(LEVEL, state, names=names, value=3.1, limits=LIMITS)
    assert said is not None
    title, action = said
    limit = {3: "3.00", 2: "3.50"}[state]
    for text, name in ((title.zh, "测试站"), (title.en, "Test station")):
        assert all(part in text for part in (name, "3.10", limit))
    assert action.zh
    assert action.en
    assert states.cause_of(LEVEL, "S1") == "water.level.S1"
    assert len(states.cause_of(LEVEL, "x" * 64)) <= 64


def test_a_state_that_calls_for_nothing_raises_nothing() -> None:
    rule = read_states(RULE).rules["utilities"]["gas_valve"]
    names = Text("阀", "valve")
    assert states.words_for(rule, 2, names=names, value=0.5, limits=[1.0]) is None


def test_the_table_has_whole_rules_worst_level_first_with_a_source() -> None:
    table = load_states()
    for rules in table.rules.values():
        for rule in rules.values():
            levels = [level.level for level in rule.levels]
            assert levels == sorted(set(levels))
            assert 0 not in levels
            assert rule.source
            assert rule.dead_band > 0
            limits = [level.limit for level in rule.levels if level.limit is not None]
            assert limits == sorted(limits, reverse=rule.over)
            assert all(level.level < 4 for level in rule.levels if level.action)
            for level in rule.levels:
                assert (level.limit is None) != (level.field is None)
                names = Text("名", "name")
                if level.action:
                    given = [1.0] * len(levels)
                    said = states.words_for(rule, level.level, names=names, value=1.0, limits=given)
                    assert said is not None
                    assert all((said[0].zh, said[0].en, level.action.zh, level.action.en))


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        ("level = 2", "level = 9"),
        ('name = "pressure"', 'colour = "red"'),
        ('en = "Gas"', 'fr = "Gaz"'),
        ("dead_band = 0.5", 'dead_band = "half"'),
        ("[[rule]]", "[[rules]]"),
    ],
)
def test_a_rule_that_is_not_whole_is_refused(words: str, instead: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_states(RULE.replace(words, instead))


def test_a_kind_has_one_rule() -> None:
    with pytest.raises(ValueError, match="two rules"):
        read_states(RULE + RULE)


def test_kinds_have_curves_where_the_table_says_so() -> None:
    table = read_states(STATES_FILE.read_text(encoding="utf-8"))
    assert table.has_curve("water", "level_station")
    assert not table.has_curve("water", "dike")
    assert table.has_curve("a_layer_of_the_user", "anything")
