"""The latest never goes back, and a fix known from disk or memory is known."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.storage.journal import FIX, Fixes
from backend.storage.positions import HOUR_MS, IDLE_MS, Known, Latest, newest_of

NOW = 500_000 * HOUR_MS


def fixes(*pairs: tuple[int, int]) -> Fixes:
    """Make fixes of (object, milliseconds from now)."""
    made = np.zeros(len(pairs), dtype=FIX)
    made["oid"] = [oid for oid, _ in pairs]
    made["observed_ms"] = [NOW + at for _, at in pairs]
    return made


_pairs = st.lists(st.tuples(st.integers(1, 5), st.integers(-3 * HOUR_MS, 0)), max_size=30)


@settings(max_examples=80, deadline=None)
@given(st.lists(_pairs, max_size=6))
def test_the_newest_of_all_is_shown_and_never_turns_back(
    batches: list[list[tuple[int, int]]],
) -> None:
    latest = Latest()
    best: dict[int, int] = {}
    for number, batch in enumerate(batches, start=1):
        before = latest.fixes.copy()
        latest.show(fixes(*batch), number)
        assert (latest.observed_ms(before["oid"]) >= before["observed_ms"]).all()
        for oid, at in batch:
            best[oid] = max(best.get(oid, at), at)
    oids = np.array(sorted(best), np.uint32)
    assert latest.observed_ms(oids).tolist() == [NOW + best[oid] for oid in oids.tolist()]
    assert sorted(latest.fixes["oid"].tolist()) == oids.tolist()
    assert latest.observed_ms(np.array([99], np.uint32)).tolist() == [0]


def test_only_what_moved_carries_the_new_number() -> None:
    latest = Latest()
    assert latest.show(fixes((1, 0), (2, 0)), 1) == 2
    assert latest.show(fixes((1, -5), (2, 5)), 2, "buses") == 1
    assert latest.seq.tolist() == [1, 2]
    assert [latest.feeds[code] for code in latest.feed] == ["", "buses"]
    assert latest.show(fixes(), 3) == 0
    latest.touch(np.array([1, 7], np.uint32), 4)
    assert latest.seq.tolist() == [4, 2]


@settings(max_examples=80, deadline=None)
@given(st.lists(_pairs, max_size=4), _pairs, st.booleans())
def test_known_is_exact_whenever_it_is_asked(
    batches: list[list[tuple[int, int]]], asked: list[tuple[int, int]], forgets: bool
) -> None:
    disk: list[tuple[int, int]] = []

    def load(_layer: str, since_ms: int, until_ms: int) -> Fixes:
        """Read the disk as the history would."""
        every = fixes(*disk)
        inside = (every["observed_ms"] >= since_ms) & (every["observed_ms"] <= until_ms)
        return every[inside]

    known = Known(load)
    for turn, batch in enumerate(batches):
        disk += batch
        known.add("hazmat", fixes(*batch))
        truth = [pair in disk for pair in asked]
        assert known.has("hazmat", fixes(*asked), NOW).tolist() == truth
        if forgets and turn % 2:
            known.forget(NOW + IDLE_MS + 1)


def test_nothing_is_held_of_fixes_nobody_asks_about() -> None:
    loads: list[str] = []

    def load(layer: str, _since_ms: int, _until_ms: int) -> Fixes:
        loads.append(layer)
        return fixes((1, 0))

    known = Known(load)
    known.add("hazmat", fixes((1, 0)))
    assert known.has("hazmat", fixes((1, 0), (1, 1)), NOW).tolist() == [True, False]
    known.add("hazmat", fixes((1, 1)))
    known.add("health", fixes((1, 1)))
    assert known.has("hazmat", fixes((1, 1)), NOW + 1).tolist() == [True]
    assert loads == ["hazmat"]
    known.forget(NOW + IDLE_MS)
    assert known.has("hazmat", fixes((1, 1)), NOW).tolist() == [True]
    known.forget(NOW + 2 * IDLE_MS)
    assert known.has("hazmat", fixes((1, 1)), NOW).tolist() == [False]  # read from the disk anew
    assert loads == ["hazmat", "hazmat"]


def test_layers_do_not_know_each_other() -> None:
    known = Known(lambda layer, *_: fixes((1, 0)) if layer == "hazmat" else fixes())
    assert known.has("hazmat", fixes((1, 0)), NOW)[0]
    known.add("hazmat", fixes((1, 0)))
    assert not known.has("health", fixes((1, 0)), NOW)[0]


def test_the_newest_within_the_window_is_found_in_parts_of_any_order() -> None:
    parts = [fixes((1, -5), (2, 90_000)), fixes((1, -9), (2, -7)), fixes((1, -3))]
    shown = newest_of(parts, NOW - 8, NOW + 60_000)
    assert (shown.fixes["observed_ms"][:2] - NOW).tolist() == [-3, -7]
