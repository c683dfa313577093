"""Watch the main thread: time a ping every 50 ms, dump all stacks when it stalls over 100 ms."""

from __future__ import annotations

import faulthandler
from array import array
from pathlib import Path
from typing import Final, TextIO

from PySide6.QtCore import QObject, Slot

from app.tasks import Pinger
from backend_client.contract.clock import Clock

STALL_S: Final = 0.1
MAX_DUMPS: Final = 200


class Watchdog(QObject):
    """Measure how long the main thread takes to answer; the end-to-end test reads it."""

    def __init__(
        self, clock: Clock, file: Path, *, stall_s: float = STALL_S, parent: QObject | None = None
    ) -> None:
        """Prepare; `file` takes the stacks of every stall."""
        super().__init__(parent)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = file.open("w", encoding="utf-8")
        self._delays_s = array("d")
        self._dumps = 0
        self._pinger = Pinger(clock, limit_s=stall_s, stalled=self._dump, parent=self)
        self._pinger.measured.connect(self._on_measured)

    def start(self) -> None:
        """Begin watching."""
        self._pinger.start()

    def close(self) -> None:
        """Stop watching."""
        self._pinger.close()
        self._file.close()

    @property
    def count(self) -> int:
        """Give the number of pings answered."""
        return len(self._delays_s)

    @property
    def stalls(self) -> int:
        """Give the number of stalls whose stacks were dumped."""
        return self._dumps

    def percentile_s(self, share: float) -> float:
        """Give the delay that this share of the pings stayed under; 0 when there were none.

        Args:
            share: 0.999 for p99.9.
        """
        if not self._delays_s:
            return 0.0
        ordered = sorted(self._delays_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def restart(self) -> None:
        """Forget what was measured, e.g. the start-up."""
        self._delays_s = array("d")

    @Slot(float)
    def _on_measured(self, delay_s: float) -> None:
        self._delays_s.append(delay_s)

    def _dump(self, limit_s: float) -> None:
        """Run on the pinging thread: the main thread is stuck."""
        self._dumps += 1
        if self._dumps > MAX_DUMPS:
            return
        self._file.write(f"--- stall over {limit_s * 1000:.0f} ms, no. {self._dumps}\n")
        self._file.flush()
        faulthandler.dump_traceback(self._file, all_threads=True)
