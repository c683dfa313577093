from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from maps.counties import NOWHERE, CountyMap, region_county
from maps.geometry import County
from tests.unit.maps.flocks import COUNTIES, county


def nowhere(n: int) -> npt.NDArray[np.uint8]:
    return np.full(n, NOWHERE, np.uint8)


def test_places_are_counted_in_the_county_they_lie_in() -> None:
    lonlat = np.array([[121.2, 32.2], [121.7, 32.2], [123.0, 32.2]])
    assert COUNTIES.county_of(lonlat[:, 0], lonlat[:, 1], nowhere(3)).tolist() == [0, 1, NOWHERE]


def test_a_place_off_every_area_is_counted_by_its_region() -> None:
    codes = region_county(("320613004", "3206"), np.array([0, 1], np.uint16), COUNTIES.counties)
    assert codes.tolist() == [1, NOWHERE]
    found = COUNTIES.county_of(np.array([123.0, 121.2]), np.array([32.2, 32.2]), codes[[0, 0]])
    assert found.tolist() == [1, 0]  # the place counts before the code


def test_many_places_agree_with_shapely_one_by_one() -> None:
    rng = np.random.default_rng(7)
    jagged = shapely.Point(121.4, 32.3).buffer(0.2, quad_segs=3)
    other = shapely.box(121.3, 32.0, 121.9, 32.6).difference(jagged)
    rows = (county("320612", 121.0, 121.5), county("320613", 121.5, 122.0))
    made = CountyMap(
        [
            County(rows[0].unit, shapely.MultiPolygon([jagged]), (121.4, 32.3), 0.1),
            County(rows[1].unit, shapely.MultiPolygon([other]), (121.6, 32.3), 0.1),
        ]
    )
    lonlat = rng.uniform([120.9, 31.9], [122.1, 32.6], (20_000, 2))
    found = made.county_of(lonlat[:, 0], lonlat[:, 1], nowhere(len(lonlat)))
    wanted = nowhere(len(lonlat))
    for number, one in ((1, other), (0, jagged)):
        wanted[shapely.contains_xy(one, lonlat[:, 0], lonlat[:, 1])] = number
    assert np.array_equal(found, wanted)


def test_without_areas_only_regions_count() -> None:
    bare = CountyMap([])
    assert bare.county_of(np.array([121.2]), np.array([32.2]), nowhere(1)).tolist() == [NOWHERE]
