"""Hot spots: a planted cluster is found with all its members, noise makes none."""

from __future__ import annotations

import numpy as np
import pytest

from backend.analytics.ground import distance_m
from backend.analytics.hotspots import F64, MOST, around, find_spots

LON, LAT = 120.87, 32.01
REACH_M, LEAST = 400.0, 5


def noise(count: int, seed: int = 3) -> tuple[F64, F64]:
    """Scatter places over a county, on a grid so wide that none has a neighbour."""
    side = int(np.ceil(np.sqrt(count)))
    draw = np.random.default_rng(seed)
    x, y = np.divmod(np.arange(count), side)
    jitter = draw.uniform(-0.0005, 0.0005, (2, count))
    return LON + 0.2 + x * 0.01 + jitter[0], LAT + 0.2 + y * 0.01 + jitter[1]


def planted(count: int, spread_m: float, seed: int = 5) -> tuple[F64, F64]:
    """Plant places around one point."""
    draw = np.random.default_rng(seed)
    off = draw.uniform(-spread_m, spread_m, (2, count)) / 111_195.0
    return LON + off[0] / np.cos(np.deg2rad(LAT)), LAT + off[1]


def test_noise_makes_no_spot() -> None:
    assert find_spots(*noise(300), reach_m=REACH_M, least=LEAST) == []


def test_a_planted_cluster_is_found_among_noise_with_all_its_members() -> None:
    (lon, lat), (more_lon, more_lat) = noise(200), planted(9, 250)
    spots = find_spots(
        np.concatenate([lon, more_lon]), np.concatenate([lat, more_lat]), reach_m=REACH_M, least=5
    )
    assert [one.members.tolist() for one in spots] == [list(range(200, 209))]
    (spot,) = spots
    assert distance_m(np.array([spot.lon]), np.array([spot.lat]), LON, LAT)[0] < 250
    assert spot.radius_m < 500
    inside = around(more_lon, more_lat, spot, 1.0)
    assert inside.all()
    assert not around(lon, lat, spot, REACH_M).any()


@pytest.mark.parametrize(("count", "spots"), [(4, 0), (5, 1)])
def test_fewer_than_the_least_are_none(count: int, spots: int) -> None:
    lon, lat = planted(count, 100)
    assert len(find_spots(lon, lat, reach_m=REACH_M, least=LEAST)) == spots


def test_two_streets_apart_are_two_and_a_chain_is_one() -> None:
    lon, lat = planted(6, 50)
    far = lon + 0.02
    two = find_spots(np.append(lon, far), np.append(lat, lat), reach_m=REACH_M, least=LEAST)
    assert sorted(len(one.members) for one in two) == [6, 6]
    chain = LON + np.arange(30) * 100 / (111_195.0 * np.cos(np.deg2rad(LAT)))
    (one,) = find_spots(chain, np.full(30, LAT), reach_m=REACH_M, least=LEAST)
    assert len(one.members) == 30


def test_work_is_bounded_and_the_newest_are_looked_at() -> None:
    old_lon, old_lat = planted(10, 50)
    lon, lat = noise(MOST)
    assert (
        find_spots(
            np.concatenate([old_lon, lon]),
            np.concatenate([old_lat, lat]),
            reach_m=REACH_M,
            least=LEAST,
        )
        == []
    )
