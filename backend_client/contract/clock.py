"""The one clock both sides are given; replay and tests hand in another."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tell the time of day and a steady time for ages and time-outs."""

    def now(self) -> datetime:
        """Give the present instant, aware, UTC."""
        ...

    def steady_s(self) -> float:
        """Give seconds that never go backwards; only differences mean anything."""
        ...


class SystemClock:
    """Read the machine's clocks; the only place in the program that does."""

    def now(self) -> datetime:
        """Give the present instant, aware, UTC."""
        return datetime.now(UTC)

    def steady_s(self) -> float:
        """Give seconds of the monotonic clock."""
        return time.monotonic()


class ManualClock:
    """Stand still until moved: the clock of tests and replay."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._steady_s = 0.0

    def now(self) -> datetime:
        """Give the instant last set."""
        return self._at

    def steady_s(self) -> float:
        """Give the seconds moved since construction."""
        return self._steady_s

    def advance(self, seconds: float) -> None:
        """Move both clocks forward."""
        self._at += timedelta(seconds=seconds)
        self._steady_s += seconds
