"""A seat's load: spans end where they end, peaks are found wherever they lie."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.alarm_loads import load_of

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def test_a_quiet_day_counts_nothing() -> None:
    found = load_of(np.array([], np.int64), np.array([], np.int64), DAY)
    assert (found.last_day, found.peak_10_min, found.peak_minute) == (0, 0, 0)
    assert found.levels == (0, 0, 0, 0)


def test_spans_levels_and_peaks() -> None:
    end = DAY // MINUTE
    at = [end - 1, end - 9, end - 30, end - 300, end - 300.5, end - 301]
    found = load_of(
        np.array(sorted(round(one * MINUTE) for one in at), np.int64),
        np.array([1, 2, 3, 4, 4, 4], np.int64),
        DAY,
    )
    assert (found.last_10_min, found.last_hour, found.last_day) == (2, 3, 6)
    assert (found.peak_10_min, found.peak_minute) == (3, 2)
    assert found.levels == (1, 1, 1, 3)
    assert found.per_10_min == 0.5


@given(st.lists(st.integers(1, DAY), max_size=60))
def test_no_span_holds_more_than_the_peak(at: list[int]) -> None:
    times = np.array(sorted(at), np.int64)
    found = load_of(times, np.full(len(times), 4, np.int64), DAY)
    most = max((sum(a <= b < a + 10 * MINUTE for b in at) for a in at), default=0)
    assert found.peak_10_min == most
