"""Values follow the day, and only a few objects are out of the ordinary."""

from __future__ import annotations

import numpy as np

from backend.simulator.curves import OFFICE, RUSH, daily, few, local_hour, noise, over, under, wave
from backend.simulator.stock import make, run_of
from tests.town import kind, world

NOON_S = 1_784_520_000.0


def test_the_day_has_its_rush_hours() -> None:
    assert local_hour(NOON_S) == 12
    morning, night = NOON_S - 4.7 * 3600, NOON_S + 14 * 3600
    assert daily(RUSH, morning) > 0.9
    assert daily(RUSH, night) < 0.1
    assert daily(OFFICE, night) == 0


def test_noise_is_even_and_depends_on_the_word() -> None:
    found = noise(np.arange(100_000))
    assert 0 <= found.min() < 0.001
    assert 0.999 < found.max() < 1
    assert abs(found.mean() - 0.5) < 0.005
    assert (noise(np.arange(10)) == found[:10]).all()


def test_few_are_chosen_for_a_while_and_others_later() -> None:
    stock = make("fire", kind("fire", "hydrant"), world(0.1))
    now, soon, later = (few(stock, NOON_S + s, 60) for s in (0, 60, 30_000))
    assert 5 < now.sum() < 45
    assert (now != soon).sum() <= 3
    assert (now & later).sum() < now.sum()


def test_a_run_of_a_stock_is_judged_as_in_the_whole() -> None:
    stock = make("fire", kind("fire", "hydrant"), world(0.1))
    part = run_of(stock, 1_000, 1_500)
    for at_s in (NOON_S, NOON_S + 7_000):
        assert (few(part, at_s, 60) == few(stock, at_s, 60)[1_000:1_500]).all()
        assert (wave(part, at_s, hours=3) == wave(stock, at_s, hours=3)[1_000:1_500]).all()


def test_limits_grade_the_gravest_first() -> None:
    stock = make("fire", kind("fire", "station"), world())
    value = np.array([5.0, 15.0, 25.0])
    assert over((20, 3), (10, 4))(stock, value, 0).tolist() == [0, 4, 3]
    assert under((10, 3), (20, 4))(stock, value, 0).tolist() == [3, 4, 0]
