"""Collect garbage on the main thread only: a worker that frees a QObject brings Qt down."""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

LOOK_MS: Final = 500
MOST_OBJECTS: Final = 60_000  # 45 ms of the main thread, measured on work items


class Collector(QObject):
    """Take the cyclic collector over from whatever thread happens to allocate.

    Python collects in the thread that passes a threshold. A cycle with a timer or a widget in
    it, freed there, ends in a segmentation fault (seen here: a stream worker freeing a panel).
    What exists at the start (modules, classes) is frozen: a full collection looks at the rest.
    So is whatever comes in a flood, as 60,000 events do: looking through them took 230 ms. They
    hold no cycles, so counting references frees them; a cycle caught among them is lost.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def close(self) -> None:
        """Give the collector back as it was found."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    @Slot()
    def collect(self) -> None:
        """Collect the generations that passed their thresholds, the oldest first."""
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [age for age in (2, 1, 0) if limits[age] and counts[age] > limits[age]]
        if due and _count(due[0]) > MOST_OBJECTS:
            gc.freeze()
        elif due:
            gc.collect(due[0])


def _count(oldest: int) -> int:
    """Count the objects that a collection of these generations would look at."""
    return sum(len(gc.get_objects(age)) for age in range(oldest + 1))
