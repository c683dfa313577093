"""Which county a place lies in: a raster answers for most places, the outline for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry import County

NOWHERE: Final = 255
_FINE_DEG: Final = 1 / 256  # about 400 m: some 200 thousand cells for the city
_OPEN: Final = 254  # the outline runs through the cell

U8 = npt.NDArray[np.uint8]
F64 = npt.NDArray[np.float64]


def region_county(
    regions: Sequence[str], region: npt.NDArray[np.uint16], counties: Sequence[County]
) -> U8:
    """Tell which county each region code lies in.

    Args:
        regions: the codes.
        region: for each object the index of its code.
        counties: to index into.

    Returns:
        Index into `counties`, or NOWHERE.

    Shape: region and result (n,).
    """
    number = {county.unit.code: place for place, county in enumerate(counties)}
    table = np.array([number.get(code[:6], NOWHERE) for code in regions] or [NOWHERE], np.uint8)
    return np.asarray(table[region] if region.size else np.empty(0), dtype=np.uint8)


class CountyMap:
    """Look up the county of many places; built once per set of counties."""

    def __init__(self, counties: Sequence[County]) -> None:
        self.counties = tuple(counties)
        areas = [county.area for county in counties if county.area is not None]
        bounds = shapely.total_bounds(areas) if areas else np.zeros(4)
        self._west, self._south = bounds[0], bounds[1]
        self._width = int((bounds[2] - bounds[0]) / _FINE_DEG) + 1
        self._height = int((bounds[3] - bounds[1]) / _FINE_DEG) + 1
        self._cells = self._raster() if areas else np.full((1, 1), NOWHERE, np.uint8)

    def county_of(self, lon: F64, lat: F64, else_: U8) -> U8:
        """Tell which county each place lies in; where no area says so, `else_` does.

        Returns:
            Index into the counties, or NOWHERE.

        Shape: lon, lat, else_ and result (n,).
        """
        column = np.floor((lon - self._west) / _FINE_DEG).astype(np.int32)
        row = np.floor((lat - self._south) / _FINE_DEG).astype(np.int32)
        inside = (column >= 0) & (column < self._width) & (row >= 0) & (row < self._height)
        flat = np.where(inside, row * np.int32(self._width) + column, 0)
        found = np.where(inside, self._cells.ravel()[flat], np.uint8(NOWHERE))
        near = np.flatnonzero(found == _OPEN)
        found[near] = self._exact(np.column_stack([lon[near], lat[near]]))
        return np.where(found == NOWHERE, else_, found)

    def _exact(self, lonlat: F64) -> U8:
        found = np.full(len(lonlat), NOWHERE, np.uint8)
        for number, county in enumerate(self.counties):
            rows = np.flatnonzero(found == NOWHERE)
            if county.area is None or not rows.size:
                continue
            shapely.prepare(county.area)
            inside = shapely.contains_xy(county.area, lonlat[rows, 0], lonlat[rows, 1])
            found[rows[inside]] = number
        return found

    def _raster(self) -> U8:
        """Give each cell its county, or mark it open where an outline may touch it.

        No outline runs between neighbours that are not open: the first of a run speaks for all.
        """
        cells = np.full((self._height, self._width), NOWHERE, np.uint8)
        for county in self.counties:
            if county.area is not None:
                self._open(cells, county.area)
        is_open = cells == _OPEN
        begins = ~is_open
        begins[:, 1:] &= is_open[:, :-1]
        row, column = np.nonzero(begins)
        x = self._west + (column + 0.5) * _FINE_DEG
        y = self._south + (row + 0.5) * _FINE_DEG
        county_of_run = self._exact(np.column_stack([x, y]))
        run = np.cumsum(begins.ravel()).reshape(cells.shape) - 1
        return np.where(is_open, np.uint8(_OPEN), county_of_run[run])

    def _open(self, cells: U8, area: shapely.MultiPolygon) -> None:
        walked = shapely.get_coordinates(shapely.segmentize(area.boundary, _FINE_DEG / 2))
        column = ((walked[:, 0] - self._west) / _FINE_DEG).astype(np.int64)
        row = ((walked[:, 1] - self._south) / _FINE_DEG).astype(np.int64)
        for east in (-1, 0, 1):
            for north in (-1, 0, 1):
                cells[
                    np.clip(row + north, 0, self._height - 1),
                    np.clip(column + east, 0, self._width - 1),
                ] = _OPEN
