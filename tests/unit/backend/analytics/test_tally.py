"""Totals and order of distance agree with counting one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analytics.tally import Exact, tally

CENTRE = (121.0, 32.0)


def places(count: int, seed: int, reach: float) -> Exact:
    """Scatter places around the centre."""
    draw = np.random.default_rng(seed)
    lon = (CENTRE[0] + draw.uniform(-reach, reach, count)) * 1e7
    lat = (CENTRE[1] + draw.uniform(-reach, reach, count)) * 1e7
    return Exact(lon.astype(np.int32), lat.astype(np.int32), CENTRE)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.integers(0, 999), st.floats(0.001, 2.5))
def test_totals_are_what_counting_gives(count: int, seed: int, reach: float) -> None:
    exact = places(count, seed, reach)
    draw = np.random.default_rng(seed)
    classes = draw.integers(0, 5, count)
    states = draw.integers(0, 3, count).astype(np.uint8)
    sums = tally(classes, states, exact.quick(), exact, size=6)
    distances = exact(np.arange(count))
    for one in range(6):
        mine = classes == one
        assert sums.count[one] == mine.sum()
        assert sums.abnormal[one] == (mine & (states > 0)).sum()
        wanted = distances[mine].min() if mine.any() else np.inf
        assert sums.nearest_m[one] == pytest.approx(wanted)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.integers(0, 350), st.integers(0, 999), st.floats(0.001, 2.5))
def test_the_nearest_are_the_nearest(count: int, wanted: int, seed: int, reach: float) -> None:
    exact = places(count, seed, reach)
    rows, distances = exact.nearest(exact.quick(), wanted)
    every = exact(np.arange(count))
    assert len(rows) == min(count, wanted)
    assert np.array_equal(distances, np.sort(every)[:wanted])
    assert np.array_equal(every[rows], distances)


def test_the_quick_distance_is_close() -> None:
    exact = places(20_000, 3, 2.5)
    quick, true = np.sqrt(exact.quick()), exact(np.arange(20_000))
    assert np.abs(quick / true - 1).max() < 0.001
