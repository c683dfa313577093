from __future__ import annotations

import json
from pathlib import Path

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from backend_client.contract.shapes import AREA, LINE, decode
from backend_client.errors import BadFileError
from tests.unit.backend_client.importing.files import bring

SHAPES = [
    shapely.Point(120.86, 32.01),
    shapely.LineString([(120.9, 32.0), (121.0, 32.1), (121.1, 32.0)]),
    shapely.MultiPolygon([shapely.box(120.9, 32, 121, 32.1), shapely.box(121, 31.9, 121.1, 32)]),
    None,
    shapely.GeometryCollection([shapely.Point(120.9, 32.0)]),
]  # fmt: skip


def frame(crs: str = "EPSG:4490") -> geopandas.GeoDataFrame:
    made = geopandas.GeoDataFrame(
        {"编号": list("ABCDE"), "名称": "n", "层数": [1, 2, 3, 4, 5]}, geometry=SHAPES, crs=4326
    )
    return made.to_crs(crs)


def saved(path: Path, crs: str) -> Path:
    made = frame(crs)
    if path.suffix == ".parquet":
        made.to_parquet(path)
    else:
        made.to_file(path)
    return path


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.parquet"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4528"])
def test_every_form_of_geometry_in_its_own_system(tmp_path: Path, name: str, crs: str) -> None:
    brought = bring(saved(tmp_path / name, crs))
    assert [row["id"] for row in brought.rows] == ["A", "B", "C"]
    point, line, area = brought.rows
    assert (point["lon"], point["lat"]) == pytest.approx((120.86, 32.01), abs=1e-7)
    assert point["shape"] == []
    form, parts = decode(np.array(line["shape"], np.int32))
    assert (form, len(parts)) == (LINE, 1)
    assert parts[0] / 1e7 == pytest.approx(np.array(SHAPES[1].coords), abs=1e-6)
    form, parts = decode(np.array(area["shape"], np.int32))
    assert (form, len(parts)) == (AREA, 2)
    for part, ring in zip(parts, SHAPES[2].geoms, strict=True):
        assert shapely.Polygon(part / 1e7).equals_exact(ring, 1e-6, normalize=True)
    assert SHAPES[2].buffer(1e-6).contains(shapely.Point(area["lon"], area["lat"]))
    assert area["properties"] == {"层数": 3}
    assert brought.reasons == {
        4: "It has no geometry.",
        5: "A geometry collection cannot be imported.",
    }


def test_plain_parquet_with_places_in_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(
        {"uid": [1, 2], "lon_e6": [120_860_000, 120_870_000], "lat_e6": [32_010_000, 32_020_000],
         "deep": [{"a": 1}, None]}
    )  # fmt: skip
    pq.write_table(table, path)
    brought = bring(path, columns={"lon": "lon_e6", "lat": "lat_e6"}, scale=1e-6)
    assert [(row["id"], row["lon"], row["properties"]) for row in brought.rows] == [
        ("1", pytest.approx(120.86), {"deep": {"a": 1}}),
        ("2", pytest.approx(120.87), {}),
    ]


def test_a_cut_off_parquet_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.parquet", "EPSG:4326")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadFileError, match="no whole Parquet file"):
        bring(path)


def test_a_parquet_broken_inside_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    count = 60_000
    draw = np.random.default_rng(1)
    columns = {"lon": draw.uniform(120, 121, count), "lat": draw.uniform(31, 32, count)}
    table = pa.table({"id": [f"A{n}" for n in range(count)], **columns})
    pq.write_table(table, path, row_group_size=20_000, use_dictionary=False)
    raw = bytearray(path.read_bytes())
    with pq.ParquetFile(path) as file:
        at = file.metadata.row_group(2).column(0).data_page_offset
    raw[at : at + 4_000] = b"\xff" * 4_000
    path.write_bytes(raw)
    brought = bring(path)
    assert len(brought.rows) == 40_000 or len(brought.rows) == 0
    assert ["broken" in why for why in brought.reasons.values()] == [True]


def test_geojson_with_a_null_geometry_and_a_cut_end(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    feature = {"type": "Feature", "properties": {"id": "A", "name": "甲"}}
    features = [
        {**feature, "geometry": {"type": "Point", "coordinates": [120.9, 32.0, 5.0]}},
        {**feature, "geometry": None},
    ]
    told = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(told, encoding="utf-8")
    brought = bring(path)
    assert [(row["id"], row["name"]) for row in brought.rows] == [("A", "甲")]
    assert brought.reasons == {2: "It has no geometry."}
    path.write_text(told[:-30], encoding="utf-8")
    with pytest.raises(BadFileError, match="cannot be read"):
        bring(path)


def test_swapped_geometry_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    geopandas.GeoDataFrame({"id": ["A"]}, geometry=[shapely.Point(32.0, 120.9)], crs=4326).to_file(
        path
    )
    brought = bring(path)
    assert brought.reasons == {1: "Longitude and latitude look swapped."}


def test_other_endings_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"x")
    with pytest.raises(BadFileError, match="Unknown kind of file"):
        bring(path)
    with pytest.raises(BadFileError, match="cannot be read"):
        bring(tmp_path / "none.csv")
