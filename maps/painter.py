"""Keeps every view supplied: what changed is drawn anew for each window, off the main thread."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.blocks import Blocks, Positions
from app.tasks import Runner
from backend_client.contract.clock import Clock
from backend_client.contract.columns import FeatureBlock, FixBlock
from maps.counties import CountyMap
from maps.flock import Channel, Flock
from maps.geometry import County
from maps.growth import fly, grow
from maps.picture import Names, Picture, draw, names_of, pack, pack_names
from maps.sight import Sight
from maps.spec import LayerSpec
from maps.ways import Way

Key = tuple[Channel, str]
CHANNELS: Final[tuple[Channel, ...]] = ("static", "moving")

REFRESH_MS: Final = 15_000  # how often ages are looked at when nothing changes
MOST_JOBS: Final = 2  # at once: the workers also speak to the service


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What a view is to show of a layer and channel.

    Args:
        data: for a page, empty without one.
        names: who the rows are, when they are others than before; goes before the data.
    """

    view: int
    seq: int
    version: int
    picture: Picture
    data: bytes
    names: bytes = b""

    @property
    def key(self) -> Key:
        """Give channel and layer."""
        return self.picture.channel, self.picture.layer


@dataclass(slots=True)
class _Seen:
    """What the painter knows of one view."""

    sight: Sight
    is_page: bool
    ways: dict[Key, Way]
    prints: dict[Key, int]
    names: dict[Key, Names]


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """One view's part of a job."""

    view: int
    sight: Sight
    way: Way | None
    is_page: bool
    names: Names | None


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A view's picture, and for a page its bytes, their number and the names of its rows."""

    order: _Order
    picture: Picture
    data: bytes
    number: int
    names: Names | None
    said: bytes


@dataclass(frozen=True, slots=True, eq=False)
class _Done:
    """What a job brings home: the flock for the next one, a picture and its bytes per view."""

    flock: Flock
    source: FeatureBlock | FixBlock
    drawn: tuple[_Drawn, ...]


