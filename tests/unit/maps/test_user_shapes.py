from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from backend_client.geo.datum import wgs84_to_gcj02
from maps import user_shapes


def write(path: Path, geometry: shapely.Geometry, properties: dict[str, str], **top: str) -> None:
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shapely.to_geojson(geometry)),
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature], **top}))


def test_no_folder_replaces_nothing() -> None:
    found = user_shapes.read(None)
    assert (found.counties, found.water, found.lines, found.names) == (None, None, None, ())


def test_files_replace_only_what_they_name(tmp_path: Path) -> None:
    write(tmp_path / user_shapes.WATER, shapely.box(121, 32, 121.1, 32.1), {})
    found = user_shapes.read(tmp_path)
    assert found.counties is None
    assert found.lines is None
    assert found.water is not None
    assert found.names == ("water.geojson",)


def test_a_named_datum_is_undone(tmp_path: Path) -> None:
    area = shapely.box(121, 32, 121.1, 32.1)
    gcj = shapely.transform(area, wgs84_to_gcj02)
    write(tmp_path / user_shapes.COUNTIES, gcj, {"adcode": "320613"}, datum="gcj02")
    found = user_shapes.read(tmp_path).counties
    assert found is not None
    assert np.allclose(found["320613"].bounds, area.bounds, atol=1e-7)


def test_a_bad_file_says_which(tmp_path: Path) -> None:
    (tmp_path / user_shapes.LINES).write_text("{}")
    with pytest.raises(user_shapes.BadShapesError, match=r"lines\.geojson"):
        user_shapes.read(tmp_path)
