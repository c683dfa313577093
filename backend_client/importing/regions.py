"""The region of a place or of a name: county areas where installed, else the nearest label."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry

from backend_client.contract.base import CITY
from backend_client.geo import counties
from backend_client.importing.part import F64

FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "facts"
STEP_DEG: Final = 0.02
FARTHEST_DEG: Final = 0.35  # beyond it from every label a place is outside the city
_OLD: Final = {
    "320602": "320613",
    "320611": "320613",
    "港闸区": "320613",
    "320684": "320614",
    "海门市": "320614",
    "320621": "320685",
    "海安县": "320685",
}
"""Codes and names from before 2020 that old files still carry."""
_EDGE: Final = -2
_NONE: Final = -1
I16 = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The region of each place, and how many were found by the nearest label or not at all."""

    codes: npt.NDArray[np.object_]
    nearest: int
    outside: int


class Regions:
    """Find regions of places, in cells of 0.02 degree; only cells on an edge ask an outline."""

    def __init__(self) -> None:
        units = [row for row in _rows("county_units.csv") if row["adcode"].isdigit()]
        self._codes = [row["adcode"] for row in units]
        self._areas = [counties.area(code) for code in self._codes]
        towns = list(_rows("township_points.csv"))
        self._labels = np.array([(float(t["lon_wgs84"]), float(t["lat_wgs84"])) for t in towns])
        self._label_codes = np.array([t["adcode"] for t in towns], object)

    @property
    def has_areas(self) -> bool:
        """Tell whether county areas are installed."""
        return any(area is not None for area in self._areas)

    def of(self, lonlat: F64) -> Found:
        """Give the region of each place."""
        index = self._in_areas(lonlat)
        codes = np.array([*self._codes, CITY], object)[index]
        lost = np.flatnonzero(index == _NONE)
        if lost.size == 0:
            return Found(codes, 0, 0)
        away = lonlat[lost][:, None, :] - self._labels[None]
        distance = np.hypot(away[..., 0] * 0.85, away[..., 1])
        near = distance.min(axis=1) <= FARTHEST_DEG
        codes[lost[near]] = self._label_codes[distance.argmin(axis=1)[near]]
        return Found(codes, int(near.sum()), int((~near).sum()))

    def _in_areas(self, lonlat: F64) -> I16:
        found = np.full(len(lonlat), _NONE, np.int16)
        if not self.has_areas or not len(lonlat):
            return found
        cells, (west, south, _east, _north) = self._cells
        x = np.floor((lonlat[:, 0] - west) / STEP_DEG).astype(np.int64)
        y = np.floor((lonlat[:, 1] - south) / STEP_DEG).astype(np.int64)
        inside = (x >= 0) & (y >= 0) & (x < cells.shape[0]) & (y < cells.shape[1])
        found[inside] = cells[x[inside], y[inside]]
        edge = np.flatnonzero(found == _EDGE)
        found[edge] = self._exactly(lonlat[edge])
        return found

    def _exactly(self, lonlat: F64) -> I16:
        found = np.full(len(lonlat), _NONE, np.int16)
        for index, area in enumerate(self._areas):
            if area is None:
                continue
            open_ = np.flatnonzero(found == _NONE)
            hit = shapely.contains_xy(area, lonlat[open_, 0], lonlat[open_, 1])
            found[open_[hit]] = index
        return found

    @cached_property
    def _cells(self) -> tuple[I16, tuple[float, float, float, float]]:
        areas: list[tuple[int, Geometry]] = [
            (index, area) for index, area in enumerate(self._areas) if area is not None
        ]
        bounds = shapely.total_bounds([area for _, area in areas])
        west, south, east, north = (float(side) for side in bounds)
        wide, high = (int(np.ceil(span / STEP_DEG)) for span in (east - west, north - south))
        x, y = np.meshgrid(np.arange(wide), np.arange(high), indexing="ij")
        left, low = west + x * STEP_DEG, south + y * STEP_DEG
        boxes = shapely.box(left, low, left + STEP_DEG, low + STEP_DEG)
        cells = np.full(boxes.shape, _NONE, np.int16)
        for index, area in areas:
            shapely.prepare(area)
            touched = shapely.intersects(area, boxes)
            cells[touched] = _EDGE
            cells[touched & shapely.contains(area, boxes)] = index
        return cells, (west, south, east, north)


def region_names() -> Mapping[str, str]:
    """Give every name and code of a county or town with its code."""
    names: dict[str, str] = {CITY: CITY, "南通": CITY, "南通市": CITY, **_OLD}
    for row in _rows("townships.csv"):
        names.setdefault(row["code9"], row["code9"])
        names.setdefault(row["county"] + row["name"], row["code9"])
    for row in _rows("county_units.csv"):
        for name in (row["adcode"], row["name"], row["name_en"]):
            names[name] = row["adcode"]
        short = row["name"].rstrip("区县市")
        if len(short) > 1:
            names.setdefault(short, row["adcode"])
    return names


def department_names() -> Mapping[str, str]:
    """Give every name of a department with its id."""
    names: dict[str, str] = {}
    for row in _rows("departments.csv"):
        number = f"D{int(row['no']):02d}"
        for name in (number, row["name"], row["short"], row["short_en"]):
            names.setdefault(name, number)
    return names


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
