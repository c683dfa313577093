"""Turns changed blocks into bytes for the page, off the main thread, the newest one wins."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from PySide6.QtCore import QObject, QTimer, Signal

from app.blocks import Blocks, Positions
from backend_client.contract.clock import Clock
from backend_client.contract.columns import E7, FeatureBlock, FixBlock
from maps.geometry import County
from maps.mercator import project
from maps.spec import LayerSpec

T = TypeVar("T")
Channel = Literal["static", "moving"]
Groups = dict[str, tuple[int, int, int]]

AGE_SHIFT: Final = 3  # paint byte: state in the low three bits, age above
LATE, STALE = 1, 2
STALE_PERIODS: Final = 3.0  # domain rule 20: late from one period, stale from three
REFRESH_MS: Final = 15_000  # how often ages are looked at when nothing changes
NOWHERE: Final = 255


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
class Dots:
    """One layer's objects of one channel, ready to be packed.

    Shape: every array (n,); xy (n, 2) Web-Mercator metres from the centre.
    """

    layer: str
    kinds: tuple[str, ...]
    xy: npt.NDArray[np.float32]
    oid: npt.NDArray[np.uint32]
    kind: npt.NDArray[np.uint8]
    paint: npt.NDArray[np.uint8]
    value: npt.NDArray[np.float32]
    county: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What one job made: the bytes for the page and the arrays for the native map."""

    channel: Channel
    layer: str
    data: bytes
    dots: Dots
    version: int


