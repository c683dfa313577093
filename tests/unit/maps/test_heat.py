"""Heat is strongest where most happens and stays on the ground while the window moves."""

from __future__ import annotations

import numpy as np

from maps.growth import grow
from maps.heat import FEWEST, heat_of
from tests.unit.maps.flocks import COUNTIES, block, scatter, sight


def cluster(n: int) -> list[tuple[float, float]]:
    draw = np.random.default_rng(1)
    return [(float(x), float(y)) for x, y in draw.normal([121.0, 32.1], 0.01, (n, 2))]


def test_heat_is_strongest_where_most_happens() -> None:
    flock = grow(None, block(cluster(2_000)), COUNTIES)
    heat = heat_of(flock, sight(zoom=11.0).window)
    assert heat is not None
    row, column = np.unravel_index(int(heat.strength.argmax()), heat.strength.shape)
    x = heat.west + (column + 0.5) * heat.metres
    y = heat.north - (row + 0.5) * heat.metres
    assert np.hypot(x, y) < 1_500
    assert heat.strength.max() == 255
    assert np.count_nonzero(heat.strength) < 0.2 * heat.strength.size


def test_few_objects_make_no_heat() -> None:
    flock = grow(None, block(cluster(FEWEST - 1)), COUNTIES)
    assert heat_of(flock, sight(zoom=11.0).window) is None


def test_a_place_has_the_same_heat_from_two_windows() -> None:
    flock = grow(None, scatter(40_000), COUNTIES)
    one = heat_of(flock, sight(121.0, 32.1, 10.5).window)
    two = heat_of(flock, sight(121.02, 32.09, 10.5).window)
    assert one is not None
    assert two is not None
    step = (round((two.west - one.west) / one.metres), round((one.north - two.north) / one.metres))
    a = one.strength[step[1] : step[1] + 300, step[0] : step[0] + 400].astype(int)
    b = two.strength[: a.shape[0], : a.shape[1]].astype(int)
    assert np.abs(a - b).mean() < 8


def test_a_thin_spread_stays_faint() -> None:
    draw = np.random.default_rng(2)
    thin = [(float(x), float(y)) for x, y in draw.uniform([120.6, 31.9], [121.4, 32.3], (500, 2))]
    heat = heat_of(grow(None, block(thin), COUNTIES), sight(zoom=10.5).window)
    assert heat is not None
    assert np.quantile(heat.strength[heat.strength > 0], 0.9) < 140
