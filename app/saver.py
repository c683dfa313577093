"""Write what the console sees back to the cache, in batches, on the serial worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from app.blocks import join
from app.keeper import Keeper
from app.stores import Link, Stores
from backend_client.cache import Standing
from backend_client.contract.change import Change
from backend_client.contract.clock import Clock

SAVE_MS: Final = 1_000
BULK_EVERY_S: Final = 30.0
STANDING_EVERY_S: Final = 10.0


class Saver(QObject):
    """Collect changes and moved layers; one transaction a second, bulk every 30 s."""

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
        self._timer = QTimer(self, interval=SAVE_MS)
        self._timer.timeout.connect(self._on_timeout)
        stores.blocks.changed.connect(self._on_block_changed)

    def begin(self, server: str, person_id: str) -> None:
        """Start to keep a picture as this person sees it."""
        stores = self._stores
        standing = Standing(server, person_id, stores.epoch, stores.n, self._clock.now())
        self._layers = set(stores.blocks.layers())
        self._keeper.cache(lambda cache: cache.begin(standing))
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

    def flush(self, *, at_once: bool = False) -> None:
        """Hand the collected changes to the worker; bulk too when it is due or `at_once`."""
        stores, n, now_at = self._stores, self._stores.n, self._clock.now()
        changes = tuple(self._changes)
        is_live = stores.link is Link.ONLINE
        if changes or (is_live and self._is_due("standing", STANDING_EVERY_S)):
            self._changes.clear()
            self._keeper.cache(lambda cache: cache.save(changes, n, now_at))
        for layer in tuple(self._layers):
            if at_once or self._is_due(layer, BULK_EVERY_S):
                self._layers.discard(layer)
                self._save_block(layer)
        positions = stores.positions
        if positions.seq != self._fixes_seq and (at_once or self._is_due("fixes", BULK_EVERY_S)):
            self._fixes_seq = positions.seq
            parts = tuple(positions.latest(layer) for layer in positions.layers())
            seq, epoch = positions.seq, positions.epoch
            self._keeper.cache(lambda cache: cache.save_fixes(join(seq, epoch, parts)))

    def _save_block(self, layer: str) -> None:
        block = self._stores.blocks.get(layer)
        if block.version == 0:
            self._keeper.cache(lambda cache: cache.drop_block(layer))
        else:
            self._keeper.cache(lambda cache: cache.save_block(block))

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
