"""The painter alone: newest wins, nothing is sent twice, ages are sent when they change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.blocks import Blocks, Positions, empty_fixes
from backend_client.contract.clock import ManualClock
from backend_client.contract.columns import FeatureBlock
from maps.mercator import project
from maps.painter import Painted, Painter
from maps.sight import Eye, Sight, take_window
from maps.spec import load_layers

T = TypeVar("T")
X, Y = project(np.array([120.8]), np.array([32.0]))[0].tolist()


def sight(zoom: float = 12.0, east_m: float = 0.0, layers: tuple[str, ...] = ("water",)) -> Sight:
    return Sight(take_window(Eye(X + east_m, Y, zoom, 800, 600)), layers)


START = datetime(2026, 7, 18, 1, 0, tzinfo=UTC)


class Queue:
    """Run jobs when told to, as a slow worker would."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def run(
        self,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self.jobs.append(lambda: done(job()))

    def work(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


def station(version: int, level_m: float) -> FeatureBlock:
    return FeatureBlock(
        layer="water",
        version=version,
        base=0,
        kinds=("level_station",),
        regions=("320613",),
        oid=np.array([1], np.uint32),
        lon_e7=np.array([1_208_000_000], np.int32),
        lat_e7=np.array([320_000_000], np.int32),
        kind=np.zeros(1, np.uint8),
        state=np.zeros(1, np.uint8),
        region=np.zeros(1, np.uint16),
        value=np.array([level_m], np.float32),
        observed_s=np.array([START.timestamp()], np.uint32),
        removed=np.empty(0, np.uint32),
    )


@pytest.fixture
def parts(qtbot: QtBot) -> tuple[ManualClock, Blocks, Queue, Painter, list[Painted]]:
    clock, queue = ManualClock(START), Queue()
    blocks, positions = Blocks(clock), Positions(clock)
    painter = Painter(load_layers(), blocks, positions, queue, clock=clock)
    painter.stop()
    painter.look(1, sight())
    painted: list[Painted] = []
    painter.painted.connect(painted.append)
    return clock, blocks, queue, painter, painted


Parts = tuple[ManualClock, Blocks, Queue, Painter, list[Painted]]


def test_a_busy_worker_paints_only_the_newest(parts: Parts) -> None:
    _, blocks, queue, _, painted = parts
    for version in range(1, 6):
        blocks.put(station(version, 3.0 + version))
    assert len(queue.jobs) == 1
    queue.work()
    assert [one.version for one in painted] == [1, 5]


def test_nothing_new_is_not_sent_again_until_an_age_changes(parts: Parts) -> None:
    clock, blocks, queue, painter, painted = parts
    blocks.put(station(1, 3.0))
    queue.work()
    painter.repaint()
    queue.work()
    assert len(painted) == 1
    clock.advance(301)
    painter.repaint()
    queue.work()
    assert [int(one.picture.paint[0]) for one in painted] == [0, 1 << 3]


def test_an_unknown_layer_is_left_alone(parts: Parts) -> None:
    _, blocks, queue, _, _ = parts
    other = station(1, 3.0)
    blocks.put(FeatureBlock(**{**{k: getattr(other, k) for k in other.__slots__}, "layer": "x"}))
    assert queue.jobs == []


def test_each_view_is_given_its_own_window(parts: Parts) -> None:
    _, blocks, queue, painter, painted = parts
    painter.look(2, sight(east_m=100_000.0))
    blocks.put(station(1, 3.0))
    queue.work()
    assert {one.view: one.picture.oid.tolist() for one in painted} == {1: [1], 2: []}


def test_the_same_window_again_asks_for_nothing(parts: Parts) -> None:
    _, blocks, queue, painter, _painted = parts
    blocks.put(station(1, 3.0))
    queue.work()
    before = painter._views[1].sight
    painter.look(1, Sight(before.window, before.layers))
    assert queue.jobs == []
    painter.look(1, Sight(before.window, before.layers, mark=("water", 1)))
    assert len(queue.jobs) == 1


def test_a_layer_shown_again_is_sent_again(parts: Parts) -> None:
    _, blocks, queue, painter, painted = parts
    blocks.put(station(1, 3.0))
    queue.work()
    window = painter._views[1].sight.window
    painter.look(1, Sight(window, ()))
    painter.look(1, Sight(window, ("water",)))
    queue.work()
    assert len(painted) == 2


def test_what_no_view_shows_costs_no_work(parts: Parts) -> None:
    _, blocks, queue, painter, _ = parts
    painter.forget(1)
    blocks.put(station(1, 3.0))
    assert queue.jobs == []


def test_a_view_without_a_page_is_given_no_bytes(parts: Parts) -> None:
    _, blocks, queue, painter, painted = parts
    painter.look(1, sight(), is_page=False)
    blocks.put(station(1, 3.0))
    queue.work()
    assert [one.data for one in painted] == [b""]


def test_vehicles_that_are_gone_leave_the_picture(parts: Parts) -> None:
    _, _, queue, painter, painted = parts
    one = replace(
        empty_fixes("water"),
        kinds=("patrol_boat",),
        regions=("320613",),
        oid=np.array([1], np.uint32),
        layer=np.zeros(1, np.uint8),
        lon_e7=np.array([1_208_000_000], np.int32),
        lat_e7=np.array([320_000_000], np.int32),
        kind=np.zeros(1, np.uint8),
        state=np.zeros(1, np.uint8),
        region=np.zeros(1, np.uint16),
        speed_kmh=np.zeros(1, np.float32),
        heading_deg=np.zeros(1, np.float32),
        observed_ms=np.array([int(START.timestamp() * 1000)], np.int64),
    )
    painter._positions.apply(one)
    queue.work()
    painter._positions.clear()
    queue.work()
    assert [one.picture.oid.tolist() for one in painted] == [[1], []]