class Numbers:
    """Count what painters of one host lay ready, so that a view may change between them."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """Give the next number: the one before it is for the names."""
        self.last += 2
        return self.last


class Painter(QObject):
    """Watch the stores and the views' windows; draw what changed for whom it concerns.

    Signals:
        painted(Painted): a view's part of a layer is another now.
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
        numbers: Numbers | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._numbers = numbers or Numbers()
        self._specs = {spec.layer_id: spec for spec in specs}
        self._blocks = blocks
        self._positions = positions
        self._tasks = tasks
        self._clock = clock
        self._counties = CountyMap(())
        self._views: dict[int, _Seen] = {}
        self._flocks: dict[Key, Flock] = {}
        self._busy: set[Key] = set()
        self._dirty: dict[Key, set[int]] = {}
        blocks.changed.connect(self._on_block)
        positions.changed.connect(self._on_positions)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.repaint)
        self._timer.start()

    # ---- what is asked for ----------------------------------------------------------------

    def use_counties(self, counties: Sequence[County]) -> None:
        """Count by these counties from now on."""
        self._tasks.run(partial(CountyMap, counties), self._on_counties)

    def look(self, view: int, sight: Sight, *, is_page: bool = True) -> None:
        """Supply a view with what it looks at from now on.

        Args:
            view: its number.
            sight: its window, layers and mark.
            is_page: whether it wants bytes besides the picture.
        """
        before = self._views.get(view)
        if before is None or before.is_page != is_page:
            before = self._views[view] = _Seen(sight, is_page, {}, {}, {})
            wanted = {*sight.layers}
        elif before.sight.window is sight.window and before.sight.detail == sight.detail:
            marks = (before.sight.mark, sight.mark)
            wanted = {*sight.layers} - {*before.sight.layers}
            if marks[0] != marks[1]:
                wanted |= {mark[0] for mark in marks if mark}
        else:
            wanted = {*sight.layers}
        for key in [key for key in before.prints if key[1] not in sight.layers]:
            del before.prints[key]
            before.names.pop(key, None)
        before.sight = sight
        for layer in sight.layers:
            if layer in wanted and layer in self._specs:
                self._want_layer(layer, {view})

    def forget(self, view: int) -> None:
        """Supply a view no more, or all anew when it looks again."""
        self._views.pop(view, None)

    def repaint(self) -> None:
        """Look at every layer again: ages have grown."""
        for layer in self._specs:
            self._want_layer(layer, {*self._views})

    def stop(self) -> None:
        """Look at ages no more, and supply nobody."""
        self._timer.stop()
        self._views.clear()

    # ---- what changed ---------------------------------------------------------------------

    def _on_counties(self, counties: CountyMap) -> None:
        self._counties = counties
        self.repaint()

    def _on_block(self, layer: str) -> None:
        self._want(("static", layer), {*self._views})

    def _on_positions(self) -> None:
        gone = {layer for channel, layer in self._flocks if channel == "moving"}
        for layer in gone.union(self._positions.layers()):
            flock = self._flocks.get(("moving", layer))
            fixes = self._positions.latest(layer)
            if flock is None or (flock.block is not fixes and (flock.size or fixes.oid.size)):
                self._want(("moving", layer), {*self._views})

    def _want_layer(self, layer: str, views: set[int]) -> None:
        if layer in self._positions.layers() or ("moving", layer) in self._flocks:
            self._want(("moving", layer), views)
        if layer in self._blocks.layers() or ("static", layer) in self._flocks:
            self._want(("static", layer), views)

    def _want(self, key: Key, views: set[int]) -> None:
        showing = {view for view in views if key[1] in self._views[view].sight.layers}
        if key[1] in self._specs and showing:
            self._dirty.setdefault(key, set()).update(showing)
            self._start()

    # ---- jobs: one per key at a time, a few in all ------------------------------------------

    def _start(self) -> None:
        ready = [key for key in self._dirty if key not in self._busy]
        ready.sort(key=lambda key: key[0] != "moving")  # small and ten times a second: first
        for key in ready[: MOST_JOBS - len(self._busy)]:
            views = [view for view in sorted(self._dirty.pop(key)) if view in self._views]
            if not views:
                continue
            self._busy.add(key)
            self._tasks.run(
                self._job(key, views), partial(self._take, key), partial(self._fail, key)
            )

    def _job(self, key: Key, views: Sequence[int]) -> Callable[[], _Done]:
        channel, layer = key
        orders = tuple(
            _Order(view, seen.sight, seen.ways.get(key), seen.is_page, seen.names.get(key))
            for view in views
            for seen in (self._views[view],)
        )
        source = self._blocks.get(layer) if channel == "static" else self._positions.latest(layer)
        return partial(
            _work,
            self._flocks.get(key),
            source,
            self._specs[layer],
            counties=self._counties,
            orders=orders,
            now_s=self._clock.now().timestamp(),
        )

    def _take(self, key: Key, done: _Done) -> None:
        self._flocks[key] = done.flock
        for one in done.drawn:
            order = one.order
            seen = self._views.get(order.view)
            if seen is None or seen.is_page != order.is_page or key[1] not in seen.sight.layers:
                continue
            if one.names is not None and not one.said and seen.names.get(key) is not one.names:
                self._dirty.setdefault(key, set()).add(order.view)
                continue  # the view began anew meanwhile and was never told these names
            seen.ways[key] = one.picture.way
            mark = one.number if order.is_page else self._numbers.last
            if seen.prints.get(key) == mark:
                continue  # nothing has changed, not even an age: the page needs no new bytes
            seen.prints[key] = mark
            if one.names is not None:
                seen.names[key] = one.names
            seq = self._numbers.next()
            version = getattr(done.source, "version", getattr(done.source, "seq", 0))
            self.painted.emit(Painted(order.view, seq, version, one.picture, one.data, one.said))
        self._release(key)

    def _fail(self, key: Key, error: Exception) -> None:
        self._release(key)
        raise error

    def _release(self, key: Key) -> None:
        self._busy.discard(key)
        self._start()


def _work(
    old: Flock | None,
    source: FeatureBlock | FixBlock,
    spec: LayerSpec,
    *,
    counties: CountyMap,
    orders: Sequence[_Order],
    now_s: float,
) -> _Done:
    """Bring a flock up to date and draw it for some views; runs in a worker."""
    if old is not None and old.block is source and old.counties is counties:
        flock = old
    elif isinstance(source, FeatureBlock):
        flock = grow(old, source, counties, spec.everyday)
    else:
        flock = fly(old, source, spec, counties)
    drawn = []
    for order in orders:
        picture = draw(flock, spec, order.sight, before=order.way, now_s=now_s)
        drawn.append(_packed(order, picture))
    return _Done(flock, source, tuple(drawn))


def _packed(order: _Order, picture: Picture) -> _Drawn:
    """Write a picture for a page; the names of its rows only when it has others."""
    if not order.is_page:
        return _Drawn(order, picture, b"", 0, None, b"")
    names, said = order.names, b""
    if names is None or not names.fits(picture):
        names = names_of(picture)
        said = pack_names(picture, names)
    data = pack(picture, names.number)
    return _Drawn(order, picture, data, zlib.crc32(data), names, said)
