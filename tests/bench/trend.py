"""Memory over time: its readings and the slope a straight line gives them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

SLOPE_MB_H = 20.0
WARM = 0.3  # share of a run in which caches fill; not judged


@dataclass
class Trace:
    """What one process held, and when."""

    hours: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def add(self, hour: float, megabytes: float) -> None:
        """Keep a reading."""
        self.hours.append(hour)
        self.megabytes.append(megabytes)

    def from_hour(self, hour: float) -> Trace:
        """Give what was read from an instant on."""
        first = int(np.searchsorted(self.hours, hour - 1e-4))
        return Trace(self.hours[first:], self.megabytes[first:])

    def warm(self) -> Trace:
        """Give what was read after the warm-up."""
        return self.from_hour(self.hours[-1] * WARM)


def slope(trace: Trace) -> tuple[float, float]:
    """Give a straight line's slope and its one-sided 95 % upper bound.

    Neighbouring readings tell little new, so the error is widened by their correlation.

    Returns: MB per hour, and its bound.
    """
    hours, held = np.array(trace.hours), np.array(trace.megabytes)
    steep, level = np.polyfit(hours, held, 1)
    rest = held - steep * hours - level
    alike = float(np.corrcoef(rest[1:], rest[:-1])[0, 1]) if rest.std() > 1e-9 else 0.0
    alike = min(max(alike, 0.0), 0.95)
    spread = ((hours - hours.mean()) ** 2).sum()
    error = np.sqrt((rest**2).sum() / (len(hours) - 2) / spread * (1 + alike) / (1 - alike))
    return float(steep), float(steep + 1.66 * error)
