"""How feeds fail: late, doubled, silent, another unit, a wrong clock; most of them are fine."""

from __future__ import annotations

import zlib
from enum import StrEnum
from typing import Final

from backend.simulator.facts import dice


class Fault(StrEnum):
    """What is wrong with a feed for a while."""

    NONE = "none"
    SILENT = "silent"  # nothing comes
    BEHIND = "behind"  # comes long after it was measured
    DOUBLED = "doubled"  # comes twice
    UNIT = "unit"  # another unit: metres as centimetres
    CLOCK = "clock"  # its clock is wrong


SHARE: Final = 0.035
"""Of all feeds at any time: three or four of a hundred."""
_WEIGHTS: Final = {
    Fault.BEHIND: 3, Fault.DOUBLED: 3, Fault.CLOCK: 2, Fault.UNIT: 2, Fault.SILENT: 1,
}  # fmt: skip
_BEATS: Final = 30
_LEAST_S: Final = 1_800.0
QUIET_S: Final = 600.0
"""A city that has just begun is fine for so long: what is first heard is taken as the rule."""
DELAY_BEATS: Final = 5
_ZONE_S: Final = -8 * 3600.0  # local time told as UTC
_AHEAD_S: Final = 40.0


def fault_at(seed: int, feed_id: str, at_s: float, *, beat_s: float, has_unit: bool) -> Fault:
    """Give what is wrong with a feed at an instant; the same for the same words.

    Args:
        seed: of the city.
        feed_id: the feed.
        at_s: the instant.
        beat_s: how often the feed speaks; a fault lasts some beats.
        has_unit: whether its values could come in another unit.
    """
    draw = dice(seed, "fault", feed_id, turn_of(feed_id, at_s, beat_s))
    if draw.random() >= SHARE:
        return Fault.NONE
    chosen = draw.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    return Fault.DOUBLED if chosen is Fault.UNIT and not has_unit else chosen


def clock_shift_s(seed: int, feed_id: str, at_s: float, *, beat_s: float) -> float:
    """Give by how much a feed with a wrong clock is off: a time zone, or some seconds ahead."""
    draw = dice(seed, "clock", feed_id, turn_of(feed_id, at_s, beat_s))
    return _ZONE_S if draw.random() < 0.5 else _AHEAD_S


def turn_of(feed_id: str, at_s: float, beat_s: float) -> int:
    """Number the spans of which each has its own fault or none."""
    length_s = max(_LEAST_S, _BEATS * beat_s)
    return int((at_s + zlib.crc32(feed_id.encode()) % int(length_s)) // length_s)
