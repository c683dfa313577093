"""What a seat was asked to look at, counted the way EEMUA 191 does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

DAY: Final = timedelta(days=1)
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Load:
    """Counts up to one instant; `levels` are those of the day, I to IV."""

    last_10_min: int
    last_hour: int
    last_day: int
    peak_10_min: int
    peak_minute: int
    levels: tuple[int, int, int, int]

    @property
    def per_10_min(self) -> float:
        """Give the mean of the last hour."""
        return round(self.last_hour / 6, 2)


def load_of(at_ms: I64, level: I64, now_ms: int) -> Load:
    """Count a seat's calls of one day.

    Args:
        at_ms: when each came, ascending, none older than a day.
        level: of each, 1 to 4.
        now_ms: the instant they are counted at.

    Shape: at_ms, level (n,).
    """
    first, second, third, fourth = np.bincount(level, minlength=5)[1:5].tolist()
    return Load(
        last_10_min=_since(at_ms, now_ms - 10 * _MINUTE_MS),
        last_hour=_since(at_ms, now_ms - 60 * _MINUTE_MS),
        last_day=len(at_ms),
        peak_10_min=_peak(at_ms, 10 * _MINUTE_MS),
        peak_minute=_peak(at_ms, _MINUTE_MS),
        levels=(first, second, third, fourth),
    )


def _since(at_ms: I64, begin_ms: int) -> int:
    return len(at_ms) - int(np.searchsorted(at_ms, begin_ms, side="right"))


def _peak(at_ms: I64, span_ms: int) -> int:
    """Give the most that came within any span of that length."""
    if not len(at_ms):
        return 0
    ends = np.searchsorted(at_ms, at_ms + span_ms, side="left")
    return int((ends - np.arange(len(at_ms))).max())
