"""The unit rule: all objects of a kind jump by the same power of ten, or it is weather."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.units import unit_factor, unit_note

NAN = float("nan")
LEVELS = [2.51, 2.63, 1.98, 3.10, 2.74, 2.22]
RAIN = [0.0, 0.0, 0.2, 0.5, 0.0, 1.5]

CASES: dict[str, tuple[list[float], list[float], float | None]] = {
    "no change": (LEVELS, LEVELS, None),
    "tide": (LEVELS, [value + 1.4 for value in LEVELS], None),
    "centimetres for metres": (LEVELS, [value * 100 for value in LEVELS], 100.0),
    "metres for centimetres": ([v * 100 for v in LEVELS], LEVELS, 0.01),
    "millimetres, and the river moved": (LEVELS, [v * 1000 * 1.08 for v in LEVELS], 1000.0),
    "tenths": (LEVELS, [value / 10 for value in LEVELS], 0.1),
    "one gauge broken of six": (LEVELS, [*LEVELS[:5], 222.0], None),
    "five of six in another unit": (LEVELS, [*(v * 100 for v in LEVELS[:5]), 2.22], 100.0),
    "four of six in another unit": (LEVELS, [*(v * 100 for v in LEVELS[:4]), 2.74, 2.22], None),
    "cloudburst": ([0.2, 0.5, 0.1, 0.3, 0.4, 1.0], [2.1, 3.0, 2.6, 9.0, 1.2, 8.0], None),
    "doubled": (LEVELS, [value * 2 for value in LEVELS], None),
    "feet for metres": (LEVELS, [value * 3.28 for value in LEVELS], None),
    "four objects are too few": (LEVELS[:4], [value * 100 for value in LEVELS[:4]], None),
    "five objects are enough": (LEVELS[:5], [value * 100 for value in LEVELS[:5]], 100.0),
    "dry gauges say nothing": (RAIN, [value * 10 for value in RAIN], None),
    "unknown before": ([NAN] * 6, LEVELS, None),
    "sign changed": (LEVELS, [-value * 100 for value in LEVELS], None),
    "ten thousandfold is not a unit": (LEVELS, [value * 10_000 for value in LEVELS], None),
}


@pytest.mark.parametrize("name", CASES)
def test_which_jump_is_a_unit(name: str) -> None:
    before, now, expected = CASES[name]
    assert unit_factor(np.array(before), np.array(now)) == expected


def test_the_note_says_kind_factor_and_way_out() -> None:
    note = unit_note("level_station", 0.01)
    assert "level_station" in note.zh
    assert "0.01 倍" in note.zh
    assert "0.01 times" in note.en