def county_of(
    lonlat: npt.NDArray[np.float64], regions: Sequence[str], counties: Sequence[County]
) -> npt.NDArray[np.uint8]:
    """Tell which county each place lies in; where no area says so, its region code does.

    Returns:
        Index into `counties`, or NOWHERE.

    Shape: lonlat (n, 2); regions n codes; result (n,).
    """
    index = np.full(len(lonlat), NOWHERE, np.uint8)
    for number, county in enumerate(counties):
        open_rows = np.flatnonzero(index == NOWHERE)
        if county.area is None or not open_rows.size:
            continue
        west, south, east, north = county.area.bounds
        lon, lat = lonlat[open_rows, 0], lonlat[open_rows, 1]
        near = open_rows[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
        shapely.prepare(county.area)
        inside = shapely.contains_xy(county.area, lonlat[near, 0], lonlat[near, 1])
        index[near[inside]] = number
    return _by_region(index, regions, counties)


def _by_region(
    index: npt.NDArray[np.uint8], regions: Sequence[str], counties: Sequence[County]
) -> npt.NDArray[np.uint8]:
    number = {county.unit.code: place for place, county in enumerate(counties)}
    for row in np.flatnonzero(index == NOWHERE).tolist():
        index[row] = number.get(regions[row][:6], NOWHERE)
    return index


def _region_county(
    regions: Sequence[str], region: npt.NDArray[np.uint16], counties: Sequence[County]
) -> npt.NDArray[np.uint8]:
    number = {county.unit.code: place for place, county in enumerate(counties)}
    table = np.array([number.get(code[:6], NOWHERE) for code in regions] or [NOWHERE], np.uint8)
    return table[region] if region.size else np.empty(0, np.uint8)


def _ages(
    spec: LayerSpec,
    kinds: Sequence[str],
    kind: npt.NDArray[np.uint8],
    age_s: npt.NDArray[np.float64],
) -> npt.NDArray[np.uint8]:
    known = [spec.kind(word) for word in kinds]
    table = np.array([one.period_s or np.inf if one else np.inf for one in known] or [np.inf])
    period_s = table[kind]
    late = (age_s > period_s).astype(np.uint8) * LATE
    return np.where(age_s > STALE_PERIODS * period_s, STALE, late).astype(np.uint8)


def _paint(state: npt.NDArray[np.uint8], age: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return (np.minimum(state, 4) | (age << AGE_SHIFT)).astype(np.uint8)


def still_dots(
    block: FeatureBlock, spec: LayerSpec, county: npt.NDArray[np.uint8], now_s: float
) -> Dots:
    """Give a block's objects that have a place."""
    age_s = now_s - block.observed_s.astype(np.float64)
    return Dots(
        layer=block.layer,
        kinds=block.kinds,
        xy=project(block.lon_e7 / E7, block.lat_e7 / E7),
        oid=block.oid,
        kind=block.kind,
        paint=_paint(block.state, _ages(spec, block.kinds, block.kind, age_s)),
        value=block.value,
        county=county,
    )


def moving_dots(
    fixes: FixBlock, spec: LayerSpec, counties: Sequence[County], now_s: float
) -> Dots:
    """Give the newest places of a layer's moving objects."""
    word = next((kind.kind for kind in spec.kinds if kind.period_s), "")
    kind = np.zeros(fixes.oid.size, np.uint8)
    age_s = now_s - fixes.observed_ms / 1000.0
    return Dots(
        layer=spec.layer_id,
        kinds=(word,),
        xy=project(fixes.lon_e7 / E7, fixes.lat_e7 / E7),
        oid=fixes.oid,
        kind=kind,
        paint=_paint(fixes.state, _ages(spec, (word,), kind, age_s)),
        value=np.full(fixes.oid.size, np.nan, np.float32),
        county=_region_county(fixes.regions, fixes.region, counties),
    )


def count_counties(dots: Dots, counties: Sequence[County]) -> Groups:
    """Count objects, abnormal ones and the worst level of each county."""
    groups: Groups = {}
    state = dots.paint & 7
    for number, county in enumerate(counties):
        own = state[dots.county == number]
        bad = own[own > 0]
        if own.size:
            worst = int(bad.min()) if bad.size else 0
            groups[county.unit.code] = (int(own.size), int(bad.size), worst)
    return groups


def pack(dots: Dots, counties: Sequence[County], seq: int) -> bytes:
    """Write one layer as a small JSON head and aligned little-endian arrays.

    Returns:
        u32 length of the head, the head padded to 4 bytes, then the arrays.
    """
    hot = np.flatnonzero(dots.paint & 7)
    hot = hot[np.argsort(-(dots.paint[hot] & 7).astype(np.int16), kind="stable")]
    columns: list[tuple[str, npt.NDArray[np.generic]]] = [
        ("xy", dots.xy.astype("<f4", copy=False)),
        ("oid", dots.oid.astype("<u4", copy=False)),
        ("hot", hot.astype("<u4")),
    ]
    if np.isfinite(dots.value).any():
        columns.append(("value", dots.value.astype("<f4", copy=False)))
    columns += [("paint", dots.paint), ("kind", dots.kind)]
    at, place = {}, 0
    for name, column in columns:
        at[name] = place
        place += column.nbytes
    head = json.dumps(
        {
            "layer": dots.layer,
            "seq": seq,
            "n": int(dots.oid.size),
            "hot": int(hot.size),
            "kinds": dots.kinds,
            "groups": count_counties(dots, counties),
            "at": at,
        }
    ).encode()
    head += b" " * (-len(head) % 4)
    body = b"".join(column.tobytes() for _, column in columns)
    return len(head).to_bytes(4, "little") + head + body


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
        self.latest[key] = painted
        channel, layer = key
        if channel == "static":
            block = self._blocks.get(layer)
            if block.version == painted.version and len(painted.dots.county) == block.oid.size:
                self._known[layer] = (block, painted.dots.county)
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
        codes = np.array(block.regions or ("",))[block.region] if block.oid.size else []
        county = county_of(lonlat, list(codes), counties)
    dots = still_dots(block, spec, county, now_s)
    return Painted("static", block.layer, pack(dots, counties, seq), dots, block.version)


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
    return Painted("moving", spec.layer_id, pack(dots, counties, seq), dots, fixes.seq)
