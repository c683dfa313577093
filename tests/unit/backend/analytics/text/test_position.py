"""Odd coordinates are remarked upon, never changed; what is right is not remarked upon."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.analytics.text.gazetteer import Spot, read_gazetteer
from backend.analytics.text.position import Ground, Remark, look
from backend.analytics.text.whereabouts import Mention, find
from backend_client.geo.datum import gcj02_to_bd09, wgs84_to_gcj02

GROUND = Ground()
KNOWN = read_gazetteer()
TOWER = Spot("T", "spot", "濠河塔", "320613", ((120.8612, 32.0187),), 20.0, 100.0)


def remarks(lon: float, lat: float, text: str = "") -> list[Remark]:
    return list(look(lon, lat, find(text, KNOWN), GROUND))


def kinds(lon: float, lat: float, text: str = "") -> list[str]:
    return [one.kind for one in remarks(lon, lat, text)]


def tower(lon: float, lat: float) -> list[Remark]:
    return list(look(lon, lat, [Mention("濠河塔", 0, (), TOWER)], GROUND))


def test_a_place_that_fits_is_not_remarked_upon() -> None:
    assert not remarks(120.7612, 32.2487, "如皋市白蒲镇停水")
    assert not remarks(121.1861, 32.3121, "如东县")


def test_swapped_degrees_are_told_from_another_city() -> None:
    assert kinds(32.0123, 120.8612) == ["swapped"]
    assert kinds(121.4737, 31.2304) == ["outside"]
    assert kinds(0.0, 0.0) == ["outside"]
    assert kinds(math.nan, 32.0) == ["invalid"]


def test_a_place_far_from_the_one_said_is_flagged_with_its_distance() -> None:
    (one,) = remarks(121.6601, 31.8102, "如皋市停水")
    assert one.kind == "far"
    assert "启东市" in one.words.zh
    assert "Qidong" in one.words.en
    away = float(one.words.zh.split("约 ")[1].split(" 公里")[0])
    assert 70 < away < 130
    assert kinds(121.6601, 31.8102, "白蒲镇") == ["far"]


def test_what_a_border_or_a_rough_label_explains_is_not_flagged() -> None:
    assert not kinds(120.8001, 32.2501, "白蒲镇")
    assert not kinds(120.9512, 31.8834, "开发区竹行街道")


def test_an_uncertain_place_contradicts_nothing() -> None:
    assert not kinds(121.6601, 31.8102, "城东")


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_another_datum_is_seen_beside_a_place_known_exactly(datum: str) -> None:
    given = wgs84_to_gcj02(np.array(TOWER.points))
    given = gcj02_to_bd09(given) if datum == "BD-09" else given
    told = [one for one in tower(float(given[0, 0]), float(given[0, 1])) if one.kind == "datum"]
    (one,) = told
    assert datum in one.words.zh
    assert datum in one.words.en


def test_no_datum_is_guessed_from_rough_places_or_right_ones() -> None:
    lon, lat = TOWER.points[0]
    assert not tower(lon, lat)
    assert "datum" not in [one.kind for one in tower(lon + 0.005, lat - 0.004)]
    (town,) = wgs84_to_gcj02(np.array([[120.7551, 32.1052]]))
    assert not kinds(float(town[0]), float(town[1]), "平潮镇")


def test_coarse_degrees_are_said_to_be_so() -> None:
    assert kinds(120.86, 32.0) == ["coarse"]
    assert not kinds(120.861, 32.012)


def test_the_coast_belongs_to_the_city() -> None:
    assert GROUND.in_city(121.62, 32.09)
    assert GROUND.county(120.8612, 32.0187) == "320613"
    assert GROUND.away_m("320613", 120.8612, 32.0187) == 0
