"""Made-up blocks for the tests of what the map makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from backend_client.contract.base import Text
from backend_client.contract.columns import E7, FeatureBlock
from maps.counties import CountyMap
from maps.facts import Unit
from maps.geometry import County
from maps.ground import Box
from maps.mercator import project
from maps.sight import Detail, Eye, Sight, take_window
from maps.spec import load_layers

NOW_S = 1_700_000_000.0
SPECS = {spec.layer_id: spec for spec in load_layers()}


def county(code: str, west: float, east: float) -> County:
    area = shapely.MultiPolygon([shapely.box(west, 32.0, east, 32.5)])
    unit = Unit(code, Text(code, code), west, 32.2, is_county=True)
    return County(unit, area, (west, 32.2), 0.1)


COUNTIES = CountyMap((county("320612", 121.0, 121.5), county("320613", 121.5, 122.0)))


def block(
    lonlat: Sequence[tuple[float, float]],
    *,
    layer: str = "requests",
    kinds: tuple[str, ...] = ("hotline",),
    kind: Sequence[int] | None = None,
    state: Sequence[int] | None = None,
    age_s: Sequence[float] | None = None,
    oid: Sequence[int] | None = None,
) -> FeatureBlock:
    n = len(lonlat)
    places = np.array(lonlat, np.float64).reshape(-1, 2)
    return FeatureBlock(
        layer=layer,
        version=3,
        base=0,
        kinds=kinds,
        regions=("320612001", "3206"),
        oid=np.arange(1, n + 1, dtype=np.uint32) if oid is None else np.array(oid, np.uint32),
        lon_e7=np.rint(places[:, 0] * E7).astype(np.int32),
        lat_e7=np.rint(places[:, 1] * E7).astype(np.int32),
        kind=np.array([0] * n if kind is None else kind, np.uint8),
        state=np.array([0] * n if state is None else state, np.uint8),
        region=np.ones(n, np.uint16),
        value=np.full(n, np.nan, np.float32),
        observed_s=(NOW_S - np.array([0.0] * n if age_s is None else age_s)).astype(np.uint32),
        removed=np.empty(0, np.uint32),
    )


def scatter(n: int, seed: int = 7, share_hot: float = 0.02) -> FeatureBlock:
    """Give objects over the city, thicker in places, some of them abnormal."""
    draw = np.random.default_rng(seed)
    middles = draw.uniform([120.2, 31.7], [121.9, 32.7], (12, 2))
    places = middles[draw.integers(0, 12, n)] + draw.normal(0, 0.05, (n, 2))
    state = np.where(draw.random(n) < share_hot, draw.integers(1, 5, n), 0)
    made = block([(0.0, 0.0)] * n, state=state.tolist())
    lon, lat = np.rint(places.T * E7).astype(np.int32)
    return replace(made, lon_e7=lon, lat_e7=lat)


def sight(
    lon: float = 121.0,
    lat: float = 32.1,
    zoom: float = 12.0,
    *,
    size: tuple[int, int] = (1920, 1080),
    layers: tuple[str, ...] = ("requests",),
    mark: tuple[str, int] | None = None,
    detail: Detail = "auto",
) -> Sight:
    x, y = project(np.array([lon]), np.array([lat]))[0].tolist()
    return Sight(take_window(Eye(x, y, zoom, *size)), layers, detail, mark)


def box(west: float, south: float, east: float, north: float) -> Box:
    low, high = project(np.array([west, east]), np.array([south, north])).tolist()
    return Box(*low, *high)
