"""What supplying a view costs in a worker: ten times the objects, the same window."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from backend_client.contract.columns import FeatureBlock
from maps.counties import CountyMap
from maps.flock import Flock
from maps.growth import grow
from maps.mercator import project
from maps.picture import draw, pack
from maps.sight import Eye, Sight, take_window
from maps.spec import load_layers
from tests.bench.stage import Row, basemap, finish, scatter

FEW, MANY = 150_000, 1_500_000
MOVED = 600
GROWTH = 10.5
SPEC = next(spec for spec in load_layers() if spec.layer_id == "requests")


def best_ms(job: Callable[[], object], rounds: int = 5) -> float:
    """Give the processor time of the quickest of some rounds."""
    took = []
    for _ in range(rounds):
        begun = time.process_time()
        job()
        took.append((time.process_time() - begun) * 1000)
    return min(took)


def sight(zoom: float) -> Sight:
    """Look at the city's middle."""
    x, y = project(np.array([121.0]), np.array([32.15]))[0].tolist()
    return Sight(take_window(Eye(x, y, zoom, 1920, 1080)), ("requests",))


def changed(block: FeatureBlock) -> FeatureBlock:
    """Give the block with another state for a few objects."""
    state = block.state.copy()
    state[:MOVED] ^= 1
    return replace(block, state=state)


def moved(block: FeatureBlock) -> FeatureBlock:
    """Give the block with a few objects elsewhere."""
    lon = block.lon_e7.copy()
    lon[:MOVED] += 9_000
    return replace(block, lon_e7=lon)


def supply(flock: Flock, asked: Sight) -> bytes:
    """Choose and pack what a view gets."""
    return pack(draw(flock, SPEC, asked, before=None, now_s=0.0))


def jobs(count: int, counties: CountyMap) -> dict[str, float]:
    """Time each kind of work, milliseconds."""
    block = scatter(count)
    flock = grow(None, block, counties)

    return {
        "a layer for the first time": best_ms(lambda: grow(None, block, counties)),
        f"{MOVED} objects of another state": best_ms(lambda: grow(flock, changed(block), counties)),
        f"{MOVED} objects elsewhere": best_ms(lambda: grow(flock, moved(block), counties)),
        "the window of the whole city, counted": best_ms(partial(supply, flock, sight(9.0))),
        "a window counted by cells": best_ms(partial(supply, flock, sight(11.0))),
    }


def same_count(counties: CountyMap) -> tuple[float, float]:
    """Time a window of about as many points out of few and out of many objects."""
    found = []
    for count, zoom in ((FEW, 12.66), (MANY, 14.32)):  # a tenth of the ground
        flock, asked = grow(None, scatter(count), counties), sight(zoom)
        found.append(best_ms(partial(supply, flock, asked)))
    return found[0], found[1]


def main() -> None:
    """Measure both sizes."""
    counties = CountyMap(basemap().counties)
    few, many = jobs(FEW, counties), jobs(MANY, counties)
    rows = [
        Row(
            f"growth: {what}",
            f"{MANY:,} objects {many[what]:.1f} ms",
            f"{FEW:,} objects {few[what]:.1f} ms",
            round(many[what] / few[what], 1),
            f"<= {GROWTH}",
            many[what] / few[what] <= GROWTH,
        )
        for what in few
    ]
    small, large = same_count(counties)
    what = "a window of as many points, out of ten times the objects"
    ratio = large / small
    rows.append(
        Row(what, f"{large:.1f} ms", f"{small:.1f} ms", round(ratio, 1), "<= 3.0", ratio <= 3.0)
    )
    finish(
        "Map: supplying a view",
        rows,
        "Processor time, all of it in a worker; the quickest of a few rounds.",
    )


if __name__ == "__main__":
    main()
