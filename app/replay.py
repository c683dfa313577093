"""The instant all maps show: now, or one of the last week, moved by hand or running on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.blocks import Blocks, Positions
from app.session import Session
from app.stores import Stores
from app.tasks import Tasks
from backend_client.client import Client
from backend_client.contract.clock import Clock
from backend_client.contract.columns import FeatureBlock, FixBlock, merge_features
from backend_client.replay import layer_at, positions_at

KEPT: Final = timedelta(days=7)
PLAY_MS: Final = 1_000
PLAY_SPEED: Final = 60  # a minute a second: a night's flood in ten minutes
LEAST_BACK: Final = timedelta(seconds=5)  # nearer to now there is nothing to look back on


class PastClock:
    """Tell the instant that is shown: ages on a replayed map are those of that instant."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores, self._clock = stores, clock
        self.at: datetime | None = None

    def now(self) -> datetime:
        """Give the instant shown."""
        return self.at or self._stores.server_now()

    def steady_s(self) -> float:
        """Give seconds that never go backwards: of the machine, also in replay."""
        return self._clock.steady_s()


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """What was read for an instant."""

    blocks: Mapping[str, FeatureBlock]
    fixes: FixBlock | None


class Replay(QObject):
    """One time for all maps; those joined to it turn back and run together.

    While it is not now, the seat is read-only: what is seen is not what is.

    Signals:
        moved: another instant, another speed, or now again.
        shown: the maps' contents are those of the instant.
        failed(Exception): an instant could not be read; the one on the maps is named again.
    """

    moved = Signal()
    shown = Signal()
    failed = Signal(object)

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        stores: Stores,
        session: Session,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._client, self._tasks, self._stores, self._session = client, tasks, stores, session
        self.clock = PastClock(stores, clock)
        self.blocks = Blocks(self.clock, self)
        self.positions = Positions(self.clock, self)
        self.speed = 0
        self._layers: set[str] = set()
        self._held: datetime | None = None  # read for all layers
        self._on_maps: datetime | None = None  # what the maps show until then
        self._is_reading = False
        self._is_again = False
        self._timer = QTimer(self, interval=PLAY_MS)
        self._timer.timeout.connect(self._on_tick)
        session.signed_out.connect(self.go_live)

    @property
    def at(self) -> datetime | None:
        """Give the instant shown, None for now."""
        return self.clock.at

    @property
    def is_read(self) -> bool:
        """Tell whether the maps show the instant already."""
        return self.at is not None and self._held == self.at

    def go(self, at: datetime) -> None:
        """Show an instant; the future is now, and what is too long ago the oldest there is."""
        now = self._stores.server_now()
        if at > now - LEAST_BACK:
            self.go_live()
            return
        self.clock.at = max(at, now - KEPT + timedelta(minutes=1)).replace(microsecond=0)
        self._session.look_back(True)
        self.moved.emit()
        self._read()

    def step(self, seconds: float) -> None:
        """Move the instant; back from now begins to replay."""
        self.go((self.at or self._stores.server_now()) + timedelta(seconds=seconds))

    def play(self) -> None:
        """Let the instant run on, or stand."""
        if self.at is None:
            return
        self.speed = 0 if self.speed else PLAY_SPEED
        if self.speed:
            self._timer.start()
        else:
            self._timer.stop()
        self.moved.emit()

    def go_live(self, _why: object = None) -> None:
        """Show now again."""
        if self.at is None:
            return
        self._timer.stop()
        self.clock.at, self.speed, self._held, self._on_maps = None, 0, None, None
        self._layers.clear()
        self._session.look_back(False)
        self.moved.emit()
        for layer in self.blocks.layers():
            self.blocks.drop(layer)
        self.positions.clear()

    def want(self, layers: Iterable[str]) -> None:
        """Read these layers too from now on."""
        more = set(layers) - self._layers
        if more:
            self._layers |= more
            self._held = None
            if self.at is not None:
                self._read()

    def _on_tick(self) -> None:
        if self.at is not None and not self._is_reading:
            self.step(self.speed * PLAY_MS / 1_000)

    def _read(self) -> None:
        if self._is_reading:
            self._is_again = True
            return
        at = self.at
        if at is None or not self._layers:
            return
        live = self._stores.blocks
        have = {layer: live.get(layer) for layer in self._layers & set(live.layers())}
        moving = bool(self._layers & set(self._stores.positions.layers()))
        wanted = set(self._layers)
        self._is_reading, self._is_again = True, False
        self._tasks.run(
            partial(_fetch, self._client, at, have, moving=moving),
            partial(self._on_read, at, wanted),
            self._on_failed,
        )

    def _on_read(self, at: datetime, wanted: set[str], moment: _Moment) -> None:
        self._is_reading = False
        if self.at is None:
            return
        self._on_maps = at
        self.blocks.restart()
        for block in moment.blocks.values():
            self.blocks.put(block)
        if moment.fixes is not None:
            self.positions.replace(moment.fixes)
            self.positions.hold(self._stores.positions.layers())
        if self._is_again or wanted != self._layers:
            self._read()
        else:
            self._held = at
        self.shown.emit()

    def _on_failed(self, error: Exception) -> None:
        self._is_reading = False
        self.failed.emit(error)
        if self.at is None:
            return
        if self.speed:
            self.play()
        if self._on_maps is None:
            self.go_live()
        elif self._on_maps != self.at:  # no map may bear an instant it does not show
            self.clock.at = self._held = self._on_maps
            self.moved.emit()


def _fetch(
    client: Client, at: datetime, have: Mapping[str, FeatureBlock], *, moving: bool
) -> _Moment:
    """Read what leads back to an instant and lay it over the layers as they are; in a worker."""
    blocks = {}
    for layer, now in have.items():
        change = layer_at(client, layer, at)
        same = not change.oid.size and not change.removed.size
        based = replace(change, base=now.version, version=now.version)
        blocks[layer] = now if same else merge_features(now, based)
    return _Moment(blocks, positions_at(client, at) if moving else None)
