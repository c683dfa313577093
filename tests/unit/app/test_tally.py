"""Layers counted from their columns: the fast count is the same as a slow one by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blocks import empty_fixes
from app.tally import (
    MOST_HOT,
    NO_LAYER,
    PIECE,
    Abnormal,
    LayerFigures,
    count_layer,
    fixed,
    moving,
    share_pct,
)
from backend_client.contract.columns import FeatureBlock, empty_features

NOW_S = 1_800_000_000.0
KINDS = ("bed", "call", "never")
REGIONS = ("320613001", "320613", "3206TW", "3206")
Row = tuple[int, int, int, float, int]


def block(rows: list[Row]) -> FeatureBlock:
    """Give objects: kind, state, region, value, age in seconds."""
    count = len(rows)
    return replace(
        empty_features("health"),
        version=1,
        kinds=KINDS,
        regions=REGIONS,
        oid=np.arange(1, count + 1, dtype=np.uint32),
        lon_e7=np.full(count, 1_208_000_000, np.int32),
        lat_e7=np.full(count, 320_000_000, np.int32),
        kind=np.array([row[0] for row in rows], np.uint8),
        state=np.array([row[1] for row in rows], np.uint8),
        region=np.array([row[2] for row in rows], np.uint16),
        value=np.array([row[3] for row in rows], np.float32),
        observed_s=np.array([NOW_S - row[4] for row in rows], np.uint32),
    )


ROWS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(0, 4),
        st.integers(0, 3),
        st.sampled_from([math.nan, -2.0, 0.0, 0.5, 7.0]),
        st.integers(0, 2_000),
    ),
    max_size=40,
)


@given(ROWS)
def test_the_count_is_what_one_counts_by_hand(rows: list[Row]) -> None:
    found = count_layer([fixed(block(rows))], {"bed": 100.0}, NOW_S)
    assert found.count == len(rows)
    assert found.abnormal.count == sum(row[1] > 0 for row in rows)
    for code, word in enumerate(KINDS):
        own = [row for row in rows if row[0] == code]
        kind = found.kind(word)
        values = [row[3] for row in own if not math.isnan(row[3])]
        assert kind.states == tuple(sum(row[1] == level for row in own) for level in range(5))
        assert (kind.valued, kind.positive) == (len(values), sum(one > 0 for one in values))
        assert kind.negative == sum(one < 0 for one in values)
        assert kind.total == (pytest.approx(sum(values)) if values else None)
        hot = [row[3] for row in own if row[1] and not math.isnan(row[3])]
        assert kind.hot_sum == pytest.approx(sum(hot))
        least_s = 300 if word == "bed" else math.inf
        assert kind.fresh == sum(row[4] <= least_s for row in own)
        assert kind.newest_s == max((NOW_S - row[4] for row in own), default=0.0)
    by_county = {row.code: row.states for row in found.counties}
    for county in {REGIONS[row[2]][:6] for row in rows}:
        own = [row for row in rows if REGIONS[row[2]][:6] == county]
        assert by_county[county] == tuple(sum(row[1] == level for row in own) for level in range(5))


def test_means_and_shares_of_nothing_are_unknown_not_zero() -> None:
    none = NO_LAYER.kind("bed")
    assert (none.mean, none.total, none.normal_pct, none.positive_pct) == (None,) * 4
    assert share_pct(1, 0) is None
    found = count_layer([fixed(block([(0, 0, 0, math.nan, 5)]))], {}, NOW_S).kind("bed")
    assert (found.count, found.mean, found.total, found.normal_pct) == (1, None, None, 100.0)


def test_the_gravest_come_first_and_only_some_are_named() -> None:
    rows: list[Row] = [(0, 4, 0, 1.0, age) for age in range(MOST_HOT)]
    rows += [(1, 1, 1, 2.0, 900), (0, 0, 0, 1.0, 0), (1, 2, 2, 2.0, 10)]
    found = count_layer([fixed(block(rows))], {}, NOW_S)
    assert [one.state for one in found.hot[:3]] == [1, 2, 4]
    assert found.hot[2].observed_s == NOW_S  # of one level the newest first
    assert (found.hot[0].kind, found.hot[0].region) == ("call", "320613")
    assert len(found.hot) == MOST_HOT
    assert found.abnormal == Abnormal(MOST_HOT + 2, 1)


def test_moving_objects_are_counted_beside_fixed_ones() -> None:
    fixes = replace(
        empty_fixes("health"),
        kinds=("ambulance",),
        kind=np.zeros(3, np.uint8),
        regions=("320613",),
        oid=np.array([9, 10, 11], np.uint32),
        layer=np.zeros(3, np.uint8),
        lon_e7=np.zeros(3, np.int32),
        lat_e7=np.zeros(3, np.int32),
        state=np.array([0, 3, 0], np.uint8),
        region=np.zeros(3, np.uint16),
        speed_kmh=np.array([0.0, 3.0, 40.0], np.float32),
        heading_deg=np.zeros(3, np.float32),
        observed_ms=np.array([NOW_S, NOW_S - 31, NOW_S - 5]).astype(np.int64) * 1000,
    )
    parts = [fixed(block([(0, 0, 0, 1.0, 5)])), moving(fixes)]
    found = count_layer(parts, {"ambulance": 10.0}, NOW_S)
    cars = found.kind("ambulance")
    assert (cars.count, cars.moving, cars.standing, cars.fresh) == (3, 1, 2, 2)
    assert cars.state(3) == 1
    assert found.kind("bed").moving is None
    assert found.sum("bed", "ambulance") == found.count == 4
    county = found.counties[0]
    assert (county.code, county.fixed, county.mobile, county.moving) == ("320613", 1, 3, 1)
    assert county.abnormal == Abnormal(1, 3)


def test_an_empty_layer_counts_nothing() -> None:
    empty = [fixed(empty_features("health")), moving(empty_fixes("health"))]
    assert count_layer(empty, {}, NOW_S) == LayerFigures()
    assert NO_LAYER.newest_at is None


def test_many_objects_are_counted_piece_by_piece_as_few_are() -> None:
    rows: list[Row] = [(n % 2, n % 5, n % 4, float(n % 7 - 3), n % 900) for n in range(PIECE + 9)]
    found = count_layer([fixed(block(rows))], {"bed": 100.0}, NOW_S)
    whole = found.kind("bed")
    own = [row for row in rows if row[0] == 0]
    assert whole.count == len(own)
    assert whole.states == tuple(sum(row[1] == level for row in own) for level in range(5))
    assert whole.total == sum(row[3] for row in own)
    assert whole.fresh == sum(row[4] <= 300 for row in own)
    late = [(0, 0, 0, 0.0, 500)] * PIECE + [(0, 0, 0, 0.0, 5)]
    assert count_layer([fixed(block(late))], {}, NOW_S).kind("bed").newest_s == NOW_S - 5
