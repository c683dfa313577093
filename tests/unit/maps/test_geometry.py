from __future__ import annotations

import json
from pathlib import Path

import shapely

from backend_client.contract.base import Text
from maps import facts, geometry, user_shapes


def test_a_county_is_cut_at_the_shore() -> None:
    unit = facts.Unit("320613", Text("崇川区", "Chongchuan"), 120.9, 32.0, is_county=True)
    user = user_shapes.UserShapes(counties={"320613": shapely.box(120.8, 31.9, 121.0, 32.1)})
    land = shapely.box(120.8, 32.0, 121.5, 32.5)
    (county,) = geometry.build_counties(user, land)
    assert county.unit.code == unit.code
    assert county.area is not None
    assert county.area.bounds == (120.8, 32.0, 121.0, 32.1)
    assert county.area.contains(shapely.Point(county.label))


def test_the_cache_gives_back_what_was_built(tmp_path: Path) -> None:
    shapes = tmp_path / "shapes"
    shapes.mkdir()
    for name, code in (("counties", "320613"), ("water", "")):
        feature = {
            "type": "Feature",
            "properties": {"adcode": code},
            "geometry": json.loads(shapely.to_geojson(shapely.box(120.8, 31.9, 121.0, 32.1))),
        }
        collection = {"type": "FeatureCollection", "features": [feature]}
        (shapes / f"{name}.geojson").write_text(json.dumps(collection))
    first = geometry.load(shapes, tmp_path / "cache")
    second = geometry.load(shapes, tmp_path / "cache")
    assert first.page == second.page
    assert [county.unit for county in first.counties] == [county.unit for county in second.counties]
    page = json.loads(second.page)
    assert page["ground"] == "land"
    assert page["sources"] == ["counties.geojson", "water.geojson"]
    assert page["counties"][0]["rings"]
    for kept in (tmp_path / "cache").iterdir():
        kept.write_bytes(b"{")
    third = geometry.load(shapes, tmp_path / "cache")
    assert third.page == first.page


def test_every_table_of_facts_is_read() -> None:
    assert len([unit for unit in facts.units() if unit.is_county]) == 7
    assert len(facts.towns()) == 66
    assert {line.kind for line in facts.lines()} >= {"canal", "road", "railway", "bridge"}
    assert all(shapely.Polygon(line.lonlat).is_valid for line in facts.shoreline())
