"""Blocks replace only older ones; positions merge by oid and never go back in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blocks import UNKNOWN_AGE_S, Blocks, Positions, join, merge_fixes, split
from backend_client.contract.clock import ManualClock
from backend_client.contract.columns import FIX_COLUMNS, BadBlockError, FixBlock
from tests.fakes import AT, features, fixes


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(AT)


def test_unknown_layer_is_empty_and_of_no_age(clock: ManualClock) -> None:
    blocks = Blocks(clock)
    assert blocks.get("water").oid.size == 0
    assert blocks.version("water") == 0
    assert blocks.age_s("water") == UNKNOWN_AGE_S
    assert blocks.layers() == ()


def test_block_is_replaced_by_a_newer_one_only(clock: ManualClock) -> None:
    blocks = Blocks(clock)
    told: list[str] = []
    blocks.changed.connect(told.append)
    assert blocks.put(features(version=5))
    assert not blocks.put(features((9,), version=5))
    assert not blocks.put(features((9,), version=4))
    assert blocks.get("water").oid.tolist() == [1, 2, 3]
    assert blocks.put(features((9,), version=6))
    assert blocks.get("water").oid.tolist() == [9]
    assert told == ["water", "water"]


def test_an_object_is_found_where_it_stands(clock: ManualClock) -> None:
    blocks = Blocks(clock)
    assert blocks.at("water", 120.8, 32.0) is None
    block = features(version=5)
    blocks.put(block)
    lon, lat = int(block.lon_e7[1]) / 1e7, int(block.lat_e7[1]) / 1e7
    found = blocks.at("water", lon, lat)
    assert found is not None
    at = block.oid.tolist().index(found)
    assert (block.lon_e7[at], block.lat_e7[at]) == (block.lon_e7[1], block.lat_e7[1])
    assert blocks.at("water", -lon, lat) is None
    assert blocks.at("water", lon, lat + 0.00001) is None


def test_delta_is_merged_and_one_on_another_version_refused(clock: ManualClock) -> None:
    blocks = Blocks(clock)
    blocks.put(features(version=5))
    assert blocks.put(features((2, 4), version=6, base=5, removed=(1,), value=8.0))
    block = blocks.get("water")
    assert block.oid.tolist() == [2, 3, 4]
    assert block.value.tolist() == [8.0, 1.0, 8.0]
    with pytest.raises(BadBlockError):
        blocks.put(features((2,), version=9, base=8))
    assert blocks.version("water") == 6


def test_arrays_cannot_be_written(clock: ManualClock) -> None:
    blocks, positions = Blocks(clock), Positions(clock)
    blocks.put(features())
    positions.apply(fixes(((1, 5),)))
    with pytest.raises(ValueError, match="read-only"):
        blocks.get("water").value[0] = 3.0
    with pytest.raises(ValueError, match="read-only"):
        positions.latest("hazmat").lon_e7[0] = 3


def test_age_of_a_block_runs_from_when_it_was_known_newest(clock: ManualClock) -> None:
    blocks = Blocks(clock)
    blocks.put(features(), age_s=60)
    clock.advance(5)
    assert blocks.age_s("water") == 65
    blocks.touch("water")
    assert blocks.age_s("water") == 0
    blocks.drop("water")
    assert blocks.age_s("water") == UNKNOWN_AGE_S


def test_another_history_may_replace_a_higher_version_by_a_whole_block(clock: ManualClock) -> None:
    blocks = Blocks(clock)
    blocks.put(features(version=50))
    blocks.restart()
    assert blocks.version("water") == 0
    assert blocks.put(features((9,), version=2))
    assert blocks.version("water") == 2
    assert not blocks.put(features((9,), version=1))


def test_newer_fix_wins_whatever_the_order(clock: ManualClock) -> None:
    positions = Positions(clock)
    positions.apply(fixes(((5, 1000), (7, 3000)), seq=1))
    positions.apply(fixes(((5, 2000), (7, 2000), (6, 1)), seq=2))
    latest = positions.latest("hazmat")
    assert latest.oid.tolist() == [5, 6, 7]
    assert latest.observed_ms.tolist() == [2000, 1, 3000]
    assert latest.lon_e7.tolist() == [2000, 1, 3000]
    assert (positions.seq, positions.epoch) == (2, "p1")


def test_whole_answer_drops_what_it_does_not_name_and_still_takes_nothing_back(
    clock: ManualClock,
) -> None:
    positions = Positions(clock)
    positions.apply(fixes(((5, 2000), (6, 2000)), seq=9))
    positions.apply(fixes(((1, 1),), seq=10, layer="buses"))
    positions.apply(fixes(((5, 1000), (7, 1000)), seq=1, epoch="p2"), whole=True)
    latest = positions.latest("hazmat")
    assert latest.oid.tolist() == [5, 7]
    assert latest.observed_ms.tolist() == [2000, 1000]
    assert positions.layers() == ("hazmat",)


def test_nothing_new_says_nothing(clock: ManualClock) -> None:
    positions = Positions(clock)
    told: list[int] = []
    positions.changed.connect(lambda: told.append(1))
    positions.apply(fixes((), seq=3))
    assert told == []
    assert positions.seq == 3
    positions.apply(fixes(((1, 5),), seq=4))
    assert told == [1]
    assert positions.age_s("hazmat") == 0
    assert positions.age_s("buses") == UNKNOWN_AGE_S


def test_regions_are_recoded_when_batches_name_others(clock: ManualClock) -> None:
    positions = Positions(clock)
    positions.apply(fixes(((1, 5),), seq=1, region="320613"))
    positions.apply(fixes(((2, 5),), seq=2, region="320623"))
    latest = positions.latest("hazmat")
    names = [latest.regions[code] for code in latest.region]
    assert names == ["320613", "320623"]


def test_layers_of_one_batch_are_split_and_joined_again() -> None:
    both = join(3, "p1", (fixes(((1, 5), (2, 6))), fixes(((1, 9),), layer="buses")))
    assert both.layers == ("hazmat", "buses")
    parts = split(both)
    assert parts["hazmat"].oid.tolist() == [1, 2]
    assert parts["buses"].observed_ms.tolist() == [9]


ROWS = st.dictionaries(st.integers(0, 30), st.integers(0, 50), max_size=20)


def as_dict(block: FixBlock) -> dict[int, int]:
    return dict(zip(block.oid.tolist(), block.observed_ms.tolist(), strict=True))


@given(ROWS, ROWS, st.booleans())
def test_merge_agrees_with_a_dictionary(
    old: dict[int, int], new: dict[int, int], whole: bool
) -> None:
    merged = merge_fixes(fixes(tuple(old.items())), fixes(tuple(new.items())), whole=whole)
    kept = {oid: ms for oid, ms in old.items() if oid in new or not whole}
    expected = kept | {oid: max(ms, old.get(oid, ms)) for oid, ms in new.items()}
    assert as_dict(merged) == expected
    assert np.all(np.diff(merged.oid.astype(np.int64)) > 0)
    assert {getattr(merged, name).size for name in FIX_COLUMNS} == {len(expected)}


def test_merge_of_100_000_objects_is_quick() -> None:
    """A bound far above what it takes; a loop over rows would break it."""
    clock_rows = tuple((oid, 1000) for oid in range(100_000))
    old = fixes(clock_rows)
    new = fixes(tuple((oid, 2000) for oid in range(0, 100_000, 7)))
    merged = merge_fixes(old, new)
    assert int((merged.observed_ms == 2000).sum()) == new.oid.size


def test_removed_objects_go_and_kinds_are_words_again(clock: ManualClock) -> None:
    positions = Positions(clock)
    first = replace(fixes(((1, 5), (2, 5), (3, 5))), kinds=("bus", "taxi"))
    positions.apply(replace(first, kind=np.array([0, 1, 0], np.uint8)), whole=True)
    second = fixes(((4, 9),), seq=2)
    positions.apply(
        replace(
            second,
            kinds=("taxi",),
            removed=np.array([1, 77], np.uint32),
            removed_layer=np.zeros(2, np.uint8),
        )
    )
    held = positions.latest("hazmat")
    assert held.oid.tolist() == [2, 3, 4]
    assert [held.kinds[code] for code in held.kind] == ["taxi", "bus", "taxi"]
    assert held.removed.size == 0
    told: list[None] = []
    positions.changed.connect(lambda: told.append(None))
    nothing = replace(fixes((), seq=3), removed=np.array([4], np.uint32))
    positions.apply(replace(nothing, removed_layer=np.zeros(1, np.uint8)))
    assert positions.latest("hazmat").oid.tolist() == [2, 3]
    assert len(told) == 1
