from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from backend_client.contract.base import Text
from backend_client.contract.columns import FeatureBlock
from maps.dots import NOWHERE, count_counties, county_of, pack, region_county, still_dots
from maps.facts import Unit
from maps.geometry import County
from maps.spec import load_layers

NOW_S = 1_700_000_000.0
WATER = next(spec for spec in load_layers() if spec.layer_id == "water")


def county(code: str, west: float, east: float) -> County:
    area = shapely.MultiPolygon([shapely.box(west, 32.0, east, 32.5)])
    unit = Unit(code, Text(code, code), west, 32.2, is_county=True)
    return County(unit, area, (west, 32.2), 0.1)


COUNTIES = (county("320612", 121.0, 121.5), county("320613", 121.5, 122.0))


def nowhere(n: int) -> npt.NDArray[np.uint8]:
    return np.full(n, NOWHERE, np.uint8)


def block(
    lon: list[float], *, state: list[int] | None = None, age_s: list[float] | None = None
) -> FeatureBlock:
    n = len(lon)
    ages = np.array(age_s or [0.0] * n)
    return FeatureBlock(
        layer="water",
        version=3,
        base=0,
        kinds=("level_station", "waterlogging"),
        regions=("320612001", "3206"),
        oid=np.arange(n, dtype=np.uint32) + 1,
        lon_e7=np.array([value * 1e7 for value in lon]).astype(np.int32),
        lat_e7=np.full(n, 322_000_000, np.int32),
        kind=np.zeros(n, np.uint8),
        state=np.array(state or [0] * n, np.uint8),
        region=np.ones(n, np.uint16),
        value=np.full(n, 4.2, np.float32),
        observed_s=(NOW_S - ages).astype(np.uint32),
        removed=np.empty(0, np.uint32),
    )


def test_places_are_counted_in_the_county_they_lie_in() -> None:
    lonlat = np.array([[121.2, 32.2], [121.7, 32.2], [123.0, 32.2]])
    found = county_of(lonlat, nowhere(3), COUNTIES)
    assert found.tolist() == [0, 1, NOWHERE]


def test_a_place_off_every_area_is_counted_by_its_region() -> None:
    codes = region_county(("320613004", "3206"), np.array([0, 1], np.uint16), COUNTIES)
    assert codes.tolist() == [1, NOWHERE]
    found = county_of(np.array([[123.0, 32.2], [121.2, 32.2]]), codes[[0, 0]], COUNTIES)
    assert found.tolist() == [1, 0]  # the place counts before the code


def test_many_places_agree_with_shapely_one_by_one() -> None:
    rng = np.random.default_rng(7)
    lonlat = rng.uniform([120.9, 31.9], [122.1, 32.6], (500, 2))
    found = county_of(lonlat, nowhere(500), COUNTIES)
    for place, index in zip(lonlat, found.tolist(), strict=True):
        inside = [one.area.contains(shapely.Point(place)) for one in COUNTIES if one.area]
        assert index == (inside.index(True) if any(inside) else NOWHERE)


def test_counts_name_abnormal_and_worst() -> None:
    dots = still_dots(
        block([121.1, 121.2, 121.3, 121.9], state=[0, 3, 2, 0]),
        WATER,
        np.array([0, 0, 0, 1], np.uint8),
        NOW_S,
    )
    assert count_counties(dots, COUNTIES) == {"320612": (3, 2, 2), "320613": (1, 0, 0)}


def test_age_goes_from_fresh_to_late_to_stale() -> None:
    ages = [0.0, 299.0, 301.0, 899.0, 901.0]
    dots = still_dots(block([121.1] * 5, age_s=ages), WATER, np.zeros(5, np.uint8), NOW_S)
    assert (dots.paint >> 3).tolist() == [0, 0, 1, 1, 2]


def read(data: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + size]), data[4 + size :]


def test_packed_columns_are_aligned_and_complete() -> None:
    dots = still_dots(
        block([121.1, 121.2, 121.3], state=[4, 0, 2]), WATER, np.zeros(3, np.uint8), NOW_S
    )
    head, body = read(pack(dots, COUNTIES, 12))
    at = head["at"]
    assert (head["n"], head["seq"], head["hot"], head["layer"]) == (3, 12, 2, "water")
    assert all(at[name] % 4 == 0 for name in ("xy", "oid", "hot", "value"))
    xy = np.frombuffer(body, "<f4", 6, at["xy"]).reshape(-1, 2)
    assert np.array_equal(xy, dots.xy)
    hot = np.frombuffer(body, "<u4", 2, at["hot"])
    assert hot.tolist() == [0, 2]  # the gravest last, so that it is drawn on top
    assert np.frombuffer(body, np.uint8, 3, at["paint"]).tolist() == [4, 0, 2]


def test_an_empty_layer_packs() -> None:
    dots = still_dots(block([]), WATER, np.empty(0, np.uint8), NOW_S)
    head, _ = read(pack(dots, COUNTIES, 1))
    assert head["n"] == 0
    assert "value" not in head["at"]
