"""Most feeds are fine at any time and a few are not; the same seed fails the same way."""

from __future__ import annotations

from collections import Counter

from backend.simulator.faults import SHARE, Fault, clock_shift_s, fault_at

NOON_S = 1_784_520_000.0
FEEDS = [f"urban-D{number:02d}" for number in range(100)]


def faults(seed: int, at_s: float, *, has_unit: bool = True) -> list[Fault]:
    """Give every feed's fault."""
    return [fault_at(seed, feed, at_s, beat_s=60, has_unit=has_unit) for feed in FEEDS]


def test_a_few_of_a_hundred_are_at_fault() -> None:
    hours = [sum(f is not Fault.NONE for f in faults(7, NOON_S + 1800 * n)) for n in range(100)]
    assert 0.5 * SHARE < sum(hours) / 100 / len(FEEDS) < 1.5 * SHARE
    assert max(hours) < 15


def test_every_fault_comes_sooner_or_later_and_silence_is_rare() -> None:
    found = Counter(f for n in range(300) for f in faults(7, NOON_S + 1800 * n))
    assert set(found) == set(Fault)
    assert found[Fault.SILENT] < found[Fault.BEHIND]
    assert found[Fault.SILENT] < found[Fault.DOUBLED]


def test_a_fault_lasts_and_is_the_same_for_the_same_seed() -> None:
    assert faults(7, NOON_S) == faults(7, NOON_S)
    before, after = faults(7, NOON_S), faults(7, NOON_S + 60)
    changed = sum(a is not b for a, b in zip(before, after, strict=True))
    assert changed <= 3
    assert faults(7, NOON_S) != faults(8, NOON_S)


def test_only_a_feed_that_measures_in_a_unit_can_change_it() -> None:
    later = [f for n in range(300) for f in faults(7, NOON_S + 1800 * n, has_unit=False)]
    assert Fault.UNIT not in later


def test_a_wrong_clock_is_a_zone_behind_or_some_seconds_ahead() -> None:
    shifts = {clock_shift_s(7, feed, NOON_S, beat_s=60) for feed in FEEDS}
    assert shifts == {-28_800.0, 40.0}
