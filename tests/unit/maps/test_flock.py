"""A patched flock equals one made anew, and a window's answer equals looking at every object."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from app.blocks import empty_fixes
from backend_client.contract.columns import (
    FEATURE_COLUMNS,
    FeatureBlock,
    FixBlock,
    merge_features,
)
from maps.counties import CountyMap
from maps.flock import Flock
from maps.ground import inside
from maps.growth import fly, grow
from tests.unit.maps.flocks import COUNTIES, SPECS, block, box, scatter

EVERYDAY = {"hotline": (3,)}
COLUMNS = ("xy", "oid", "kind", "state", "value", "observed_s", "county")


def by_oid(flock: Flock) -> dict[str, list[object]]:
    order = np.argsort(flock.oid)
    return {name: getattr(flock, name)[order].tolist() for name in COLUMNS if name != "value"}


def assert_same(patched: Flock, anew: Flock) -> None:
    assert np.array_equal(patched.code, anew.code)
    assert by_oid(patched) == by_oid(anew)
    assert patched.groups == anew.groups
    assert np.array_equal(patched.hot, np.flatnonzero(patched.state))
    assert np.array_equal(patched.odd, np.flatnonzero(np.isin(patched.state, (1, 2, 4))))
    assert np.array_equal(patched.oid[patched.rank], patched.block.oid)


def taken(made: FeatureBlock, rows: npt.NDArray[np.int64]) -> FeatureBlock:
    return replace(made, **{name: getattr(made, name)[rows] for name in FEATURE_COLUMNS})


@pytest.mark.parametrize("seed", range(6))
def test_a_patched_flock_equals_one_made_anew(seed: int) -> None:
    draw = np.random.default_rng(seed)
    made = scatter(3_000, seed)
    flock = grow(None, made, COUNTIES, EVERYDAY)
    for version in range(4, 9):
        rows = np.sort(draw.choice(made.oid.size, 200, replace=False))
        change = taken(made, rows[:150])
        moved = change.lon_e7.copy()
        moved[:40] += 400_000
        fresh = scatter(30, seed + version)
        change = replace(
            change,
            version=version,
            base=made.version,
            state=draw.integers(0, 5, 150).astype(np.uint8),
            lon_e7=moved,
            removed=made.oid[rows[150:]],
        )
        added = replace(fresh, version=version, base=0, oid=fresh.oid + np.uint32(10_000 * version))
        both: dict[str, Any] = {
            n: np.concatenate([getattr(change, n), getattr(added, n)]) for n in FEATURE_COLUMNS
        }
        made = merge_features(made, replace(change, **both))
        flock = grow(flock, made, COUNTIES, EVERYDAY)
        assert_same(flock, grow(None, made, COUNTIES, EVERYDAY))


def test_a_change_of_states_leaves_places_untouched() -> None:
    made = scatter(500)
    flock = grow(None, made, COUNTIES, EVERYDAY)
    now = replace(made, version=4, state=np.roll(made.state, 3))
    patched = grow(flock, now, COUNTIES, EVERYDAY)
    assert patched.xy is flock.xy  # not projected, not sorted, not counted by county again
    assert patched.county is flock.county
    assert_same(patched, grow(None, now, COUNTIES, EVERYDAY))


def test_other_counties_or_words_make_it_anew() -> None:
    made = scatter(100)
    flock = grow(None, made, COUNTIES)
    other = CountyMap(COUNTIES.counties)
    assert grow(flock, made, other).counties is other
    renamed = replace(made, kinds=("web",))
    assert grow(flock, renamed, COUNTIES).kinds == ("web",)


@pytest.mark.parametrize("seed", range(5))
def test_a_window_finds_what_looking_at_every_object_finds(seed: int) -> None:
    draw = np.random.default_rng(seed)
    flock = grow(None, scatter(5_000, seed), COUNTIES)
    for _ in range(20):
        west, east = np.sort(draw.uniform(120.0, 122.2, 2))
        south, north = np.sort(draw.uniform(31.5, 32.9, 2))
        asked = box(west, south, east, north)
        found = flock.within(asked)
        assert np.array_equal(np.sort(found), np.flatnonzero(inside(flock.xy, asked)))
        hot = flock.hot_within(asked)
        assert set(hot.tolist()) == {int(row) for row in found if flock.state[row]}


def test_an_object_is_found_by_its_number() -> None:
    flock = grow(None, scatter(200), COUNTIES)
    assert [int(flock.oid[flock.place(oid) or 0]) for oid in (1, 77, 200)] == [1, 77, 200]
    assert flock.place(201) is None


def test_counts_name_abnormal_and_worst() -> None:
    places = [(121.1, 32.2), (121.2, 32.2), (121.3, 32.2), (121.9, 32.2)]
    flock = grow(None, block(places, state=[0, 3, 2, 0]), COUNTIES)
    assert flock.groups == {"320612": (3, 2, 2), "320613": (1, 0, 0)}


def test_an_empty_layer_grows() -> None:
    flock = grow(None, block([]), COUNTIES)
    assert flock.size == 0
    assert flock.within(box(120, 31, 122, 33)).size == 0
    assert grow(flock, scatter(10), COUNTIES).size == 10


def fixes(lon: list[float], kind: list[int]) -> FixBlock:
    n = len(lon)
    return replace(
        empty_fixes("police"),
        kinds=("patrol_car", "officer"),
        regions=("320612001",),
        oid=np.arange(1, n + 1, dtype=np.uint32),
        lon_e7=np.array([value * 1e7 for value in lon]).astype(np.int32),
        lat_e7=np.full(n, 322_000_000, np.int32),
        kind=np.array(kind, np.uint8),
        state=np.zeros(n, np.uint8),
        region=np.zeros(n, np.uint16),
        observed_ms=np.zeros(n, np.int64),
    )


def test_moving_objects_keep_their_kinds_and_only_moved_ones_are_projected() -> None:
    spec = SPECS["police"]
    first = fly(None, fixes([121.1, 121.2, 121.3], [0, 1, 0]), spec, COUNTIES)
    assert first.kinds == ("patrol_car", "officer")
    assert first.kind.tolist() == [0, 1, 0]
    moved = fly(first, fixes([121.1, 121.25, 121.3], [0, 1, 0]), spec, COUNTIES)
    assert (moved.xy != first.xy).any(axis=1).tolist() == [False, True, False]
    anew = fly(None, fixes([121.1, 121.25, 121.3], [0, 1, 0]), spec, COUNTIES)
    assert np.array_equal(moved.xy, anew.xy)
    assert moved.groups == {"320612": (3, 0, 0)}
