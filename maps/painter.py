"""Turns changed blocks into bytes for the page, off the main thread, the newest one wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from app.blocks import Blocks, Positions
from backend_client.contract.clock import Clock
from backend_client.contract.columns import E7, FeatureBlock, FixBlock
from maps.dots import Dots, county_of, moving_dots, pack, region_county, still_dots
from maps.geometry import County
from maps.spec import LayerSpec

T = TypeVar("T")
Channel = Literal["static", "moving"]
CHANNELS: Final[tuple[Channel, ...]] = ("static", "moving")

REFRESH_MS: Final = 15_000  # how often ages are looked at when nothing changes


class Runner(Protocol):
    """The part of `app.tasks.Tasks` this needs."""

    def run(
        self,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run a job elsewhere and bring the result home."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What one job made: the bytes for the page and the arrays for the native map."""

    channel: Channel
    layer: str
    data: bytes
    dots: Dots
    version: int
    counties: Sequence[County]


class Painter(QObject):
    """Watch the stores and keep the newest bytes of each layer and channel.

    Signals:
        painted(Painted): a layer was painted anew.
    """

    painted = Signal(object)

    def __init__(
        self,
        specs: Sequence[LayerSpec],
        blocks: Blocks,
        positions: Positions,
        tasks: Runner,
        *,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._specs = {spec.layer_id: spec for spec in specs}
        self._blocks = blocks
        self._positions = positions
        self._tasks = tasks
        self._clock = clock
        self._counties: tuple[County, ...] = ()
        self._busy: set[tuple[Channel, str]] = set()
        self._dirty: set[tuple[Channel, str]] = set()
        self._known: dict[str, tuple[FeatureBlock, npt.NDArray[np.uint8]]] = {}
        self._seq = 0
        self.latest: dict[tuple[Channel, str], Painted] = {}
        blocks.changed.connect(self._on_block)
        positions.changed.connect(self._on_positions)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.repaint)
        self._timer.start()

    def use_counties(self, counties: tuple[County, ...]) -> None:
        """Count by these counties from now on."""
        self._counties = counties
        self._known.clear()
        self.repaint()

    def repaint(self) -> None:
        """Paint every layer that has something again: ages have grown."""
        for layer in self._blocks.layers():
            self._on_block(layer)
        self._on_positions()

    def stop(self) -> None:
        """Look at ages no more."""
        self._timer.stop()

    def _on_block(self, layer: str) -> None:
        if layer in self._specs:
            self._want("static", layer)

    def _on_positions(self) -> None:
        for layer in self._positions.layers():
            if layer in self._specs:
                self._want("moving", layer)

    def _want(self, channel: Channel, layer: str) -> None:
        key = (channel, layer)
        if key in self._busy:
            self._dirty.add(key)
            return
        self._busy.add(key)
        self._seq += 1
        job = self._still_job(layer) if channel == "static" else self._moving_job(layer)
        self._tasks.run(job, partial(self._take, key), partial(self._fail, key))

    def _still_job(self, layer: str) -> Callable[[], Painted]:
        block = self._blocks.get(layer)
        known = self._known.get(layer)
        county = known[1] if known and known[0] is block else None
        spec, counties, seq = self._specs[layer], self._counties, self._seq
        now_s = self._clock.now().timestamp()
        return partial(
            paint_still, block, spec, counties=counties, county=county, now_s=now_s, seq=seq
        )

    def _moving_job(self, layer: str) -> Callable[[], Painted]:
        fixes = self._positions.latest(layer)
        spec, counties, seq = self._specs[layer], self._counties, self._seq
        now_s = self._clock.now().timestamp()
        return partial(paint_moving, fixes, spec, counties=counties, now_s=now_s, seq=seq)

    def _take(self, key: tuple[Channel, str], painted: Painted) -> None:
        before = self.latest.get(key)
        self.latest[key] = painted
        channel, layer = key
        if channel == "static":
            block = self._blocks.get(layer)
            if painted.dots.oid is block.oid and painted.counties is self._counties:
                self._known[layer] = (block, painted.dots.county)
        if before is None or not _looks_like(before, painted):
            self.painted.emit(painted)
        self._release(key)

    def _fail(self, key: tuple[Channel, str], error: Exception) -> None:
        self._release(key)
        raise error

    def _release(self, key: tuple[Channel, str]) -> None:
        self._busy.discard(key)
        if key in self._dirty:
            self._dirty.discard(key)
            self._want(*key)


def _looks_like(before: Painted, now: Painted) -> bool:
    """Tell that nothing has changed, not even an age: the page needs no new bytes."""
    return (
        before.dots.oid is now.dots.oid
        and before.counties is now.counties
        and np.array_equal(before.dots.paint, now.dots.paint)
    )


def paint_still(
    block: FeatureBlock,
    spec: LayerSpec,
    *,
    counties: Sequence[County],
    county: npt.NDArray[np.uint8] | None,
    now_s: float,
    seq: int,
) -> Painted:
    """Paint one block; runs in a worker.

    Args:
        block: the layer's block; objects without a place are left out by the contract.
        spec: the layer.
        counties: to count by.
        county: the county of each row when it is known from before.
        now_s: for the ages.
        seq: number of this painting.
    """
    if county is None:
        lonlat = np.column_stack([block.lon_e7 / E7, block.lat_e7 / E7])
        by_region = region_county(block.regions, block.region, counties)
        county = county_of(lonlat, by_region, counties)
    dots = still_dots(block, spec, county, now_s)
    return Painted("static", block.layer, pack(dots, counties, seq), dots, block.version, counties)


def paint_moving(
    fixes: FixBlock,
    spec: LayerSpec,
    *,
    counties: Sequence[County],
    now_s: float,
    seq: int,
) -> Painted:
    """Paint one layer's newest fixes; runs in a worker."""
    dots = moving_dots(fixes, spec, counties, now_s)
    data = pack(dots, counties, seq)
    return Painted("moving", spec.layer_id, data, dots, fixes.seq, counties)
