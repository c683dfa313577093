"""Pull the positions of moving objects by long poll; a new epoch starts from nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from backend_client.client import Client
from backend_client.contract.clock import Clock
from backend_client.contract.columns import FixBlock
from backend_client.errors import Refused, Unreachable
from backend_client.stream import Backoff

WAIT_S: Final = 1.0
BUSY_PAUSE_S: Final = 0.15
HEALTHY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Fixes:
    """A batch of fixes; `whole` when it answers `since=0` and so names every object in sight."""

    block: FixBlock
    whole: bool


class Pull:
    """Follow the positions for ever; a source for `Tasks.follow` or a script's loop."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        *,
        backoff: Backoff | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._seq = 0
        self._epoch = ""

    def batches(self, stopped: Callable[[], bool]) -> Iterator[Fixes]:
        """Give batches until stopped; while nobody answers, none come.

        Raises:
            Refused: the service gives this person no positions.
        """
        healthy_s = self._clock.steady_s()
        while not stopped():
            try:
                block = self._client.positions(since=self._seq, wait_s=WAIT_S)
            except Unreachable as error:
                self._rest(self._backoff.pause_s(error.retry_after_s), stopped)
                healthy_s = self._clock.steady_s()
                continue
            except Refused as error:
                if error.problem.status not in (429, 503):
                    raise
                self._rest(self._backoff.pause_s(error.retry_after_s), stopped)
                continue
            if self._clock.steady_s() - healthy_s >= HEALTHY_S:
                self._backoff.reset()
            yield from self._take(block)
            self._rest(BUSY_PAUSE_S if block is not None else 0.0, stopped)

    def _take(self, block: FixBlock | None) -> Iterator[Fixes]:
        if block is None:
            return
        if self._epoch and block.epoch != self._epoch and self._seq:
            self._seq, self._epoch = 0, ""  # another sequence: what came is only a part of it
            return
        whole = self._seq == 0
        moved = block.seq != self._seq or block.oid.size > 0
        self._seq, self._epoch = block.seq, block.epoch
        if moved or whole:
            yield Fixes(block, whole)

    def _rest(self, seconds: float, stopped: Callable[[], bool]) -> None:
        end_s = self._clock.steady_s() + seconds
        while not stopped() and self._clock.steady_s() < end_s:
            self._sleep(min(0.1, seconds))
