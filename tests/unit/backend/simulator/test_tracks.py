"""On a way there and back: rests at both ends, the speed of each piece, no jump at the turn."""

from __future__ import annotations

import numpy as np

from backend.simulator.ground import KM_LON, draws
from backend.simulator.tracks import to_and_fro

WAY = np.array([[121.0, 32.0], [121.0 + 1 / KM_LON, 32.0], [121.0 + 3 / KM_LON, 32.0]])


def test_a_way_takes_as_long_as_its_speeds_say_and_leads_back() -> None:
    tracks = to_and_fro([WAY], [np.array([60.0, 30.0])], draws(1, "t"), 1)
    there_s = 60 + 240
    rests_s = tracks.long_s[0] - 2 * there_s
    assert 240 <= rests_s <= 1_200
    start = np.array([0])
    begin = -tracks.phase_s
    lon, lat, speed, heading = tracks.at(start, begin + 30)
    assert np.isclose(lon, 121.0 + 0.5 / KM_LON)
    assert np.isclose(speed, 60)
    assert np.isclose(heading, 90)
    assert np.isclose(lat, 32.0)
    lon, _lat, speed, heading = tracks.at(start, begin + there_s + 60)
    assert np.isclose(lon, WAY[-1, 0])
    assert speed == heading == 0
    lon, _lat, _speed, _heading = tracks.at(start, begin + tracks.long_s - 1)
    assert np.isclose(lon, 121.0)


def test_many_objects_share_ways_without_mixing_them() -> None:
    far = np.add(WAY, (0.5, 0.2))
    tracks = to_and_fro([WAY, far], [np.array([60.0, 30.0])] * 2, draws(1, "t"), 100)
    lon, _lat, _speed, _heading = tracks.at(np.arange(100), np.full(100, 12_345.6))
    assert (lon[::2] < 121.1).all()
    assert (lon[1::2] > 121.4).all()
