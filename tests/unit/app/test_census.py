"""Every layer is counted once per change, off the main thread, and again when ages have grown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import app.census
import app.tally
from app.census import AGAIN_S, Census, Plan
from app.stores import Stores
from backend_client.contract.clock import ManualClock
from maps.spec import load_layers
from tests.blocks import layer_block, layer_fixes
from tests.qt.picture import NOW

SPECS = {spec.layer_id: spec for spec in load_layers()}


class Later:
    """Keep jobs until they are told to run, as a busy pool would."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def run(
        self,
        job: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self.jobs.append((job, done))

    def work(self) -> None:
        jobs, self.jobs = self.jobs, []
        for job, done in jobs:
            done(job())


def city() -> tuple[Stores, ManualClock]:
    clock = ManualClock(NOW)
    stores = Stores(clock)
    stores.blocks.put(layer_block(SPECS["health"], NOW))
    stores.positions.apply(layer_fixes(SPECS["health"], NOW))
    return stores, clock


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many objects each count went over."""
    sizes: list[int] = []
    true = app.tally.count_layer

    def note(parts: Any, periods_s: Any, now_s: float, everyday: Any) -> Any:
        sizes.append(sum(part.oid.size for part in parts))
        return true(parts, periods_s, now_s, everyday)

    monkeypatch.setattr(app.census, "count_layer", note)
    return sizes


def test_a_layer_that_stands_still_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = counted(monkeypatch)
    stores, clock = city()
    census = Census(stores, {"health": SPECS["health"].plan})
    for _ in range(5):
        census.update()
    assert len(sizes) == 1
    stores.blocks.put(layer_block(SPECS["health"], NOW, each=50, version=2))
    census.update()
    assert len(sizes) == 2
    assert census.of("health").kind("hospital").count == 50
    stores.positions.apply(layer_fixes(SPECS["health"], NOW, seq=2))
    census.update()
    assert len(sizes) == 3
    clock.advance(AGAIN_S)  # nothing came, but what was fresh may be old now
    census.update()
    assert len(sizes) == 4


def test_a_slow_count_is_waited_for_and_the_newest_change_is_not_lost() -> None:
    stores, _clock = city()
    pool = Later()
    census = Census(stores, runner=pool)
    census.update()
    assert census.of("health").count == 0  # nothing is made up meanwhile
    stores.blocks.put(layer_block(SPECS["health"], NOW, each=50, version=2))
    census.update()
    assert len(pool.jobs) == 1
    pool.work()
    assert census.of("health").kind("hospital").count == 40
    census.update()
    pool.work()
    assert census.of("health").kind("hospital").count == 50


def test_a_layer_that_is_gone_counts_nothing() -> None:
    stores, _clock = city()
    census = Census(stores, {"health": Plan()})
    census.update()
    assert census.of("health").count
    stores.blocks.drop("health")
    stores.positions.clear()
    census.update()
    assert census.of("health").count == 0


def test_a_failed_count_is_told_and_the_next_one_made() -> None:
    stores, _clock = city()
    pool = Later()
    census = Census(stores, runner=pool)
    census.update()
    pool.jobs.clear()
    with pytest.raises(ValueError, match="broken"):
        census._on_failed(ValueError("broken"))
    census.update()
    assert len(pool.jobs) == 1
