"""Write what the console sees back to the cache, in batches, on the serial worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Slot

from app.blocks import UNKNOWN_AGE_S, join
from app.keeper import Keeper
from app.stores import Link, Stores
from backend_client.contract.change import Change
from backend_client.contract.clock import Clock
from backend_client.picture import Standing

if TYPE_CHECKING:
    from backend_client.cache import Cache

SAVE_MS: Final = 1_000
BULK_EVERY_S: Final = 30.0
ROWS_A_S: Final = 5_000
"""A layer of over 150,000 is written more seldom: 1.1 million each 30 s were 79 GB a day."""
STANDING_EVERY_S: Final = 10.0


class Saver(QObject):
    """Collect changes and moved layers; one transaction a second, bulk every 30 s.

    When the file is lost on the way, everything in sight is written anew.
    """

    def __init__(
        self, keeper: Keeper, stores: Stores, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._stores = stores
        self._clock = clock
        self._changes: list[Change] = []
        self._layers: set[str] = set()
        self._saved_s: dict[str, float] = {}
        self._fixes_seq = 0
        self._whose = ("", "")
        self._is_lost = False
        self._timer = QTimer(self, interval=SAVE_MS)
        self._timer.timeout.connect(self._on_timeout)
        stores.blocks.changed.connect(self._on_block_changed)

    def begin(self, server: str, person_id: str) -> None:
        """Start to keep a picture as this person sees it."""
        self._whose = (server, person_id)
        self._is_lost = False
        self._begin()
        self._timer.start()

    def add(self, changes: Sequence[Change]) -> None:
        """Keep these changes with the next batch."""
        self._changes.extend(changes)

    def pause(self) -> None:
        """Write what is left and keep nothing more until `begin`."""
        if self._timer.isActive():
            self.flush(at_once=True)
        self._timer.stop()
        self._changes.clear()
        self._is_lost = False

    def flush(self, *, at_once: bool = False) -> None:
        """Hand the collected changes to the worker; bulk too when it is due or `at_once`."""
        if self._is_lost:
            self._write_anew()
        stores, n, seen_at = self._stores, self._stores.n, self._seen_at()
        changes = tuple(self._changes)
        is_live = stores.link is Link.ONLINE
        if changes or (is_live and self._is_due("standing", STANDING_EVERY_S)):
            self._changes.clear()
            self._keep(lambda cache: cache.save(changes, n, seen_at))
        for layer in tuple(self._layers):
            if at_once or self._is_due(layer, self._every_s(layer)):
                self._layers.discard(layer)
                self._save_block(layer)
        positions = stores.positions
        if positions.seq != self._fixes_seq and (at_once or self._is_due("fixes", BULK_EVERY_S)):
            self._fixes_seq = positions.seq
            parts = tuple(positions.latest(layer) for layer in positions.layers())
            seq, epoch = positions.seq, positions.epoch
            self._keep(lambda cache: cache.save_fixes(join(seq, epoch, parts)))

    def _begin(self) -> None:
        stores = self._stores
        standing = Standing(*self._whose, stores.epoch, stores.n, self._seen_at())
        self._layers = set(stores.blocks.layers())
        self._keep(lambda cache: cache.begin(standing))

    def _write_anew(self) -> None:
        """Begin the picture again and collect all of it: the file went with what it held."""
        self._is_lost = False
        self._begin()
        self._changes[:0] = self._stores.changes()
        self._fixes_seq = 0
        self._saved_s.clear()

    def _keep(self, step: Callable[[Cache], bool]) -> None:
        self._keeper.cache(step, self._on_kept)

    def _on_kept(self, is_kept: bool) -> None:  # noqa: FBT001  # the answer of a step
        if not is_kept and self._timer.isActive():
            self._is_lost = True

    def _seen_at(self) -> datetime:
        """Give when the service was last heard."""
        silent_s = self._stores.silent_s()
        now = self._clock.now()
        return now - timedelta(seconds=silent_s) if silent_s < UNKNOWN_AGE_S else now

    def _save_block(self, layer: str) -> None:
        block = self._stores.blocks.get(layer)
        if block.version == 0:
            self._keep(lambda cache: cache.drop_block(layer))
        else:
            self._keep(lambda cache: cache.save_block(block))

    def _every_s(self, layer: str) -> float:
        return max(BULK_EVERY_S, self._stores.blocks.get(layer).oid.size / ROWS_A_S)

    def _is_due(self, what: str, every_s: float) -> bool:
        now_s = self._clock.steady_s()
        if now_s - self._saved_s.get(what, -every_s) < every_s:
            return False
        self._saved_s[what] = now_s
        return True

    @Slot(str)
    def _on_block_changed(self, layer: str) -> None:
        self._layers.add(layer)

    @Slot()
    def _on_timeout(self) -> None:
        self.flush()
